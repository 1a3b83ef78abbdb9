"""A check says who may see it."""

from __future__ import annotations

import pytest

from grader.assignments import judge, load, open_submission
from grader.assignments.recording import Recorded
from grader.model import UsageError
from tests.report.telling import figure_18_3

CHECK = '''\
import pytest

@pytest.mark.visibility({})
def test_hidden_one(trace):
    """It is well."""

def test_shown_one(trace):
    """So is this."""
'''


@pytest.fixture
def judged(tmp_path):
    def judge_with(marker: str):
        folder = tmp_path / "demo"
        folder.mkdir()
        (folder / "assignment.toml").write_text(
            'schema = "grader/assignment/v1"\nid = "demo"\ntitle = "T"\nfile = "demo.py"\n'
            "[scenarios.terminal]\n"
        )
        (folder / "test_demo.py").write_text(CHECK.format(marker))
        (tmp_path / "demo.py").write_text("import os\n")
        submission = open_submission(tmp_path / "demo.py", load(folder))
        return judge(submission, {"terminal": Recorded(traces=[figure_18_3()])})

    return judge_with


@pytest.mark.parametrize("word", ["hidden", "after-due-date", "visible"])
def test_it_is_in_the_result(judged, word):
    result = judged(repr(word))
    assert [check.visibility for check in result.checks] == [word, "visible"]
    assert result.score == result.max_score == 2, "it counts like any other"


@pytest.mark.parametrize(
    ("marker", "words"),
    [
        ("'hiden'", "did you mean hidden?"),
        ("'after_due_date'", "did you mean after-due-date?"),
        ("", "visibility('hidden')"),
        ("'hidden', 'visible'", "visibility('hidden')"),
        ("True", "visibility('hidden')"),
        ("who='hidden'", "visibility('hidden')"),
    ],
)
def test_what_it_can_not_be_is_told_to_the_author(judged, marker, words):
    with pytest.raises(UsageError) as error:
        judged(marker)
    assert "test_demo.py: the check hidden_one" in str(error.value)
    assert words in str(error.value)
