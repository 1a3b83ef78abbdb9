"""A schedule makes the same run again; where it can't, the run says so."""

from __future__ import annotations

from pathlib import Path

from grader.explore import explore
from grader.explore import replay as run_again
from grader.explore.budget import Budget
from grader.explore.phases import Phases
from grader.explore.replay import Replay
from grader.explore.straighten import Straighten
from grader.model import Scenario, Schedule
from grader.observe import python_executable
from tests.explore.simulated import Fork, Give, Take, Wait, Write, drive

PROGRAM = (Fork((Write("x"),)), Fork((Write("y"),)), Wait(), Write("z"), Wait())


def test_every_run_of_a_search_is_made_again_by_its_turns() -> None:
    made, _ = drive(Phases(Budget()), PROGRAM)
    again, told = drive(Replay([run.finish.turns for run in made]), PROGRAM)
    assert again == made
    assert told.reason is None


def test_turns_of_another_program_are_found_out() -> None:
    _, told = drive(Replay([Schedule.parse("1:cb2d").turns]), PROGRAM)
    assert told.reason == (
        "the run departed from its schedule: turn 4 of its schedule is d, "
        "possible: a (wait) or c (exit)"
    )


def test_turns_that_are_left_over_are_found_out() -> None:
    _, told = drive(Replay([Schedule.parse("1:c2b2a9").turns]), PROGRAM)
    assert told.reason is not None
    assert told.reason.startswith("the run departed from its schedule")


def test_a_run_that_departed_goes_on_by_default() -> None:
    made, _ = drive(Replay([Schedule.parse("1:d").turns]), PROGRAM)
    default, _ = drive(Replay([()]), PROGRAM)
    assert made == default


def test_a_failing_run_is_straightened() -> None:
    # A deadlock needs one preemption; this schedule has three.
    one, other = (Take("l"), Take("m")), (Take("m"), Take("l"))
    give = (Give("l"), Give("m"), Write("x"))
    program = (Fork((*one, *give)), Fork((*other, *give)), Wait(), Wait())
    search = Phases(Budget())
    made, _ = drive(search, program)
    worst = max(
        (run for run in made if run.end.ended == "deadlock"), key=lambda run: run.finish.preemptions
    )
    variations, _ = drive(Straighten(worst.finish.turns, [], 40), program)
    assert variations[0] == worst
    assert variations[1].finish.turns == ()
    best = min(
        (run for run in variations if run.end.ended == "deadlock"),
        key=lambda run: run.finish.preemptions,
    )
    assert best.finish.preemptions <= max(worst.finish.preemptions - 1, 1)


def test_a_caveat_is_no_departure(tmp_path: Path) -> None:
    program = tmp_path / "asks.py"
    program.write_text(
        "import os\nchild = os.fork()\nif child == 0: os._exit(0)\n"
        "while os.waitpid(child, os.WNOHANG)[0] == 0: pass\n"
    )
    scenario = Scenario(
        command=[python_executable(), str(program)], script=str(program), time="adversarial"
    )
    for trace in explore(scenario).traces:
        again = run_again(scenario, Schedule.parse(trace.schedule or ""))
        assert not again.departed
    assert run_again(scenario, Schedule.parse("1:zb")).departed
