"""A lock on a folder tells whether those live who use it: the kernel lets go of it with the last
of them (flock(2))."""

from __future__ import annotations

import contextlib
import fcntl
import os

from grader.model import GraderError
from grader.observe.confine.removal import empty


def locked(path: str, make: bool = False) -> int | None:
    """A descriptor that holds the lock of a folder; None when another holds it."""
    while True:
        try:
            if make:
                _make(path)
            lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            if make:
                continue
            return None
        except OSError as error:
            if make:
                raise GraderError(f"no private folder can be made: {error}") from None
            return None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            return None
        try:
            same = os.stat(path).st_ino == os.fstat(lock).st_ino
        except FileNotFoundError:
            same = False
        if same:
            if make:
                empty(path)  # what a grader left behind that was killed
            return lock
        os.close(lock)  # it was removed between the two


def _make(path: str) -> None:
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        pass
    except FileNotFoundError:  # the folder of all folders was empty, and removed
        with contextlib.suppress(FileExistsError):
            os.mkdir(os.path.dirname(path), 0o711)
