"""A process that removes private folders when the grader was killed.

One for each grader that makes such folders. It waits on a pipe, whose other end only the
grader holds: however that ends, the kernel closes it.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import time
import warnings
from collections import Counter
from typing import NoReturn

from grader.observe.confine.locking import locked
from grader.observe.confine.removal import remove
from grader.observe.supervisor import close_all_but, name_process

_ATTEMPTS, _PAUSE_SECONDS = 250, 0.02
_RESERVE_BYTES = 4 << 20
"""What the janitor has to work with where the grader's memory is limited, and full."""
_GUARD, _DONE, _DISMISSED, _END = b"+", b"-", b".", b"\0"


class _Janitor:
    """The grader's side of it."""

    def __init__(self) -> None:
        self.grader = os.getpid()
        reserve = bytearray(_RESERVE_BYTES)
        listening, self.pipe = os.pipe()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # as in running.py
            try:
                self.pid = os.fork()
            except OSError:
                os.close(listening)
                os.close(self.pipe)
                raise
        del reserve
        if self.pid == 0:
            _wait(listening)
        os.close(listening)

    def say(self, what: bytes) -> None:
        with contextlib.suppress(OSError):  # it was killed: nothing more than a net is gone
            os.write(self.pipe, what)

    def dismiss(self) -> None:
        if os.getpid() == self.grader:
            # Said, as a forked child of the grader may have the pipe open, too.
            self.say(_DISMISSED + _END)
            os.close(self.pipe)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self.pid, 0)


_janitor: _Janitor | None = None


def guard(folder: str) -> None:
    """Have a folder removed, should this process end before it says that it is ``done``."""
    global _janitor
    if _janitor is None or _janitor.grader != os.getpid():
        _janitor = _Janitor()
        atexit.register(_janitor.dismiss)
    _janitor.say(_GUARD + os.fsencode(folder) + _END)


def done(folder: str) -> None:
    """The folder is removed."""
    if _janitor is not None and _janitor.grader == os.getpid():
        _janitor.say(_DONE + os.fsencode(folder) + _END)


def _wait(listening: int) -> NoReturn:
    """In the janitor."""
    try:
        for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
            with contextlib.suppress(OSError, ValueError):
                signal.signal(number, signal.SIG_IGN)
        name_process("grader-janitor")
        os.setsid()
        os.chdir("/")
        close_all_but({listening})
        for folder in _left(listening):
            with contextlib.suppress(OSError):
                _remove_once_left(os.fsdecode(folder))
    finally:
        os._exit(0)


def _left(listening: int) -> list[bytes]:
    """The folders that are there when the grader has ended."""
    folders: Counter[bytes] = Counter()  # one may be asked for while another run has it
    rest = b""
    while part := os.read(listening, 1 << 16):
        *words, rest = (rest + part).split(_END)
        for word in words:
            if word == _DISMISSED:
                return list(+folders)
            folders[word[1:]] += 1 if word[:1] == _GUARD else -1
    return list(+folders)


def _remove_once_left(folder: str) -> None:
    """Those who saw to the run end with the grader, and hold the folder's lock until then; what
    they held ends a moment after them. A folder that stays locked is another grader's now."""
    for _ in range(_ATTEMPTS):
        lock = locked(folder)
        if lock is not None:
            with contextlib.suppress(OSError):
                remove(folder)
            os.close(lock)
        if not os.path.lexists(folder):
            break
        time.sleep(_PAUSE_SECONDS)
    with contextlib.suppress(OSError):
        os.rmdir(os.path.dirname(folder))
