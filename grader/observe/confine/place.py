"""Private folders: where confined programs run, and where they keep temporary files.

Their names are the same for the same program each time, as far as runs don't overlap, so that
what a program prints of them is too. A lock on each tells whether its grader lives: what a
killed one left is removed by the next that comes, if its janitor did not get to it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path

from grader.model import GraderError, UsageError
from grader.observe.confine import janitor
from grader.observe.confine.locking import locked
from grader.observe.confine.removal import empty, remove, size

_MOST_TWINS = 10_000
_MOST_BYTES = 200_000_000
_MOST_ENTRIES = 20_000
"""No submission is larger; copying one that was made to fill the disk must not do that."""
_swept: set[str] = set()


class Place:
    """The private folders of one program."""

    def __init__(self, name: str, files: Mapping[str, str], uid: int | None) -> None:
        """``name`` tells it from others; ``files`` are copied into it; ``uid`` owns it.

        Raises UsageError for a file that can't be read, GraderError when there is no room.
        """
        self._files = dict(files)
        self._uid = uid
        self._base = _base()
        if self._base not in _swept:
            _swept.add(self._base)
            _sweep(self._base)
        try:
            self.name, self._lock = _take(self._base, _safe(name))
        except OSError as error:  # there is no room for a janitor
            raise GraderError(f"no private folder can be made: {error}") from None
        self.root = os.path.join(self._base, self.name)
        self.folder = os.path.join(self.root, "work")
        """The working folder, and home."""
        self.temporary = os.path.join(self.root, "tmp")
        try:
            os.chmod(self.root, 0o711)
            self._fill()
        except OSError as error:
            self.remove()
            raise GraderError(f"no private folder can be made: {error}") from None
        except BaseException:
            self.remove()
            raise
        self._first = self._state()

    @property
    def folders(self) -> tuple[str, str]:
        """Both."""
        return self.folder, self.temporary

    def restore(self) -> None:
        """For another run: make the folders what they were at first. No process may be at
        work in them but one that does nothing."""
        if self._state() == self._first:
            return
        for folder in self.folders:
            empty(folder)
        self._fill()
        self._first = self._state()

    def remove(self) -> None:
        """Remove everything. Once is enough."""
        if self._lock >= 0:
            try:
                remove(self.root)
            except OSError as error:
                raise GraderError(f"a private folder can't be removed: {error}") from None
            finally:
                os.close(self._lock)
                self._lock = -1
            janitor.done(self.root)
            with contextlib.suppress(OSError):  # the last one out
                os.rmdir(self._base)

    @property
    def lock(self) -> int:
        """A descriptor, for the processes that see to the run: the folders are in use while one
        of them has it open."""
        return self._lock

    def _fill(self) -> None:
        for folder in self.folders:
            with contextlib.suppress(FileExistsError):
                os.mkdir(folder, 0o700)
            os.chmod(folder, 0o700)
        for place, source in self._files.items():
            try:
                self._copy(place, source)
            except shutil.Error as error:  # of several files: the first will do
                _, _, why = error.args[0][0]
                raise UsageError(f"{source} can't be copied to where it is run: {why}") from None
            except OSError as error:
                why = error.strerror or str(error)
                raise UsageError(f"{source} can't be copied to where it is run: {why}") from None
        if self._uid is not None:
            for folder in self.folders:
                self._give(folder)

    def _copy(self, place: str, source: str) -> None:
        if os.path.isabs(place) or ".." in Path(place).parts:
            raise UsageError(f"{place}: not a place inside the private folder")
        if not _copyable(source):
            raise UsageError(
                f"{source} can't be copied to where it is run: it is no ordinary file or folder, "
                f"or has more than {_MOST_BYTES // 1_000_000} MB"
            )
        target = Path(self.folder, place)
        target.parent.mkdir(parents=True, exist_ok=True)
        if os.path.isdir(source):
            # Links stay links, which lead nowhere that the program may not go anyway.
            shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True)
        else:
            shutil.copyfile(source, target)
            target.chmod(0o700 if os.access(source, os.X_OK) else 0o600)

    def _give(self, folder: str) -> None:
        assert self._uid is not None
        os.chown(folder, self._uid, self._uid)
        for parent, folders, files in os.walk(folder):
            for name in (*folders, *files):
                os.chown(os.path.join(parent, name), self._uid, self._uid, follow_symlinks=False)

    def _state(self) -> object:
        """Equal to an earlier one when nothing was changed."""
        found: list[tuple[object, ...]] = []
        waiting = [*self.folders]
        try:
            while waiting:
                folder = waiting.pop()
                found.append((folder, os.stat(folder).st_mode))
                for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    else:
                        status = entry.stat(follow_symlinks=False)
                        facts = (status.st_ino, status.st_mode, status.st_size, status.st_mtime_ns)
                        found.append((entry.path, *facts))
                if len(found) > _MOST_ENTRIES:
                    return object()
        except OSError:
            return object()
        return found


def _copyable(source: str) -> bool:
    """Whether it is a file or a folder of a sensible size."""
    status = os.stat(source)
    if stat.S_ISDIR(status.st_mode):
        return size(source, _MOST_BYTES) <= _MOST_BYTES
    return stat.S_ISREG(status.st_mode) and status.st_size <= _MOST_BYTES


def name_of(*parts: object, stem: str = "run") -> str:
    """A short name for whatever has these parts, the same each time."""
    digest = hashlib.blake2b(repr(parts).encode(), digest_size=4).hexdigest()
    return f"{stem}-{digest}"


def _safe(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]", "_", name)[-48:].lstrip(".-") or "run"


def _base() -> str:
    """The folder for all of this user's private folders."""
    try:
        temporary = os.path.realpath(tempfile.gettempdir())
    except FileNotFoundError:
        raise GraderError(
            "no private folder can be made: there is no folder for temporary files in which"
            " anything can be written (is the disk full?)"
        ) from None
    path = os.path.join(temporary, f"grader-{os.geteuid()}")
    with contextlib.suppress(FileExistsError):
        try:
            os.mkdir(path, 0o711)
        except FileExistsError:
            raise
        except OSError as error:
            raise GraderError(f"no private folder can be made: {error}") from None
    found = os.lstat(path)
    good = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
    if not good or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        # Somebody else's, who could put things into it: never mind its name, then.
        path = tempfile.mkdtemp(prefix="grader-")
        os.chmod(path, 0o711)
    return path


def _take(base: str, name: str) -> tuple[str, int]:
    """Make a folder of this name, or of the next that no run has now, and lock it. It is guarded
    before it is there."""
    for number in range(1, _MOST_TWINS):
        candidate = name if number == 1 else f"{name}-{number}"
        path = os.path.join(base, candidate)
        janitor.guard(path)
        lock = None
        try:
            lock = locked(path, make=True)
        finally:
            if lock is None:
                janitor.done(path)
        if lock is not None:
            return candidate, lock
    raise GraderError(f"{base} is full of folders that are in use")


def _sweep(base: str) -> None:
    """Remove what no living grader has."""
    try:
        names = os.listdir(base)
    except FileNotFoundError:
        return
    for name in names:
        path = os.path.join(base, name)
        lock = locked(path)
        if lock is not None:
            with contextlib.suppress(OSError):
                remove(path)
            os.close(lock)
