"""grader check --format and --save: one run gives what people read and what services read."""

from __future__ import annotations

import base64
import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from grader import cli
from grader.assignments import recording
from grader.assignments.recording import Recorded
from grader.report.exports import names
from tests.report.exports.test_autograders import RUNNER
from tests.report.exports.test_github import Runner
from tests.report.telling import Telling, figure_18_3

CHECKS = '''\
import pytest
from grader import CheckFailed

@pytest.mark.points(2)
def test_waits(trace):
    """The parent waits for its children."""
    for process in trace.unreaped:
        raise CheckFailed(trace.text(), process=process.id)

@pytest.mark.visibility("hidden")
def test_sekrit(trace):
    """SEKRIT words."""
    assert trace.unreaped == [], "SEKRIT message"
'''
FORGED = "::error file=x::forged\n##[error]forged\n::stop-commands::t\n"


@pytest.fixture(autouse=True)
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "demo"
    folder.mkdir()
    (folder / "assignment.toml").write_text(
        'schema = "grader/assignment/v1"\nid = "demo"\ntitle = "T"\nfile = "demo.py"\n'
        "[scenarios.terminal]\n"
    )
    (folder / "test_demo.py").write_text(CHECKS)
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "demo.py").write_text("import os\n\nos.fork()\n")
    monkeypatch.setattr(recording.Recorder, "traces", lambda _, submission: made_up(submission))
    monkeypatch.chdir(tmp_path)
    for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT", "GITHUB_WORKSPACE", "CI_PROJECT_DIR"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def made_up(submission):
    if "right" in submission.source:
        return {"terminal": Recorded(traces=[figure_18_3()])}
    run = Telling("python3", "demo.py")
    run.fork()
    run.write("P", FORGED)
    run.exit("P")
    return {"terminal": Recorded(traces=[run.trace(scenario="terminal")])}


@pytest.fixture
def check(capfd):
    def run(*arguments: str, file: str = "src/demo.py") -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as end:
            cli.main(["check", file, "-a", "demo", *arguments])
        out, err = capfd.readouterr()
        return int(end.value.code or 0), out, err

    return run


def test_every_format_can_be_printed_and_saved(check, monkeypatch):
    for name, value in RUNNER.items():
        monkeypatch.setenv(name, value)
    known = names(one=True)
    assert {"github", "junit", "gradescope", "classroom50", "prairielearn", "autolab"} < {*known}
    saves = [f"--save={name}=out/{name}" for name in known]
    status, out, _ = check(*saves)
    assert status == 1
    assert "FAIL" in out
    for name in known:
        saved = Path("out", name).read_bytes()
        assert saved
        assert (b"SEKRIT" in saved) == (name == "gradescope"), "it hides them from students itself"
    assert check("--format", "markdown")[1] == Path("out/markdown").read_text()
    assert check("--format", "chrome")[1] == Path("out/perfetto").read_text()


def test_on_github_people_read_the_report_and_the_runner_its_commands(check, monkeypatch, desk):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    monkeypatch.setenv("GITHUB_OUTPUT", "output")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(desk))
    Path("summary.md").write_text("before\n")
    status, out, _ = check("--format", "github")
    assert status == 1
    assert "FAIL  0 of 3 points" in out
    commands = Runner(out).found
    assert [command.name for command in commands] == ["error", "error", "notice"]
    assert commands[0].properties["file"] == "src/demo.py"
    assert commands[0].properties["line"] == "3"
    assert "forged" in commands[0].data
    assert commands[-1].data == "0 of 3 points"
    summary = Path("summary.md").read_text()
    assert summary.startswith("before\n## T")
    (line,) = Path("output").read_text().splitlines()
    report = json.loads(base64.b64decode(line.removeprefix("result=")))
    assert [test["score"] for test in report["tests"]] == [0, 0]
    for text in (out, summary, json.dumps(report)):
        assert "SEKRIT" not in text
        assert "sekrit" not in text


def test_a_right_one_passes_there(check, desk):
    Path("src/demo.py").write_text("right = 1\n")
    status, out, _ = check("--format", "github")
    assert status == 0
    assert [command.name for command in Runner(out).found] == ["notice"]


@pytest.mark.parametrize(
    ("source", "line", "words"),
    [
        ("import os\nprint 'x'\n", "2", "this is Python 2"),
        ("import os\n\nos.fork(\n", "3", "never closed"),
        ("", "1", "is empty"),
        (None, "1", "no such file"),
    ],
)
def test_what_can_not_be_run_is_said_in_these_formats_too(check, source, line, words):
    path = Path("src/demo.py")
    path.unlink()
    if source is not None:
        path.write_text(source)
    status, out, err = check("--format", "github", "--save", "junit=j.xml", "--save", "csv=t.csv")
    assert status == 2
    (command,) = Runner(out).found
    assert command.name == "error"
    assert command.properties["file"] == "src/demo.py"
    assert command.properties["line"] == line
    assert words in command.data.casefold() or words in command.data
    (case,) = ElementTree.parse("j.xml").getroot().iter("testcase")
    assert words in case.find("error").get("message")
    assert "unusable" in Path("t.csv").read_text()
    assert words in err
    assert words in check("--format", "markdown")[1]
    assert json.loads(check("--format", "prairielearn")[1])["gradable"] is False
    assert check("--format", "json")[:2] == (2, "")


def test_a_student_s_view_where_asked_for(check):
    for format_ in ("text", "json"):
        assert "SEKRIT" in check("--format", format_)[1]
        assert "SEKRIT" not in check("--format", format_, "--student")[1]
    assert "1 check that is not shown" in check("--student")[1]
    assert "SEKRIT" in check("--format", "markdown", "--all-checks")[1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--format", "canvas"], "no format 'canvas' here"),
        (["--format", "githb"], "did you mean github?"),
        (["--save", "junit"], "expected FORMAT=FILE"),
        (["--save", "junit="], "expected FORMAT=FILE"),
        (["--save", "junot=x"], "did you mean junit?"),
        (["--save", "junit=demo"], "can't be written"),
        (["--format", "classroom50"], "CLASSROOM"),
    ],
)
def test_what_can_not_be_is_told(check, arguments, words):
    status, _, err = check(*arguments)
    assert status == 2
    assert words in err
    assert "Traceback" not in err
