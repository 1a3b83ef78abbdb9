"""No verdict depends on luck: the same document each time, with the other processors busy.

``GRADER_REPEATS`` says how often each program is checked; 100 is what was tried before a
release.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.assignments import check, failed_checks, find, load_mistakes
from grader.model import Result, to_json

REPEATS = int(os.environ.get("GRADER_REPEATS", "2"))
RACES = {
    "fig18_02": ["getppid_in_orphan"],
    "fig18_03": [
        "handler_after_fork",
        "one_wait_a_sigchld",
        "pause_before_signal",
        "pipe_left_open",
        "sleep_as_synchronization",
        "wait_taken_for_first_child",
    ],
    "waitpid_order": ["statuses_by_order_of_ends", "wnohang_once"],
}
MISTAKES = [(name, mistake) for name, mistakes in RACES.items() for mistake in mistakes]
CORRECT = [
    (path.parent.name, path)
    for path in sorted((Path(__file__).parent / "correct").glob("*/*.py"))
    if path.stem in ("as_printed", "sigwait", "macros", "waitid")
]


@pytest.fixture(scope="module", autouse=True)
def busy() -> Iterator[None]:
    """Keep all processors but one busy."""
    spinning = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"])
        for _ in range((os.cpu_count() or 1) - 1)
    ]
    yield
    for process in spinning:
        process.kill()
        process.wait()


@pytest.fixture(scope="module", autouse=True)
def alone() -> Iterator[None]:
    """Keep private folders where no other test's are: of two runs of a program at the same time,
    one gets a folder of another name, and the document tells which."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        Path(folder).chmod(0o711)  # the submission, under another uid, passes through
        patch.setattr(tempfile, "tempdir", folder)
        yield


def document(result: Result) -> str:
    """The result without durations, and with path ids in place of pids; how wide those are
    shows in sizes of writes and in where a caret stands."""
    text = re.sub(r'"(seconds|size)":[0-9.e-]+', r'"\1":0', to_json(result).decode())
    names = {str(process.pid): process.id for trace in result.traces for process in trace}
    text = re.sub(r"(?<![\d.])\d+(?!\d|\.\d)", lambda found: names.get(found[0], found[0]), text)
    return re.sub(r" +\^", " ^", text)


@pytest.mark.parametrize(("name", "mistake"), MISTAKES, ids=[mistake for _, mistake in MISTAKES])
def test_a_race_is_caught_each_time(name: str, mistake: str) -> None:
    assignment = find(name)
    (known,) = (each for each in load_mistakes(assignment) if each.path.stem == mistake)
    documents = []
    for _ in range(REPEATS):
        result = check(assignment, known.path)
        assert set(failed_checks(result)) == set(known.fails)
        documents.append(document(result))
    assert documents == [documents[0]] * REPEATS


@pytest.mark.parametrize(("name", "path"), CORRECT, ids=[f"{n}-{p.stem}" for n, p in CORRECT])
def test_a_right_program_passes_each_time(name: str, path: Path) -> None:
    documents = []
    for _ in range(REPEATS):
        result = check(find(name), path)
        assert result.status == "pass", [c for c in result.checks if c.status != "pass"]
        documents.append(document(result))
    assert documents == [documents[0]] * REPEATS
