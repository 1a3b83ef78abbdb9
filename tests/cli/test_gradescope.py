"""grader gradescope: a container of Gradescope's, made in a temporary folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grader import cli
from grader.assignments import recording
from grader.assignments.recording import Recorded
from grader.model import GraderError
from tests.report.stories import one_wait_only
from tests.report.telling import figure_18_3

CHECKS = '''\
import pytest

@pytest.mark.points(4)
def test_waits(trace):
    """The parent waits for its children."""
    assert trace.unreaped == []

@pytest.mark.visibility("hidden")
def test_secret(trace):
    """A secret."""
'''


@pytest.fixture
def container(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "asg"
    folder.mkdir()
    (folder / "assignment.toml").write_text(
        'schema = "grader/assignment/v1"\nid = "demo"\ntitle = "T"\nfile = "demo.py"\n'
        "[scenarios.terminal]\n[late]\npoints = 1\n"
    )
    (folder / "test_demo.py").write_text(CHECKS)
    (tmp_path / "autograder" / "submission").mkdir(parents=True)
    monkeypatch.setattr(recording.Recorder, "traces", lambda _, submission: made_up(submission))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "autograder"


def made_up(submission):
    if "fails" in submission.source:
        raise GraderError("the kernel said no")
    return {
        "terminal": Recorded(
            traces=[figure_18_3() if "right" in submission.source else one_wait_only()]
        )
    }


def grade(container: Path, source: str | None, created: str | None = None) -> int:
    if source is not None:
        (container / "submission" / "demo.py").write_text(source)
    if created is not None:
        metadata = {
            "created_at": created,
            "assignment": {"due_date": "2026-03-01T23:00:00.000000-08:00", "late_due_date": None},
        }
        (container / "submission_metadata.json").write_text(json.dumps(metadata))
    with pytest.raises(SystemExit) as end:
        cli.main(["gradescope", "-a", "asg", "--autograder", str(container)])
    return int(end.value.code or 0)


def results(container: Path) -> dict:
    return json.loads((container / "results" / "results.json").read_bytes())


def test_a_submission_gets_its_score_and_each_check(container):
    assert grade(container, "wrong = 1") == 0
    found = results(container)
    assert found["score"] == 1
    assert [(test["score"], test["visibility"]) for test in found["tests"]] == [
        (0, "visible"),
        (1, "hidden"),
    ]


def test_late_is_what_gradescope_says_it_is(container):
    assert grade(container, "right = 1", "2026-03-01T22:59:00.000000-08:00") == 0
    assert results(container)["score"] == 5
    assert grade(container, None, "2026-03-02T23:30:00.000000-08:00") == 0
    assert results(container)["score"] == 3, "two days have begun"
    assert "points are taken off" in json.dumps(results(container))


@pytest.mark.parametrize(
    ("source", "words"),
    [(None, "empty folder"), ("", "demo.py is empty"), ("print 'x'\n", "this is Python 2")],
)
def test_what_can_not_be_run_is_told_to_the_student(container, source, words):
    """There is no way to say it without a score."""
    assert grade(container, source) == 0
    found = results(container)
    assert found["score"] == 0
    assert words in found["output"]


def test_a_failure_of_grader_is_no_zero(container, capsys):
    """Gradescope calls a run without results.json failed, and gives no score."""
    assert grade(container, "right = 1") == 0
    assert grade(container, "fails = 1") == 3
    assert not (container / "results" / "results.json").exists(), "nor that of the run before"
    assert "the kernel said no" in capsys.readouterr().out


@pytest.mark.parametrize("metadata", ["", "[]", '{"created_at": 7, "assignment": 3}', "\0"])
def test_metadata_that_is_odd_does_no_harm(container, metadata):
    (container / "submission_metadata.json").write_text(metadata)
    assert grade(container, "right = 1") == 0
    assert results(container)["score"] == 5


def test_elsewhere_it_says_where_it_looked(container, capsys):
    with pytest.raises(SystemExit) as end:
        cli.main(["gradescope", "-a", "asg", "--autograder", "nowhere"])
    assert end.value.code == 2
    assert "nowhere/submission" in capsys.readouterr().err
