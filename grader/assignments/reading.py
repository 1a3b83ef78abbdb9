"""Reading files that others wrote: without waiting for ever, and not without end."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from grader.model import UsageError
from grader.model.safe import safe

_MOST_OF_A_NAME = 300
"""Characters that are shown."""


def read_file(path: Path, name: str, most: int) -> bytes:
    """Read a file of at most ``most`` bytes; ``name`` is what to call it.

    Raises UsageError when it is not there, is no regular file (a FIFO that nobody writes to, a
    device without an end, a folder), can't be read, or is larger.
    """
    shown = safe(name, most=_MOST_OF_A_NAME)
    try:
        # Looked at before it is opened: opening a device can do things.
        if not stat.S_ISREG(path.stat().st_mode):
            raise UsageError(f"{shown} is not a regular file")
        # It may have become something else meanwhile: then opening must not block.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise UsageError(f"{shown} is not a regular file")
            data = file.read(most + 1)
    except (FileNotFoundError, NotADirectoryError):
        raise UsageError(f"no such file: {shown}") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in its name
        raise UsageError(f"{shown} can't be read: {reason(error)}") from None
    if len(data) > most:
        raise UsageError(f"{shown} is larger than {most:,} bytes")
    return data


def reason(error: OSError | ValueError) -> str:
    """Why a file can't be read, in words."""
    return safe(getattr(error, "strerror", None) or str(error))


def is_folder(path: Path) -> bool:
    """Whether there is a folder here, whatever the path looks like."""
    try:
        return path.is_dir()
    except (OSError, ValueError, RuntimeError):
        return False


def exists(path: Path) -> bool:
    """Whether there is something here, or may be, whatever the path looks like."""
    try:
        return path.exists()
    except FileNotFoundError:
        return False
    except (OSError, ValueError, RuntimeError):
        return True  # what is wrong with it is said when it is read
