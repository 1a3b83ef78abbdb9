"""A schedule that was printed gives its run again, event for event."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from grader.explore import replay
from grader.model import Finish, Point, Schedule, Schedules
from grader.observe import explore_runs_all
from tests.explore.logical import logical
from tests.explore.running import scenario_for
from tests.explore.stated import programs
from tests.sizes import size

PROGRAMS = {file.name: file for file in [*programs("exercises"), *programs("odd")]}
FEW = ["own_copies.c", "reaped_by_a_handler.c", "broken_pipe.c", "in_order.py", "orphan.py"]


class Wanderer:
    """Asks for one run, and chooses at random."""

    every_step = False

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._over = False

    def another(self) -> bool:
        return not self._over

    def choose(self, point: Point) -> int:
        return self._chance.randrange(len(point.options))

    def finished(self, finish: Finish) -> None:
        self._over = True

    def summary(self) -> Schedules:
        return Schedules(runs=1)


def replayed(source: Path, folder: Path, runs: int) -> int:
    """Record so many random runs of a program, and replay each; returns how many there were."""
    scenario = scenario_for(source, folder)
    found = explore_runs_all([(scenario, Wanderer(seed)) for seed in range(runs)])
    for (trace,), _ in found:
        assert trace.schedule is not None
        schedule = Schedule.parse(trace.schedule)
        assert str(schedule) == trace.schedule
        again = replay(scenario, schedule)
        assert logical(again) == logical(trace), trace.schedule
    return len(found)


@pytest.mark.parametrize("name", FEW)
def test_a_schedule_gives_its_run_again(name: str, tmp_path: Path) -> None:
    assert replayed(PROGRAMS[name], tmp_path, 12) == 12


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", PROGRAMS)
def test_many_schedules_give_their_runs_again(name: str, tmp_path: Path) -> None:
    each = -(-size(250, 1000) // len(PROGRAMS))
    assert replayed(PROGRAMS[name], tmp_path, each) == each
