"""The record of a run as it grows: the tree, the events, the clock."""

from __future__ import annotations

import errno
import time
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

import msgspec

from grader.model import AnyEvent
from grader.observe.exact.tree import Call, Task, Tree


class Targets(NamedTuple):
    """What the submission's standard streams are, to recognise a write to them.

    A terminal by its device number, a pipe by its inode.
    """

    terminal: int | None
    pipes: dict[int, str]
    """Inode to ``stdout`` or ``stderr``."""


class Clock(Protocol):
    """What time it is in a run."""

    def now(self) -> float:
        """Seconds since the run began, to the microsecond."""
        ...

    def read(self, clock: int) -> float:
        """What clock_gettime(2) gives for a clock, in seconds."""
        ...


class RealClock:
    """The time on the wall."""

    def __init__(self) -> None:
        self.start()

    def start(self) -> None:
        """The program begins now."""
        self._began = time.monotonic_ns()

    def now(self) -> float:
        """Seconds since the run began, to the microsecond."""
        return (time.monotonic_ns() - self._began) // 1000 / 1_000_000

    def read(self, clock: int) -> float:
        """What clock_gettime(2) gives for a clock, in seconds."""
        return time.clock_gettime(clock)


class Recorder:
    """Keeps the tree and the events of one run."""

    def __init__(self, targets: Targets, clock: Clock) -> None:
        self.clock = clock
        self.now = clock.now
        self.tree = Tree()
        self.events: list[AnyEvent] = []
        self.targets = targets
        self.pipe_names: dict[int, str] = {}
        self.pipes_made = 0
        self.output_bytes = 0
        self.unfinished_writes: list[tuple[int, bytes]] = []
        """Writes inside which their process ended: event, and the bytes it offered."""
        self.doubts: list[str] = []

    @property
    def next(self) -> int:
        """The number that the next event gets."""
        return len(self.events)

    def tell(self, task: Task, kind: type[AnyEvent], **fields: Any) -> int:
        """Append an event of ``task``, that takes effect now; returns its number."""
        n = len(self.events)
        self.events.append(
            kind(n=n, t=self.now(), process=task.node.id, thread=task.ordinal, **fields)
        )
        return n

    def amend(self, n: int, **changes: object) -> None:
        """Complete an event that was recorded when its call began."""
        self.events[n] = msgspec.structs.replace(self.events[n], **changes)

    def doubt(self, why: str) -> None:
        """Say that this trace may be wrong, once for each reason."""
        if why not in self.doubts:
            self.doubts.append(why)


class Topic(NamedTuple):
    """How the calls of one topic are recorded."""

    enter: Callable[[Recorder, Task, Call], None]
    """The call is about to run: decode its arguments; ``wants_return`` may be cleared,
    ``refusal`` and ``exclusive`` may be set."""
    leave: Callable[[Recorder, Task, Call, int], None]
    """It returned a value, or a negative errno."""
    abandon: Callable[[Recorder, Task, Call], None] = lambda recorder, task, call: None
    """Its process ended inside it."""


def error_name(result: int) -> str | None:
    """The errno's name for a negative result of a system call, else None."""
    return None if result >= 0 else errno.errorcode.get(-result, f"errno {-result}")


def signed(value: int, bits: int = 32) -> int:
    """Read an unsigned register as a signed C integer."""
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value
