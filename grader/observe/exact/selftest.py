"""Does the exact engine work here? Tried for real, in a throw-away process."""

from __future__ import annotations

import errno
import functools
import os
import signal
from collections.abc import Callable
from types import ModuleType
from typing import NamedTuple, NoReturn

from grader.model import GraderError
from grader.observe.exact import arch, ptrace
from grader.observe.exact.filter import filter_for
from grader.observe.seccomp import Filter

_SECONDS = 30
"""A test takes milliseconds; on the busiest system, a few seconds."""

STEPS = (
    ("seize", "PTRACE_SEIZE attaches to an own child"),
    ("seccomp", "a seccomp filter stops a chosen system call"),
    ("skip", "a system call is skipped, and given a result"),
    ("fork", "a forked child is followed"),
    ("end", "the ends of both are seen"),
)
"""What is tried, in order; a failure makes the later ones fail too."""


class SelfTest(NamedTuple):
    """What was found."""

    steps: list[str]
    """The steps that worked, by name."""
    why: str
    """Why the next one did not; empty if all did."""


@functools.cache
def self_test() -> SelfTest:
    """Trace a small child that makes a pipe (skipped, with EMFILE) and forks.

    Raises GraderError when the system is too busy to tell: to go on with weaker
    evidence then would make a verdict depend on the load.
    """
    architecture = arch.current()
    if architecture is None:
        return SelfTest([], "no support for this CPU architecture")
    filter = filter_for(architecture)
    reading, writing = os.pipe()
    try:
        tester = os.fork()
    except OSError as error:
        os.close(reading)
        os.close(writing)
        raise GraderError(f"the system gave no process for the self-test: {error}") from None
    if tester == 0:
        os.close(reading)
        _test(architecture, filter, writing)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        *steps, last = pipe.read().split("\n")
    try:
        _, status = os.waitpid(tester, 0)
    except ChildProcessError:  # whoever started the grader ignores SIGCHLD
        status = 0
    if os.waitstatus_to_exitcode(status) == -signal.SIGALRM:
        raise GraderError(
            f"the self-test of the exact engine did not end within {_SECONDS} s; "
            "try again, or choose --engine sampled"
        )
    return SelfTest(steps, last)


def _test(architecture: ModuleType, filter: Filter, report: int) -> NoReturn:
    """The tracer's part, in a process of its own. Reports each step when it has worked."""

    def worked(step: str) -> None:
        os.write(report, step.encode() + b"\n")

    try:
        for number in (signal.SIGALRM, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        signal.alarm(_SECONDS)
        gate_out, gate_in = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(gate_in)
            _traced(filter, gate_out)
        ptrace.seize(child)
        worked("seize")
        os.write(gate_in, b"!")
        _follow(architecture, child, worked)
    except OSError as error:
        os.write(report, str(error).encode())
    finally:
        os._exit(0)


def _follow(architecture: ModuleType, child: int, worked: Callable[[str], None]) -> None:
    skipped, forked, ended = False, False, 0
    while ended < 2:
        notice = ptrace.wait(ptrace.WEXITED | ptrace.WSTOPPED)
        assert notice is not None
        tid, status = notice.si_pid, notice.si_status
        if notice.si_code in ptrace.ENDINGS:
            ended += 1
            if tid == child and status != 0:
                raise OSError(0, f"the traced child saw something else (exit {status})")
            continue
        event = status >> 8
        if event == ptrace.EVENT_SECCOMP:
            registers = ptrace.get_registers(tid)
            number = architecture.number(registers)
            if number in (architecture.NUMBERS.get("pipe"), architecture.NUMBERS["pipe2"]):
                worked("seccomp")
                architecture.skip(tid, registers, -errno.EMFILE)
                skipped = True
        elif event in (ptrace.EVENT_FORK, ptrace.EVENT_CLONE):
            if skipped:
                worked("skip")
            worked("fork")
            forked = True
        ptrace.cont(tid)
    if forked:
        worked("end")


def _traced(filter: Filter, gate: int) -> NoReturn:
    """The tracee's part: exits 0 if it saw what it should."""
    try:
        os.read(gate, 1)
        filter.install()
        try:
            os.pipe()
        except OSError as error:
            if error.errno != errno.EMFILE:
                os._exit(2)
        else:
            os._exit(3)
        child = os.fork()
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)
        os._exit(0)
    finally:
        os._exit(4)
