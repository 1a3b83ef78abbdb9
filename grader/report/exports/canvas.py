"""Canvas: a CSV for *Grades, Import*.

The importer is ``lib/gradebook_importer.rb`` of https://github.com/instructure/canvas-lms, which
asks for this:

- The heading has ``Student``, ``ID``, then perhaps ``SIS User ID`` and ``SIS Login ID``, then
  ``Section``, then assignments (``header?``, ``update_column_count``).
- An assignment is known by ``Title (id)`` or, if no id is given, by its very title; any other
  heading makes a *new assignment* (``parse_assignments``). So the column is taken from an export
  of the gradebook, or must be given. There is no column for reasons: it would be an assignment.
- A row ``Points Possible`` *sets* the points of the assignment (``process_pp``): none is written.
- An empty cell takes away a grade that is there (``no_change_to_value?``). So who has no grade
  has no row; with a gradebook, the row has what the gradebook has.
- A student is found by ID, SIS user id, SIS login id, then name (``process_student``); nobody else
  is graded, but a row for a stranger is an error in the import: with a gradebook there is none.
- ``;`` or ``,`` is guessed from the first three lines (``identify_delimiter``): cells have no line
  ends.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.model import Graded, Student, UsageError
from grader.model.safe import safe
from grader.report.exports.cells import Cell, written
from grader.report.exports.gradebook import (
    Finder,
    Key,
    number_or_text,
    placed,
    read_gradebook,
    who,
)
from grader.report.exports.options import Grade, Made, Options, grade_of, number

_WITH_ID = re.compile(r"(?s)(.*)\s\((\d+)\)")
"""``Assignment.title_and_id`` of Canvas."""
MADE_BY = "Grades, Export, Export Entire Gradebook"
_PLACES = 2
"""Canvas compares and shows grades with two decimal places."""


def table(rows: Sequence[Graded], options: Options) -> Made:
    """Grades for one column of the gradebook. Raises UsageError when the gradebook is not an
    export of Canvas, or which of its columns is meant can't be told."""
    grades = [(row, grade_of(row, options)) for row in rows]
    if options.gradebook is not None:
        return _with_gradebook(grades, options)
    column = options.column or options.title or options.assignment
    warnings = [] if _WITH_ID.fullmatch(column) else [_new_assignment(column)]
    table: list[list[Cell]] = [["Student", "ID", "SIS Login ID", "Section", column]]
    for row, grade in grades:
        student = row.entry.student
        if grade.points is None:
            warnings.append(f"no row for {who(row)}: {grade.reason}")
            continue
        if not (student.id or student.login or student.name):
            warnings.append(f"no row for {safe(row.entry.id)}: nothing tells who it is")
            continue
        points = number(grade.points, _PLACES)
        table.append([student.name, student.id, student.login, student.section, points])
    return Made(written(table), warnings + _twice([row for row, _ in grades]))


def _new_assignment(column: str) -> str:
    return (
        f"Canvas makes a new assignment of the column {safe(column)!r} unless one has this very "
        "title: give an export of the gradebook (--gradebook FILE), or the column with its id "
        "(--column 'Title (12345)')"
    )


def _with_gradebook(grades: Sequence[tuple[Graded, Grade]], options: Options) -> Made:
    assert options.gradebook is not None
    book = read_gradebook(options.gradebook, MADE_BY)
    heading = book[0]
    section = next((n for n, name in enumerate(heading) if "Section" in name), None)
    named = "Student" in heading[0] or heading[:2] == ["LastName", "FirstName"]
    if not named or "ID" not in heading or section is None:
        raise UsageError(
            "--gradebook: this is no export of a Canvas gradebook: its first line should begin "
            f"with Student,ID and have Section; it is made by {MADE_BY}"
        )
    column = _column(heading[section + 1 :], options)
    at = heading.index(column, section + 1)
    # Not "Points Possible", nor a row that says how grades are posted: these have no id.
    students = [row for row in book[1:] if row[heading.index("ID")].strip()]
    possible = next((row[at] for row in book[1:] if "Points Possible" in row[0]), "")
    finder = Finder(students, heading)
    places = [finder.find(_keys(row.entry.student)) for row, _ in grades]
    found, warnings = placed(grades, places)
    warnings += _other_points(possible, grades)
    table: list[list[Cell]] = [[*heading[: section + 1], column]]
    for n, row in enumerate(students):
        grade = found[n][1].points if n in found else None
        unchanged = number_or_text(row[at])
        cell = unchanged if grade is None else number(grade, _PLACES)
        table.append([*row[: section + 1], cell])
    return Made(written(table), warnings)


def _keys(student: Student) -> list[Key]:
    return [
        ("ID", student.id),
        ("SIS User ID", student.id),
        ("SIS Login ID", student.login),
        ("SIS Login ID", student.email),
        ("Student", student.name),
    ]


def _column(headings: Sequence[str], options: Options) -> str:
    """The column that is meant: the one given, or the one with the assignment's title."""
    known = [name for name in headings if _WITH_ID.fullmatch(name)]
    wanted = options.column
    if wanted is not None:
        for name in known:
            match = _WITH_ID.fullmatch(name)
            if wanted in (name, match and match[1]):
                return name
        raise UsageError(f"--gradebook: no column {safe(wanted)!r}; {_listed(known)}")
    titles = {options.title.casefold(), options.assignment.casefold()} - {""}
    same = [n for n in known if (m := _WITH_ID.fullmatch(n)) and m[1].strip().casefold() in titles]
    if len(same) == 1:
        return same[0]
    asked = f"which column is {safe(options.title or options.assignment)}?"
    raise UsageError(f"--gradebook: {asked} Give --column; {_listed(known)}")


def _listed(known: Sequence[str]) -> str:
    if not known:
        return "it has no assignment"
    more = f" and {len(known) - 8} more" if len(known) > 8 else ""
    return f"there are {', '.join(safe(name, most=60) for name in known[:8])}{more}"


def _other_points(possible: str, grades: Sequence[tuple[Graded, Grade]]) -> list[str]:
    """A warning where Canvas thinks of other points."""
    most = next((grade.most for _, grade in grades if grade.most), None)
    try:
        there = float(possible)
    except ValueError:
        return []
    if most is None or abs(there - most) < 0.005:
        return []
    return [
        f"in Canvas the assignment has {there:g} points, here {most:g}: give --out-of {there:g} "
        "to scale the grades"
    ]


def _twice(rows: Sequence[Graded]) -> list[str]:
    seen: set[str] = set()
    warnings = []
    for row in rows:
        key = row.entry.student.id or row.entry.student.login or row.entry.student.name
        if key and key in seen:
            warnings.append(f"{who(row)} has more than one row: Canvas takes the last")
        seen.add(key)
    return warnings
