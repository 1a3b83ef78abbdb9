"""Judges programs, many in one session: each is run in every schedule, which takes no sleep."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import pytest

from grader.assignments import Assignment, Recorder, judge_all, open_submission
from grader.model import Result

AT_ONCE = 12
"""Programs that are judged in one session of pytest."""


def pytest_configure(config: pytest.Config) -> None:
    """Where grader is not installed, its plugin has not registered its markers."""
    for marker in ("points", "requires", "scenarios"):
        config.addinivalue_line("markers", f"{marker}: of grader's plugin")


class Program(NamedTuple):
    """A program that a test asks for."""

    assignment: Assignment
    path: Path

    def __str__(self) -> str:
        return f"{self.assignment.id}-{self.path.stem}"


class Runs:
    """Runs and judges the programs of the selected tests, a batch at a time."""

    def __init__(self, programs: list[Program]) -> None:
        self._waiting = {program.path: program for program in programs}
        self._results: dict[Path, Result] = {}

    def result(self, program: Program) -> Result:
        if program.path not in self._results:
            self._waiting.pop(program.path, None)
            batch = [program, *list(self._waiting.values())[: AT_ONCE - 1]]
            for each in batch:
                self._waiting.pop(each.path, None)
            self._results |= _judged(batch)
        return self._results[program.path]


def _judged(batch: list[Program]) -> dict[Path, Result]:
    recorder = Recorder()
    submissions = [open_submission(program.path, program.assignment) for program in batch]
    runs = [(submission, recorder.traces(submission)) for submission in submissions]
    return dict(zip([program.path for program in batch], judge_all(runs, recorder), strict=True))


@pytest.fixture(scope="session")
def runs(request: pytest.FixtureRequest) -> Runs:
    """Under xdist a worker does not know which tests it will be given: one by one, there."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        return Runs([])
    programs = [
        item.callspec.params["program"]
        for item in request.session.items
        if isinstance(item, pytest.Function)
        and "program" in getattr(getattr(item, "callspec", None), "params", {})
    ]
    return Runs([program for program in programs if isinstance(program, Program)])
