"""Collecting a class: from what an instructor has on the disk to a batch."""

from __future__ import annotations

import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO

import msgspec

from grader.assignments import Assignment
from grader.assignments.reading import exists, is_folder, reason
from grader.batch.collect.archives import is_archive, is_foreign, open_large, without_ending
from grader.batch.collect.choosing import attempt_of, is_python
from grader.batch.collect.downloads import canvas, github, moodle
from grader.batch.collect.found import Recognised
from grader.batch.collect.gradescope import gradescope
from grader.batch.collect.matching import match
from grader.batch.collect.members import Folder, Member, Refused
from grader.batch.collect.naming import entry_ids
from grader.batch.collect.plain import plain, single
from grader.batch.collect.roster import key_of, read_roster
from grader.batch.collect.settling import settle
from grader.model import Batch, Entry, Unplaced, UsageError
from grader.model.safe import safe

_MOST_WRAPPED = 10
"""Folders around the folder of submissions."""


class Collected(msgspec.Struct, frozen=True, kw_only=True):
    """A batch, and where the files of its submissions lie."""

    batch: Batch
    files: dict[str, dict[str, Path]]
    """By entry, and by place within what was handed in: ``src/fig18_03.py``. Regular files all;
    none where nothing was handed in, or where what was is refused."""
    roster: str = ""
    """What the roster was recognised as, in words."""


def collect(
    source: Path, assignment: Assignment, unpack_to: Path, roster: Path | None = None
) -> Collected:
    """Collect the submissions to an assignment.

    ``source`` is a folder, or a zip or tar archive of one. Its layout is recognised by what is in
    it: a download of Canvas, Moodle or Gradescope, clones of GitHub Classroom, or a file or a
    folder a student. ``unpack_to`` is an empty folder, or one to be made, for files that lie
    in archives. ``roster`` is a CSV file with the students of the class.

    A submission that can't be used is an entry with a problem. Raises UsageError when there is
    no source, when nothing in it is like a submission, and when the roster can't be read.
    """
    students = read_roster(roster) if roster is not None else None
    name = safe(str(source))
    with ExitStack() as stack:
        try:
            root = _open(source, stack, unpack_to)
            recognised = _recognise(root, assignment, stack, unpack_to)
        except Refused as refused:
            raise UsageError(f"{name}: {refused}") from None
        if recognised is None:
            raise UsageError(f"{name}: nothing in it is like a submission{_contents(root)}")
        found = recognised.found
        missing = match(found, students) if students else []
        keys = [each.key for each in found] + [key_of(student) for student in missing]
        ids = entry_ids(keys)
        settled = [
            settle(each, assignment, unpack_to / f"{number:05}")
            for number, each in enumerate(found)
        ]
    entries = [each.entry(id_) for id_, each in zip(ids, settled, strict=False)]
    files = {id_: each.files for id_, each in zip(ids, settled, strict=False)}
    for id_, student in zip(ids[len(found) :], missing, strict=True):
        entries.append(Entry(id=id_, student=student, problem="nothing was handed in"))
        files[id_] = {}
    batch = Batch(
        assignment=assignment.id,
        title=assignment.title,
        layout=recognised.layout + ("" if is_folder(source) else ", in an archive"),
        entries=sorted(entries, key=lambda entry: entry.id),
        unplaced=sorted(recognised.unplaced, key=lambda unplaced: unplaced.name),
    )
    words = f"{students.kind} with {len(students.students)} students" if students else ""
    return Collected(batch=batch, files=files, roster=words)


def _open(source: Path, stack: ExitStack, unpack_to: Path) -> Folder:
    """The folder of submissions, in an archive or not. Raises Refused when it is neither."""
    own_name = source.resolve().name
    if is_folder(source):
        return Folder("", source, own_name)
    if not exists(source):
        raise Refused("there is no such file or folder")
    try:
        if not stat.S_ISREG(source.stat().st_mode):
            raise Refused("it is neither a folder nor an archive")
        file = stack.enter_context(source.open("rb"))
    except OSError as error:
        raise Refused(f"it can't be read: {reason(error)}") from None
    root = open_large(file, own_name, _spool(stack, unpack_to))
    if root is None:
        words = "; 'grader check' judges one submission" if is_python(own_name) else ""
        raise Refused(f"it is neither a folder nor a zip or tar archive{words}")
    root.own_name = without_ending(own_name)
    return root


def _spool(stack: ExitStack, unpack_to: Path) -> Callable[[], IO[bytes]]:
    def spool() -> IO[bytes]:
        unpack_to.mkdir(parents=True, exist_ok=True)
        return stack.enter_context(tempfile.TemporaryFile(dir=unpack_to))

    return spool


def _recognise(
    root: Folder, assignment: Assignment, stack: ExitStack, unpack_to: Path
) -> Recognised | None:
    """Recognise the layout of a folder of submissions, or of the only folder in it, and so on."""
    chain = list(_wrapped(root))
    for folder, beside in chain:
        found = (
            gradescope(folder)
            or canvas(folder, assignment.file)
            or moodle(folder)
            or github(folder, (assignment.id, assignment.title))
        )
        if found:
            return _with(found, beside)
    folder, beside = chain[-1]
    archives = [member for name, member in folder.files.items() if is_archive(name)]
    others = _beside(folder)
    if len(archives) == 1 and len(others) == len(folder.files) - 1 and not folder.folders:
        found = _recognise_archive(archives[0], assignment, stack, unpack_to)
        if found is not None:
            return _with(found, beside + others)
    one = single(folder, assignment.file)
    if one is not None and len(chain) == 1:
        return one
    if one is not None:
        folder, beside = chain[-2]
    found = plain(folder, assignment.file)
    return _with(found, beside) if found is not None else None


def _wrapped(folder: Folder) -> Iterator[tuple[Folder, list[Unplaced]]]:
    """Yield a folder, then the only folder in it where no file beside that could be a
    submission, and so on; and with each the files that were beside."""
    beside: list[Unplaced] = []
    for _ in range(_MOST_WRAPPED):
        yield folder, beside
        others = _beside(folder)
        if len(folder.folders) != 1 or len(others) != len(folder.files):
            return
        beside = beside + others
        (folder,) = folder.folders.values()


def _beside(folder: Folder) -> list[Unplaced]:
    """Its files that are no submission, such as a roster beside the folder of submissions."""
    return [
        Unplaced(name=member.name, reason=member.fault or "it is no Python file and no archive")
        for name, member in folder.files.items()
        if not (is_python(name) or is_archive(name) or is_foreign(name))
    ]


def _with(recognised: Recognised, beside: list[Unplaced]) -> Recognised:
    recognised.unplaced += beside
    return recognised


def _recognise_archive(
    archive: Member, assignment: Assignment, stack: ExitStack, unpack_to: Path
) -> Recognised | None:
    """Look whether the only archive of a folder holds a class, and not one submission."""
    if archive.path is None:
        return None
    try:
        file = stack.enter_context(archive.path.open("rb"))
        root = open_large(file, archive.name, _spool(stack, unpack_to))
        if root is None:
            return None
        root.own_name = without_ending(root.own_name)
        found = _recognise(root, assignment, stack, unpack_to)
    except (OSError, Refused):
        return None  # it is said when it is taken for a submission
    if found is None:
        return None
    found.layout += ", in an archive"
    named = found.layout.startswith(("a Canvas", "a Moodle", "a Gradescope"))
    return found if named or _of_several(found, assignment.file) else None


def _of_several(recognised: Recognised, expected: str) -> bool:
    """Whether more than one submission has the assignment's file, so that they are no folders of
    a single one."""
    those = [
        found
        for found in recognised.found
        if any(attempt_of(place.rsplit("/", 1)[-1], expected) for place, _ in found.members())
    ]
    return len(those) > 1


def _contents(folder: Folder) -> str:
    names = [*folder.folders, *folder.files]
    if not names:
        return ": it is empty"
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    return f", which contains: {', '.join(safe(name, most=60) for name in names[:8])}{more}"
