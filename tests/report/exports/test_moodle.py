"""Moodle reads the file as meant: what its importers do, done here.

grade/import/csv/classes/load_data.php and mod/assign/feedback/offline, the older forms of which
are less careful.
"""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given

from grader.model import Deduction, UsageError
from grader.report.exports import Options, table
from tests.report.exports.rows import anything, failed_grader, half, missing, row, student, unusable
from tests.report.html.results import check, result

SHEET = """\
Identifier,Full name,Email address,Status,Grade,Maximum Grade,Last modified (grade),\
Feedback comments
Participant 1,Ana Doe,s1@example.edu,Submitted,,4.00,-,
Participant 2,Bo Lee,s2@example.edu,No submission,3.00,4.00,"Monday, 2 March 2026, 9:00 AM",good
"""
KNOWN = {f"s{n}@example.edu": n for n in range(1, 6)}


def imported(data: bytes) -> tuple[dict[int, str | None], dict[int, str]]:
    """The grades that are set (None: taken away) and the feedback, by student."""
    rows = list(csv.reader(io.StringIO(data.decode(), newline="")))
    assert rows[0][0] == "Email address"
    grades: dict[int, str | None] = {}
    feedback: dict[int, str] = {}
    who = 0
    for line in rows[1:]:
        if line[0]:
            assert line[0] in KNOWN, "an unknown student stops the import"
            who = KNOWN[line[0]]
        assert who, "the grade goes to the student of the row before"
        assert who not in grades
        grades[who] = None if line[2] in ("", "-") else str(float(line[2]))
        if len(line) > 3 and line[3]:
            feedback[who] = line[3]
    assert set(feedback) <= {n for n, grade in grades.items() if grade is not None}
    return grades, feedback


def test_who_has_no_grade_has_no_row_and_no_feedback():
    rows = [row(1, half()), missing(2), unusable(3), failed_grader(4), row(5)]
    made = table("moodle", rows, Options(assignment="x", title="Fig"))
    grades, feedback = imported(made.data)
    assert grades == {1: "2.0"}
    assert set(feedback) == {1}
    assert len(made.warnings) == 4


def test_a_row_without_address_is_left_out_and_not_given_to_the_one_before():
    rows = [row(1, half()), row(2, half(), student=student(2, email=""))]
    made = table("moodle", rows, Options(assignment="x"))
    assert imported(made.data)[0] == {1: "2.0"}
    assert any("an e-mail address is missing" in warning for warning in made.warnings)


def test_where_nobody_has_one_it_is_said_what_to_do():
    rows = [row(1, half(), student=student(1, email=""))]
    with pytest.raises(UsageError, match="--roster"):
        table("moodle", rows, Options(assignment="x"))
    assert table("moodle", rows, Options(assignment="x", identify="login")).data.startswith(b"User")


def test_feedback_says_what_failed_and_what_was_taken_off():
    late = half(deduction=Deduction(points=1.0, reason="handed in 2 h late"))
    _, feedback = imported(table("moodle", [row(1, late)], Options(assignment="x")).data)
    assert "What the check reaps is about." in feedback[1]
    assert "1 points taken off: handed in 2 h late" in feedback[1]
    grades, none = imported(
        table("moodle", [row(1, late)], Options(assignment="x", feedback=False)).data
    )
    assert grades == {1: "1.0"}
    assert none == {}


@given(anything)
def test_what_a_student_is_called_is_neither_html_nor_a_formula(name):
    rows = [row(1, half(), student=student(1, name=name)), row(2, half())]
    made = table("moodle", rows, Options(assignment="x", title="T"))
    assert imported(made.data)[0] == {1: "2.0", 2: "2.0"}


def test_feedback_is_no_html():
    evil = check("x", "fail", description="<img src=x>", hint="a<b")
    rows = [row(1, result(evil))]
    _, feedback = imported(table("moodle", rows, Options(assignment="x")).data)
    assert "&lt;img src=x&gt;" in feedback[1]
    assert "<" not in feedback[1]


def uploaded(data: bytes) -> tuple[dict[str, float], dict[str, str]]:
    """What the worksheet's importer sets: grades and feedback by identifier."""
    head, *rows = csv.reader(io.StringIO(data.decode(), newline=""))
    at = {name: head.index(name) for name in ("Identifier", "Grade", "Last modified (grade)")}
    grades, feedback = {}, {}
    for line in rows:
        who = line[at["Identifier"]]
        assert who.startswith("Participant ")
        cell = line[at["Grade"]]
        if cell and 0 <= float(cell) <= float(line[head.index("Maximum Grade")]):
            grades[who] = float(cell)
        feedback[who] = line[head.index("Feedback comments")]
    return grades, feedback


def test_the_worksheet_is_filled_and_the_rest_is_as_it_was():
    made = table("moodle", [row(1, half()), missing(2)], _sheet())
    grades, feedback = uploaded(made.data)
    assert grades == {"Participant 1": 2.0, "Participant 2": 3.0}
    assert feedback["Participant 2"] == "good"
    assert "reaps" in feedback["Participant 1"]
    assert b"Monday, 2 March 2026, 9:00 AM" in made.data


def test_a_grade_that_moodle_would_skip_without_a_word_is_told():
    made = table("moodle", [row(1, half(score=4.0))], _sheet(out_of=20.0))
    assert "Participant 1" not in uploaded(made.data)[0]
    assert any("its maximum is 4" in warning for warning in made.warnings)


def test_a_worksheet_of_another_kind_is_refused():
    with pytest.raises(UsageError, match="no grading worksheet"):
        table("moodle", [row(1, half())], _sheet(gradebook=b"Student,ID,Section,X\na,1,b,2\n"))
    with pytest.raises(UsageError, match=r"Last modified \(grade\)"):
        table(
            "moodle",
            [row(1, half())],
            _sheet(gradebook=SHEET.replace("Last modified (grade)", "x").encode()),
        )


def _sheet(**fields: object) -> Options:
    return Options(**{"assignment": "x", "gradebook": SHEET.encode(), "most": 4.0, **fields})
