"""Finding assignments: the bundled ones, one by name or folder, the one a file is meant for."""

from __future__ import annotations

import os
import re
from difflib import get_close_matches
from pathlib import Path

from grader.assignments.assignment import FILE_NAME, Assignment, did_you_mean, load
from grader.assignments.reading import exists, is_folder
from grader.model import UsageError
from grader.model.safe import safe

_PACKAGE = Path(__file__).resolve().parent.parent


def bundled_folder() -> Path:
    """Where the assignments are that come with grader.

    In a wheel they are inside the package; in a source checkout, beside it.
    """
    inside = _PACKAGE / "_bundled" / "assignments"
    return inside if inside.is_dir() else _PACKAGE.parent / "assignments"


def all_assignments() -> list[Assignment]:
    """The bundled assignments, by id. Raises UsageError when one of them is broken."""
    folders = (path.parent for path in bundled_folder().glob(f"*/{FILE_NAME}"))
    return sorted((load(folder) for folder in folders), key=lambda each: each.id)


def find(name: str | Path) -> Assignment:
    """Return the assignment with this id among the bundled ones, or in this folder.

    A word without a path separator is an id first. Raises UsageError when there is none.
    """
    word = os.fspath(name)
    is_path = isinstance(name, Path) or os.sep in word or word in (".", "..")
    known = [] if is_path else all_assignments()
    for assignment in known:
        if assignment.id == word:
            return assignment
    folder = Path(word)
    if folder.name == FILE_NAME:
        folder = folder.parent
    if exists(folder / FILE_NAME):
        return load(folder)
    if is_path:
        if not is_folder(folder):
            raise UsageError(f"no such folder: {safe(word)}")
        return load(folder)
    ids = [assignment.id for assignment in known]
    raise UsageError(
        f"no assignment {word!r}{did_you_mean(word, ids)}; known ones: {', '.join(ids) or 'none'}. "
        "Give one of these, or the folder of an assignment, with -a."
    )


def guess(submission: Path) -> Assignment:
    """Return the bundled assignment that a file, or a folder with the file, is meant for.

    Students rename files: ``smith_fig18_03.py``, ``fig18_03-2.py`` and ``Fig18_03 (1).py`` are
    meant for ``fig18_03``. Raises UsageError when no assignment fits, or more than one.
    """
    known = all_assignments()
    name = safe(submission.name)
    if is_folder(submission):
        inside = [each for each in known if (submission / each.file).is_file()]
        if len(inside) > 1:
            files = ", ".join(each.file for each in inside)
            raise UsageError(f"{name} holds {files}: say which assignment, with -a")
        if inside:
            return inside[0]
    for each in known:
        if submission.name == each.file:
            return each
    stem = _plain(submission.stem)
    named = [each for each in known if _names(stem, each)]
    if len(named) == 1:
        return named[0]
    ids = [each.id for each in known]
    if named:
        choices = " or ".join(f"-a {each.id}" for each in named)
        raise UsageError(f"the name {name} fits several assignments: give {choices}")
    close = get_close_matches(stem, ids, n=1, cutoff=0.5)
    meant = f" Did you mean -a {close[0]}?" if close else ""
    raise UsageError(
        f"can't tell from the name {name} which assignment it is for.{meant} "
        f"Give -a with one of: {', '.join(ids) or 'none are installed'}."
    )


def _plain(name: str) -> str:
    """Lower case, with every run of other characters as one underscore."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower())


def _names(stem: str, assignment: Assignment) -> bool:
    """Whether a plain file name contains the assignment's id, or its file's, as whole words."""
    words = {_plain(assignment.id), _plain(Path(assignment.file).stem)}
    return any(re.search(rf"(^|_){re.escape(word)}(_|$)", stem) for word in words)
