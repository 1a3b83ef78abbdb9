"""``grader replay``: the run that a schedule names, and what departs from it."""

from __future__ import annotations

import json

import msgspec
import pytest

from grader import cli, explore
from grader.model import Scenario, Schedule, Trace
from grader.model.trace import DEPARTED
from tests.report.exploring import lost_wakeup


@pytest.fixture
def asked(monkeypatch):
    """What was to be replayed, instead of replaying it."""
    found: list[tuple[Scenario, Schedule]] = []

    def replay(scenario: Scenario, schedule: Schedule) -> Trace:
        found.append((scenario, schedule))
        trace = lost_wakeup()
        if schedule.seed == 99:
            trace = msgspec.structs.replace(trace, uncontrolled=f"{DEPARTED}: turn 3")
        return trace

    monkeypatch.setattr(explore, "replay", replay)
    return found


@pytest.fixture
def program(tmp_path):
    path = tmp_path / "program.py"
    path.write_text("import os\nos.fork()\n")
    return path


def status(*arguments: object) -> int:
    with pytest.raises(SystemExit) as stopped:
        cli.main(["replay", *map(str, arguments)])
    assert isinstance(stopped.value.code, int)
    return stopped.value.code


def test_the_schedule_says_how_it_is_run(asked, program):
    assert status(program, "--schedule", "1:ab-,ideal,pipe,seed=5,fork:EAGAIN@P#2") == 0
    scenario, schedule = asked[0]
    assert scenario.script == "program.py"
    assert str(schedule) == "1:ab-,ideal,pipe,seed=5,fork:EAGAIN@P#2"


def test_options_replace_what_the_schedule_says(asked, program):
    options = ["--stdio", "terminal", "--seed", "6", "--fault", "wait:ECHILD@P#1"]
    assert status("--schedule", "1:ab-,pipe,seed=5,fork:EAGAIN@P#2", *options, program) == 0
    assert str(asked[0][1]) == "1:ab-,seed=6,wait:ECHILD@P#1"


def test_a_command_is_replayed_too(asked):
    assert status("--schedule", "1:b", "--", "./a.out", "--schedule", "x") == 0
    assert asked[0][0].command == ["./a.out", "--schedule", "x"]


def test_a_run_that_departs_is_status_1_and_said_first(asked, program, capsys):
    assert status(program, "--schedule", "1:b", "--seed", "99") == 1
    first = capsys.readouterr().out.splitlines()[0]
    assert first == "This is not the run that was asked for: turn 3."
    assert status(program, "--schedule", "1:b", "--seed", "99", "--format", "json") == 1
    assert json.loads(capsys.readouterr().out)["uncontrolled"] == f"{DEPARTED}: turn 3"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["{program}"], "missing option '--schedule'"),
        (["--schedule", "ab", "{program}"], "'ab' is no schedule: expected 1: and letters"),
        (["--schedule", "1:a?", "{program}"], "'?' can't be read"),
        (["--schedule", "1:a,fork", "{program}"], "'fork' is no fault"),
        (["--schedule", "1:a", "--scenario", "x", "{program}"], "write ASSIGNMENT/NAME"),
        (["--schedule", "1:a", "--scenario", "fig18_03/x", "{program}"], "fig18_03 has no 'x'"),
        (["--schedule", "1:a", "--scenario", "fig18_03/pipe", "--", "ls"], "is for FILE.py"),
    ],
)
def test_a_mistake_is_one_sentence(asked, program, capsys, arguments, sentence):
    assert status(*(word.format(program=program) for word in arguments)) == 2
    printed = capsys.readouterr()
    assert sentence in printed.err
    assert printed.err.count("\n") == 1
    assert not asked


def test_an_assignments_arguments_and_input_are_used(asked, program, tmp_path):
    folder = tmp_path / "demo"
    folder.mkdir()
    (folder / "assignment.toml").write_text(
        'schema = "grader/assignment/v1"\nid = "demo"\ntitle = "T"\nfile = "demo.py"\n'
        '[scenarios.three]\nargs = ["3"]\nstdin = "x\\n"\n'
    )
    assert status(program, "--schedule", "1:a", "--scenario", folder / "three") == 0
    scenario = asked[0][0]
    assert scenario.command[1:] == ["program.py", "3"]
    assert scenario.stdin == b"x\n"
