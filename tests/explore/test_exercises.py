"""Exercises as in textbooks: what can be printed, and what can't?

Each of ``exercises/`` says in its head all of what it can print, found by drawing its process
graph, and something of what it can't.
"""

from __future__ import annotations

import os
import pty
import re
import subprocess
from pathlib import Path
from typing import Literal, cast

import pytest

from tests.explore.running import command_for, explored, outputs, scenario_for
from tests.explore.stated import programs, stated

EXERCISES = programs("exercises")
by_name = pytest.mark.parametrize("source", EXERCISES, ids=lambda source: source.name)


def stdio_of(source: Path) -> Literal["terminal", "pipe"]:
    (stdio,) = stated(source, "stdio") or ["terminal"]
    return cast(Literal["terminal", "pipe"], stdio)


def test_there_are_enough() -> None:
    assert len(EXERCISES) >= 24
    for source in EXERCISES:
        possible, impossible = stated(source, "possible"), stated(source, "impossible")
        assert possible, source
        assert impossible, source
        assert not {*possible} & {*impossible}, source


@by_name
def test_exactly_what_is_possible_is_found(source: Path, tmp_path: Path) -> None:
    scenario = scenario_for(source, tmp_path, stdio=stdio_of(source))
    _, found = explored(scenario)
    assert outputs(found) == {*stated(source, "possible")}
    assert not outputs(found) & {*stated(source, "impossible")}
    assert {outcome.ended for outcome in found.outcomes} == {*(stated(source, "ends") or ["exit"])}


@by_name
def test_it_does_by_itself_what_is_possible(source: Path, tmp_path: Path) -> None:
    """Without grader, ten times: nothing in it needs that it is watched."""
    command = command_for(source, tmp_path)
    possible = {without_pids(output) for output in stated(source, "possible")}
    for _ in range(3 if source.suffix == ".py" else 10):
        if stdio_of(source) == "pipe":
            output = subprocess.run(command, capture_output=True, text=True, timeout=20).stdout
        else:
            output = on_a_terminal(command, hangs="deadlock" in stated(source, "ends"))
        assert without_pids(output) in possible


def without_pids(text: str) -> str:
    return re.sub(r"<P[.\d]*>|\d{3,}", "#", text)


def on_a_terminal(command: list[str], hangs: bool) -> str:
    """What a program writes to a terminal, until its last process has closed it."""
    master, slave = pty.openpty()
    process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, process_group=0)
    os.close(slave)
    if hangs:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.3)
        os.killpg(process.pid, 9)
    text = b""
    try:
        while more := os.read(master, 4096):
            text += more
    except OSError:  # the other side is closed
        pass
    os.close(master)
    process.wait()
    return text.decode().replace("\r\n", "\n")
