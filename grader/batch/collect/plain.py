"""Folders that people make themselves: a file or a folder a student, or a single submission."""

from __future__ import annotations

import re

from grader.batch.collect.archives import is_archive, is_foreign, without_ending
from grader.batch.collect.choosing import attempt_of, is_python
from grader.batch.collect.found import Found, Recognised
from grader.batch.collect.members import Folder, Member, walk
from grader.model import Student, Unplaced

_HANDED_IN = (".c", ".doc", ".docx", ".ipynb", ".java", ".odt", ".pdf", ".pyc", ".rtf", ".txt")
"""Endings of what students hand in by mistake; a file of any other kind is taken for the
instructor's."""
_COPY = re.compile(r" ?\((?P<number>[0-9]{1,3})\)$")
_BRANCH = re.compile(r"-(?:main|master)$")
"""What GitHub puts at the end of the name of a repository's zip."""


def single(folder: Folder, expected: str) -> Recognised | None:
    """Recognise the folder of one submission: its file is there, and no other student's."""
    python = [name for name in folder.files if is_python(name)]
    mine = [name for name in python if attempt_of(name, expected) is not None]
    if not mine or any(is_archive(name) for name in folder.files):
        return None
    if any(_has_program(inner, expected) for inner in folder.folders.values()):
        return None
    if len(python) > len(mine) and not folder.repository:
        return None
    found = Found(
        key=folder.own_name,
        name=folder.name or folder.own_name,
        student=Student(name=folder.own_name),
        folders=[folder],
    )
    return Recognised(layout="one submission", found=[found])


def plain(folder: Folder, expected: str) -> Recognised | None:
    """Recognise a folder with a file or a folder a student; None when nothing is like that."""
    unplaced: list[Unplaced] = []
    groups: dict[str, dict[str, Member]] = {}
    for name, member in folder.files.items():
        reason = _not_handed_in(name, expected)
        if reason:
            unplaced.append(Unplaced(name=member.name, reason=member.fault or reason))
        else:
            groups.setdefault(_owner(name, expected), {})[name] = member
    for key in [*groups]:  # "ana (1).py" is another of ana's when there is "ana.py"
        match = _COPY.search(key)
        if match and key[: match.start()] in groups:
            groups[key[: match.start()]] |= groups.pop(key)
    found = [_of_files(folder, key, files, expected) for key, files in groups.items()]
    for name, inner in folder.folders.items():
        if name.startswith("."):
            reason = "it is hidden" if name != ".." else "its path leads out of the archive"
            unplaced.append(Unplaced(name=inner.name, reason=reason))
    inners = [inner for name, inner in folder.folders.items() if not name.startswith(".")]
    for inner in inners:
        student = Student(name=inner.own_name)
        found.append(Found(key=inner.own_name, name=inner.name, student=student, folders=[inner]))
    if not found:
        return None
    layout = "a file a student" if groups else ""
    if inners:
        layout = "a folder or a file a student" if groups else "a folder a student"
    return Recognised(layout=layout, found=found, unplaced=unplaced)


def _has_program(folder: Folder, expected: str) -> bool:
    names = [place.rsplit("/", 1)[-1] for place, _ in walk(folder)]
    return any(attempt_of(name, expected) is not None or is_archive(name) for name in names)


def _not_handed_in(name: str, expected: str) -> str:
    """Why a file in the folder of a class is nobody's submission; empty when it is somebody's."""
    if name.startswith("."):
        return "it is hidden"
    if is_python(name) and attempt_of(name, expected) is not None:
        return "it has the assignment's name, and no student's"
    if is_python(name) or is_archive(name) or is_foreign(name):
        return ""
    lower = name.casefold()
    if lower.startswith("readme") or not ("." not in name or lower.endswith(_HANDED_IN)):
        return "it is no Python file and no archive"
    return ""


def _owner(name: str, expected: str) -> str:
    """Whose a file is, by its name: without the assignment's, wherever that stands."""
    stem = re.sub(r"\.py$", "", without_ending(name), flags=re.IGNORECASE)
    stem = _BRANCH.sub("", stem)
    wanted = re.escape(expected.rpartition(".")[0])
    shorter = re.sub(rf"^{wanted}[ _-]+|[ _-]+{wanted}(?=$| ?\([0-9]+\)$)", "", stem, flags=re.I)
    return shorter or stem


def _of_files(folder: Folder, key: str, files: dict[str, Member], expected: str) -> Found:
    """Files with one student's name; Python files get the name that the assignment expects."""
    places: dict[str, Member] = {}
    for name, member in files.items():
        copy = _COPY.search(without_ending(name))
        stem, dot, ending = expected.rpartition(".")
        place = f"{stem} ({copy['number']}){dot}{ending}" if copy else expected
        if not name.casefold().endswith(".py") or place in places:
            place = name
        places[place] = member
    name = next(iter(files.values())).name if len(files) == 1 else folder.inside(key)
    return Found(key=key, name=name, student=Student(name=key), files=places)
