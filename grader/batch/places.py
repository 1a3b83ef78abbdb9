"""Files by their places in a folder: read, written, and told apart by their content."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from grader.assignments.assignment import Assignment
from grader.model import UsageError
from grader.model.safe import safe

_NOT_NEEDED = ("mistakes", "__pycache__", "README.md")
"""Of an assignment's folder: no part of judging."""

_MOST_BYTES = 50_000_000
"""In all, of an assignment."""


def assignment_files(assignment: Assignment) -> dict[str, bytes]:
    """What judging and running take of an assignment's folder.

    Raises UsageError when it can't be read, or is far too large to be sent around.
    """
    files: dict[str, bytes] = {}
    size = 0
    for path in sorted(assignment.folder.rglob("*")):
        place = path.relative_to(assignment.folder)
        if place.parts[0].startswith(".") or any(part in _NOT_NEEDED for part in place.parts):
            continue
        if not path.is_file():
            continue
        try:
            data = path.read_bytes()
        except OSError as error:
            raise UsageError(f"{path} can't be read: {error.strerror}") from None
        size += len(data)
        if size > _MOST_BYTES:
            raise UsageError(
                f"{assignment.folder} has more than {_MOST_BYTES // 1_000_000} MB of files"
            )
        files[place.as_posix()] = data
    return files


def unpack(files: Mapping[str, bytes], folder: Path) -> None:
    """Write files to their places in a folder. Raises UsageError for a place outside of it."""
    folder.mkdir(parents=True, exist_ok=True)
    for place, data in files.items():
        path = PurePosixPath(place)
        if path.is_absolute() or ".." in path.parts or not path.parts:
            raise UsageError(f"{safe(place)}: not a place inside a folder")
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def digest(files: Mapping[str, bytes]) -> str:
    """A hash (SHA-256) of files' places and contents."""
    found = hashlib.sha256()
    for place, data in sorted(files.items()):
        found.update(hashlib.sha256(place.encode(errors="surrogateescape")).digest())
        found.update(hashlib.sha256(data).digest())
    return found.hexdigest()


def read_files(folder: Path) -> dict[str, bytes]:
    """All regular files in a folder, by place: what ``unpack`` writes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
