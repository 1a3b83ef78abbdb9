"""A gradebook's own CSV, as it was exported: to be filled with grades and imported again."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from grader.model import Graded, UsageError
from grader.model.safe import safe
from grader.report.exports.options import Grade


def read_gradebook(data: bytes, made_by: str) -> list[list[str]]:
    """Read its rows, the heading first. ``made_by``: where people get it. Raises UsageError when
    it is no CSV in UTF-8."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"--gradebook: it is not UTF-8 text; it is made by {made_by}") from None
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise UsageError(f"--gradebook: it is not CSV: {safe(str(error))}") from None
    rows = [row for row in rows if row]
    if not rows or len(rows[0]) < 3:
        raise UsageError(f"--gradebook: it is empty, or no CSV; it is made by {made_by}")
    width = len(rows[0])
    return [row + [""] * (width - len(row)) for row in rows]


Key = tuple[str, str]
"""The heading of a column, and what a student has there."""


class Finder:
    """Finds the rows of students in a gradebook."""

    def __init__(self, rows: Sequence[Sequence[str]], heading: Sequence[str]) -> None:
        self._rows, self._heading = rows, heading
        self._by_column: dict[str, dict[str, list[int]]] = {}

    def find(self, keys: Iterable[Key]) -> list[int]:
        """The numbers of the rows that a student may be, by the first key that finds any."""
        for name, value in keys:
            if value and name in self._heading:
                found = self._column(name).get(_plain(value))
                if found:
                    return found
        return []

    def _column(self, name: str) -> dict[str, list[int]]:
        if name not in self._by_column:
            at = self._heading.index(name)
            rows = self._by_column[name] = {}
            for n, row in enumerate(self._rows):
                rows.setdefault(_plain(row[at]), []).append(n)
        return self._by_column[name]


def _plain(name: str) -> str:
    """A name to compare: ``Doe, Ana`` is ``Ana Doe``."""
    last, comma, first = name.partition(",")
    words = f"{first} {last}" if comma else name
    return " ".join(words.split()).casefold()


def placed(
    grades: Sequence[tuple[Graded, Grade]], places: Sequence[Sequence[int]]
) -> tuple[dict[int, tuple[Graded, Grade]], list[str]]:
    """Whose grade goes into which row; and what goes into none, and why. Of two submissions of
    one student the better one counts."""
    found: dict[int, tuple[Graded, Grade]] = {}
    warnings = []
    for (row, grade), those in zip(grades, places, strict=True):
        name = who(row)
        if len(those) != 1:
            problem = "the gradebook has nobody like that" if not those else "it could be several"
            warnings.append(f"no grade for {name}: {problem}")
        elif grade.points is None:
            warnings.append(f"nothing is changed for {name}: {grade.reason}")
        elif those[0] in found:
            warnings.append(f"{name} comes twice: the better grade is taken")
            if grade.points > (found[those[0]][1].points or 0):
                found[those[0]] = (row, grade)
        else:
            found[those[0]] = (row, grade)
    return found, warnings


def who(row: Graded) -> str:
    """How to call a student in a warning."""
    student = row.entry.student
    return safe(student.name or student.login or student.id or row.entry.id, most=80)


def number_or_text(cell: str) -> str | float:
    """A cell as it was: a number stays one, whatever its sign."""
    try:
        return float(cell)
    except ValueError:
        return "" if cell.strip() == "-" else cell
