"""A batch proves itself: graded twice it says the same; killed at any moment, out of room on the
disk, in parts: it goes on, and nothing is lost or done twice.

With ``GRADER_LARGER=N`` on a class of 1,000 in every layout, killed 50 times.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from grader.batch.compare import differences
from tests.batch.classes import LAYOUTS, make_class
from tests.batch.running import grader, start, stored
from tests.sizes import size

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="exact tracing needs Linux"),
    pytest.mark.timeout(size(300, 7200)),
]

STUDENTS = size(7, 1000)
KILLS = size(4, 50)
_LAYOUTS = size(("canvas",), LAYOUTS)
_EACH = -(-STUDENTS // len(_LAYOUTS))
_MARK = "GRADER_TEST_BATCH"


class Graded:
    """A class, and its results as they should be."""

    def __init__(self, folder: Path, layout: str) -> None:
        self.layout = layout
        made = make_class(folder / "class", _EACH, layout, seed=LAYOUTS.index(layout) + 3)
        self.source, self.students = made.source, made.students
        self.options = ("-a", "fig18_03", "--roster", made.roster)
        self.folder = folder
        self.results = folder / "results"
        done = grader("batch", made.source, *self.options, "--out", self.results)
        assert done.returncode == 0, done.stderr
        self.stored = stored(self.results)


@pytest.fixture(scope="module", params=_LAYOUTS)
def graded(request, tmp_path_factory) -> Iterator[Graded]:
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "temporary").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(folder / "temporary"))
        patch.setenv(_MARK, str(folder))
        yield Graded(folder, request.param)


def _same(one: Path, other: Path) -> None:
    assert list(differences(one, other)) == []


def _records(results: Path) -> dict[str, tuple[int, int]]:
    """Which file each record is: one that is written again is another."""
    found = {}
    for path in results.glob("*/record.json"):
        status = path.stat()
        found[path.parent.name] = (status.st_ino, status.st_mtime_ns)
    return found


def test_each_student_has_a_row_and_the_row_says_what_became_of_it(graded):
    from grader.batch.results import Results

    results = Results(graded.results)
    rows = {each.entry.id: each.status for each in results.graded(traces=False)}
    expected = {"graded": {"pass", "fail"}, "unusable": {"unusable"}, "missing": {"missing"}}
    assert len(rows) == len(graded.students)
    for outcome, statuses in expected.items():
        number = sum(student.outcome == outcome for student in graded.students)
        assert sum(status in statuses for status in rows.values()) == number, (outcome, rows)


def test_killed_at_random_moments_it_goes_on_and_nothing_is_lost_or_done_twice(graded, tmp_path):
    """kill -9: the grader, and whatever it was doing, is gone; the next call takes what was
    stored as it is, and does the rest."""
    chance = random.Random(len(graded.layout))
    out = tmp_path / "out"
    command = ["batch", graded.source, *graded.options, "--out", out]
    kept: dict[str, tuple[int, int]] = {}
    kills = -(-KILLS // len(_LAYOUTS))
    # Spread over the whole of it, however long that takes here.
    marks = [graded.stored * number // (kills + 1) for number in range(1, kills + 1)]
    for mark in marks:
        running = start(*command)
        while stored(out) < mark and running.poll() is None:
            time.sleep(0.01)
        time.sleep(chance.uniform(0, 0.6))
        running.send_signal(signal.SIGKILL)
        running.communicate()
        _gone(str(graded.folder))
        now = _records(out)
        assert {entry: now.get(entry) for entry in kept} == kept
        kept = now
    done = grader(*command)
    assert done.returncode == 0, done.stderr
    now = _records(out)
    assert {entry: now[entry] for entry in kept} == kept
    assert f"; {len(now) - len(kept)} graded now" in done.stdout or len(now) == len(kept)
    _same(graded.results, out)
    _gone(str(graded.folder))
    assert [path.name for path in out.iterdir() if path.name.startswith(".")] == []
    assert [path.name for path in (graded.folder / "temporary").iterdir()] == []


def _gone(mark: str) -> None:
    """Wait until no process is left that was started with the mark in its environment."""
    deadline = time.monotonic() + 20
    while left := [process for process in psutil.process_iter() if _marked(process, mark)]:
        assert time.monotonic() < deadline, left
        time.sleep(0.02)


def _marked(process: psutil.Process, mark: str) -> bool:
    with contextlib.suppress(psutil.Error, OSError):
        if process.pid != os.getpid():
            return process.environ().get(_MARK) == mark
    return False


def test_parts_that_are_merged_are_the_whole(graded, tmp_path):
    if graded.layout not in ("canvas", "folders", "moodle.zip"):
        pytest.skip("what is tried in parts does not depend on the layout")
    parts = [tmp_path / "1", tmp_path / "2"]
    for number, part in enumerate(parts, 1):
        shard = ["--out", part, "--shard", f"{number}/2"]
        done = grader("batch", graded.source, *graded.options, *shard)
        assert done.returncode == 0, done.stderr
    merged = grader("merge", *parts, "--out", tmp_path / "whole")
    assert merged.returncode == 0, merged.stderr
    assert stored(tmp_path / "whole") == graded.stored
    _same(graded.results, tmp_path / "whole")


@pytest.fixture
def small_disk(tmp_path) -> Iterator[tuple[Path, Callable[[], None]]]:
    """A disk with little room, and what gives it more."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    options = ["-t", "tmpfs", "-o", "size=160k", "grader-test", str(place)]
    if os.geteuid() != 0 or mount is None or subprocess.run([mount, *options]).returncode != 0:
        pytest.skip("a small disk can't be mounted here: that needs root")
    yield place, lambda: subprocess.run([mount, "-o", "remount,size=100m", place], check=True)
    subprocess.run(["umount", "-l", place], check=True)


def test_a_full_disk_ends_it_with_a_sentence_and_with_room_again_it_goes_on(graded, small_disk):
    if graded.layout != "canvas":
        pytest.skip("what happens on a full disk does not depend on the layout")
    place, make_room = small_disk
    command = ["batch", graded.source, *graded.options, "--out", place / "out"]
    full = grader(*command)
    assert full.returncode == 3
    assert "there is no room left on the disk for" in full.stderr
    assert "What is graded is kept: make room, and run the same command again" in full.stderr
    assert "Traceback" not in full.stderr
    kept = _records(place / "out")
    assert len(kept) < graded.stored
    make_room()
    done = grader(*command)
    assert done.returncode == 0, done.stderr
    now = _records(place / "out")
    assert {entry: now[entry] for entry in kept} == kept
    _same(graded.results, place / "out")
