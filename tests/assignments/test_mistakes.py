"""Known mistakes say what they are and which checks they fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.assignments import load, load_mistakes
from grader.model import UsageError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "assignment.toml").write_text(
        'schema = "grader/assignment/v1"\nid = "demo"\ntitle = "T"\nfile = "demo.py"\n'
    )
    (tmp_path / "test_demo.py").write_text(
        "def test_first(trace): ...\ndef test_second(trace): ...\n"
    )
    (tmp_path / "mistakes").mkdir()
    return tmp_path


def write(folder: Path, text: str) -> None:
    (folder / "mistakes" / "no_wait.py").write_text(text)


def test_the_heading_is_read(folder):
    write(
        folder,
        "# mistake: The parent does not wait,\n# and so the child is left a zombie.\n"
        "# fails: first, second\n\nimport os\n# fails: nothing\n",
    )
    [mistake] = load_mistakes(load(folder))
    assert mistake.sentence == "The parent does not wait, and so the child is left a zombie."
    assert mistake.fails == ["first", "second"]
    assert mistake.path.name == "no_wait.py"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("# fails: first\nimport os\n", r"no_wait\.py: its first lines must be '# mistake:"),
        ("# mistake: none\nimport os\n", r"no_wait\.py: its first lines must be '# mistake:"),
        ("import os\n# mistake: x\n# fails: first\n", "its first lines must be"),
        ("# mistake: x\n# fails: frist\n", r"no check 'frist' \(did you mean first\?\)"),
    ],
)
def test_a_heading_that_does_not_say(folder, text, words):
    write(folder, text)
    with pytest.raises(UsageError, match=words):
        load_mistakes(load(folder))


def test_the_bundled_mistakes_name_checks_that_exist():
    from grader.assignments import all_assignments

    for assignment in all_assignments():
        assert load_mistakes(assignment)
