"""A budget that suffices gives every schedule; one that does not gives words for what it gave."""

from __future__ import annotations

import re

import pytest

from grader.explore.budget import Budget
from grader.explore.phases import Phases
from grader.model import Finish
from tests.explore.simulated import Body, Fork, Wait, Write, drive

CHILD = tuple(Write(letter) for letter in "abc")
MANY: Body = (*[Fork(CHILD)] * 4, *[Wait()] * 4)
THREE: Body = (*[Fork(CHILD)] * 3, *[Wait()] * 3)
FEW: Body = (*[Fork((Write("x"),))] * 3, *[Wait()] * 3)
FEW_AND_PARENT: Body = (*[Fork((Write("x"),))] * 3, *[Wait(), Write("y")] * 3)
SILENT: Body = (*[Fork(())] * 4, *[Wait(), Write("y")] * 4)


@pytest.mark.parametrize("program", [FEW, FEW_AND_PARENT, SILENT])
def test_what_fits_the_budget_is_exhaustive(program: Body) -> None:
    made, all_of_them = drive(Phases(Budget()), program)
    assert all_of_them.exhaustive
    assert all_of_them.reason is None
    runs = all_of_them.runs + all_of_them.pruned
    again, exactly = drive(Phases(Budget(runs=runs)), program)
    assert exactly.exhaustive
    assert again == made
    _, less = drive(Phases(Budget(runs=runs // 2)), program)
    assert not less.exhaustive


def test_what_does_not_fit_says_what_was_covered() -> None:
    made, told = drive(Phases(Budget(runs=600)), THREE)
    assert not told.exhaustive
    assert told.runs + told.pruned == 600
    assert told.reason is not None
    match = re.fullmatch(
        r"not every schedule: after 600 runs, (?:all without a preemption|all with at most "
        r"\d+ preemptions?), and some with more \((\d+) runs\), and (\d+) random ones \(PCT\)",
        told.reason,
    )
    assert match is not None, told.reason
    assert int(match[1]) + int(match[2]) == 600
    assert int(match[2]) >= 150
    # Its beginning is the default, and every run is one that the program can make.
    assert made[0].finish.turns == ()


def test_a_tiny_budget_says_so() -> None:
    _, told = drive(Phases(Budget(runs=1)), MANY)
    assert told.reason == (
        "not every schedule: after 1 run, 1 run, not even all schedules without a preemption"
    )


def test_time_is_a_backstop(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter(range(10_000))
    monkeypatch.setattr("grader.explore.phases.time.monotonic", lambda: float(next(now)))
    _, told = drive(Phases(Budget(runs=4000, seconds=50)), MANY)
    assert told.runs + told.pruned <= 51
    assert told.reason is not None
    assert told.reason.startswith("not every schedule: after 50 seconds, ")


@pytest.mark.parametrize(("pace", "reason"), [(0.5, "after 600 runs"), (1.5, "after 50 seconds")])
def test_with_patience_the_time_of_quick_runs_decides_nothing(monkeypatch, pace, reason) -> None:
    now = iter(range(10_000))
    monkeypatch.setattr("grader.explore.phases.time.monotonic", lambda: pace * next(now))
    made, told = drive(Phases(Budget(runs=600, seconds=50, patience=1e4)), THREE)
    assert told.reason is not None
    assert told.reason.startswith(f"not every schedule: {reason}, ")
    if pace < 1:
        monkeypatch.undo()
        assert drive(Phases(Budget(runs=600, seconds=1e4)), THREE) == (made, told)


def test_what_is_not_controlled_is_not_called_exhaustive() -> None:
    class Doubtful(Phases):
        def finished(self, finish: Finish) -> None:
            super().finished(finish._replace(uncontrolled="it asks again and again"))

    _, told = drive(Doubtful(Budget()), FEW)
    assert not told.exhaustive
    assert told.reason == "it asks again and again"


def test_the_same_budget_gives_the_same_runs() -> None:
    assert drive(Phases(Budget(runs=200), seed=3), MANY) == drive(
        Phases(Budget(runs=200), seed=3), MANY
    )
