"""What stopped: notices of the kernel, gathered fairly and given their meaning."""

from __future__ import annotations

import os
import signal
import sys
from enum import IntEnum, auto
from typing import Final

import msgspec

from grader.model import ExitStatus
from grader.observe.exact import ptrace


class Kind(IntEnum):
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


class Stop(msgspec.Struct, frozen=True):
    """One task, and why it stands still."""

    tid: int
    kind: Kind
    detail: int = 0
    status: ExitStatus | None = None


_MEANINGS: Final = {
    ptrace.SYSCALL_TRAP: Kind.RETURN,
    signal.SIGTRAP | ptrace.EVENT_SECCOMP << 8: Kind.ENTRY,
    signal.SIGTRAP | ptrace.EVENT_FORK << 8: Kind.FORKED,
    signal.SIGTRAP | ptrace.EVENT_VFORK << 8: Kind.FORKED,
    signal.SIGTRAP | ptrace.EVENT_CLONE << 8: Kind.FORKED,
    signal.SIGTRAP | ptrace.EVENT_EXEC << 8: Kind.EXECED,
    signal.SIGTRAP | ptrace.EVENT_VFORK_DONE << 8: Kind.OTHER,
    signal.SIGTRAP | ptrace.EVENT_STOP << 8: Kind.STARTED,
}
_SIGCHLD: Final = frozenset({signal.SIGCHLD})


def _stop(notice: ptrace.Notice) -> Stop:
    status = notice.si_status
    kind = _MEANINGS.get(status)
    if kind is not None:
        return Stop(notice.si_pid, kind)
    if status >> 8 == ptrace.EVENT_STOP:
        return Stop(notice.si_pid, Kind.GROUP_STOP, status & 0xFF)
    return Stop(notice.si_pid, Kind.SIGNAL, status & 0xFF)


def _end(notice: ptrace.Notice) -> Stop:
    exited = notice.si_code == os.CLD_EXITED
    status = ExitStatus(code=notice.si_status) if exited else ExitStatus(signal=notice.si_status)
    return Stop(notice.si_pid, Kind.ENDED, status=status)


class Gatherer:
    """Waits for tracees to stop or end.

    SIGCHLD, which the kernel sends at each of these, is blocked, so that it is kept until
    ``next`` asks for it, which thus needs no signal handler to come back in time.
    """

    def __init__(self) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGCHLD)
        self._settled = False
        """Nothing was left when we looked last: what has happened since is in SIGCHLD."""
        self._dead: int | None = None
        """Who was dead when the last stops had been gathered."""

    def next(self, seconds: float) -> list[Stop]:
        """Every stop at hand, and one death that was there before they were asked for; or
        one death, when no stop is left; or nothing, at the latest when ``seconds`` have passed.

        All stops at hand come first: the kernel's list always begins with the same task,
        so one that polls would starve the others. A death is only looked at, not
        collected: the engine's collecting it is what lets the real parent see it
        (``collect``), and by then the parent's own earlier stops must have been told. But
        it comes behind the stops of the next round at the latest: a parent that asks with
        WNOHANG again and again may always be at a stop already when we look, and would
        never be told of the death that it asks for.

        Raises ChildProcessError when no tracee is left.
        """
        if self._settled:
            _rest(seconds)
        earlier, self._dead = self._dead, None
        batch: list[Stop] = []
        further: ptrace.Notice | None = None
        while notice := _stopped():
            batch.append(_stop(notice))
            further = self._look_further()
            if further is None:
                break
        if not batch:
            notice = self._look_further()
            return [_end(notice)] if notice and notice.si_code in ptrace.ENDINGS else []
        if len(batch) > 1:
            # A group-stop is told before the wait call of a parent that reports it.
            batch.sort(key=_group_stops_first)
        death = ended(earlier) if earlier is not None else None
        if death is not None:
            batch.append(death)
        elif further is not None and further.si_code in ptrace.ENDINGS:
            self._dead = further.si_pid
        return batch

    def _look_further(self) -> ptrace.Notice | None:
        """The next stop or death, left where it is."""
        notice = ptrace.wait(ptrace.WEXITED | ptrace.WNOWAIT | ptrace.WNOHANG)
        self._settled = notice is None
        return notice


def _rest(seconds: float) -> None:
    """Wait until SIGCHLD comes or has come. Not for ever: a leader that dies after its
    threads may have been made to send its parent another signal (clone(2))."""
    if sys.platform != "linux":
        raise NotImplementedError
    signal.sigtimedwait(_SIGCHLD, seconds)


def _stopped() -> ptrace.Notice | None:
    try:
        return ptrace.wait(ptrace.WSTOPPED | ptrace.WNOHANG)
    except ChildProcessError:  # only dead ones
        return None


def _group_stops_first(stop: Stop) -> bool:
    return stop.kind is not Kind.GROUP_STOP


def ended(tid: int) -> Stop | None:
    """The end of a task, if it is dead and was not collected."""
    try:
        notice = ptrace.wait(ptrace.WEXITED | ptrace.WNOWAIT | ptrace.WNOHANG, tid)
    except ChildProcessError:
        return None
    return _end(notice) if notice and notice.si_code in ptrace.ENDINGS else None


def of(tid: int) -> Stop | None:
    """A stop of this task, which is thereby told, or its end, which is only looked at."""
    try:
        notice = ptrace.wait(ptrace.WSTOPPED | ptrace.WNOHANG, tid)
    except ChildProcessError:  # dead, or not a tracee
        return ended(tid)
    return ended(tid) if notice is None else _stop(notice)


def rest(seconds: float) -> None:
    """Wait until SIGCHLD comes or has come, which must be blocked; not longer than that."""
    _rest(seconds)


def collect(tid: int) -> None:
    """Collect a dead task, or one that is dying: from now on its real parent can see that
    it ended."""
    while (notice := ptrace.wait(ptrace.WEXITED, tid)) is not None:
        if notice.si_code in ptrace.ENDINGS:
            return
