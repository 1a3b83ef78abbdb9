"""A check is judged over every schedule: the shortest failure is told, and how far it reaches."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from grader.assignments import judge, load, open_submission
from grader.assignments.recording import Recorded
from grader.model import Fork, Schedules, Stuck, Trace
from tests.traces import Story

CHECKS = '''\
import pytest
from grader import CheckFailed

@pytest.mark.points(2)
def test_reaped(trace):
    """The parent waits for its child."""
    for child in trace.unreaped:
        raise CheckFailed("Nobody collected it.", process=child.id, events=[child.exited])

@pytest.mark.points(1)
@pytest.mark.requires("reaped")
def test_after(trace):
    """What it did after that."""
    assert trace.process("P.1").reaped is not None

@pytest.mark.points(1)
@pytest.mark.scenarios("failing")
def test_says_so(trace):
    """It says so when fork fails."""
    assert not trace.exit.ok
'''
TOML = """\
schema = "grader/assignment/v1"
id = "demo"
title = "T"
file = "demo.py"
[scenarios.usual]
run = "ideal"
[scenarios.every]
[scenarios.failing]
faults = ["fork:EAGAIN@P#1"]
"""


def reaped(**fields) -> Trace:
    story = Story()
    child = story.fork()
    story.exit(child)
    story.wait("P", child)
    story.exit()
    return story.trace(**fields)


def left(*, early: bool = True, **fields) -> Trace:
    """The parent exits without a wait: its child has ended before, or not."""
    story = Story()
    child = story.fork()
    if early:
        story.exit(child)
    story.exit()
    if not early:
        story.exit(child)
    return story.trace(**fields)


def failing(**fields) -> Trace:
    story = Story()
    story.add(Fork, "P", call="fork", error="EAGAIN", injected=True)
    story.exit(code=1)
    return story.trace(scenario="failing", time="ideal", faults=["fork:EAGAIN@P#1"], **fields)


def every(*traces: Trace, **schedules) -> Recorded:
    told = {"runs": len(traces), "exhaustive": True, "shortest": {"aa": "b"}, **schedules}
    named = [
        msgspec.structs.replace(trace, scenario="every", time="adversarial") for trace in traces
    ]
    return Recorded(traces=named, schedules=Schedules(**told))


class Shortening:
    """Finds one shorter run, if the check says that it fails as well."""

    def __init__(self, *shorter: Trace) -> None:
        self.shorter = shorter
        self.asked: list[bool] = []

    def traces(self, submission):
        raise AssertionError("nothing is to be recorded")

    def shortest(self, submission, trace, fails):
        for shorter in self.shorter:
            self.asked.append(fails(shorter))
            if self.asked[-1]:
                return shorter
        return trace


@pytest.fixture
def judged(tmp_path: Path):
    folder = tmp_path / "asg" / "demo"
    folder.mkdir(parents=True)
    (folder / "assignment.toml").write_text(TOML)
    (folder / "test_demo.py").write_text(CHECKS)
    (tmp_path / "demo.py").write_text("import os\nos.fork() and os.wait()\n")

    def judge_runs(recorded, source=None, **others):
        submission = open_submission(tmp_path / "demo.py", load(folder), name="demo.py")
        runs = {
            "usual": Recorded(traces=[reaped(scenario="usual", time="ideal", schedule="1:,ideal")]),
            "every": recorded,
            "failing": Recorded(traces=[failing()]),
            **others,
        }
        result = judge(submission, runs, source)
        return result, {check.id: check for check in result.checks}

    return judge_runs


def test_what_holds_in_every_schedule_is_proved(judged):
    result, checks = judged(every(reaped(schedule="1:a"), reaped(schedule="1:ab")))
    assert result.status == "pass"
    assert {c.id: (c.proof, c.runs) for c in checks.values()} == {
        "reaped": ("exhaustive", 3),
        "after": ("exhaustive", 3),
        "says_so": ("single", 1),
    }
    assert all(check.schedule is None for check in checks.values())
    assert list(result.schedules) == ["every"]
    assert (result.schedules["every"].runs, result.schedules["every"].shortest) == (2, {})
    assert [trace.scenario for trace in result.traces] == ["usual", "every", "failing"]


def test_a_failure_is_told_on_its_simplest_run_which_comes_first(judged):
    result, checks = judged(
        every(
            reaped(schedule="1:a"),
            left(schedule="1:bb", preemptions=1, steps=10),
            left(schedule="1:bbbb", preemptions=1, steps=12),
            left(schedule="1:ccc", preemptions=2, steps=9),
        )
    )
    check = checks["reaped"]
    assert (check.status, check.points, check.scenario) == ("fail", 0, "every")
    assert (check.schedule, check.proof, check.runs) == ("1:bb", "exhaustive", 4)
    assert check.message.splitlines()[0] == "Nobody collected it."
    assert "It fails in 3 of 4 schedules." in check.message
    # the other scenarios' traces, and this one's: where its events are
    assert [(t.scenario, t.schedule) for t in result.traces][-1] == ("every", "1:bb")
    assert len(result.traces) == 4
    assert result.traces[-1].events[check.where[0]].process == "P.1"


def test_runs_that_show_the_same_are_judged_once(judged):
    result, checks = judged(every(reaped(), left(schedule="1:b"), runs=12))
    assert (checks["reaped"].runs, result.schedules["every"].runs) == (12, 12)
    assert "It fails in 1 of 2 different runs." in checks["reaped"].message
    assert result.flags[0].detail.endswith("That happens in 1 of 2 different runs.")


def test_the_order_that_made_it_fail_is_told(judged):
    early = Story()
    child = early.fork()
    early.exit()
    early.exit(child)
    _, checks = judged(every(reaped(), early.trace(schedule="1:b")))
    assert (
        "In this schedule the parent (P) ends before the first child (P.1)."
        in checks["reaped"].message
    )


def test_a_shorter_run_that_fails_too_takes_its_place(judged):
    shorter = left(scenario="every", schedule="1:b", preemptions=0, time="adversarial")
    good = reaped(scenario="every", schedule="1:a")
    source = Shortening(good, shorter)
    result, checks = judged(every(reaped(), left(schedule="1:bb", preemptions=1)), source)
    assert source.asked == [False, True]
    assert checks["reaped"].schedule == "1:b"
    assert result.traces[-1] is shorter


def test_a_failure_outside_the_schedules_needs_no_shorter_run(judged):
    usual = Recorded(traces=[left(scenario="usual", time="ideal", schedule="1:,ideal")])
    source = Shortening()
    _, checks = judged(every(left(schedule="1:")), source, usual=usual)
    assert (checks["reaped"].scenario, checks["reaped"].schedule) == ("usual", "1:,ideal")
    assert checks["reaped"].proof == "single"
    assert source.asked == []


def test_who_requires_a_check_is_judged_where_that_one_passed(judged):
    result, checks = judged(every(reaped(schedule="1:a"), left(schedule="1:bb", preemptions=1)))
    assert checks["reaped"].status == "fail"
    after = checks["after"]
    assert (after.status, after.proof, after.runs) == ("pass", "bounded", 2)
    assert result.score == 2


@pytest.mark.parametrize("usual", [True, False])
def test_who_requires_a_check_that_always_failed_is_skipped(judged, usual):
    if usual:
        trace = left(scenario="usual", time="ideal")
        _, checks = judged(every(reaped()), usual=Recorded(traces=[trace]))
    else:
        _, checks = judged(every(left(), left(early=False)))
    assert checks["after"].status == "skipped"
    assert checks["after"].proof is None


@pytest.mark.parametrize(
    ("recorded", "proof"),
    [
        (every(reaped(), reaped(), exhaustive=False, reason="the budget ended"), "bounded"),
        (every(reaped(), reaped(uncontrolled="it left its schedule")), "bounded"),
        (every(reaped(uncontrolled="threads"), runs=1, exhaustive=False), "single"),
    ],
)
def test_what_was_not_run_in_every_schedule_is_not_called_exhaustive(judged, recorded, proof):
    result, checks = judged(recorded)
    assert checks["reaped"].status == "pass"
    assert checks["reaped"].proof == proof
    assert not result.schedules["every"].exhaustive
    assert result.schedules["every"].reason


def test_a_fault_that_was_asked_for_is_no_want_of_the_system(judged):
    result, checks = judged(every(reaped()))
    assert checks["says_so"].status == "pass"
    assert "nothing-forked" not in {flag.kind for flag in result.flags}


def test_what_cannot_be_had_here_is_unproved(judged):
    _, checks = judged(
        every(reaped()), failing=Recorded(traces=[], unproved="sampling can't make a call fail")
    )
    assert (checks["says_so"].status, checks["says_so"].points) == ("unproved", 1)
    assert checks["says_so"].message == "sampling can't make a call fail"


def test_a_deadlock_says_who_waits_for_what():
    from grader.judge.ending import unfinished

    stuck = Stuck(process="P", waits_in="pause", because="P waits for a signal, and nobody is left")
    assert "standstill" in (unfinished(reaped(ended="deadlock")) or "")
    assert "P waits for a signal, and nobody is left" in (
        unfinished(reaped(ended="deadlock", stuck=[stuck])) or ""
    )
