"""Canvas reads the file as meant: what its importer (lib/gradebook_importer.rb) does, done here."""

from __future__ import annotations

import csv
import io
import re

import pytest
from hypothesis import given

from grader.model import UsageError
from grader.report.exports import Options, table
from tests.report.exports.rows import anything, failed_grader, half, missing, row, student

BOOK = """\
Student,ID,SIS User ID,SIS Login ID,Section,Homework 3 (4711),Fig. 18.3 (4712),Final Score
    Points Possible,,,,,10.00,4.00,(read only)
"Doe, Ana",1,S1,s1,A,9,3.50,12
"Lee, Bo",2,S2,s2,A,,-,
"Ng, Cy",3,S3,s3,B,1,EX,
"""


class Canvas:
    """A course: which grades change when a file is imported, and what is created."""

    def __init__(self, data: bytes) -> None:
        self.assignments = {4711: "Homework 3", 4712: "Fig. 18.3"}
        self.students = {1: "Doe, Ana", 2: "Lee, Bo", 3: "Ng, Cy"}
        lines = data.decode("utf-8").splitlines()[:3]
        counts = {}
        for separator in ";,":  # identify_delimiter
            sizes = {len(next(csv.reader([line], delimiter=separator))) for line in lines}
            counts[separator] = sizes.pop() if len(sizes) == 1 else 0
        delimiter = ";" if counts[";"] > counts[","] else ","
        rows = list(csv.reader(io.StringIO(data.decode(), newline=""), delimiter=delimiter))
        head = rows[0]
        assert len(head) > 3 + self._names(head)
        assert "ID" in head[1 + self._names(head)]
        columns = 3 + self._names(head)  # update_column_count
        if re.search(r"SIS\s+Login\s+ID", head[columns - 1]):
            columns += 1
        elif re.search(r"SIS\s+User\s+ID", head[columns - 1]):
            assert re.search(r"SIS\s+Login\s+ID", head[columns])
            columns += 2
            columns += bool(re.search(r"Integration\s+ID", head[columns - 1]))
            columns += bool(re.search(r"Root\s+Account", head[columns - 1]))
        assert "Section" in head[columns - 1]
        self.created: list[str] = []
        self.points: dict[str, str] = {}
        self.strangers: list[str] = []
        self.changes: dict[tuple[int, str], str] = {}
        for at in range(columns, len(head)):
            title = self._title(head[at])
            for line in rows[1:]:
                if "Points Possible" in line[0]:
                    self.points[title] = line[at]
                    continue
                identity = line[1 + self._names(head)]
                number = int(identity) if identity.isdigit() else 0
                if number not in self.students:
                    self.strangers.append(line[0])
                self.changes[number, title] = line[at]

    @staticmethod
    def _names(head: list[str]) -> int:
        """1 where first and last names have columns of their own (row_has_student_headers?)."""
        if head[:2] == ["LastName", "FirstName"]:
            return 1
        assert "Student" in head[0]
        return 0

    def _title(self, heading: str) -> str:
        match = re.fullmatch(r"(?s)(.*)\s\((\d+)\)", heading)
        if match and int(match[2]) in self.assignments:
            return self.assignments[int(match[2])]
        if heading in self.assignments.values():
            return heading
        self.created.append(heading)
        return heading


def exported(rows, **fields: object) -> tuple[Canvas, list[str]]:
    options = Options(assignment="fig18_03", title="Fig. 18.3", most=4.0, **fields)
    made = table("canvas", rows, options)
    return Canvas(made.data), made.warnings


def test_without_an_id_canvas_would_make_a_new_assignment_and_that_is_said():
    options = Options(assignment="fig18_03", title="Another title")
    made = table("canvas", [row(1, half())], options)
    assert Canvas(made.data).created == ["Another title"]
    assert any("new assignment" in warning for warning in made.warnings)


def test_with_the_column_and_its_id_it_does_not():
    course, warnings = exported([row(1, half())], column="Whatever (4712)")
    assert course.created == []
    assert course.changes == {(1, "Fig. 18.3"): "2"}
    assert warnings == []


def test_a_gradebook_is_filled_and_nobody_else_changes():
    rows = [row(1, half()), missing(2), row(9, half())]
    course, warnings = exported(rows, gradebook=BOOK.encode())
    assert course.created == course.strangers == []
    assert course.changes == {
        (1, "Fig. 18.3"): "2",
        (2, "Fig. 18.3"): "",
        (3, "Fig. 18.3"): "EX",
    }
    assert "nothing is changed for Student 2: nothing was handed in" in warnings
    assert "no grade for Student 9: the gradebook has nobody like that" in warnings


@pytest.mark.parametrize(
    "info",
    [
        "Student,ID,Section",
        "Student,ID,SIS Login ID,Section",
        "Student,ID,SIS User ID,SIS Login ID,Integration ID,Section",
        "Student,ID,SIS User ID,SIS Login ID,Root Account,Section",
        "LastName,FirstName,ID,SIS User ID,SIS Login ID,Section",
    ],
)
def test_a_gradebook_may_have_more_or_fewer_columns_of_who_it_is(info):
    names = info.split(",")
    cells = {"Student": "Ana Doe", "ID": "1", "Section": "A", "LastName": "Doe"}
    ana = ",".join(cells.get(name, "x") for name in names)
    possible = "    Points Possible" + "," * len(names) + "4.00"
    book = f"{info},Fig. 18.3 (4712)\n{possible}\n{ana},\n"
    course, warnings = exported([row(1, half())], gradebook=book.encode())
    assert course.changes == {(1, "Fig. 18.3"): "2"}
    assert warnings == []


def test_what_has_no_grade_keeps_the_one_that_is_there():
    course, _ = exported([failed_grader(1)], gradebook=BOOK.encode())
    assert course.changes[1, "Fig. 18.3"] == "3.5"


def test_without_a_gradebook_who_has_no_grade_has_no_row():
    """An empty cell takes away the grade that is in Canvas."""
    course, warnings = exported([missing(1), row(2, half())], column="Fig. 18.3 (4712)")
    assert course.changes == {(2, "Fig. 18.3"): "2"}
    assert "no row for Student 1: nothing was handed in" in warnings


def test_the_points_of_the_assignment_are_not_set():
    for gradebook in (None, BOOK.encode()):
        course, _ = exported([row(1, half())], column="Fig. 18.3 (4712)", gradebook=gradebook)
        assert course.points == {}


def test_other_points_in_canvas_are_noticed():
    _, warnings = exported([row(1, half())], gradebook=BOOK.encode(), column="Homework 3")
    assert any("10 points, here 4" in warning for warning in warnings)
    course, warnings = exported(
        [row(1, half())], gradebook=BOOK.encode(), column="Homework 3", out_of=10.0
    )
    assert course.changes[1, "Homework 3"] == "5"
    assert warnings == []


@pytest.mark.parametrize(
    "known",
    [
        {"id": "1", "name": "", "login": "", "email": ""},
        {"id": "", "name": "", "login": "s1", "email": ""},
        {"id": "", "name": "", "login": "", "email": "S1"},
        {"id": "S1", "name": "", "login": "", "email": ""},
        {"id": "", "name": "ana doe", "login": "", "email": ""},
    ],
)
def test_a_student_is_found_by_what_is_known(known):
    course, warnings = exported(
        [row(1, half(), student=student(1, **known))], gradebook=BOOK.encode()
    )
    assert course.changes[1, "Fig. 18.3"] == "2"
    assert warnings == []


def test_two_submissions_of_a_student_are_one_grade():
    rows = [row(1, half()), row(1, half(score=3.0))]
    course, warnings = exported(rows, gradebook=BOOK.encode())
    assert course.changes[1, "Fig. 18.3"] == "3"
    assert any("comes twice" in warning for warning in warnings)


@pytest.mark.parametrize(
    ("gradebook", "column", "words"),
    [
        (b"name,grade\nx,1\n", None, "no CSV"),
        (b"name,grade,x\nx,1,2\n", None, "no export of a Canvas gradebook"),
        (b"\xff\xfeS\0", None, "not UTF-8"),
        (b"", None, "empty"),
        (BOOK.encode(), "Homework 4", "there are Homework 3"),
        (BOOK.replace("Fig. 18.3", "Other").encode(), None, "which column is"),
    ],
)
def test_a_gradebook_that_can_not_be_used_is_told(gradebook, column, words):
    with pytest.raises(UsageError, match=words):
        exported([row(1, half())], gradebook=gradebook, column=column)


@given(anything, anything)
def test_names_and_titles_of_any_kind_do_no_harm(name, title):
    options = Options(assignment="x", column=f"{title} (4712)")
    rows = [row(1, half(), student=student(1, name=name)), row(2, half())]
    course = Canvas(table("canvas", rows, options).data)
    assert course.created == []
    assert course.changes == {(1, "Fig. 18.3"): "2", (2, "Fig. 18.3"): "2"}
