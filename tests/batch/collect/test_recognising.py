"""How systems name what they let an instructor download, and what people make of it."""

from __future__ import annotations

import os
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.assignments import find
from grader.batch.collect import Collected, collect
from grader.batch.collect.choosing import choose
from grader.batch.collect.gradescope import METADATA, read_metadata
from grader.batch.collect.members import Refused
from grader.model import Batch, Entry, UsageError, from_json, to_json
from tests.sizes import LARGER

from ..classes import FILE, zipped

FIG = find("fig18_03")


def _collect(folder: Path, *places: str, own: str = "in") -> Collected:
    """What is made of a folder with these files; ``/`` at the end is an empty folder."""
    for place in places:
        path = folder / own / place
        (path if place.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
        if not place.endswith("/"):
            data = f"print({place!r})".encode()
            path.write_bytes(zipped({FILE: data}) if place.endswith(".zip") else data)
    return collect(folder / own, FIG, folder / "unpacked")


def _rows(found: Collected) -> dict[str, tuple[str, str | None]]:
    return {e.id: (e.file, e.problem) for e in found.batch.entries}


def _entry(found: Collected, id_: str) -> Entry:
    return next(entry for entry in found.batch.entries if entry.id == id_)


def test_canvas(tmp_path: Path) -> None:
    found = _collect(
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
    assert _rows(found) == {
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
    late = _entry(found, "leebob_102")
    assert (late.student.id, late.attempt, late.notes) == ("102", 3, ["late, says Canvas"])
    assert _entry(found, "mullerzoe_104").name == "müllerzoë_104_9006_fig18_03.zip/fig18_03.py"
    assert [u.name for u in found.batch.unplaced] == ["grades.csv"]


def test_moodle_with_folders(tmp_path: Path) -> None:
    found = _collect(
        tmp_path,
        "CS1-Fig 18.3-77/Ana Doe_4401_assignsubmission_file/fig18_03.py",
        "CS1-Fig 18.3-77/Ana Doe_4401_assignsubmission_onlinetext/onlinetext.html",
        "CS1-Fig 18.3-77/Bob Lee_4402_assignsubmission_file_/work/fig18_03.py",
        "CS1-Fig 18.3-77/Zed_4403_assignsubmission_onlinetext/onlinetext.html",
        "CS1-Fig 18.3-77/Participant_4404_assignsubmission_file/",
        "CS1-Fig 18.3-77/Default group_assignsubmission_file/fig18_03.py",
        "CS1-Fig 18.3-77/notes.txt",
    )
    assert found.batch.layout == "a Moodle download"
    assert _rows(found) == {
        "Ana_Doe_4401": (FILE, None),
        "Bob_Lee_4402": (FILE, None),
        "Zed_4403": ("", "text was entered online, and no file handed in"),
        "Participant_4404": ("", "nothing is in it"),
        "Default_group": (FILE, None),
    }
    assert _entry(found, "Ana_Doe_4401").student.id == "4401"
    assert [u.name for u in found.batch.unplaced] == ["CS1-Fig 18.3-77/notes.txt"]


def test_moodle_without_folders(tmp_path: Path) -> None:
    found = _collect(
        tmp_path,
        "Ana Doe_4401_assignsubmission_file_fig18_03.py",
        "Bob Lee_4402_assignsubmission_file_a_b.py",
    )
    assert _rows(found) == {"Ana_Doe_4401": (FILE, None), "Bob_Lee_4402": ("a_b.py", None)}


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
    found = _collect(
        tmp_path,
        "assignment_5_export/submission_7/fig18_03.py",
        "assignment_5_export/submission_9/fig18_03.py",
        "__MACOSX/._x",
    )
    assert found.batch.layout == "a Gradescope export"
    told = f"{METADATA} names it, and its folder is not there"
    assert _rows(found) == {
        "submission_7": (FILE, None),
        "submission_7-Zoe": (FILE, None),
        "submission_8": ("", told),
        "submission_9": (FILE, None),
    }
    first, second = _entry(found, "submission_7"), _entry(found, "submission_7-Zoe")
    assert (first.student.id, first.student.name) == ("0012", 'Ana "A" Doe')
    assert second.student.email == "zoe@example.edu"
    assert second.notes == ['handed in together with Ana "A" Doe']
    assert datetime.fromisoformat(first.submitted or "") == datetime(
        2026, 11, 6, 7, 10, 5, tzinfo=UTC
    )
    assert _entry(found, "submission_8").submitted == "2026-11-06T01:02:03+00:00"


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
    found = _collect(
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
    assert _rows(found) == {
        "octo-cat": (FILE, None),
        "octo-dog": ("", words),
        "hubot": ("src/fig18_03.py", None),
    }
    assert _entry(found, "hubot").folder
    assert _entry(found, "octo-cat").student.login == "octo-cat"
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
    assert "ana" in _rows(_collect(tmp_path, *places, own=own))


def test_a_file_a_student(tmp_path: Path) -> None:
    found = _collect(
        tmp_path,
        "ana.py",
        "ana (1).py",
        "bob_fig18_03.py",
        "fig18_03-carol.PY",
        "dan.zip",
        "eve.docx",
        "fay.rar",
        "fig18_03.py",
        "student-1.py",
        "student-2.py",
        "README.md",
        "list.csv",
        "dee.py.txt",
    )
    assert found.batch.layout == "a file a student"
    rows = _rows(found)
    assert [id_ for id_, (_, problem) in rows.items() if problem] == ["eve", "fay"]
    assert {*rows} == {"ana", "bob", "carol", "dan", "dee", "eve", "fay", "student-1", "student-2"}
    assert _entry(found, "ana").name == "ana (1).py"
    assert {u.name for u in found.batch.unplaced} == {"fig18_03.py", "README.md", "list.csv"}


def test_a_folder_a_student_and_files_among_them(tmp_path: Path) -> None:
    found = _collect(
        tmp_path, "hw/ana/fig18_03.py", "hw/bob/", "hw/carol.py", "hw/dan/d.zip", "hw/.cache/x"
    )
    assert found.batch.layout == "a folder or a file a student"
    assert _rows(found) == {
        "ana": (FILE, None),
        "bob": ("", "nothing is in it"),
        "carol": (FILE, None),
        "dan": (FILE, None),
    }
    assert [u.name for u in found.batch.unplaced] == ["hw/.cache"]


def test_one_submission(tmp_path: Path) -> None:
    found = _collect(tmp_path, FILE, "more.py/x", "notes.txt", own="ana")
    assert (found.batch.layout, _rows(found)) == ("one submission", {"ana": (FILE, None)})
    (entry,) = found.batch.entries
    assert (entry.folder, {*found.files["ana"]}) == (True, {FILE, "more.py/x", "notes.txt"})


def test_a_class_in_the_only_archive_of_a_folder(tmp_path: Path) -> None:
    tree = {f"{name}/{FILE}": b"1" for name in ("ana", "bob")}
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "download.zip").write_bytes(zipped(tree))
    found = _collect(tmp_path)
    assert found.batch.layout == "a folder a student, in an archive"
    assert [entry.name for entry in found.batch.entries] == [
        "download.zip/ana/fig18_03.py",
        "download.zip/bob/fig18_03.py",
    ]


def test_the_only_archive_of_a_folder_may_be_a_students(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    tree = {f"src/{FILE}": b"1", "tests/test_it.py": b"2"}
    (tmp_path / "in" / "ana.zip").write_bytes(zipped(tree))
    found = _collect(tmp_path)
    assert _rows(found) == {"ana": (f"src/{FILE}", None)}


def test_links_and_what_is_no_file_are_refused(tmp_path: Path) -> None:
    for name in ("ana", "bob", "carol", "dan"):
        (tmp_path / "in" / name).mkdir(parents=True)
        (tmp_path / "in" / name / FILE).write_bytes(b"1")
    (tmp_path / "in" / "ana" / "link").symlink_to("/etc")
    os.mkfifo(tmp_path / "in" / "bob" / "fifo")
    shutil.rmtree(tmp_path / "in" / "carol")
    (tmp_path / "in" / "carol").symlink_to("dan")
    (tmp_path / "in" / "eve.py").symlink_to("dan/fig18_03.py")
    assert _rows(_collect(tmp_path)) == {
        "ana": ("", "link: it is a link"),
        "bob": ("", "fifo: it is no regular file"),
        "carol": ("", "carol: it is a link"),
        "dan": (FILE, None),
        "eve": ("", "fig18_03.py: it is a link"),
    }


@pytest.mark.skipif(sys.platform == "darwin", reason="its file systems allow no such names")
def test_names_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    names = [b"\xff\x1b[2J", b"\xfe\n"]
    for name in names:
        (tmp_path / "in" / os.fsdecode(name + b".py")).write_bytes(name)
    found = _collect(tmp_path)
    assert {found.files[e.id][e.file].read_bytes() for e in found.batch.entries} == {*names}
    from_json(to_json(found.batch), Batch)


@pytest.mark.skipif(sys.platform == "darwin", reason="its file systems allow no such names")
def test_files_that_differ_only_in_case_are_refused_in_archives_only(tmp_path: Path) -> None:
    found = _collect(tmp_path, "ana/fig18_03.py", "ana/readme", "ana/README", "bob/fig18_03.py")
    assert _entry(found, "ana").problem is None
    assert len(found.files["ana"]) == 3


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"", "is empty"), (b"\0", "binary"), (b"\xff\xfei\0", "UTF-16"), (b"#" * 200_001, "200,000")],
)
def test_a_program_that_is_no_text_is_a_problem(data: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "ana.py").write_bytes(data)
    (entry,) = _collect(tmp_path).batch.entries
    assert words in (entry.problem or "")


@pytest.mark.parametrize(
    ("places", "chosen", "noted"),
    [
        (["fig18_03.py"], 0, False),
        (["a.py", "fig18_03.py"], 1, False),
        (["fig18_03.py", "old/fig18_03.py"], 0, True),
        (["fig18_03-1.py"], 0, False),
        (["fig18_03.py", "fig18_03-1.py", "fig18_03-2.py"], 2, True),
        (["fig18_03-9.py", "fig18_03-10.py"], 1, True),
        (["fig18_03-2.py", "fig18_03-01234567-89ab-cdef-0123-456789abcdef.py"], 1, True),
        (["fig18_03 (1).py", "fig18_03.py"], 0, True),
        (["FIG18_03.PY", "other.py"], 0, True),
        (["src/main.py", "notes.txt"], 0, True),
        (["fig18_03.py.txt"], 0, True),
        (["fig18_03_final.py"], 0, True),
    ],
)
def test_which_file_is_run(places: list[str], chosen: int, noted: bool) -> None:
    place, notes = choose(places, FILE)
    assert (place, bool(notes)) == (places[chosen], noted)


@pytest.mark.parametrize(
    ("places", "words"),
    [
        (["a.py", "b.py"], "none of its Python files is called fig18_03.py: a.py, b.py"),
        (["x/fig18_03.py", "y/fig18_03.py"], "more than once"),
        (["report.pdf"], "no other Python file, but report.pdf"),
        (["work.7z"], "make it a zip"),
    ],
)
def test_where_nothing_can_be_chosen_it_is_said_why(places: list[str], words: str) -> None:
    with pytest.raises(Refused, match=words):
        choose(places, FILE)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: None, "no such file or folder"),
        (lambda path: path.mkdir(), "it is empty"),
        (lambda path: path.write_bytes(b"print()"), "neither a folder nor a zip or tar archive"),
        (lambda path: path.write_bytes(zipped({})), "it is empty"),
        (lambda path: path.write_bytes(b"PK\3\4 broken"), "broken archive"),
        (lambda path: (path.mkdir(), (path / "x.csv").touch()), "which contains: x.csv"),
    ],
)
def test_what_is_no_class_is_a_usage_error(make: object, words: str, tmp_path: Path) -> None:
    make(tmp_path / "in")  # type: ignore[operator]
    with pytest.raises(UsageError, match=words):
        collect(tmp_path / "in", FIG, tmp_path / "unpacked")
