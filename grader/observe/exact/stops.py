"""What stopped: notices of the kernel, gathered fairly and given their meaning."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from enum import Enum, auto
from typing import NamedTuple

from grader.model import ExitStatus
from grader.observe.exact import ptrace


class Kind(Enum):
    """Why a task stopped, or that it ended."""

    ENTRY = auto()
    """At a system call of the filter's list, before it runs (seccomp stop)."""
    RETURN = auto()
    """The call has run (system-call-exit stop)."""
    FORKED = auto()
    """The call made a process or a thread; GETEVENTMSG names it."""
    EXECED = auto()
    """A new program is in place."""
    STARTED = auto()
    """A new task's first stop, or a stopped one that goes on after SIGCONT."""
    SIGNAL = auto()
    """A signal is about to be delivered; ``detail`` is its number."""
    GROUP_STOP = auto()
    """Job control stopped the task; ``detail`` is the signal."""
    OTHER = auto()
    """Nothing to see here (vfork done)."""
    ENDED = auto()
    """The task is dead, and not yet collected."""


class Stop(NamedTuple):
    """One task, and why it stands still."""

    tid: int
    kind: Kind
    detail: int = 0
    status: ExitStatus | None = None


_EVENTS = {
    ptrace.EVENT_SECCOMP: Kind.ENTRY,
    ptrace.EVENT_FORK: Kind.FORKED,
    ptrace.EVENT_VFORK: Kind.FORKED,
    ptrace.EVENT_CLONE: Kind.FORKED,
    ptrace.EVENT_EXEC: Kind.EXECED,
    ptrace.EVENT_VFORK_DONE: Kind.OTHER,
}


def meaning(notice: ptrace.Notice) -> Stop:
    """What a notice of the kernel says."""
    if notice.ended:
        code = notice.status if notice.code == ptrace.CLD_EXITED else None
        killer = notice.status if code is None else None
        return Stop(notice.tid, Kind.ENDED, status=ExitStatus(code=code, signal=killer))
    number, event = notice.status & 0xFF, notice.status >> 8
    if number == ptrace.SYSCALL_TRAP:
        return Stop(notice.tid, Kind.RETURN)
    if event == ptrace.EVENT_STOP:
        if number == signal.SIGTRAP:
            return Stop(notice.tid, Kind.STARTED)
        return Stop(notice.tid, Kind.GROUP_STOP, number)
    if event in _EVENTS:
        return Stop(notice.tid, _EVENTS[event])
    return Stop(notice.tid, Kind.SIGNAL, number)


def gather() -> Iterator[Stop]:
    """Wait for tracees, and give every stop at hand; deaths only when no stop is left.

    All stops at hand come first: the kernel's list always begins with the same task,
    so one that polls would starve the others. A death is only looked at, not
    collected: the engine's collecting it is what lets the real parent see it
    (``collect``), and by then the parent's own earlier stops must have been told.

    Raises InterruptedError when a signal (the engine's tick) arrived instead, and
    ChildProcessError when no tracee is left.
    """
    notice = ptrace.wait(ptrace.WEXITED | ptrace.WSTOPPED | ptrace.WNOWAIT)
    assert notice is not None
    batch = []
    while stopped := ptrace.wait(ptrace.WSTOPPED | ptrace.WNOHANG):
        batch.append(meaning(stopped))
    if not batch:
        dead = ptrace.wait(ptrace.WEXITED | ptrace.WNOWAIT | ptrace.WNOHANG)
        if dead:
            yield meaning(dead)
        return
    # A group-stop is told before the wait call of a parent that reports it.
    batch.sort(key=lambda stop: stop.kind is not Kind.GROUP_STOP)
    yield from batch


def ended(tid: int) -> Stop | None:
    """The end of a task, if it is dead and was not collected."""
    try:
        notice = ptrace.wait(ptrace.WEXITED | ptrace.WNOWAIT | ptrace.WNOHANG, tid)
    except ChildProcessError:
        return None
    return meaning(notice) if notice else None


def collect(tid: int) -> None:
    """Collect a dead task: from now on its real parent can see that it ended."""
    ptrace.wait(ptrace.WEXITED, tid)
