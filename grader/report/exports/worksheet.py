"""Moodle's grading worksheet: filled and uploaded again, nobody has to map columns.

*View all submissions, Download grading worksheet*, then *Upload grading worksheet*. The importer is
``mod/assign/feedback/offline`` of https://github.com/moodle/moodle, which asks for this:

- The columns ``Identifier`` (``Participant 123``, the number that is in the names of downloaded
  submissions, too), ``Grade`` and ``Last modified (grade)`` are there (``init``): all columns stay.
- A row whose grade is empty, out of range, or was changed in Moodle since, is skipped without a
  word, but its feedback is not (``process_import_grades``): feedback comes with a grade only.
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.model import Graded, Student, UsageError
from grader.report.exports.cells import Cell, written
from grader.report.exports.gradebook import Finder, Key, number_or_text, placed, who
from grader.report.exports.options import Grade, Made, number

NEEDED = ("Identifier", "Grade", "Last modified (grade)")
MADE_BY = "View all submissions, Download grading worksheet"
_FEEDBACK = "Feedback comments"
_MAXIMUM = "Maximum Grade"
_PLACES = 5


def is_worksheet(heading: Sequence[str]) -> bool:
    """Whether a gradebook's heading is a worksheet's."""
    return heading[0] == NEEDED[0] and "Grade" in heading


def fill(
    book: Sequence[Sequence[str]],
    grades: Sequence[tuple[Graded, Grade]],
    feedback: dict[str, str],
) -> Made:
    """The worksheet with grades, and with feedback by entry id. Raises UsageError where a column
    is missing that Moodle needs."""
    heading = [*book[0]]
    for name in NEEDED:
        if name not in heading:
            raise UsageError(f"--gradebook: the worksheet has no column {name!r}: {MADE_BY}")
    rows = book[1:]
    finder = Finder(rows, heading)
    places = [finder.find(_keys(row.entry.student)) for row, _ in grades]
    found, warnings = placed(grades, places)
    table: list[list[Cell]] = [[*heading]]
    for n, row in enumerate(rows):
        cells: list[Cell] = [*row]
        at = heading.index("Grade")
        cells[at] = number_or_text(row[at])
        if n in found:
            graded, grade = found[n]
            assert grade.points is not None
            cells[at] = number(grade.points, _PLACES)
            if _FEEDBACK in heading and graded.entry.id in feedback:
                cells[heading.index(_FEEDBACK)] = feedback[graded.entry.id]
            warnings += _out_of_range(grade, graded, row, heading)
        table.append(cells)
    return Made(written(table), warnings)


def _keys(student: Student) -> list[Key]:
    number_of_participant = student.id.rpartition(" ")[2]
    return [
        ("Identifier", student.columns.get("Identifier", "")),
        ("Identifier", f"Participant {number_of_participant}" if student.id else ""),
        ("Email address", student.email),
        ("Full name", student.name),
    ]


def _out_of_range(
    grade: Grade, graded: Graded, row: Sequence[str], heading: Sequence[str]
) -> list[str]:
    try:
        most = float(row[heading.index(_MAXIMUM)])
    except ValueError:  # no such column, or a scale
        return []
    assert grade.points is not None
    if grade.points > most:
        return [f"{who(graded)}: Moodle skips {grade.points:g}, its maximum is {most:g}: --out-of"]
    if abs(grade.most - most) > 0.005:
        return [f"{who(graded)}: the grade is out of {grade.most:g}, Moodle's out of {most:g}"]
    return []
