"""What a descriptor of a held process refers to, and whether it is ready.

Nothing here changes the process: /proc/PID/fd tells (proc_pid_fd(5)), pidfd_getfd(2) borrows
a descriptor to ask poll(2) about it; where a container denies that, a pipe is opened once
more, without blocking.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import stat
import sys
from pathlib import Path
from typing import Literal, NamedTuple

_libc = ctypes.CDLL(None, use_errno=True)
_PIDFD_GETFD = 438
_RANDOM_DEVICES = (os.makedev(1, 8), os.makedev(1, 9))
_CONTROLLING_TERMINAL = os.makedev(5, 0)

Kind = Literal["pipe", "standard", "terminal", "random", "file", "socket", "other", "none"]
"""``standard``: one of the scenario's standard pipes."""


class Object(NamedTuple):
    """What a descriptor refers to."""

    kind: Kind
    device: int = 0
    inode: int = 0

    @property
    def shared(self) -> bool:
        """Whether processes can wait for one another by it."""
        return self.kind in ("pipe", "socket")


class Standard(NamedTuple):
    """The scenario's standard streams: a terminal's device number, or pipes' inodes."""

    terminal: int | None
    input: int | None
    outputs: frozenset[int]


def object_of(tid: int, descriptor: int, standard: Standard) -> Object:
    """What a descriptor refers to."""
    try:
        status = os.stat(f"/proc/{tid}/fd/{descriptor}")  # noqa: PTH116 (a Path takes longer)
    except OSError:
        return Object("none")
    mode, device, inode = status.st_mode, status.st_dev, status.st_ino
    if stat.S_ISFIFO(mode):
        own = inode == standard.input or inode in standard.outputs
        return Object("standard" if own else "pipe", device, inode)
    if stat.S_ISCHR(mode):
        if status.st_rdev in (standard.terminal, _CONTROLLING_TERMINAL):
            return Object("terminal", device, inode)
        kind: Kind = "random" if status.st_rdev in _RANDOM_DEVICES else "other"
        return Object(kind, device, inode)
    if stat.S_ISSOCK(mode):
        return Object("socket", device, inode)
    return Object("file" if stat.S_ISREG(mode) else "other", device, inode)


def flags_of(tid: int, descriptor: int) -> int:
    """The open flags of a descriptor (proc_pid_fdinfo(5)); 0 when there is none."""
    try:
        for line in Path(f"/proc/{tid}/fdinfo/{descriptor}").read_text().splitlines():
            if line.startswith("flags:"):
                return int(line.split()[1], 8)
    except (OSError, ValueError):
        pass
    return 0


def descriptors(tid: int) -> list[int]:
    """The open descriptors of a process."""
    try:
        return sorted(int(entry.name) for entry in Path(f"/proc/{tid}/fd").iterdir())
    except OSError:
        return []


def ready(tid: int, descriptor: int, events: int) -> int | None:
    """What poll(2) says of a descriptor now, of ``events`` and of errors; None when it
    can't be asked."""
    borrowed = _borrow(tid, descriptor)
    if borrowed is None:
        borrowed = _open_again(tid, descriptor)
    if borrowed is None:
        return None
    try:
        asker = select.poll()
        asker.register(borrowed, events)
        answers = asker.poll(0)
        return answers[0][1] if answers else 0
    finally:
        os.close(borrowed)


def _open_again(tid: int, descriptor: int) -> int | None:
    way = flags_of(tid, descriptor) & os.O_ACCMODE
    path = f"/proc/{tid}/fd/{descriptor}"
    with contextlib.suppress(OSError):
        if stat.S_ISFIFO(os.stat(path).st_mode):  # noqa: PTH116
            return os.open(path, way | os.O_NONBLOCK)
    return None


def _borrow(tid: int, descriptor: int) -> int | None:
    """The descriptor itself, duplicated into this process."""
    if sys.platform != "linux":
        return None
    try:
        process = os.pidfd_open(tid)
    except OSError:
        return None
    try:
        got = _libc.syscall(_PIDFD_GETFD, process, descriptor, 0)
        return got if got >= 0 else None
    finally:
        os.close(process)
