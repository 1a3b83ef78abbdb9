"""The process that supervises one run, and dies with the grader.

A run has a supervising process of its own: ptrace binds a tracee to one thread, and
whatever happens to the run, the grader itself is not in it. The supervisor leads the
terminal's session, as a shell would; if the submission led it, its exit would hang up
the orphans that it leaves behind (setsid(2), SIGHUP).
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import gc
import os
import resource
import signal
import sys
import termios
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn

import msgspec

from grader.model import GraderError, Scenario, Trace, UsageError, shortage, to_json
from grader.observe.capture import UnfinishedWrite
from grader.observe.stdio import Stdio

if TYPE_CHECKING:
    from grader.observe.confine import Confined

_PR_SET_PDEATHSIG, _PR_SET_NAME = 1, 15
# Made here: in a process that was just forked it would take half a millisecond.
_libc = ctypes.CDLL(None)

_MOST_DESCRIPTORS = 1 << 20

OUTPUT_LIMIT_SIGNAL = signal.SIGUSR1
"""Tells a supervisor that more has been captured than the limit allows. The exact engine
counts for itself, and ignores it."""


class Report(msgspec.Struct, frozen=True):
    """What a supervisor sends home: a trace, or why there is none."""

    trace: Trace | None = None
    unfinished: list[UnfinishedWrite] = []
    usage: str | None = None
    """The user gave something that cannot be run."""
    failure: str | None = None
    """The grader failed: for its authors."""


Observe = Callable[[Scenario, Stdio, "Confined | None"], Report]
"""An engine: runs the scenario in this process, held as is said, and reports."""


def supervise(
    scenario: Scenario,
    stdio: Stdio,
    observe: Observe,
    report_to: int,
    parent: int,
    at_its_end: signal.Signals = signal.SIGKILL,
    confined: Confined | None = None,
) -> NoReturn:
    """In a freshly forked child: run the scenario, report, and exit. ``at_its_end``: the signal
    that comes when the parent ends."""
    report = Report(failure="the supervisor did not start")
    try:
        die_with(parent, at_its_end)
        name_process("grader-run")
        shed_inherited_state()
        kept = set() if confined is None else confined.descriptors
        close_all_but({0, 1, 2, report_to, *stdio.streams, *kept})
        os.setsid()
        if stdio.terminal is not None:
            fcntl.ioctl(stdio.terminal, termios.TIOCSCTTY, 0)
        stay_on_this_processor()
        report = observe(scenario, stdio, confined)
    except UsageError as error:
        report = Report(usage=str(error))
    except BaseException as error:
        report = Report(failure=failure_of(error))
    finally:
        try:
            send(report_to, to_json(report))
        except BrokenPipeError:  # the grader has ended
            pass
        except BaseException:
            traceback.print_exc()
        os._exit(0)


def failure_of(error: BaseException) -> str:
    """What to report of the grader's own failure: for people, where that is enough."""
    if isinstance(error, GraderError):
        return str(error)
    lack = shortage(error)
    return f"the engine failed: {lack}" if lack else f"the engine failed:\n{traceback.format_exc()}"


def die_with(parent: int, by: signal.Signals = signal.SIGKILL) -> None:
    """Have the kernel kill this process when its parent ends, however it ends; or send it
    another signal.

    Source: prctl(2), PR_SET_PDEATHSIG; Linux only.
    """
    if sys.platform == "linux":
        _libc.prctl(_PR_SET_PDEATHSIG, by, 0, 0, 0)
    if os.getppid() != parent:  # it ended before that took effect
        os._exit(1)


def name_process(name: str) -> None:
    """Give this process a name of its own in what ps(1) and top(1) show: up to 15 characters.

    Source: prctl(2), PR_SET_NAME; Linux only.
    """
    if sys.platform == "linux":
        _libc.prctl(_PR_SET_NAME, name.encode(), 0, 0, 0)


def stay_on_this_processor() -> None:
    """Have the kernel keep this process and its descendants on the processor that it has
    just chosen for it, as the idlest (select_task_rq_fair() in kernel/sched/fair.c).

    A stop costs five times less when tracer and tracee share a processor.
    """
    if sys.platform == "linux":
        processor = _libc.sched_getcpu()
        with contextlib.suppress(OSError):
            os.sched_setaffinity(0, {processor})


def shed_inherited_state() -> None:
    """Drop the handlers and the rubbish of the process that we were forked from."""
    signal.setitimer(signal.ITIMER_REAL, 0)
    # The terminal's signals are meant for the program.
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGTSTP, signal.SIGTTOU):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(OUTPUT_LIMIT_SIGNAL, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    gc.disable()


def close_all_but(kept: set[int]) -> None:
    """Close the grader's descriptors: a pipe of another run, held open here, would never
    come to its end there."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if not 0 < most < _MOST_DESCRIPTORS:  # RLIM_INFINITY is -1, or enormous
        most = _MOST_DESCRIPTORS
    low = 0
    for descriptor in [*sorted(kept), most]:
        if low < descriptor:  # CPython's closerange(0, 0) closes all of them
            os.closerange(low, descriptor)
        low = descriptor + 1


def send(descriptor: int, data: bytes) -> None:
    """Write all of it."""
    while data:
        data = data[os.write(descriptor, data) :]
