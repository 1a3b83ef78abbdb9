"""Faults: calls that are made to fail on purpose."""

from __future__ import annotations

import difflib
import re
import signal

import msgspec

from grader.model.errors import UsageError

KINDS: dict[str, tuple[str, ...]] = {
    "fork": ("EAGAIN", "ENOMEM"),
    "wait": ("ECHILD", "EINTR"),
    "pipe": ("EMFILE", "ENFILE"),
    "write": ("EPIPE", "EIO", "ENOSPC", "short"),
    "die": tuple(
        sorted(s.name for s in signal.Signals if s.name not in ("SIGCHLD", "SIGCONT", "SIGSTOP"))
    ),
}
"""What can be made to happen, by call; ``die``: the process is killed at a call of any kind."""

_FORM = re.compile(r"(\w+):(\w+)@(P(?:\.\d{1,4})*)#(\d{1,6})")


class Fault(msgspec.Struct, frozen=True):
    """One fault: ``fork:EAGAIN@P#2`` makes the second fork of the root fail.

    ``fork`` covers fork, vfork and clone, ``wait`` every wait call, ``write`` those to
    the terminal and to pipes. ``wait:EINTR`` has a signal behind it where the process
    handles one; ``write:EPIPE`` sends SIGPIPE as the kernel would (pipe(7));
    ``write:short`` takes half of the bytes; ``die:SIGSEGV`` kills the process at its nth
    visible operation.
    """

    call: str
    what: str
    process: str
    """A path id."""
    nth: int
    """Which such call of that process, from 1."""

    def __str__(self) -> str:
        return f"{self.call}:{self.what}@{self.process}#{self.nth}"

    @classmethod
    def parse(cls, text: str) -> Fault:
        """Read a fault as ``str`` prints it. Raises UsageError that says what is wrong."""
        match = _FORM.fullmatch(text.strip())
        if match is None or int(match[4]) == 0:
            raise UsageError(
                f"{text[:80]!r} is no fault: write CALL:WHAT@PROCESS#N, such as fork:EAGAIN@P#2"
            )
        call, what, process, nth = match.groups()
        if call not in KINDS:
            close = difflib.get_close_matches(call, KINDS, 1)
            meant = f"did you mean {close[0]}?" if close else f"there are {', '.join(KINDS)}"
            raise UsageError(f"fault {text}: no call {call!r}: {meant}")
        if what not in KINDS[call]:
            raise UsageError(
                f"fault {text}: {call} can't fail with {what!r}; choose {', '.join(KINDS[call])}"
            )
        return cls(call, what, process, int(nth))
