"""``grader explore``: what it asks for, and what it prints of what was found."""

from __future__ import annotations

import json
import os
import sys

import pytest

from grader import cli, explore, observe
from grader.explore import Budget, Explored
from grader.model import Scenario, Schedules
from tests.report.exploring import lost_wakeup, two_runs

EXACT = pytest.mark.skipif(observe.probe().engine != "exact", reason="needs the exact engine")


@pytest.fixture
def asked(monkeypatch):
    """What was to be explored, instead of exploring it."""
    found: list[tuple[Scenario, Budget, str]] = []

    def explore_it(scenario: Scenario, budget: Budget, *, engine: str) -> Explored:
        found.append((scenario, budget, engine))
        return Explored(two_runs(), Schedules(runs=6, pruned=2, exhaustive=True))

    monkeypatch.setattr(explore, "explore", explore_it)
    return found


@pytest.fixture
def program(tmp_path):
    path = tmp_path / "program.py"
    path.write_text("import os\nos.fork()\n")
    return path


def status(*arguments: object) -> int:
    with pytest.raises(SystemExit) as stopped:
        cli.main(["explore", *map(str, arguments)])
    assert isinstance(stopped.value.code, int)
    return stopped.value.code


def test_every_schedule_in_adversarial_time_with_order_of_output(asked, program):
    assert status(program) == 0
    scenario, budget, engine = asked[0]
    assert scenario.command == [os.path.realpath(sys.executable), "program.py"]
    assert scenario.confinement.files == {"program.py": str(program)}
    assert scenario.script == "program.py"
    assert (scenario.time, scenario.output_order, scenario.faults) == ("adversarial", True, ())
    assert (budget, engine) == (Budget(), "auto")


def test_options_stand_on_either_side_of_the_file(asked, program):
    assert status("--runs", "5", program, "--no-output-order", "--seconds", "2", "-x", "3") == 0
    scenario, budget, _ = asked[0]
    assert scenario.command[2:] == ["-x", "3"]
    assert not scenario.output_order
    assert budget == Budget(runs=5, seconds=2)


def test_what_follows_two_dashes_is_the_programs(asked, program):
    assert status(program, "--seed", "4", "--", "--seed", "5") == 0
    assert asked[0][0].seed == 4
    assert asked[0][0].command[2:] == ["--seed", "5"]
    assert status("--stdio", "pipe", "--", "./a.out", "--seed", "5") == 0
    scenario = asked[1][0]
    assert (scenario.command, scenario.stdio) == (["./a.out", "--seed", "5"], "pipe")
    assert scenario.script is None


def test_faults_are_part_of_the_scenario(asked, program):
    given = ["--fault", "fork:EAGAIN@P#2", "--fault", "wait:EINTR@P.1#1"]
    assert status(*given, program) == 0
    assert [str(fault) for fault in asked[0][0].faults] == given[1::2]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--runz", "3", "x.py"], "no such option '--runz' (see 'grader explore --help')"),
        (["nowhere.py"], "no such file: nowhere.py (to explore a command, write: grader explore"),
        (["--fault", "fork", "{program}"], "'fork' is no fault: write CALL:WHAT@PROCESS#N"),
        (["--runs", "0", "{program}"], "invalid value for '--runs'"),
        ([], "missing argument 'FILE.py"),
        (["--"], "missing argument 'FILE.py"),
    ],
)
def test_a_mistake_is_one_sentence(asked, program, capsys, arguments, sentence):
    assert status(*(word.format(program=program) for word in arguments)) == 2
    printed = capsys.readouterr()
    assert sentence in printed.err
    assert "Traceback" not in printed.err
    assert not asked


def test_the_json_has_what_the_format_says(asked, program, capsys):
    assert status(program, "--format", "json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "grader/explore/v1"
    schedules = document["schedules"]
    assert [schedules[key] for key in ("runs", "pruned", "exhaustive", "reason")] == [
        *(6, 2, True, None)
    ]
    assert document["outputs"] == [
        {"text": "parent\nchild <P.1>\n", "schedule": "1:,ordered"},
        {"text": "child <P.1>\nparent\n", "schedule": "1:b,ordered"},
    ]
    outcome = document["outcomes"][0]
    assert outcome["ended"] == "exit"
    assert outcome["exit"] == {"code": 0, "signal": None}
    assert outcome["fates"] == {"P.1": "reaped"}
    assert outcome["schedule"] == "1:,ordered"


def test_without_the_order_of_output_there_are_outcomes_alone(asked, program, capsys):
    assert status("--no-output-order", "--format", "json", program) == 0
    assert json.loads(capsys.readouterr().out)["outputs"] == []


def test_the_text_ends_with_a_line_that_replays(asked, program, capsys, monkeypatch):
    monkeypatch.setattr(
        explore,
        "explore",
        lambda *_, engine: Explored([lost_wakeup()], Schedules(runs=1, exhaustive=True)),
    )
    odd = program.with_name("it's.py")
    program.rename(odd)
    assert status("--timeout", "2", odd, "a b") == 0
    last = capsys.readouterr().out.splitlines()[-1]
    quoted = str(odd).replace("'", "'\"'\"'")
    assert last == (
        f"  grader replay '{quoted}' --timeout 2.0 "
        "--schedule '1:ab-a+,ordered,fork:EAGAIN@P.1#1' -- 'a b'"
    )


@EXACT
def test_a_real_race_is_found_and_replayed(tmp_path, capfd):
    program = tmp_path / "race.py"
    program.write_text(
        "import os, time\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    os._exit(3)\n"
        "time.sleep(5)\n"
        "os.waitpid(child, os.WNOHANG)\n"
    )
    assert status("--format", "json", program) == 0
    document = json.loads(capfd.readouterr().out)
    assert document["schedules"]["exhaustive"]
    fates = {outcome["fates"]["P.1"]: outcome["schedule"] for outcome in document["outcomes"]}
    assert {*fates} == {"reaped", "unreaped", "orphaned"}
    for fate, schedule in fates.items():
        with pytest.raises(SystemExit) as stopped:
            cli.main(["replay", str(program), "--schedule", schedule, "--format", "json"])
        assert stopped.value.code == 0
        trace = json.loads(capfd.readouterr().out)
        assert trace["processes"][1]["fate"] == fate
