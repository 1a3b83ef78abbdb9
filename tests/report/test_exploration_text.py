"""The report on every schedule, and on one that is run again."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.explore import Explored, document
from grader.model import Schedule, Schedules, Trace
from grader.model.trace import DEPARTED
from grader.report import print_exploration, print_replay
from tests.report.exploring import CONTROLLED, lost_wakeup, many_outputs, two_runs
from tests.report.printing import on_a_terminal, printed
from tests.report.telling import Telling, figure_18_3
from tests.report.test_trace_text import stories

LONG = "1:" + "abc-" * 200


def replayed(trace: Trace, schedule: str = "1:", **how: object) -> str:
    return printed(print_replay, trace, Schedule.parse(schedule), [], **how)


def test_hundreds_of_outputs_take_few_lines():
    report = printed(print_exploration, many_outputs(500), [], None)
    assert "500 outputs" in report
    assert "… and 480 more: --format json" in report
    assert "… 18 more lines" in report
    assert len(report.splitlines()) < 350


def test_what_goes_well_comes_first_and_a_deadlock_last():
    report = printed(print_exploration, many_outputs(0), [], None)
    places = [report.index(f"1:a{n + 2}b") for n in (5, 4, 3, 1, 2)]
    assert places == sorted(places)


def test_whether_those_were_all_is_said():
    def words(**fields: object) -> str:
        schedules = Schedules(**fields)
        explored = Explored(two_runs(), schedules)
        return printed(print_exploration, document(explored), two_runs(), None)

    assert "Ran 6 schedules: all that can make a difference." in words(runs=6, exhaustive=True)
    assert "not all of them: too many." in words(runs=6, reason="too many")
    assert "not all of them: after 9." in words(runs=6, reason="not every schedule: after 9")
    assert "and 1,200 more up to where nothing new" in words(runs=6, pruned=1200, exhaustive=True)


def test_a_run_that_was_not_controlled_has_no_schedule_to_replay():
    trace = msgspec.structs.replace(figure_18_3(), uncontrolled=f"{DEPARTED}: P starts a thread")
    explored = Explored([trace], Schedules(runs=1, reason="P starts a thread"))
    report = printed(print_exploration, document(explored), [trace], lambda schedule: ["replay it"])
    assert "in a run that was not controlled" in report
    assert "replay it" not in report
    assert "A program that can't be controlled has no schedules." in replayed(trace)


def test_a_deadlock_says_who_waits_for_what():
    explored = Explored([lost_wakeup()], Schedules(runs=1, exhaustive=True))
    report = printed(print_exploration, document(explored), [lost_wakeup()], None)
    assert "Deadlock" in report
    assert "P waits for a signal, and nobody can send it one any more." in report


@pytest.mark.parametrize("width", [40, 80])
def test_a_schedule_is_never_cut(width):
    trace = msgspec.structs.replace(lost_wakeup(), schedule=LONG)
    explored = Explored([trace], Schedules(runs=1))
    how = print_exploration, document(explored), [trace]
    report = printed(
        *how, lambda schedule: ["grader", "replay", "x.py", "--schedule", schedule], width=width
    )
    assert report.count(f" {LONG}\n") >= 2
    assert f"--schedule {LONG}\n" in report
    assert f"Schedule: {LONG}\n" in replayed(trace, width=width)
    assert f" {LONG}\n" in on_a_terminal(*how, None).replace("\x1b[0m", "").replace("\x1b[1m", "")


def test_a_replay_tells_each_step():
    steps = replayed(figure_18_3()).partition("Step by step\n")[2].partition("\n\n")[0]
    assert [line.split(maxsplit=2)[1:] for line in steps.splitlines()][:6] == [
        ["P", "starts as python3 fig18_03.py"],
        ["P", "forks P.1"],
        ["P", "forks P.2"],
        ["P", 'writes "Parent waiting for child processes...\\n\\tp..."'],
        ["P", "begins to wait: wait4(any)"],
        ["P.1", 'writes "Child1 sleeping for 3 seconds...\\n\\tpid: 4..."'],
    ]
    assert "collects P.2 (exit 0): wait4(any)" in steps


def test_a_long_replay_leaves_its_middle_out():
    run = Telling()
    for n in range(1000):
        run.write("P", f"line {n}\n")
    run.exit("P")
    report = replayed(run.trace(**CONTROLLED, schedule="1:"))
    assert 'writes "line 0\\n"' in report
    assert "… 852 steps left out" in report
    assert "ends with exit status 0" in report


def test_a_fault_is_marked_as_one():
    report = replayed(lost_wakeup())
    assert "EAGAIN, no more processes to be had (a fault)\n" in report
    assert "⊗EAGAIN" in report


def test_a_fault_that_never_came_about_is_said_to_be_one():
    assert "never came about" not in replayed(lost_wakeup())
    trace = msgspec.structs.replace(lost_wakeup(), faults=[], schedule="1:,pipe:EMFILE@P#2")
    words = "The fault pipe:EMFILE@P#2 never came about: P made fewer such calls."
    assert words in replayed(trace)
    explored = Explored([trace], Schedules(runs=1, exhaustive=True))
    assert words in printed(print_exploration, document(explored), [trace], None)


def test_times_that_mean_nothing_together_are_not_shown():
    report = replayed(lost_wakeup())
    timeline = report.partition("Timeline")[2].partition("Output")[0]
    assert timeline.splitlines()[1].startswith("P ")
    assert " of virtual time" not in report
    ideal = msgspec.structs.replace(figure_18_3(), time="ideal")
    assert "after 3.01 s of virtual time." in replayed(ideal)


def test_a_stuck_process_waits_to_the_end_of_its_lane():
    report = replayed(lost_wakeup())
    lane = next(line for line in report.splitlines() if line.startswith("P    ●"))
    assert lane.endswith("┄∞")


def test_a_run_that_departed_is_not_taken_for_the_one_asked_for():
    trace = msgspec.structs.replace(
        lost_wakeup(), uncontrolled=f"{DEPARTED}: turn 2 is b, possible: a"
    )
    report = replayed(trace, "1:ab")
    assert report.startswith("This is not the run that was asked for: turn 2 is b, possible: a.\n")
    assert "Asked for: 1:ab\n" in report
    assert f"Schedule: {trace.schedule}\n" in report


@settings(max_examples=60, deadline=None)
@given(stories(), st.integers(40, 120), st.randoms(use_true_random=False))
def test_any_run_can_be_replayed_whatever_its_clocks_say(trace, width, random):
    events = [
        msgspec.structs.replace(event, t=random.choice([0.0, 1.0, event.t, 60.0]))
        for event in trace.events
    ]
    trace = msgspec.structs.replace(trace, events=events, **CONTROLLED, schedule="1:ab")
    assert max(map(len, replayed(trace, width=width).splitlines())) <= width
