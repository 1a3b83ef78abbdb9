"""grader check: what is printed, and the exit status for every ending."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from grader import cli
from grader.assignments import recording
from grader.model import ExitStatus, GraderError, Process, Result, Schedules, Trace, from_json

CHECKS = '''\
def test_waits(trace):
    """The parent waits for its child."""
    assert trace.unreaped == [], "nobody waited"
'''


@pytest.fixture(autouse=True)
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an assignment; runs give a trace as the submission's text says."""
    folder = tmp_path / "demo"
    folder.mkdir()
    (folder / "assignment.toml").write_text(
        'schema = "grader/assignment/v1"\nid = "demo"\ntitle = "T"\nfile = "demo.py"\n'
    )
    (folder / "test_demo.py").write_text(CHECKS)
    monkeypatch.setattr(recording.Recorder, "traces", lambda _, submission: made_up(submission))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def made_up(submission):
    source = submission.source
    if "fails" in source:
        raise GraderError("the kernel said no")
    ok = ExitStatus(code=0)
    fate = "reaped" if "wait" in source else "unreaped"
    processes = [
        Process(id="P", pid=7, parent=None, fate="root", exit=ok),
        Process(id="P.1", pid=8, parent="P", fate=fate, exit=ok),
    ]
    trace = Trace(
        evidence="exact",
        engine="made up",
        scenario="terminal",
        command=["python", submission.name],
        ended="exit",
        exit=ok,
        seconds=0.1,
        processes=processes,
        doubts=["psutil disagrees"] if "doubt" in source else [],
    )
    if "racy" in source:
        schedules = Schedules(runs=12, exhaustive=True)
        other = msgspec.structs.replace(trace, schedule="1:ab-", time="adversarial")
        return {"terminal": recording.Recorded(traces=[other], schedules=schedules)}
    return {"terminal": recording.Recorded(traces=[trace])}


def grader(*arguments: str) -> int:
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments)
    return caught.value.code


@pytest.mark.parametrize(
    ("source", "status"),
    [("'wait'", 0), ("'no'", 1), ("'doubt'", 3), ("'fails'", 3), ("", 2), ("print 'x'", 2)],
)
def test_the_exit_status_says_how_it_ended(desk, source, status):
    (desk / "demo.py").write_text(source)
    assert grader("check", "demo.py", "-a", "./demo") == status


def test_json_is_one_result_document(desk, capsys):
    (desk / "demo.py").write_text("'no'")
    assert grader("check", "demo.py", "-a", "./demo", "--format", "json") == 1
    printed = capsys.readouterr()
    result = from_json(printed.out.encode(), Result)
    assert (result.submission, result.assignment, result.status) == ("demo.py", "demo", "fail")
    assert result.checks[0].message == "nobody waited"
    assert json.loads(printed.out)["schema"] == "grader/result/v1"
    assert printed.err == ""


def test_text_is_for_people(desk, capsys):
    (desk / "demo.py").write_text("'no'")
    grader("check", "demo.py", "-a", "./demo")
    printed = capsys.readouterr()
    assert "The parent waits for its child." in printed.out
    assert "nobody waited" in printed.out.lower()
    assert printed.err == ""


def test_a_failure_in_a_schedule_comes_with_the_line_that_replays_it(desk, capsys, monkeypatch):
    monkeypatch.setattr(recording.Recorder, "shortest", lambda _, submission, trace, fails: trace)
    (desk / "my demo.py").write_text("'no', 'racy'")
    assert grader("check", "my demo.py", "-a", "./demo") == 1
    printed = capsys.readouterr().out
    assert " grader replay 'my demo.py' --schedule 1:ab-\n" in printed
    assert "Ran 12 schedules: all that can make a difference." in printed


def test_a_scenario_with_arguments_is_named_in_that_line(desk, capsys, monkeypatch):
    monkeypatch.setattr(recording.Recorder, "shortest", lambda _, submission, trace, fails: trace)
    with (desk / "demo" / "assignment.toml").open("a") as file:
        file.write('[scenarios.terminal]\nargs = ["3"]\n')
    (desk / "demo.py").write_text("'no', 'racy'")
    assert grader("check", "demo.py", "-a", "./demo") == 1
    line = "grader replay demo.py --scenario ./demo/terminal --schedule 1:ab-\n"
    assert line in capsys.readouterr().out


def test_what_else_a_folder_has_is_named_in_that_line(desk, capsys, monkeypatch):
    monkeypatch.setattr(recording.Recorder, "shortest", lambda _, submission, trace, fails: trace)
    (desk / "ana").mkdir()
    (desk / "ana" / "demo.py").write_text("'no', 'racy'")
    (desk / "ana" / "my words.txt").write_text("")
    assert grader("check", "ana", "-a", "./demo") == 1
    line = "grader replay ana/demo.py --with 'ana/my words.txt' --schedule 1:ab-\n"
    assert line in capsys.readouterr().out


def test_a_pass_says_how_far_it_reaches(desk, capsys):
    (desk / "demo.py").write_text("'wait', 'racy'")
    assert grader("check", "demo.py", "-a", "./demo") == 0
    assert "(in all 12 schedules)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere.py"], "grader: no such file: nowhere.py"),
        (["empty"], "grader: can't tell from the name empty which assignment it is for."),
        (["empty", "-a", "./demo"], "grader: empty is an empty folder: it should contain demo.py"),
        (["empty.py", "-a", "./demo"], "grader: empty.py is empty"),
        (["empty.py", "-a", "demi"], "grader: no assignment 'demi'"),
        (["empty.py", "-a", "./broken"], "grader: broken/assignment.toml, line 1: colour: unknown"),
        (["empty.py", "--engine", "x"], "grader: invalid value for '--engine'"),
        (["py2.py", "-a", "./demo"], "grader: py2.py, line 2: this is Python 2 code"),
        (["error.py", "-a", "./demo"], "grader: error.py has a syntax error, so it can't run:\n"),
    ],
)
def test_what_bad_input_gets(desk, capsys, arguments, words):
    (desk / "empty").mkdir()
    (desk / "empty.py").touch()
    (desk / "py2.py").write_text("import os\nprint 'x'\n")
    (desk / "error.py").write_text("if x = 1: pass\n")
    (desk / "broken").mkdir()
    (desk / "broken" / "assignment.toml").write_text("colour = 1\n")
    assert grader("check", *arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(words)
    assert "Traceback" not in printed.err


@pytest.mark.parametrize("verb", ["check", "list"])
def test_help_imports_nothing_heavy(verb):
    """So that it answers within 0.2 s."""
    code = (
        "import sys\nfrom grader import cli\n"
        f"try: cli.main(['{verb}', '--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'pytest', 'rich', 'psutil', 'ctypes', 'grader.observe'} & {*sys.modules}\n"
        "assert not heavy, heavy\n"
    )
    root = Path(cli.__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert f"Usage: grader {verb}" in done.stdout


def test_list_names_the_assignments(capsys):
    assert grader("list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines] == [
        ["fig18_02", "fig18_02.py"],
        ["fig18_03", "fig18_03.py"],
        ["waitpid_order", "waitpid_order.py"],
    ]
