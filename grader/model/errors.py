"""The two ways in which the grader itself can fail a person; neither shows a traceback."""

from __future__ import annotations

import errno
import os


class UsageError(Exception):
    """Something that the user gave cannot be used (exit status 2).

    The message says what happened, where, and what to do.
    """


class GraderError(Exception):
    """The grader's own failure (exit status 3). Never the student's loss."""


_SHORTAGES = {
    errno.ENOMEM: "there is not enough memory",
    errno.EAGAIN: "the system gives no more processes (ulimit -u)",
    errno.EMFILE: "too many files are open (ulimit -n)",
    errno.ENFILE: "too many files are open on this system",
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "a file may not become larger (ulimit -f)",
}


def shortage(error: BaseException) -> str | None:
    """What the system has run out of, in words, when that is what an error means."""
    if isinstance(error, MemoryError):
        return _SHORTAGES[errno.ENOMEM]
    if isinstance(error, ImportError):  # a library that the loader has no room for
        signs = (os.strerror(errno.ENOMEM), "failed to map segment")
        return _SHORTAGES[errno.ENOMEM] if any(sign in str(error) for sign in signs) else None
    if isinstance(error, OSError):
        return _SHORTAGES.get(error.errno or 0)
    return None
