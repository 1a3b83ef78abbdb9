"""How the command line ends when it is made to: by a signal, or by what the system lacks."""

from __future__ import annotations

import errno
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from grader.model.errors import shortage

_SIGNALS = ("SIGTERM", "SIGHUP")
_UNWRITABLE = (errno.EIO, errno.EBADF, errno.ENXIO)


@contextmanager
def ending_signals() -> Iterator[list[int]]:
    """Have SIGTERM, and SIGHUP from a terminal that is closed, end the grader as Ctrl-C does:
    by KeyboardInterrupt, so that everything is put away. Yields the signals that came.

    What was set to be ignored, as nohup(1) does, stays so.
    """
    came: list[int] = []

    def end(number: int, frame: FrameType | None) -> None:
        came.append(number)
        raise KeyboardInterrupt

    before = {}
    if threading.current_thread() is threading.main_thread():
        for name in _SIGNALS:
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) == signal.SIG_DFL:
                before[number] = signal.signal(number, end)
    try:
        yield came
    finally:
        for number, action in before.items():
            signal.signal(number, action)


def fill_standard_descriptors() -> None:
    """Where standard input, output or error is closed, open nothing in its place: else the next
    file that is opened would be it."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free


def lacking(error: BaseException) -> str | None:
    """A sentence for what the system lacks, when that is what an error means."""
    words = shortage(error)
    if words is None and isinstance(error, OSError) and error.errno in _UNWRITABLE:
        words = f"what it has to say can't be written ({error.strerror})"
    if isinstance(error, SyntaxError) and _memory_is_limited():
        # No user's file is compiled here: it is a module of ours, or of a library, that is sound.
        # CPython's parser takes a failed allocation for an error in the text.
        words = shortage(MemoryError())
    return words


def _memory_is_limited() -> bool:
    """Whether this process may use only so much memory (``ulimit -v``, getrlimit(2))."""
    import resource

    return resource.getrlimit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY


def forget_output() -> None:
    """Standard output can't be written: what Python would still flush at exit goes nowhere, so
    that it does not complain."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def say_plainly(sentence: str) -> None:
    """Tell a person on standard error, with as little memory and code as can be."""
    with suppress(OSError):
        os.write(2, f"grader: {sentence}\n".encode(errors="replace"))
