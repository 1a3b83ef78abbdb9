"""CSV: what a student wrote is text to a spreadsheet, and one cell."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.model import Deduction
from grader.report.exports import Options, table
from grader.report.exports.cells import written
from tests.report.exports.rows import (
    OPTIONS,
    TRICKY,
    anything,
    failed_grader,
    half,
    missing,
    row,
    student,
    unusable,
)

FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def read(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def is_formula(cell: str) -> bool:
    return cell != "-" and cell.lstrip(" ").startswith(FORMULA)


@given(st.lists(st.lists(anything, min_size=2, max_size=4), min_size=1, max_size=4))
def test_no_text_is_a_formula_and_each_stays_one_cell_of_one_line(rows):
    back = read(written(rows))
    assert [len(cells) for cells in back] == [len(cells) for cells in rows]
    for cells in back:
        for cell in cells:
            assert not is_formula(cell)
            assert not set("\r\n\0\x1b") & set(cell)


@pytest.mark.parametrize("first", FORMULA)
def test_each_sign_that_begins_a_formula_is_guarded(first):
    for text in (f"{first}1+1", f"  {first}cmd"):
        ((cell, _),) = read(written([[text, "x"]]))
        assert not is_formula(cell)
        assert cell.lstrip().startswith(("'", "\\"))


@given(anything)
def test_a_harmless_text_is_not_changed(text):
    if text.isprintable() and text.isascii() and "##" not in text and not is_formula(text):
        assert read(written([[text, "x"]])) == [[text, "x"]]


def test_numbers_are_numbers():
    assert written([[1.0, 0.1 + 0.2, -2.5, None, 1 / 3]]) == b"1,0.3,-2.5,,0.3333\r\n"


def test_a_mark_for_excel_only_where_asked_for():
    assert not written([["é"]]).startswith(b"\xef\xbb\xbf")
    assert written([["é"]], bom=True).startswith(b"\xef\xbb\xbf")


def test_every_row_has_its_grade_or_the_reason_why_not():
    late = half(deduction=Deduction(points=0.5, reason="handed in 2 h late"))
    rows = [row(1, half()), row(2, late), missing(3), unusable(4), failed_grader(5), row(6)]
    head, *lines = read(table("csv", rows, OPTIONS).data)
    found = [dict(zip(head, line, strict=True)) for line in lines]
    assert [line["status"] for line in found] == [
        *("fail", "fail", "missing", "unusable", "error", "waiting")
    ]
    assert [line["grade"] for line in found] == ["2", "1.5", "", "", "", ""]
    assert [line["reason"] for line in found] == [
        "",
        "handed in 2 h late",
        "nothing was handed in",
        "the file is empty",
        "not graded, by a failure of grader: the supervising process was killed",
        "not graded yet",
    ]
    assert found[1]["check forks"] == "2"


def test_zeros_are_given_where_asked_for_and_never_for_a_failure_of_grader():
    everything = frozenset({"unusable", "missing", "error", "waiting"})
    rows = [missing(1), unusable(2), failed_grader(3), row(4)]
    options = Options(assignment="x", zero=everything, most=4.0)
    head, *lines = read(table("csv", rows, options).data)
    assert [line[head.index("grade")] for line in lines] == ["0", "0", "", ""]


def test_a_table_of_hostile_students_has_their_rows_and_no_formula():
    rows = [row(n, half(), student=student(n, name=text)) for n, text in enumerate(TRICKY)]
    lines = read(table("csv", rows, OPTIONS).data)
    assert len(lines) == len(rows) + 1
    assert not any(is_formula(cell) for line in lines for cell in line)
