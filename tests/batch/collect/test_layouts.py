"""What people really have on the disk: whose is what, what is run, and why the rest is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.assignments import find
from grader.batch.collect import collect

from ..classes import FILE, LAYOUTS, Handed, make_class

FIG = find("fig18_03")
BALANCED = dict.fromkeys(("reference", "mistake", "hostile", "broken", "missing"), 0.2)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_student_gets_their_own_entry_in_every_layout(layout: str, tmp_path: Path) -> None:
    made = make_class(tmp_path / "made", 90, layout, 7, BALANCED)
    found = collect(made.source, FIG, tmp_path / "unpacked", made.roster)
    by_email = {entry.student.email: entry for entry in found.batch.entries}
    assert len(by_email) == len(found.batch.entries) == 90
    for student in made.students:
        entry = by_email[student.email]
        if student.outcome == "graded":
            assert (entry.problem, entry.name != "") == (None, True), student
            ran = found.files[entry.id][entry.file].read_bytes()
            assert ran == _program(student), student
        else:
            assert entry.problem, student
            assert (entry.name == "") == (student.outcome == "missing"), student
    assert found.batch.unplaced == []


@pytest.mark.parametrize("layout", [layout for layout in LAYOUTS if "." not in layout])
def test_an_archive_gives_the_same_as_the_folder(layout: str, tmp_path: Path) -> None:
    rows = []
    for form in (layout, f"{layout}.zip", layout):
        around = tmp_path / str(len(rows))
        made = make_class(around, 40, form, 3, BALANCED)
        found = collect(made.source, FIG, around / "unpacked")
        entries = [(e.id, e.file, e.problem is None, e.attempt) for e in found.batch.entries]
        files = {
            (i, f, p.is_symlink() or p.read_bytes())
            for i, of in found.files.items()
            for f, p in of.items()
        }
        rows.append((entries, files))
    assert rows[0] == rows[1] == rows[2]


def _program(student: Handed) -> object:
    if student.program == "zipped":
        return _program_of("reference")
    if FILE in student.files:
        return student.files[FILE]
    (content,) = student.files.values()
    return content


def _program_of(name: str) -> bytes:
    return (Path(__file__).parent.parent.parent.parent / name / FILE).read_bytes()
