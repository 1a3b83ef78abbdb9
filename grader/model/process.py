"""Processes, and what became of them."""

from __future__ import annotations

import signal as _signal
from typing import Literal

import msgspec

Fate = Literal["root", "reaped", "unreaped", "orphaned", "auto-reaped", "killed"]
"""What became of a process; exactly one of these.

``root``
    the program itself: the grader collects it.
``reaped``
    its parent collected it with a wait call.
``unreaped``
    it had exited, and was a zombie, when its parent exited.
``orphaned``
    it was alive when its parent exited.
``auto-reaped``
    the kernel discarded it, because its parent ignored SIGCHLD or set
    SA_NOCLDWAIT (sigaction(2), wait(2) "NOTES").
``killed``
    the grader ended it, at a limit.

An adopted process keeps the fate that it had with its real parent.
"""

ROOT = "P"
"""The path id of the root process."""


def child_id(parent: str, ordinal: int) -> str:
    """Return the path id of the ``ordinal``-th child (from 1) that ``parent`` forked."""
    return f"{parent}.{ordinal}"


def is_descendant(process: str, ancestor: str) -> bool:
    """Tell whether the process with path id ``process`` stems from ``ancestor``."""
    return process.startswith(ancestor + ".")


def signal_name(number: int) -> str:
    """Return the name of a signal (``SIGTERM``), ``SIGRT+n`` for a real-time one."""
    try:
        return _signal.Signals(number).name
    except ValueError:
        return f"SIGRT+{number - 32}" if number >= 32 else f"signal {number}"


class ExitStatus(msgspec.Struct, frozen=True):
    """How a process ended: exactly one of ``code`` and ``signal`` is set.

    The decoded form of a wait status (wait(2), WEXITSTATUS and WTERMSIG): a code
    of 1 is 1 here, not 256.
    """

    code: int | None = None
    """The argument of exit(), 0 to 255."""
    signal: int | None = None
    """The number of the signal that killed the process."""

    @property
    def ok(self) -> bool:
        """Whether the process exited with code 0."""
        return self.code == 0

    def __str__(self) -> str:
        if self.signal is not None:
            return f"killed by {signal_name(self.signal)}"
        return f"exit {self.code}"


class Process(msgspec.Struct, frozen=True, kw_only=True):
    """One process of a run. Threads are not processes; ``threads`` counts them."""

    id: str
    """The process id path: ``P``, ``P.1``, ``P.1.2``; the same in every run."""
    pid: int
    """The kernel's number for it, in this run only."""
    parent: str | None
    """The path id of the process that forked it; None for the root."""
    fate: Fate | None
    """What became of it; None where sampled evidence cannot tell."""
    exit: ExitStatus | None = None
    """How it ended; None where sampled evidence cannot tell."""
    reaped_by: str | None = None
    """Who collected it with a wait call: its parent, or a subreaper among the processes."""
    adopted_by: str | None = None
    """After its parent's exit: a subreaper of the program, or ``outside`` (init)."""
    zombie_seconds: float | None = None
    """From its exit to its reaping (or to its parent's exit); None where unknown."""
    program: list[str] = []
    """The argument vector that it ran last."""
    threads: int = 0
    """Threads started beside its first one."""
    forked: int | None = None
    """The number of the event that made it (None for the root and in sampled evidence)."""
    exited: int | None = None
    """The number of its exit event."""
    reaped: int | None = None
    """The number of the wait event that collected it."""

    @property
    def depth(self) -> int:
        """Its distance from the root."""
        return self.id.count(".")

    def __str__(self) -> str:
        how = f", {self.exit}" if self.exit else ""
        fate = f", {self.fate}" if self.fate and self.fate != "root" else ""
        return f"{self.id} (pid {self.pid}{how}{fate})"

    __repr__ = __str__
