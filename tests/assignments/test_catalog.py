"""The assignment is found by its name, its folder, or what the student called the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.assignments import all_assignments, catalog, find, guess
from grader.model import UsageError


@pytest.fixture(autouse=True)
def bundled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three assignments in place of the bundled ones."""
    for name in ("fig18_02", "fig18_03", "waitpid_order"):
        folder = tmp_path / "bundled" / name
        folder.mkdir(parents=True)
        (folder / "assignment.toml").write_text(
            f'schema = "grader/assignment/v1"\nid = "{name}"\ntitle = "T"\nfile = "{name}.py"\n'
        )
    monkeypatch.setattr(catalog, "bundled_folder", lambda: tmp_path / "bundled")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "bundled"


def test_all_are_listed_by_name():
    assert [each.id for each in all_assignments()] == ["fig18_02", "fig18_03", "waitpid_order"]


def test_find_by_name_and_by_folder(bundled):
    assert find("fig18_03").folder == bundled / "fig18_03"
    assert find("bundled/fig18_03").id == "fig18_03"
    assert find("bundled/fig18_03/assignment.toml").id == "fig18_03"
    assert find(bundled / "fig18_02").id == "fig18_02"


def test_a_name_means_the_bundled_one_even_if_there_is_a_folder_so_called(tmp_path, bundled):
    (tmp_path / "fig18_03").mkdir()
    assert find("fig18_03").folder == bundled / "fig18_03"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("fig18_3", r"no assignment 'fig18_3' \(did you mean fig18_03\?\); known ones: fig18_02, "),
        ("chess", r"no assignment 'chess'; known ones: fig18_02, fig18_03, waitpid_order\."),
        ("./nowhere", r"no such folder: \./nowhere"),
        ("bundled/", r"bundled is not an assignment: it has no assignment\.toml"),
    ],
)
def test_an_unknown_assignment(name, words):
    with pytest.raises(UsageError, match=words):
        find(name)


@pytest.mark.parametrize(
    "name",
    [
        "fig18_03.py",
        "smith_fig18_03.py",
        "fig18_03-2.py",
        "Fig18_03 (1).py",
        "FIG18_03.PY",
        "fig18-03.py",
        "12345_smith.fig18_03.final.py",
    ],
)
def test_guess_by_what_students_call_their_files(name):
    assert guess(Path(name)).id == "fig18_03"


def test_guess_by_what_a_folder_contains(tmp_path):
    folder = tmp_path / "smith"
    folder.mkdir()
    (folder / "fig18_02.py").touch()
    assert guess(folder).id == "fig18_02"
    (folder / "fig18_03.py").touch()
    with pytest.raises(UsageError, match=r"holds fig18_02\.py, fig18_03\.py: say which"):
        guess(folder)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("fig1803.py", r"can't tell .* Did you mean -a fig18_03\?"),
        ("fig18_031.py", r"can't tell .* Did you mean -a fig18_03\?"),
        ("homework.py", r"can't tell .* Give -a with one of: fig18_02, fig18_03, waitpid_order\."),
        ("fig18_02_fig18_03.py", r"fits several assignments: give -a fig18_02 or -a fig18_03"),
    ],
)
def test_a_name_that_does_not_say(name, words):
    with pytest.raises(UsageError, match=words):
        guess(Path(name))
