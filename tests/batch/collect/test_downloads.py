"""How systems name what they let an instructor download."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.batch.collect.gradescope import METADATA, read_metadata
from grader.batch.collect.members import Refused
from tests.sizes import LARGER

from ..classes import FILE
from .collecting import collected, entry, rows


def test_canvas(tmp_path: Path) -> None:
    found = collected(
        tmp_path,
        "doeana_101_9001_fig18_03.py",
        "leebob_LATE_102_9002_fig18_03-2.py",
        "anon_Xy7z_9003_fig18_03.py",
        "LATE_anon_Q1_9004_fig18_03.py",
        "o_neil_103_9005_my_2_3_work.py",
        "müllerzoë_104_9006_fig18_03.zip",
        "kimjo_105_text.html",
        "raysam_106_link.html",
        "twoed_107_9007_a.py",
        "twoed_107_9008_b.py",
        "grades.csv",
    )
    assert found.batch.layout == "a Canvas download"
    assert rows(found) == {
        "doeana_101": (FILE, None),
        "leebob_102": (FILE, None),
        "anon_Xy7z": (FILE, None),
        "anon_Q1": (FILE, None),
        "o_neil_103": ("my_2_3_work.py", None),
        "mullerzoe_104": (FILE, None),
        "kimjo_105": ("", "a text was entered, and no file handed in"),
        "raysam_106": ("", "a link was entered, and no file handed in"),
        "twoed_107": ("", "none of its Python files is called fig18_03.py: a.py, b.py"),
    }
    late = entry(found, "leebob_102")
    assert (late.student.id, late.attempt, late.notes) == ("102", 3, ["late, says Canvas"])
    assert entry(found, "mullerzoe_104").name == "müllerzoë_104_9006_fig18_03.zip/fig18_03.py"
    assert [u.name for u in found.batch.unplaced] == ["grades.csv"]


def test_moodle_with_folders(tmp_path: Path) -> None:
    found = collected(
        tmp_path,
        "CS1-Fig 18.3-77/Ana Doe_4401_assignsubmission_file/fig18_03.py",
        "CS1-Fig 18.3-77/Ana Doe_4401_assignsubmission_onlinetext/onlinetext.html",
        "CS1-Fig 18.3-77/Bob Lee_4402_assignsubmission_file_/homework/fig18_03.py",
        "CS1-Fig 18.3-77/Zed_4403_assignsubmission_onlinetext/onlinetext.html",
        "CS1-Fig 18.3-77/Participant_4404_assignsubmission_file/",
        "CS1-Fig 18.3-77/Default group_assignsubmission_file/fig18_03.py",
        "CS1-Fig 18.3-77/notes.txt",
    )
    assert found.batch.layout == "a Moodle download"
    assert rows(found) == {
        "Ana_Doe_4401": (FILE, None),
        "Bob_Lee_4402": (FILE, None),
        "Zed_4403": ("", "text was entered online, and no file handed in"),
        "Participant_4404": ("", "nothing is in it"),
        "Default_group": (FILE, None),
    }
    assert entry(found, "Ana_Doe_4401").student.id == "4401"
    assert [u.name for u in found.batch.unplaced] == ["CS1-Fig 18.3-77/notes.txt"]


def test_moodle_without_folders(tmp_path: Path) -> None:
    found = collected(
        tmp_path,
        "Ana Doe_4401_assignsubmission_file_fig18_03.py",
        "Bob Lee_4402_assignsubmission_file_a_b.py",
    )
    assert rows(found) == {"Ana_Doe_4401": (FILE, None), "Bob_Lee_4402": ("a_b.py", None)}


METADATA_TEXT = """\
---
submission_7:
  :submitters:
  - :name: Ana "A" Doe
    :sid: '0012'
    :email: ana@example.edu
  - :name: "Zo\\u00EB"
    :sid:
    :email: zoe@example.edu
  :created_at: &1 2026-11-05 23:10:05.123456789 -08:00
  :score: 0.0
  :status: processed
  :results: !ruby/hash:ActiveSupport::HashWithIndifferentAccess
    tests:
    - {name: "x", score: 1.0}
  :history:
  - :id: 6
    :created_at: *1
submission_8:
  :submitters:
  - :name: Bob
    :sid: '13'
    :email: bob@example.edu
  :created_at: !ruby/object:ActiveSupport::TimeWithZone
    utc: 2026-11-06 01:02:03.000000000 Z
    zone: !ruby/object:ActiveSupport::TimeZone
      name: UTC
    time: 2026-11-06 02:02:03.000000000 Z
"""


def test_gradescope(tmp_path: Path) -> None:
    export = tmp_path / "in" / "assignment_5_export"
    export.mkdir(parents=True)
    (export / METADATA).write_text(METADATA_TEXT)
    found = collected(
        tmp_path,
        "assignment_5_export/submission_7/fig18_03.py",
        "assignment_5_export/submission_9/fig18_03.py",
        "__MACOSX/._x",
    )
    assert found.batch.layout == "a Gradescope export"
    told = f"{METADATA} names it, and its folder is not there"
    assert rows(found) == {
        "submission_7": (FILE, None),
        "submission_7-Zoe": (FILE, None),
        "submission_8": ("", told),
        "submission_9": (FILE, None),
    }
    first, second = entry(found, "submission_7"), entry(found, "submission_7-Zoe")
    assert (first.student.id, first.student.name) == ("0012", 'Ana "A" Doe')
    assert second.student.email == "zoe@example.edu"
    assert second.notes == ['handed in together with Ana "A" Doe']
    assert datetime.fromisoformat(first.submitted or "") == datetime(
        2026, 11, 6, 7, 10, 5, tzinfo=UTC
    )
    assert entry(found, "submission_8").submitted == "2026-11-06T01:02:03+00:00"


TEXT = st.text(max_size=20)
SUBMISSIONS = st.dictionaries(
    st.from_regex(r"submission_[0-9]{1,3}", fullmatch=True),
    st.lists(st.fixed_dictionaries({":name": TEXT, ":email": TEXT}), min_size=1, max_size=3),
    max_size=3,
)
FLAT = TEXT | st.integers() | st.none()
INNER = FLAT | st.lists(FLAT, max_size=3) | st.dictionaries(TEXT, FLAT, max_size=3)
NESTED = INNER | st.lists(INNER, max_size=3) | st.dictionaries(TEXT, INNER, max_size=3)


@settings(max_examples=LARGER * 50 or 50)
@given(SUBMISSIONS, NESTED, st.booleans())
def test_who_handed_in_is_found_among_anything_else(
    submissions: dict[str, list[dict[str, str]]], other: object, before: bool
) -> None:
    documents = {}
    for name, people in submissions.items():
        parts = [(":results", other), (":submitters", people)]
        documents[name] = dict(parts if before else reversed(parts))
    read = read_metadata(yaml.safe_dump(documents, allow_unicode=False).encode())
    assert {name: each.submitters for name, each in read.items()} == {
        name: [{k.removeprefix(":"): v for k, v in who.items()} for who in people]
        for name, people in submissions.items()
    }


@settings(max_examples=LARGER * 50 or 50)
@given(st.binary(max_size=80) | st.text("a:-[]{}&*!|> \n'", max_size=40).map(str.encode))
def test_any_file_is_metadata_or_refused(data: bytes) -> None:
    try:
        read = read_metadata(data)
    except Refused:
        return
    assert isinstance(read, dict)


def test_clones_of_github_classroom(tmp_path: Path) -> None:
    found = collected(
        tmp_path,
        "fig18-03-octo-cat/.git/HEAD",
        "fig18-03-octo-cat/fig18_03.py",
        "fig18-03-octo-dog/.git/HEAD",
        "fig18-03-octo-dog/README.md",
        "fig18-03-hubot/.git/HEAD",
        "fig18-03-hubot/src/fig18_03.py",
        "fig18-03-hubot/README.md",
        "roster.csv",
    )
    assert found.batch.layout == "clones of GitHub Classroom repositories"
    words = "there is no fig18_03.py and no other Python file, but README.md"
    assert rows(found) == {
        "octo-cat": (FILE, None),
        "octo-dog": ("", words),
        "hubot": ("src/fig18_03.py", None),
    }
    assert entry(found, "hubot").folder
    assert entry(found, "octo-cat").student.login == "octo-cat"
    assert [u.name for u in found.batch.unplaced] == ["roster.csv"]


@pytest.mark.parametrize(
    ("own", "names"),
    [
        ("lab-7-submissions", ["lab-7-ana"]),
        ("clones", ["lab-7-ana", "lab-7-bob"]),
        ("clones", ["fig18-03-ana", "fig18-03-anb"]),
    ],
)
def test_what_comes_before_the_login_is_found(own: str, names: list[str], tmp_path: Path) -> None:
    places = [f"{name}/{file}" for name in names for file in (".git/HEAD", FILE)]
    assert "ana" in rows(collected(tmp_path, *places, own=own))
