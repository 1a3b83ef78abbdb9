"""What people have who made their folders themselves, and what is run of it."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from grader.batch.collect import collect
from grader.batch.collect.choosing import choose
from grader.batch.collect.members import Refused
from grader.model import Batch, UsageError, from_json, to_json

from ..classes import FILE, zipped
from .collecting import FIG, collected, entry, rows


def test_a_file_a_student(tmp_path: Path) -> None:
    found = collected(
        tmp_path,
        "ana.py",
        "ana (1).py",
        "bob_fig18_03.py",
        "fig18_03-carol.PY",
        "dan.zip",
        "eve.docx",
        "fay.rar",
        "fig18_03.py",
        "student-1.py",
        "student-2.py",
        "README.md",
        "list.csv",
        "dee.py.txt",
    )
    assert found.batch.layout == "a file a student"
    assert [id_ for id_, (_, problem) in rows(found).items() if problem] == ["eve", "fay"]
    assert {*rows(found)} == {
        "ana",
        "bob",
        "carol",
        "dan",
        "dee",
        "eve",
        "fay",
        "student-1",
        "student-2",
    }
    assert entry(found, "ana").name == "ana (1).py"
    assert {u.name for u in found.batch.unplaced} == {"fig18_03.py", "README.md", "list.csv"}


def test_a_folder_a_student_and_files_among_them(tmp_path: Path) -> None:
    found = collected(
        tmp_path, "hw/ana/fig18_03.py", "hw/bob/", "hw/carol.py", "hw/dan/d.zip", "hw/.cache/x"
    )
    assert found.batch.layout == "a folder or a file a student"
    assert rows(found) == {
        "ana": (FILE, None),
        "bob": ("", "nothing is in it"),
        "carol": (FILE, None),
        "dan": (FILE, None),
    }
    assert [u.name for u in found.batch.unplaced] == ["hw/.cache"]


def test_one_submission(tmp_path: Path) -> None:
    found = collected(tmp_path, FILE, "more.py/x", "notes.txt", own="ana")
    assert (found.batch.layout, rows(found)) == ("one submission", {"ana": (FILE, None)})
    (only,) = found.batch.entries
    assert (only.folder, {*found.files["ana"]}) == (True, {FILE, "more.py/x", "notes.txt"})


def test_a_class_in_the_only_archive_of_a_folder(tmp_path: Path) -> None:
    tree = {f"{name}/{FILE}": b"1" for name in ("ana", "bob")}
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "download.zip").write_bytes(zipped(tree))
    found = collected(tmp_path)
    assert found.batch.layout == "a folder a student, in an archive"
    assert [each.name for each in found.batch.entries] == [
        "download.zip/ana/fig18_03.py",
        "download.zip/bob/fig18_03.py",
    ]


@pytest.mark.parametrize("packed", [False, True])
def test_a_roster_may_lie_beside_the_submissions(packed: bool, tmp_path: Path) -> None:
    tree = {f"{name}/{FILE}": b"1" for name in ("ana", "bob")}
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "gradebook.csv").write_bytes(b"Name")
    if packed:
        (tmp_path / "in" / "work.zip").write_bytes(zipped(tree))
    found = collected(tmp_path, *(() if packed else [f"work/{place}" for place in tree]))
    assert rows(found) == {"ana": (FILE, None), "bob": (FILE, None)}
    assert [each.name for each in found.batch.unplaced] == ["gradebook.csv"]


def test_the_only_archive_of_a_folder_may_be_a_students(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    tree = {f"src/{FILE}": b"1", "tests/test_it.py": b"2"}
    (tmp_path / "in" / "ana.zip").write_bytes(zipped(tree))
    found = collected(tmp_path)
    assert rows(found) == {"ana": (f"src/{FILE}", None)}


def test_links_and_what_is_no_file_are_refused(tmp_path: Path) -> None:
    for name in ("ana", "bob", "carol", "dan"):
        (tmp_path / "in" / name).mkdir(parents=True)
        (tmp_path / "in" / name / FILE).write_bytes(b"1")
    (tmp_path / "in" / "ana" / "link").symlink_to("/etc")
    os.mkfifo(tmp_path / "in" / "bob" / "fifo")
    shutil.rmtree(tmp_path / "in" / "carol")
    (tmp_path / "in" / "carol").symlink_to("dan")
    (tmp_path / "in" / "eve.py").symlink_to("dan/fig18_03.py")
    assert rows(collected(tmp_path)) == {
        "ana": ("", "link: it is a link"),
        "bob": ("", "fifo: it is no regular file"),
        "carol": ("", "carol: it is a link"),
        "dan": (FILE, None),
        "eve": ("", "fig18_03.py: it is a link"),
    }


@pytest.mark.skipif(sys.platform == "darwin", reason="its file systems allow no such names")
def test_names_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    names = [b"\xff\x1b[2J", b"\xfe\n"]
    for name in names:
        (tmp_path / "in" / os.fsdecode(name + b".py")).write_bytes(name)
    found = collected(tmp_path)
    assert {found.files[e.id][e.file].read_bytes() for e in found.batch.entries} == {*names}
    from_json(to_json(found.batch), Batch)


@pytest.mark.skipif(sys.platform == "darwin", reason="its file systems allow no such names")
def test_files_that_differ_only_in_case_are_refused_in_archives_only(tmp_path: Path) -> None:
    found = collected(tmp_path, "ana/fig18_03.py", "ana/readme", "ana/README", "bob/fig18_03.py")
    assert entry(found, "ana").problem is None
    assert len(found.files["ana"]) == 3


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"", "is empty"), (b"\0", "binary"), (b"\xff\xfei\0", "UTF-16"), (b"#" * 200_001, "200,000")],
)
def test_a_program_that_is_no_text_is_a_problem(data: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "ana.py").write_bytes(data)
    (only,) = collected(tmp_path).batch.entries
    assert words in (only.problem or "")


@pytest.mark.parametrize(
    ("places", "chosen", "noted"),
    [
        (["fig18_03.py"], 0, False),
        (["a.py", "fig18_03.py"], 1, False),
        (["fig18_03.py", "old/fig18_03.py"], 0, True),
        (["fig18_03-1.py"], 0, False),
        (["fig18_03.py", "fig18_03-1.py", "fig18_03-2.py"], 2, True),
        (["fig18_03-9.py", "fig18_03-10.py"], 1, True),
        (["fig18_03-2.py", "fig18_03-01234567-89ab-cdef-0123-456789abcdef.py"], 1, True),
        (["fig18_03 (1).py", "fig18_03.py"], 0, True),
        (["FIG18_03.PY", "other.py"], 0, True),
        (["src/main.py", "notes.txt"], 0, True),
        (["fig18_03.py.txt"], 0, True),
        (["fig18_03_final.py"], 0, True),
    ],
)
def test_which_file_is_run(places: list[str], chosen: int, noted: bool) -> None:
    place, notes = choose(places, FILE)
    assert (place, bool(notes)) == (places[chosen], noted)


@pytest.mark.parametrize(
    ("places", "words"),
    [
        (["a.py", "b.py"], "none of its Python files is called fig18_03.py: a.py, b.py"),
        (["x/fig18_03.py", "y/fig18_03.py"], "more than once"),
        (["report.pdf"], "no other Python file, but report.pdf"),
        (["work.7z"], "make it a zip"),
    ],
)
def test_where_nothing_can_be_chosen_it_is_said_why(places: list[str], words: str) -> None:
    with pytest.raises(Refused, match=words):
        choose(places, FILE)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: None, "no such file or folder"),
        (lambda path: path.mkdir(), "it is empty"),
        (lambda path: path.write_bytes(b"print()"), "neither a folder nor a zip or tar archive"),
        (lambda path: path.write_bytes(zipped({})), "it is empty"),
        (lambda path: path.write_bytes(b"PK\3\4 broken"), "broken archive"),
        (lambda path: (path.mkdir(), (path / "x.csv").touch()), "which contains: x.csv"),
    ],
)
def test_what_is_no_class_is_a_usage_error(make: object, words: str, tmp_path: Path) -> None:
    make(tmp_path / "in")  # type: ignore[operator]
    with pytest.raises(UsageError, match=words):
        collect(tmp_path / "in", FIG, tmp_path / "unpacked")
