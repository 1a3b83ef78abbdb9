"""Programs that print nasty things, run by the command line: on a terminal, in a pipe, in CI."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.report.nasty import NASTY, problems

REPOSITORY = Path(__file__).resolve().parents[2]
NAME = "fig18_02 \x1b[2J\udcff\n::error::.py"
PROGRAM = f"""\
import os, sys
for data in {[data[:3000] for data in NASTY.values()]!r}:
    os.write(1, data)
    if os.fork() == 0:
        os.write(2, data)
        os._exit(0)
    os.wait()
if os.fork() == 0:
    os.execv("/bin/echo", [b"\\xff\\x1b[2J", b"::error::x\\n\\xff" * 5000])
os.wait()
raise ValueError("\\x1b[2J\\n::error::x\\udcff")
"""
PLACES: dict[str, dict[str, str]] = {
    "a pipe": {},
    "ASCII": {"PYTHONIOENCODING": "ascii"},
    "the C locale": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "a narrow, dumb terminal": {"COLUMNS": "20", "TERM": "dumb", "NO_COLOR": "1"},
    "a wide one in CI": {"COLUMNS": "300", "CI": "true", "GITHUB_ACTIONS": "true"},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("nasty")
    try:
        (made / NAME).write_text(PROGRAM)
    except OSError:
        pytest.skip("this file system has no such names")
    return made


def grader(folder, *arguments, **environment):
    """What it prints, its standard error behind its output, and its exit status."""
    done = subprocess.run(
        [sys.executable, "-m", "grader", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return done.stdout.decode(errors="surrogateescape"), done.returncode


@pytest.mark.parametrize("place", PLACES)
def test_a_run_is_shown_safely(folder, place):
    text, status = grader(folder, "trace", NAME, **PLACES[place])
    assert status == 0, text
    assert problems(text) == []
    assert "ValueError: \\x1b[2J" in text


def test_a_terminal_gets_colours_and_nothing_else(folder):
    ours, theirs = pty.openpty()
    with open(ours, "rb", buffering=0) as terminal:  # noqa: PTH123
        process = subprocess.Popen(
            [sys.executable, "-m", "grader", "trace", NAME],
            cwd=folder,
            env={
                **{k: v for k, v in os.environ.items() if k != "NO_COLOR"},
                **{"PYTHONPATH": str(REPOSITORY), "TERM": "xterm-256color"},
            },
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        data = b""
        try:
            while piece := terminal.read(65536):
                data += piece
        except OSError:  # EIO: everybody has closed the other end
            pass
        assert process.wait() == 0
    text = data.decode().replace("\r\n", "\n")
    # What tells how long it takes comes and goes: grader/cli/progress.py.
    text = re.sub(r"\r\x1b\[K|\rgrader: [^\r\n]*", "", text)
    assert "\x1b[" in text
    assert problems(text, coloured=True) == []


@pytest.mark.parametrize("verb", ["trace", "check --runs 3"])
def test_documents_of_a_run_are_read_by_anybody(folder, verb):
    text, status = grader(folder, *verb.split(), "--format", "json", NAME)
    assert status in (0, 1), text
    assert problems(text) in ([], ["a flood of combining marks"])
    json.loads(text)


def test_a_verdict_on_it_is_ours(folder):
    text, status = grader(folder, "check", "--runs", "3", NAME)
    assert status == 1
    assert problems(text) == []
    lines = text.rstrip("\n").split("\n")
    assert lines[0].startswith("Judged as fig18_02: fig18_02 \\x1b[2J\\xff\\n::error::.py")
    assert re.fullmatch(r"FAIL  \S+ of \S+ points", lines[-1])
    assert sum(line.startswith(("PASS", "FAIL", "ERROR")) for line in lines) == 1
    # The command to copy is one for a shell: it comes to the same file.
    replay = next(line for line in lines if line.startswith("   replay "))
    words = subprocess.run(
        ["bash", "-c", f"printf '%s\\0' {replay.removeprefix('   replay ')}"],
        stdout=subprocess.PIPE,
        check=True,
    ).stdout.split(b"\0")
    assert os.fsencode(NAME) in words
