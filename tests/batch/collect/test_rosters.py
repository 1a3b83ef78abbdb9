"""Rosters as systems export them, and as spreadsheets save them."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.assignments import find
from grader.batch.collect import collect
from grader.batch.collect.roster import read_roster
from grader.model import Student, UsageError
from tests.sizes import LARGER

FIG = find("fig18_03")

CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Fig. 18.3 (4711),Final Score
,,,,,Manual Posting,
    Points Possible,,,,,20,(read only)
"Doe, Ana",101,s7,adoe,Monday,,
"Müller, Zoë",102,s8,zmuller,Monday,,
"Student, Test",199,,4d3b0d,Monday,,
"""
SPLIT_CANVAS = """\
LastName,FirstName,ID,SIS Login ID,Section
    Points Possible,,,,
Doe,Ana,101,adoe,Monday
"""
MOODLE = """\
Identifier,"Full name","ID number","Email address",Status,Grade,"Maximum Grade"
"Participant 4401","Ana Doe",s7,ana@example.edu,"Submitted for grading",-,20.00
"""
GERMAN_MOODLE = """\
Identifikator;"Vollständiger Name";E-Mail-Adresse;Status
"Teilnehmer/in 4401";"Ana Doe";ana@example.edu;x
"""
GITHUB = '"identifier","github_username","github_id","name"\n"ana@example.edu","adoe","9","Ana"\n'
GRADESCOPE = "First Name,Last Name,SID,Email,Sections\nAna,Doe,s7,ana@example.edu,\n"
PLAIN = "Name;Matrikelnummer\nDoe, Ana;101\n"


@pytest.mark.parametrize(
    ("text", "kind", "first"),
    [
        (CANVAS, "a Canvas gradebook", ("101", "Doe, Ana", "adoe", "")),
        (SPLIT_CANVAS, "a Canvas gradebook", ("101", "Ana Doe", "adoe", "")),
        (MOODLE, "a Moodle grading worksheet", ("4401", "Ana Doe", "", "ana@example.edu")),
        (GERMAN_MOODLE, "a Moodle grading worksheet", ("4401", "Ana Doe", "", "ana@example.edu")),
        (
            GITHUB,
            "a GitHub Classroom roster",
            ("ana@example.edu", "Ana", "adoe", "ana@example.edu"),
        ),
        (GRADESCOPE, "a Gradescope roster", ("s7", "Ana Doe", "", "ana@example.edu")),
        (PLAIN, "a CSV file", ("101", "Doe, Ana", "", "")),
    ],
)
def test_rosters_are_told_apart(
    text: str, kind: str, first: tuple[str, str, str, str], tmp_path: Path
) -> None:
    path = tmp_path / "roster.csv"
    path.write_text(text)
    roster = read_roster(path)
    student = roster.students[0]
    assert (roster.kind, (student.id, student.name, student.login, student.email)) == (kind, first)


def test_rows_of_canvas_that_are_no_students_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_text(CANVAS)
    assert [student.id for student in read_roster(path).students] == ["101", "102", "199"]
    source = tmp_path / "class"
    source.mkdir()
    (source / "doeana_101_7_fig18_03.py").write_bytes(b"1")
    entries = collect(source, FIG, tmp_path / "unpacked", path).batch.entries
    assert [(e.student.id, e.problem) for e in entries] == [
        ("102", "nothing was handed in"),
        ("101", None),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("said", [False, True])
def test_encodings_and_delimiters(
    encoding: str, delimiter: str, said: bool, tmp_path: Path
) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(
        [["Name", "E-mail", "Notes; and, more"], ["Müller, Zoë", "zoe@example.edu", "a;b,c\td"]]
    )
    path = tmp_path / "roster.csv"
    start = f"sep={delimiter}\r\n" if said else ""
    path.write_bytes((start + text.getvalue()).encode(encoding))
    (student,) = read_roster(path).students
    assert (student.name, student.email) == ("Müller, Zoë", "zoe@example.edu")
    assert student.columns["Notes; and, more"] == "a;b,c\td"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"Quiz 1,Quiz 2\n3,4\n", "its headings are: Quiz 1, Quiz 2"),
        (b"Name,ID\n", "no student"),
        (b"PK\3\4", "save it as CSV"),
    ],
)
def test_what_is_no_roster_is_said_to_be_none(data: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_bytes(data)
    with pytest.raises(UsageError, match=words):
        read_roster(path)


@settings(max_examples=LARGER * 100 or 60)
@given(st.binary(max_size=300) | st.text('Nameid,;"\n\r\t\0é', max_size=80).map(str.encode))
def test_any_file_is_a_roster_or_a_usage_error(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(data)
    try:
        students = read_roster(path).students
    except UsageError:
        return
    assert students


WORDS = st.text("abcdefgé", min_size=1, max_size=8).map(str.capitalize)
PEOPLE = st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=5, unique_by=lambda p: "".join(p))


@settings(max_examples=LARGER * 50 or 25)
@given(PEOPLE, st.sampled_from(["{last}, {first}", "{first} {last}", "{first}_{last}"]))
def test_a_name_is_found_in_the_order_and_spelling_of_another_system(
    tmp_path_factory: pytest.TempPathFactory, people: list[tuple[str, str]], form: str
) -> None:
    around = tmp_path_factory.mktemp("class")
    (around / "in").mkdir()
    keys = [{first + last, last + first} for first, last in people]
    clear = [p for p in people if sum(bool({"".join(p), p[1] + p[0]} & key) for key in keys) == 1]
    for at, (first, last) in enumerate(people):
        name = f"{last}{first}_{500 + at}_7_fig18_03.py".lower()
        (around / "in" / name).write_bytes(b"1")
    roster = around / "roster.csv"
    rows = [[form.format(first=f, last=last), f"s{at}"] for at, (f, last) in enumerate(people)]
    with roster.open("w", newline="") as file:
        csv.writer(file).writerows([["Name", "Student number"], *rows])
    found = collect(around / "in", FIG, around / "unpacked", roster)
    matched = {e.name.split("_")[1]: e.student for e in found.batch.entries if e.name}
    for person in clear:
        at = people.index(person)
        assert matched[str(500 + at)].columns.get("Student number") == f"s{at}"


@pytest.mark.parametrize(
    "name",
    [
        "s0815",
        "ANA",
        "ana@example.edu",
        "Doe, Ana",
        "ana doe",
        "Doe_Ana_s0815",
        "hw_s0815",
        "ana@example.edu_3",
        "lab1-doe-ana",
        "DÖE Ána",
    ],
)
def test_a_folder_may_be_called_by_anything_that_tells_who(name: str, tmp_path: Path) -> None:
    (tmp_path / "in" / name).mkdir(parents=True)
    (tmp_path / "in" / name / "fig18_03.py").write_bytes(b"1")
    roster = tmp_path / "roster.csv"
    roster.write_text(
        "First name,Last name,ID,Login,Email\n"
        "Ana,Doe,s0815,ana,ana@example.edu\n"
        "Bob,Doe,s0816,bob,bob@example.edu\n"
    )
    entries = collect(tmp_path / "in", FIG, tmp_path / "u", roster).batch.entries
    assert [e.student.id for e in entries if e.problem is None] == ["s0815"]
    assert len(entries) == 2


def test_two_students_of_one_name_are_not_guessed_at(tmp_path: Path) -> None:
    (tmp_path / "in" / "Ana Doe").mkdir(parents=True)
    (tmp_path / "in" / "Ana Doe" / "fig18_03.py").write_bytes(b"1")
    (tmp_path / "in" / "s3").mkdir()
    (tmp_path / "in" / "s3" / "fig18_03.py").write_bytes(b"1")
    roster = tmp_path / "roster.csv"
    roster.write_text("Name,ID\nAna Doe,s1\nDoe Ana,s2\nBob Lee,s3\n")
    entries = {e.id: e for e in collect(tmp_path / "in", FIG, tmp_path / "u", roster).batch.entries}
    assert entries["Ana_Doe"].notes == ["2 students of the roster could be meant"]
    assert entries["s3"].student == Student(
        id="s3", name="Bob Lee", columns={"Name": "Bob Lee", "ID": "s3"}
    )
    assert entries["Ana_Doe_s1"].problem == "nothing was handed in"


METADATA = """\
submission_1:
  :submitters:
  - :name: Ana
    :sid: s1
  :created_at: 2026-11-05 10:00:00.000000000 -08:00
submission_2:
  :submitters:
  - :name: Ana
    :sid: s1
  :created_at: 2026-11-05 17:00:00.000000000 Z
"""


def test_of_two_submissions_of_a_student_the_later_is_graded(tmp_path: Path) -> None:
    for name in ("submission_1", "submission_2"):
        (tmp_path / "in" / name).mkdir(parents=True)
        (tmp_path / "in" / name / "fig18_03.py").write_bytes(b"1")
    (tmp_path / "in" / "submission_metadata.yml").write_text(METADATA)
    roster = tmp_path / "roster.csv"
    roster.write_text("Name,SID,Email\nAna,s1,ana@example.edu\n")
    first, second = collect(tmp_path / "in", FIG, tmp_path / "u", roster).batch.entries
    assert first.problem is None
    assert second.problem == "submission_1, of the same student, is later"


def test_where_nothing_tells_which_is_later_both_are_graded_with_a_note(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("s1.py", "ana.py"):
        (tmp_path / "in" / name).write_bytes(b"1")
    roster = tmp_path / "roster.csv"
    roster.write_text("Name,SID\nAna,s1\n")
    entries = collect(tmp_path / "in", FIG, tmp_path / "u", roster).batch.entries
    assert [(e.student.id, e.problem, e.notes) for e in entries] == [
        ("s1", None, ["the same student also handed in s1.py"]),
        ("s1", None, ["the same student also handed in ana.py"]),
    ]
