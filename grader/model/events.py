"""What happened in a run, one record an event, in the order in which it took effect.

An event is recorded when the call it tells of has completed. A call that can block
(a wait, a sleep, a write) also says when it began: ``began`` in seconds and ``after``,
the number of events that were recorded before it began. ``result`` fields hold what
the kernel returned; a call that failed has ``error``, the errno's name.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from grader.model.process import ExitStatus


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", omit_defaults=True):
    """What every event has."""

    n: int
    """Its number; events of a trace are numbered from 0 without gaps."""
    t: float
    """Seconds since the run began."""
    process: str
    """The path id of the process that did it, or to which it happened."""
    thread: int = 0
    """The thread of that process, in order of creation; 0 is the first."""
    injected: bool = False
    """The grader made it happen, as a fault that the scenario asked for."""


class Blocking(Event, frozen=True, kw_only=True):
    """An event of a call that can block."""

    began: float
    """When the call began, in seconds since the run began."""
    after: int
    """How many events had been recorded when the call began."""


class Fork(Event, frozen=True, kw_only=True, tag="fork"):
    """A process was made, or the call failed."""

    call: Literal["fork", "vfork", "clone"]
    child: str | None = None
    """Path id of the new process; None when the call failed."""
    pid: int | None = None
    error: str | None = None
    capped: bool = False
    """A limit of the run made it fail: on processes, or on threads."""


class ThreadStart(Event, frozen=True, kw_only=True, tag="thread"):
    """A thread was started in the process."""

    started: int
    """Which thread of the process it is, in order of creation, from 1."""


class Exec(Event, frozen=True, kw_only=True, tag="exec"):
    """The process runs another program now."""

    program: list[str]


class Exit(Event, frozen=True, kw_only=True, tag="exit"):
    """The process ended, and its parent can see that from now on."""

    exit: ExitStatus


class Adopt(Event, frozen=True, kw_only=True, tag="adopt"):
    """The process's parent has ended: it has another one now."""

    by: str
    """A subreaper of the program, or ``outside`` (init, or the system's subreaper)."""


class Wait(Blocking, frozen=True, kw_only=True, tag="wait"):
    """A wait call and what it gave. wait(), waitpid() and wait3() are the call wait4.

    Source: wait(2), wait4(2).
    """

    call: Literal["wait4", "waitid"]
    target: str
    """Whom it waited for: ``any``, a path id, ``pid N`` (nobody of this run), ``group N``."""
    options: list[str] = []
    """WNOHANG, WUNTRACED, WCONTINUED, WNOWAIT, WEXITED, ..."""
    outcome: Literal["reaped", "peeked", "stopped", "continued", "nothing", "failed", "unfinished"]
    """``nothing``: WNOHANG and no child ready. ``peeked``: WNOWAIT, it stays a zombie.
    ``unfinished``: the process ended inside the call."""
    child: str | None = None
    """Whom it told about."""
    status: ExitStatus | None = None
    """The child's exit status, for ``reaped`` and ``peeked``."""
    signal: int | None = None
    """The signal that stopped the child, for ``stopped``."""
    error: str | None = None


class SendSignal(Event, frozen=True, kw_only=True, tag="kill"):
    """A signal was sent with kill() or its relatives. Recorded when the call begins,
    so that it comes before the delivery."""

    call: str
    target: str
    """A path id, ``group N``, ``all`` (kill(-1)) or ``pid N``."""
    signal: int
    name: str
    error: str | None = None


class Delivered(Event, frozen=True, kw_only=True, tag="signal"):
    """A signal reached the process."""

    signal: int
    name: str
    action: Literal["handler", "default", "ignored"]
    sender: str | None = None
    """Path id of the sender; None for the kernel, a timer or the terminal."""


class Disposition(Event, frozen=True, kw_only=True, tag="disposition"):
    """The process chose what a signal does to it (sigaction(2))."""

    signal: int
    name: str
    action: Literal["handler", "default", "ignored"]
    flags: list[str] = []
    """SA_NOCLDWAIT, SA_NOCLDSTOP, SA_RESTART where they are set."""


class Stopped(Event, frozen=True, kw_only=True, tag="stopped"):
    """Job control stopped the process."""

    signal: int
    name: str


class Continued(Event, frozen=True, kw_only=True, tag="continued"):
    """A stopped process goes on."""


class Pipe(Event, frozen=True, kw_only=True, tag="pipe"):
    """A pipe was made."""

    pipe: str | None = None
    """``pipe 1``, ``pipe 2``, in order of creation."""
    read: int | None = None
    write: int | None = None
    error: str | None = None


class Dup(Event, frozen=True, kw_only=True, tag="dup"):
    """A descriptor was duplicated (dup(2), fcntl(2) F_DUPFD)."""

    old: int
    new: int | None = None
    error: str | None = None


class Group(Event, frozen=True, kw_only=True, tag="group"):
    """A process group or session changed (setpgid(2), setsid(2))."""

    call: Literal["setpgid", "setsid"]
    target: str
    """The process that moved: a path id, or ``pid N``."""
    group: int
    """The group's id, a pid of this run."""
    error: str | None = None


class Subreaper(Event, frozen=True, kw_only=True, tag="subreaper"):
    """The process made itself the reaper of its orphaned descendants, or ceased to be
    (prctl(2), PR_SET_CHILD_SUBREAPER)."""

    active: bool


class Sleep(Blocking, frozen=True, kw_only=True, tag="sleep"):
    """The process slept: nanosleep(2), clock_nanosleep(2), or poll/select on nothing."""

    call: str
    seconds: float
    """What it asked for."""
    outcome: Literal["slept", "interrupted", "failed", "unfinished"]


class Write(Blocking, frozen=True, kw_only=True, tag="write"):
    """Bytes were written to the terminal or to a pipe."""

    call: str
    fd: int
    stream: str
    """``stdout``, ``stderr``; or ``pipe 1`` for a pipe that the program made."""
    size: int
    """Bytes that the kernel took (may be less than was asked for)."""
    text: str = ""
    """The bytes as UTF-8, each undecodable one replaced by U+FFFD."""
    raw: bytes | None = None
    """The bytes themselves, only where ``text`` is not faithful."""
    error: str | None = None

    @property
    def data(self) -> bytes:
        """The bytes written."""
        return self.raw if self.raw is not None else self.text.encode()


class Refused(Event, frozen=True, kw_only=True, tag="refused"):
    """The engine refused a call that would have escaped observation."""

    call: str
    error: str
    reason: str


AnyEvent = (
    Fork
    | ThreadStart
    | Exec
    | Exit
    | Adopt
    | Wait
    | SendSignal
    | Delivered
    | Disposition
    | Stopped
    | Continued
    | Pipe
    | Dup
    | Group
    | Subreaper
    | Sleep
    | Write
    | Refused
)
