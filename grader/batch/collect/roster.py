"""Rosters: CSV files that say who is in a class, whoever exported them."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

from grader.assignments.reading import read_file
from grader.batch.collect.naming import squashed
from grader.model import Student, UsageError
from grader.model.safe import safe

_MOST_BYTES = 50_000_000
_MOST_OF_A_FIELD = 1_000_000

_KINDS = {
    "id": (
        # The first of these that is there is the student's id; all of them are looked up.
        "identifier id userid studentid sid studentnumber student# idnumber number sisuserid "
        "matrikelnummer identifikator idnummer teilnehmerid identifiant numerodidentification "
        "identificador numerodeid"
    ),
    "login": (
        "sisloginid login loginid username githubusername github githublogin user netid account "
        "benutzername anmeldename nomdutilisateur nombredeusuario usuario"
    ),
    "name": (
        "name fullname student studentname displayname sortablename vollstandigername "
        "nomcomplet nombrecompleto nomecompleto"
    ),
    "first": "firstname givenname first vorname prenom nombre nome",
    "last": "lastname surname familyname last nachname familienname nom apellidos apellido cognome",
    "email": (
        "email emailaddress mail emailadresse adressedecourriel direccionemail "
        "correoelectronico indirizzoemail"
    ),
    "section": "section sections sectionname group gruppe groupe grupo",
}
_KIND = {word: kind for kind, text in _KINDS.items() for word in text.split()}
_ORDER = {word: at for at, word in enumerate(_KINDS["id"].split())}
_PARTICIPANT = re.compile(r"\D*[^\d\s-][ \u00a0]([0-9]+)")
"""``Participant 123`` in Moodle's grading worksheet, in any language (``hiddenuser``)."""


@dataclass(frozen=True)
class Roster:
    """Who is in a class, in the order of the file."""

    kind: str
    """In words: ``a Canvas gradebook``."""
    students: list[Student]
    ids: list[list[str]]
    """All the numbers of each student."""


def read_roster(path: Path) -> Roster:
    """Read a roster: an export of Canvas's gradebook, Moodle's grading worksheet, GitHub
    Classroom's or Gradescope's roster, or any CSV file with headings that tell what is in it.

    UTF-8 and UTF-16 are told apart by their marks; what is neither is read as Windows-1252.
    Commas, semicolons, tabs and bars are told apart by the headings. Raises UsageError when it
    can't be read, or has no column that names or numbers students.
    """
    name = str(path)
    rows = _rows(_text(read_file(path, name, _MOST_BYTES), name), name)
    if not rows:
        raise UsageError(f"{safe(name)}: the roster is empty")
    heading, *rows = rows
    heading = [column.strip() for column in heading]
    kinds = [_KIND.get(_word(column), "") for column in heading]
    if not set(kinds) & {"id", "login", "name", "last", "email"}:
        shown = ", ".join(safe(column, most=40) for column in heading[:12])
        raise UsageError(
            f"{safe(name)}: no column of the roster says who a student is; its headings are: "
            f"{shown}; expected some of: name, first name, last name, id, login, email, section"
        )
    kind = _kind({_word(column) for column in heading})
    students, ids = [], []
    seen: set[str] = set()
    for row in rows:
        student, numbers = _student(kind, heading, kinds, row)
        what = student.id or student.login or student.email
        if not (what or student.name) or what in seen or _is_no_student(kind, student):
            continue
        seen |= {what} - {""}
        students.append(student)
        ids.append(numbers)
    if not students:
        raise UsageError(f"{safe(name)}: the roster has headings and no student")
    return Roster(kind, students, ids)


def _student(
    of: str, heading: list[str], kinds: list[str], row: list[str]
) -> tuple[Student, list[str]]:
    cells = [cell.strip() for cell in row]
    cells += [""] * (len(heading) - len(cells))
    by_kind: dict[str, str] = {}
    numbers: list[tuple[int, str]] = []
    for column, kind, cell in zip(heading, kinds, cells, strict=False):
        if not cell or not kind:
            continue
        if kind == "id":
            match = _PARTICIPANT.fullmatch(cell) if of == "a Moodle grading worksheet" else None
            numbers.append((_ORDER[_word(column)], match[1] if match else cell))
        by_kind.setdefault(kind, cell)
    numbers.sort(key=lambda number: number[0])
    name = by_kind.get("name", "")
    if not name:
        name = " ".join(filter(None, (by_kind.get("first"), by_kind.get("last"))))
    ids = [number for _, number in numbers]
    login = by_kind.get("login", "")
    email = by_kind.get("email", "") or next((each for each in [*ids, login] if "@" in each), "")
    student = Student(
        id=ids[0] if ids else "",
        name=name,
        login=login,
        email=email,
        section=by_kind.get("section", ""),
        columns={c: cell for c, cell in zip(heading, row, strict=False) if c},
    )
    return student, ids


def _kind(heading: set[str]) -> str:
    if (
        "id" in heading
        and heading & {"student", "lastname"}
        and heading & {"sisloginid", "section"}
    ):
        return "a Canvas gradebook"
    if {"identifier", "githubusername"} <= heading:
        return "a GitHub Classroom roster"
    if heading & {"identifier", "identifikator", "identifiant", "identificador"}:
        return "a Moodle grading worksheet"
    return "a Gradescope roster" if {"sid", "email"} <= heading else "a CSV file"


def _is_no_student(kind: str, student: Student) -> bool:
    """Canvas has rows of its own: points possible, and above it whether grades are hidden
    (``GradebookExporter``)."""
    return kind == "a Canvas gradebook" and not student.id


def is_test_student(student: Student) -> bool:
    """Whether that is the one that Canvas puts into each course to try things."""
    return student.name in ("Student, Test", "Test Student")


def _word(column: str) -> str:
    return squashed(column) or column


def _text(data: bytes, name: str) -> str:
    if data.startswith(b"PK\3\4"):
        raise UsageError(f"{safe(name)}: the roster is a spreadsheet or an archive: save it as CSV")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _rows(text: str, name: str) -> list[list[str]]:
    lines = text.replace("\0", "").lstrip("\r\n ")
    delimiter = ""
    if match := re.match(r"sep=(.)\r?\n", lines):  # Excel's own way to say it
        delimiter, lines = match[1], lines[match.end() :]
    if not delimiter:
        first = re.sub(r'"[^"]*"', "", lines.partition("\n")[0])
        delimiter = max(",;\t|", key=first.count)
    csv.field_size_limit(_MOST_OF_A_FIELD)
    try:
        rows = list(csv.reader(io.StringIO(lines, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise UsageError(f"{safe(name)}: the roster is no CSV file: {safe(str(error))}") from None
    return [row for row in rows if any(cell.strip() for cell in row)]


def key_of(student: Student) -> str:
    """What the entry of a student who handed in nothing is named after."""
    name = student.name or student.login or student.email
    return "_".join(filter(None, (name, student.id)))
