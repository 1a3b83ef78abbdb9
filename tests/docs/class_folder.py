"""A small class, as learning management systems give it out: what the pages grade.

Seven students: one is right, two made the same mistake (one of them late), one relied on sleep,
one can't spell Python, one handed in a text, one nothing. Moodle's class is the last three and the
first.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_MISTAKES = ROOT / "assignments" / "fig18_03" / "mistakes"
_STUDENTS = (
    # Canvas's and Moodle's number, last and first name, file, program
    (101, "Doe", "Ana", "fig18_03.py", ROOT / "reference" / "fig18_03.py"),
    (102, "Lee", "Bo", "fig18_03-1.py", _MISTAKES / "one_wait.py"),
    (103, "Garcia", "Eva", "LATE fig18_03.py", _MISTAKES / "one_wait.py"),
    (104, "Okafor", "Tobi", "fig18_03.py", _MISTAKES / "sleep_as_synchronization.py"),
    (105, "Novak", "Jan", "fig18_03.py", _MISTAKES / "syntax_error.py"),
    (106, "Silva", "Mia", "notes.txt", None),
    (107, "Wu", "Kai", "", None),
)


def make_class(folder: Path) -> None:
    """Write ``submissions.zip`` and ``gradebook.csv`` (Canvas), ``moodle.zip`` and
    ``worksheet.csv`` (Moodle) into a folder."""
    canvas, moodle = {}, {}
    book = [["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Homework 3 (4711)"]]
    book.append(["    Points Possible", "", "", "", "", "20.00"])
    sheet = [["Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade"]]
    sheet[0] += ["Last modified (grade)", "Feedback comments"]
    for number, last, first, file, program in _STUDENTS:
        login = f"{first}.{last}".lower()
        book.append([f"{last}, {first}", str(number), f"S{number}", login, "OS 1", ""])
        in_moodle = number in (101, 105, 106, 107)
        who = f"{first} {last}"
        email = f"{login}@example.edu"
        if in_moodle:
            sheet.append([f"Participant {number}", who, email, "Submitted", "", "20.00", "-", ""])
        if not file:
            continue
        data = _program(program) if program else b"I will hand it in tomorrow.\n"
        late, name = ("LATE_", file[5:]) if file.startswith("LATE ") else ("", file)
        canvas[f"{last}{first}_".lower() + f"{late}{number}_{8000 + number}_{name}"] = data
        if in_moodle:
            moodle[f"{who}_{number}_assignsubmission_file/{name}"] = data
    for archive, files in ("submissions.zip", canvas), ("moodle.zip", moodle):
        with zipfile.ZipFile(folder / archive, "w") as opened:
            for place, data in files.items():
                opened.writestr(place, data)
    for table, rows in ("gradebook.csv", book), ("worksheet.csv", sheet):
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        (folder / table).write_text(text.getvalue(), encoding="utf-8")


def _program(path: Path) -> bytes:
    """A program without the lines that say what is wrong with it."""
    text = path.read_text(encoding="utf-8")
    return re.sub(r"\A(#[^\n]*\n)+\n*", "", text).encode()
