"""``grader trace``: what it runs, what it refuses, what it prints."""

from __future__ import annotations

import io
import json
import os
import sys

import pytest

from grader import cli, explore, observe
from grader.cli.trace import document
from grader.model import Flag, Limits, Scenario, Schedule, Trace, from_json
from tests.report.stories import everything
from tests.report.telling import figure_18_3


@pytest.fixture
def asked(monkeypatch):
    """What the engine was asked to run, instead of running it."""
    found: list[tuple[Scenario, str]] = []

    def run(scenario: Scenario, engine: str = "auto") -> Trace:
        found.append((scenario, engine))
        return figure_18_3()

    def replay(scenario: Scenario, schedule: Schedule) -> Trace:
        found.append((scenario, str(schedule)))
        return figure_18_3()

    monkeypatch.setattr(observe, "run", run)
    monkeypatch.setattr(explore, "replay", replay)
    return found


def status(*arguments: object) -> int:
    with pytest.raises(SystemExit) as stopped:
        cli.main(["trace", *map(str, arguments)])
    assert isinstance(stopped.value.code, int)
    return stopped.value.code


@pytest.fixture
def program(tmp_path):
    path = tmp_path / "program.py"
    path.write_text("import os\nos.fork()\n")
    return path


def test_a_python_file_is_run_by_the_real_interpreter(asked, program):
    assert status(program, "--limit", "-x", "--") == 0
    scenario, engine = asked[0]
    interpreter = os.path.realpath(sys.executable)
    assert scenario.command == [interpreter, "program.py", "--limit", "-x", "--"]
    assert engine == "auto"
    assert scenario.stdio == "terminal"
    assert scenario.stdin == b""


def test_after_two_dashes_any_command_is_run_as_it_is(asked):
    assert status("--stdio", "pipe", "--engine", "exact", "--", "ls", "--", "-l", "x.py") == 0
    scenario, engine = asked[0]
    assert scenario.command == ["ls", "--", "-l", "x.py"]
    assert (scenario.stdio, engine) == ("pipe", "exact")


def test_limits_and_input_reach_the_scenario(asked, program, tmp_path, monkeypatch):
    (tmp_path / "input").write_bytes(b"\0data")
    options = ["--timeout", "1.5", "--limit", "processes=7", "--limit", "memory-bytes=1e9"]
    assert status(*options, "--stdin", tmp_path / "input", program) == 0
    limits = asked[0][0].limits
    assert limits == Limits(seconds=1.5, processes=7, memory_bytes=1_000_000_000)
    assert isinstance(limits.memory_bytes, int)
    assert asked[0][0].stdin == b"\0data"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"piped")))
    assert status("--stdin", "-", program) == 0
    assert asked[1][0].stdin == b"piped"


def test_the_status_is_0_whatever_the_programs_was(asked, monkeypatch, program):
    monkeypatch.setattr(observe, "run", lambda scenario, engine: everything())
    assert everything().exit.code == 1
    assert status(program) == 0


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("missing.py", None, "no such file"),
        ("ls", None, "to trace a command, write: grader trace -- "),
        ("empty.py", b" \n", "is empty"),
        ("binary.py", b"\x7fELF\0\0", "is a binary file"),
        ("script", b"#!/bin/sh\nls\n", "is a script, but not of Python"),
        ("old.py", b'import os\nprint "hello"\n', "Python 2"),
        ("wrong.py", b"def f(:\n", "SyntaxError: invalid syntax"),
    ],
)
def test_what_cannot_be_run_is_refused_in_a_sentence(
    asked, tmp_path, capsys, name, content, sentence
):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    assert status(tmp_path / name) == 2
    error = capsys.readouterr().err
    assert error.startswith("grader: ")
    assert sentence in error
    assert "Traceback" not in error
    assert not asked


def test_python_2_code_is_named_with_its_line(tmp_path, capsys):
    (tmp_path / "old.py").write_text('import os\nprint "hello"\n')
    assert status(tmp_path / "old.py") == 2
    assert "line 2" in capsys.readouterr().err


def test_a_folder_is_refused(tmp_path, capsys):
    assert status(tmp_path) == 2
    assert "is a folder; give a Python file in it" in capsys.readouterr().err


@pytest.mark.parametrize(
    "limit", ["speed=1", "processes", "processes=0", "processes=-1", "events=many", "events=inf"]
)
def test_a_wrong_limit_is_refused(asked, program, capsys, limit):
    assert status("--limit", limit, program) == 2
    assert f"--limit {limit}" in capsys.readouterr().err
    assert not asked


def test_a_missing_input_is_refused(asked, program, capsys):
    assert status("--stdin", "nowhere", program) == 2
    assert "--stdin nowhere: No such file or directory" in capsys.readouterr().err


def test_the_json_is_a_trace_document_with_flags(asked, program, capfdbinary):
    assert status("--format", "json", program) == 0
    printed = capfdbinary.readouterr().out
    assert from_json(printed, Trace) == figure_18_3()
    document = json.loads(printed)
    assert document["schema"] == "grader/trace/v1"
    assert isinstance(document["flags"], list)


def test_any_trace_survives_its_document():
    flag = Flag(kind="orphan", process="P.1", detail="why")
    printed = document(everything(), [flag])
    assert from_json(printed, Trace) == everything()
    assert json.loads(printed)["flags"] == [{"kind": "orphan", "process": "P.1", "detail": "why"}]


def test_the_text_shows_the_lanes(asked, program, capsys):
    assert status(program) == 0
    report = capsys.readouterr().out
    assert "Timeline" in report
    assert "└" in report


def test_virtual_time_is_a_run_that_goes_by_default(asked, program):
    options = ["--time", "ideal", "--seed", "7", "--fault", "fork:EAGAIN@P#1", "--stdio", "pipe"]
    assert status(*options, program, "--time", "x") == 0
    scenario, schedule = asked[0]
    assert schedule == "1:,ideal,pipe,seed=7,fork:EAGAIN@P#1"
    assert (scenario.time, scenario.seed, scenario.script) == ("ideal", 7, "program.py")
    assert scenario.command[2:] == ["--time", "x"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--seed", "0"], "--seed is for virtual time: add --time ideal"),
        (["--fault", "fork:EAGAIN@P#1"], "--fault is for virtual time: add --time ideal"),
        (["--time", "ideal", "--fault", "frk:EAGAIN@P#1"], "did you mean fork?"),
        (["--time", "ideal", "--engine", "sampled"], "virtual time needs the exact engine"),
    ],
)
def test_what_needs_virtual_time_says_so(asked, program, capsys, options, sentence):
    assert status(*options, program) == 2
    assert sentence in capsys.readouterr().err
    assert not asked


@pytest.mark.parametrize("engine", ["exact", "sampled"])
def test_a_real_program_is_run_and_shown(tmp_path, engine, capfd):
    if engine == "exact" and observe.probe().engine != "exact":
        pytest.skip("the exact engine does not work here")
    program = tmp_path / "program.py"
    program.write_text(
        "import os, sys, time\n"
        "if os.fork() == 0:\n"
        "    time.sleep(0.2)\n"
        "    print('child', sys.argv[1])\n"
        "    sys.exit(3)\n"
        "os.wait()\n"
    )
    assert status("--engine", engine, program, "--engine=nonsense") == 0
    report = capfd.readouterr().out
    assert "child --engine=nonsense" in report
    assert "P.1" in report
    assert ("P    wait4(any)" in report) == (engine == "exact")
