"""A process under control: where it is, what it is about to do, and what it has seen."""

from __future__ import annotations

from collections import Counter
from hashlib import blake2b
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec

from grader.model import Operation
from grader.observe.exact.record.signals import IGNORED_BY_DEFAULT
from grader.observe.exact.tree import Call, Node, Task

Place = Literal["going", "held", "vfork", "kernel", "stopped", "ended", "gone"]
"""Where a process is.

``going``
    it runs, and we wait for it.
``held``
    it stands before a visible operation.
``vfork``
    it waits for its child's exec or exit (vfork(2)).
``kernel``
    it is blocked in a call that the engine has no model of.
``stopped``
    job control stopped it.
``ended``
    it is dead, and its parent can't see that yet.
``gone``
    it is dead, and its parent can see that.
"""


class Timer(msgspec.Struct):
    """An alarm(2) or setitimer(2) of a process."""

    at: float
    """When it expires, on the process's clock."""
    interval: float = 0.0
    fired: int = 0


class Tail(NamedTuple):
    """A call near a process's end, with its result."""

    call: Call
    result: int


class Ending(NamedTuple):
    """How a process with a certain history ends: without doing anything more to others."""

    tail: tuple[Tail, ...]
    code: int


class Actor(msgspec.Struct, eq=False):
    """One process of a controlled run."""

    index: int
    """Its place in the order of creation."""
    task: Task
    place: Place = "going"
    call: Call | None = None
    """What it is held at."""
    registers: list[int] = []
    operation: Operation | None = None
    own: bool = False
    """Whether the order of the held operation and those of others makes no difference."""
    detail: Any = None
    """What the call's handling wants to remember while it is held."""
    deadline: float | None = None
    """When the held call's time is up, on the run's clock."""
    clock: float = 0.0
    """Seconds since the run began, as this process can know them (adversarial time)."""
    history: bytes = b""
    """A digest of all that it has done and observed."""
    queued: frozenset[int] = frozenset()
    blocked: frozenset[int] = frozenset()
    masks: bool = False
    """Whether it may ever have blocked a signal."""
    dropped: frozenset[int] = frozenset()
    """Signals that wait for it though they did nothing when they were sent, and so would have
    been dropped if nobody traced it: sig_ignored() in kernel/signal.c."""
    signals_known: bool = True
    """Whether ``queued`` and ``blocked`` are up to date."""
    polls: int = 0
    """Questions in a row that had no news for an answer."""
    naps: int = 0
    """Sleeps in a row."""
    news_seen: int = 0
    """How much had happened elsewhere when it asked last."""
    streak: int = 0
    """Own operations in a row."""
    timer: Timer | None = None
    told: Literal["stopped", "continued"] | None = None
    """A change by job control that its parent was not told of yet."""
    parent_seen: str | None = None
    counts: Counter[str] = msgspec.field(default_factory=Counter)
    """Calls so far by kind, for faults."""
    random_bytes: int = 0
    clock_reads: int = 0
    spin: float = 0.0
    """What reading the clock again and again has added to it."""
    vfork_child: int | None = None
    in_vfork: bool = False
    """It uses its parent's memory until it runs exec or exits."""
    struck: int | None = None
    """The signal that a fault sent to it."""
    tail_key: bytes = b""
    """Its history when it last did something that could matter to others ..."""
    tail: list[Tail] = []
    """... and what it has done since: what is only its own."""
    program_handlers: frozenset[int] = frozenset()
    """Signals that had a handler when the program itself began: the interpreter's."""

    @property
    def node(self) -> Node:
        """The process in the model of the tree."""
        return self.task.node

    @property
    def tid(self) -> int:
        """What ptrace calls it."""
        return self.task.tid

    @property
    def alive(self) -> bool:
        """Whether it has not ended."""
        return self.place not in ("ended", "gone")

    def observed(self, *what: object) -> None:
        """Add to the history."""
        text = repr(what).encode()
        self.history = blake2b(self.history + text, digest_size=12).digest()
        self.forget_tail()

    def forget_tail(self) -> None:
        """It does something that must not be left out."""
        self.tail_key, self.tail = b"", []

    def effective(self, numbers: frozenset[int]) -> list[int]:
        """Those of some signals that would do something if they were delivered."""
        found = []
        for number in sorted(numbers):
            action = self.node.reaction(number).action
            if action == "handler" or (action == "default" and number not in IGNORED_BY_DEFAULT):
                found.append(number)
        return found

    def learn_signals(self) -> None:
        """Read which signals wait for the process, and which it blocks."""
        if self.signals_known or not self.alive:
            return
        self.signals_known = True
        masks = signal_masks(self.tid)
        waiting = masks.get("SigPnd", NONE) | masks.get("ShdPnd", NONE)
        self.dropped &= waiting
        self.queued = waiting - self.dropped
        self.blocked = masks.get("SigBlk", NONE)

    def may_block(self) -> bool:
        """Whether it may block signals now: it has done so, or has handlers of its own, in which
        the signal is blocked (sigaction(2))."""
        return self.masks or any(
            reaction.action == "handler" and number not in self.program_handlers
            for number, reaction in self.node.reactions.items()
        )

    def about_to_be_sent(self, number: int) -> None:
        """A signal is going to be sent to it: see whether that does anything."""
        if not self.masks and not self.effective(frozenset({number})):
            self.dropped |= {number}  # as it blocks none
            return
        self.learn_signals()
        self.signals_known = False
        if number in self.queued:
            return
        if number not in self.blocked and not self.effective(frozenset({number})):
            self.dropped |= {number}
        else:
            self.dropped -= {number}

    def deliverable(self) -> list[int]:
        """The signals that wait, are not blocked, and would do something."""
        self.learn_signals()
        return self.effective(self.queued - self.blocked) if self.queued else []


NONE: frozenset[int] = frozenset()


def signal_masks(tid: int) -> dict[str, frozenset[int]]:
    """What /proc tells of a task's signals (proc_pid_status(5)): SigPnd and ShdPnd wait for it
    and its process, SigBlk are blocked, SigIgn ignored, SigCgt have a handler."""
    try:
        lines = Path(f"/proc/{tid}/status").read_text().splitlines()
    except OSError:
        return {}
    return {
        line[:6]: _signals(int(line[8:], 16))
        for line in lines
        if line.startswith(("Sig", "Shd")) and not line.startswith("SigQ")
    }


def _signals(mask: int) -> frozenset[int]:
    if not mask:
        return frozenset()
    return frozenset(n for n in range(1, 65) if mask >> (n - 1) & 1)


def signals_of(mask: bytes) -> frozenset[int]:
    """The signals in a kernel sigset_t."""
    return _signals(int.from_bytes(mask[:8], "little"))
