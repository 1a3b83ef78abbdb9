"""A table for spreadsheets and scripts: a row a submission, a column a check.

For instructors: hidden checks have columns like all others. UTF-8; Excel shows other letters than
ASCII rightly only with a byte order mark (``--bom``).
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.model import Graded
from grader.report.exports.cells import Cell, written
from grader.report.exports.options import Made, Options, grade_of

HEADINGS = (
    *("submission", "student id", "name", "login", "email", "section", "file", "submitted"),
    *("seconds late", "attempt", "status", "grade", "out of", "score", "deduction", "reason"),
    "notes",
)


def table(rows: Sequence[Graded], options: Options) -> Made:
    """All submissions. ``grade`` is what is to be entered: the score less the deduction."""
    checks = list(dict.fromkeys(c.id for row in rows if row.result for c in row.result.checks))
    head: list[Cell] = [*HEADINGS, *(f"check {name}" for name in checks)]
    return Made(written([head, *(_row(row, checks, options) for row in rows)], options.bom), [])


def _row(row: Graded, checks: Sequence[str], options: Options) -> list[Cell]:
    entry, student, result = row.entry, row.entry.student, row.result
    grade = grade_of(row, options)
    earned = {check.id: check.points for check in result.checks} if result else {}
    return [
        *(entry.id, student.id, student.name, student.login, student.email, student.section),
        *(entry.name, entry.submitted, entry.late_seconds, entry.attempt),
        *(row.status, grade.points, grade.most or None),
        result.score if result else None,
        result.deduction.points if result and result.deduction else None,
        grade.reason,
        "; ".join(entry.notes),
        *(earned.get(name) for name in checks),
    ]
