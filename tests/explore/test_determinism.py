"""The same program, explored twice, gives the same document and the same traces, whatever else the
computer does."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from grader.model import to_json
from tests.explore.logical import logical
from tests.explore.running import explored, outputs, scenario_for
from tests.explore.stated import programs

PROGRAMS = {file.name: file for file in [*programs("exercises"), *programs("odd")]}
FEW = ["asked_once.py", "statuses.c", "killed_while_it_prints.c", "semaphore_of_pipes.c"]


def told(source: Path, folder: Path) -> tuple[bytes, list[str]]:
    """The document, and the traces with path ids for pids."""
    runs, found = explored(scenario_for(source, folder), asks=True)
    return to_json(found), [logical(trace) for trace in runs.traces]


@contextlib.contextmanager
def busy() -> Iterator[None]:
    """Keep every core busy."""
    program = "print(flush=True)\nwhile True: pass"
    burners = [
        subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
        for _ in range((os.cpu_count() or 1) + 1)
    ]
    try:
        for burner in burners:
            assert burner.stdout is not None
            burner.stdout.readline()
        yield
    finally:
        for burner in burners:
            burner.kill()
            burner.communicate()


@pytest.mark.parametrize("name", FEW)
def test_twice_the_same(name: str, tmp_path: Path) -> None:
    assert told(PROGRAMS[name], tmp_path) == told(PROGRAMS[name], tmp_path)


def test_the_same_on_a_busy_computer(tmp_path: Path) -> None:
    quiet = {name: told(PROGRAMS[name], tmp_path) for name in FEW[:2]}
    with busy():
        for name, before in quiet.items():
            assert told(PROGRAMS[name], tmp_path) == before


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", PROGRAMS)
def test_each_twice_the_same(name: str, tmp_path: Path) -> None:
    with busy():
        assert told(PROGRAMS[name], tmp_path) == told(PROGRAMS[name], tmp_path)


RANDOM = """\
import os, random, time
for _ in range(2):
    if os.fork() == 0:
        os.write(1, f"{os.urandom(4).hex()} {random.random()} {time.time()}\\n".encode())
        os._exit(0)
print(hash("word"), {*"abcdef"}, time.monotonic())
while True:
    try:
        os.wait()
    except ChildProcessError:
        break
"""


def test_chance_and_the_clock_are_the_same_too(tmp_path: Path) -> None:
    """Random bytes, hashes and clocks are functions of the seed and the schedule."""
    source = tmp_path / "chance.py"
    source.write_text(RANDOM)
    assert told(source, tmp_path) == told(source, tmp_path)
    other = msgspec.structs.replace(scenario_for(source, tmp_path), seed=1)
    mine, others = (
        outputs(explored(scenario)[1]) for scenario in (scenario_for(source, tmp_path), other)
    )
    assert not mine & others
