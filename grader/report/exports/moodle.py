"""Moodle: a CSV for *Grades, Import, CSV file*; or its grading worksheet, filled.

The importer is ``grade/import/csv/classes/load_data.php`` of https://github.com/moodle/moodle,
which asks for this:

- One column tells who it is, by e-mail address, id number or user name, and is mapped by hand. A
  row in which that cell is empty is given to *the student of the row before*
  (``map_user_data_with_value`` leaves ``studentid`` as it is); an unknown student stops the whole
  import (``check_user_exists``). So there is one such column, and who lacks it has no row.
- An empty grade, or ``-``, takes away a grade that is there (``update_grade_item``), and so does
  feedback without a grade where the importer is older than ``importonlyfeedback``. So who has no
  grade has no row, and feedback never comes without its grade.
- A grade above 100 stops the import unless unlimited grades are on (``insert_grade_record``).
- A cell has at most one line here; ``Feedback`` is text, and what looks like HTML is escaped, as
  Moodle shows it as HTML.
"""

from __future__ import annotations

import html
from collections.abc import Sequence

from grader.model import Graded, Student, UsageError
from grader.model.safe import safe
from grader.report.exports.cells import Cell, guarded, written
from grader.report.exports.gradebook import read_gradebook
from grader.report.exports.options import Grade, Made, Options, grade_of, number
from grader.report.exports.worksheet import MADE_BY, fill, is_worksheet

IDENTIFY = {"email": "Email address", "id": "ID number", "login": "Username"}
"""What can tell who it is, with the heading that Moodle's own exports have."""
_CALLED = {"email": "an e-mail address", "id": "an id number", "login": "a user name"}

_MOST_WITHOUT_LEAVE = 100
_PLACES = 5
"""Moodle keeps grades with five decimal places."""


def table(rows: Sequence[Graded], options: Options) -> Made:
    """Grades, with feedback if asked for. Raises UsageError when no student has what is to
    tell who it is."""
    if options.identify not in IDENTIFY:
        raise UsageError(f"--identify: expected one of {', '.join(IDENTIFY)}")
    if options.gradebook is not None:
        return _with_worksheet(rows, options.gradebook, options)
    column = options.column or options.title or options.assignment
    heading: list[Cell] = [IDENTIFY[options.identify], "Full name", column]
    table: list[list[Cell]] = [heading + (["Feedback"] if options.feedback else [])]
    warnings: list[str] = []
    seen: set[str] = set()
    nobody = True
    for row in rows:
        student, grade = row.entry.student, grade_of(row, options)
        key = _key(student, options.identify)
        nobody = nobody and not key
        who = safe(student.name or row.entry.id, most=80)
        if grade.points is None:
            warnings.append(f"no row for {who}: {grade.reason}")
        elif not key:
            warnings.append(f"no row for {who}: {_CALLED[options.identify]} is missing")
        elif guarded(key) != key:
            warnings.append(f"no row for {who}: {guarded(key)} is not what Moodle would know")
        else:
            if key.casefold() in seen:
                warnings.append(f"{who} has more than one row: Moodle takes the last")
            seen.add(key.casefold())
            cells: list[Cell] = [key, student.name, number(grade.points, _PLACES)]
            table.append(cells + ([_feedback(row, grade, options)] if options.feedback else []))
            if grade.points > _MOST_WITHOUT_LEAVE:
                warnings.append(
                    f"{who}: Moodle refuses grades above 100 unless it is set up for them"
                )
    if nobody and rows:
        raise UsageError(
            f"no student has {_CALLED[options.identify]}: run grader batch with --roster CSV, "
            "which tells it; or fill in Moodle's grading worksheet (--gradebook FILE); or choose "
            f"what else tells who it is (--identify {'|'.join(IDENTIFY)})"
        )
    return Made(written(table, options.bom), warnings)


def _with_worksheet(rows: Sequence[Graded], data: bytes, options: Options) -> Made:
    book = read_gradebook(data, MADE_BY)
    if not is_worksheet(book[0]):
        raise UsageError(
            "--gradebook: this is no grading worksheet of Moodle, which begins with Identifier and "
            f"has Grade; it is made by {MADE_BY}"
        )
    grades = [(row, grade_of(row, options)) for row in rows]
    feedback = {r.entry.id: _feedback(r, g, options) for r, g in grades if options.feedback}
    return fill(book, grades, feedback)


def _key(student: Student, identify: str) -> str:
    return {"email": student.email, "id": student.id, "login": student.login}[identify].strip()


def _feedback(row: Graded, grade: Grade, options: Options) -> str:
    """In one line: what failed, with hints, of the checks that students may see."""
    if row.result is None:
        return _shown(grade.reason)
    parts = []
    if row.result.deduction is not None:
        taken = row.result.deduction
        parts.append(f"{number(taken.points)} points taken off: {taken.reason}.")
    for check in options.seen(row.result).checks:
        if check.points < check.max_points:
            points = f"{number(check.points)} of {number(check.max_points)}"
            hint = f" Hint: {check.hint}" if check.hint else ""
            parts.append(f"{points}: {check.description}{hint}")
    return _shown(" / ".join(parts) or "All checks passed.")


def _shown(text: str) -> str:
    return html.escape(safe(text, most=10_000), quote=False)
