"""Files that were handed in, in a folder or an archive: listed first, read when they are needed.

Nothing here follows a link, opens a device, or trusts a name.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.assignments.reading import read_file, reason
from grader.model import UsageError
from grader.model.safe import safe

MOST_FILES = 1_000
"""Files of one submission."""
MOST_BYTES = 20_000_000
"""Bytes of one submission, all its files together; no archive that a student hands in is
larger either."""
MOST_IN_A_FOLDER = 100_000
"""Names in one folder of the disk that are looked at."""
MOST_DEPTH = 40
_MOST_OF_A_NAME, _MOST_OF_A_PLACE = 250, 1_000
"""Bytes; systems allow 255, and 4,096 for what comes before as well (NAME_MAX, PATH_MAX)."""

_JUNK = {
    "__macosx",
    "__pycache__",
    ".ds_store",
    ".git",
    ".idea",
    ".ipynb_checkpoints",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".vscode",
    "desktop.ini",
    "thumbs.db",
}
"""What systems and editors leave behind, casefolded: it is nobody's work."""


class Refused(Exception):
    """What was handed in is not used; the message says why, without capital and full stop."""


def is_junk(name: str) -> bool:
    """Whether a file or folder of this name is nobody's work."""
    return name.casefold() in _JUNK or name.startswith("._") or name.endswith(".pyc")


@dataclass(frozen=True, slots=True)
class Member:
    """A file that was handed in."""

    name: str
    """Where it is, from the folder of submissions on."""
    size: int
    """Bytes, as its folder or archive says; what is read is counted again."""
    read: Callable[[int], bytes]
    """Read it, when it has no more bytes than this. Raises Refused."""
    path: Path | None = None
    """Where it lies, if not in an archive."""
    fault: str = ""
    """Why it is not to be used, such as "it is a link"."""


class Folder:
    """A folder of the disk, or in an archive. On a disk it is listed when it is asked for."""

    def __init__(self, name: str, path: Path | None = None, own_name: str = "") -> None:
        """``name`` is where it is, from the folder of submissions on (which is ``""``), and
        ``path`` where it lies on the disk."""
        self.name = name
        self.own_name = own_name or name.rsplit("/", 1)[-1]
        self._pending = path
        self._files: dict[str, Member] = {}
        self._folders: dict[str, Folder] = {}
        self._repository = False

    @property
    def files(self) -> dict[str, Member]:
        """Its files, and all else that is no folder, by name and in order."""
        self._list()
        return self._files

    @property
    def folders(self) -> dict[str, Folder]:
        """Its folders, by name and in order."""
        self._list()
        return self._folders

    @property
    def repository(self) -> bool:
        """Whether it is a clone of a Git repository."""
        self._list()
        return self._repository

    def inside(self, name: str) -> str:
        """Where a file of this name is that is in it."""
        return f"{self.name}/{name}" if self.name else name

    def add(self, parts: tuple[str, ...], member: Member | None) -> None:
        """Put a file in, or a folder when ``member`` is None, at the place ``parts``."""
        if any(is_junk(part) for part in parts):
            if ".git" in parts:
                self._at(parts[: parts.index(".git")])._repository = True
            return
        if member is None:
            self._at(parts)
            return
        folder = self._at(parts[:-1])
        if parts[-1] in folder._files:
            member = faulty(member.name, "it is there twice")
        folder._files[parts[-1]] = member

    def sort(self) -> None:
        """Put everything in order of names, once all is in."""
        self._files = dict(sorted(self._files.items()))
        self._folders = dict(sorted(self._folders.items()))
        for folder in self._folders.values():
            folder.sort()

    def _at(self, parts: tuple[str, ...]) -> Folder:
        folder = self
        for part in parts:
            if part not in folder._folders:
                folder._folders[part] = Folder(folder.inside(part))
            folder = folder._folders[part]
        return folder

    def _list(self) -> None:
        path, self._pending = self._pending, None
        if path is None:
            return
        try:
            with os.scandir(path) as listing:
                for number, entry in enumerate(listing):
                    if number == MOST_IN_A_FOLDER:
                        words = f"it has more than {MOST_IN_A_FOLDER:,} files"
                        self._files["..."] = faulty(self.name, words)
                        break
                    self._look(entry)
        except OSError as error:
            self._files["..."] = faulty(self.name, f"it can't be read: {reason(error)}")
        self._files = dict(sorted(self._files.items()))
        self._folders = dict(sorted(self._folders.items()))

    def _look(self, entry: os.DirEntry[str]) -> None:
        if entry.name == ".git":
            self._repository = True
        if is_junk(entry.name):
            return
        name, path = self.inside(entry.name), Path(entry.path)
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError as error:
            self._files[entry.name] = faulty(name, f"it can't be read: {reason(error)}")
            return
        if stat.S_ISDIR(status.st_mode):
            self._folders[entry.name] = Folder(name, path)
        elif stat.S_ISREG(status.st_mode):
            self._files[entry.name] = Member(name, status.st_size, _reader(path, name), path)
        else:
            self._files[entry.name] = faulty(name, kind_of(status.st_mode))


def kind_of(mode: int) -> str:
    """Why what has this mode (inode(7)) is not used: a link, or a device."""
    return "it is a link" if stat.S_ISLNK(mode) else "it is no regular file"


def faulty(name: str, fault: str) -> Member:
    """Something that is there and must not be used."""

    def refuse(most: int) -> bytes:
        raise Refused(fault)

    return Member(name, 0, refuse, None, fault)


def _reader(path: Path, name: str) -> Callable[[int], bytes]:
    def read(most: int) -> bytes:
        try:
            return read_file(path, name.rsplit("/", 1)[-1], most)
        except UsageError as error:
            raise Refused(str(error)) from None

    return read


def walk(folder: Folder, depth: int = 0) -> Iterator[tuple[str, Member]]:
    """Yield each file at any depth, with its place in the folder: ``src/fig18_03.py``.

    What lies deeper than forty folders is one that is faulty.
    """
    yield from folder.files.items()
    for name, inner in folder.folders.items():
        if depth == MOST_DEPTH:
            yield name, faulty(inner.name, f"it is more than {MOST_DEPTH} folders deep")
            return
        for place, member in walk(inner, depth + 1):
            yield f"{name}/{place}", member


def _bytes(name: str) -> int:
    return len(name.encode(errors="surrogatepass"))


def within_bounds(members: Iterator[tuple[str, Member]]) -> dict[str, Member]:
    """Return the files of one submission by their places.

    Raises Refused when one of them is not to be used, when they are too many or too large, and
    when those of an archive can't lie in one folder on every system.
    """
    found: dict[str, Member] = {}
    seen: dict[str, str] = {}
    size = 0
    for place, member in members:
        if member.fault:
            raise Refused(f"{safe(place, most=200)}: {member.fault}")
        if len(found) == MOST_FILES:
            raise Refused(f"it has more than {MOST_FILES:,} files")
        size += member.size
        if size > MOST_BYTES:
            verb = "unpacks to" if member.path is None else "has"
            raise Refused(f"it {verb} more than {MOST_BYTES:,} bytes")
        if any(_bytes(name) > _MOST_OF_A_NAME for name in place.split("/")) or (
            _bytes(place) > _MOST_OF_A_PLACE
        ):
            raise Refused(f"{safe(place, most=60)}: its name is too long")
        other = seen.setdefault(place.casefold(), place)
        if other != place and member.path is None:
            both = f"{safe(other, most=200)} and {safe(place, most=200)}"
            raise Refused(f"{both} differ only in upper and lower case")
        found[place] = member
    for place in found:
        above = place.casefold().split("/")[:-1]
        for number in range(1, len(above) + 1):
            if "/".join(above[:number]) in seen:
                shown = safe("/".join(place.split("/")[:number]), most=200)
                raise Refused(f"{shown} is there as a file and as a folder")
    return found
