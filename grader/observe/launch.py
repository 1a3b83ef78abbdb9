"""Starting a program in a child that waits until its observer is ready."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NoReturn

from grader.model import GraderError, Scenario, UsageError
from grader.observe.confine import Confined, set_rlimits
from grader.observe.program import environment, find_program
from grader.observe.stdio import Stdio
from grader.observe.supervisor import close_all_but

_ADDR_NO_RANDOMIZE = 0x0040000
_libc = ctypes.CDLL(None)


@dataclass(frozen=True)
class Launched:
    """A program that was started."""

    pid: int
    failure: int
    """A descriptor from which it can be read why the program did not begin."""

    def check(self, name: str) -> None:
        """Once the program has ended: raise UsageError if it never began, GraderError if
        that was not its own fault."""
        with os.fdopen(self.failure) as pipe:
            kind, _, what = pipe.read().partition(":")
        if kind == "exec":
            raise UsageError(f"{name}: cannot be started: {what}")
        if kind:
            raise GraderError(f"{name}: the grader could not start it: {what}")


def launch(
    scenario: Scenario,
    stdio: Stdio,
    attach: Callable[[int], None],
    prepare: Callable[[], None],
    same_addresses: bool = False,
    confined: Confined | None = None,
    stopped: Mapping[str, int] | None = None,
) -> Launched:
    """Start a scenario's program, with ``stdio`` as its standard streams.

    ``attach`` is called with the child's pid while the child waits at a gate; then
    ``prepare`` in the child, last before it execs. The program is the foreground job
    of its terminal, as if a shell had started it (tcsetpgrp(3)). With
    ``same_addresses`` its memory is laid out the same way each time, where the system allows
    it (personality(2)). ``confined`` is how it is held; ``stopped`` are the calls at which a
    tracer wants it to stop for that, with their numbers, None when there is no tracer.

    Raises UsageError when there is no such program.
    """
    path = find_program(scenario.command[0], scenario.directory)
    kept = set() if confined is None else confined.make_ready(stdio.terminal, stopped)
    gate_out, gate_in = os.pipe()
    failure_out, failure_in = os.pipe()
    pid = os.fork() if confined is None else confined.fork()
    if pid == 0:
        os.close(gate_in)  # so that the gate ends with the supervisor
        if same_addresses:
            _libc.personality(_ADDR_NO_RANDOMIZE)
        _become(path, scenario, stdio, prepare, gate_out, failure_in, confined, kept)
    os.close(gate_out)
    os.close(failure_in)
    attach(pid)
    os.setpgid(pid, pid)
    if stdio.terminal is not None:
        os.tcsetpgrp(stdio.terminal, pid)
    os.write(gate_in, b"!")
    os.close(gate_in)
    return Launched(pid, failure_out)


def _become(
    path: str,
    scenario: Scenario,
    stdio: Stdio,
    prepare: Callable[[], None],
    gate: int,
    failure: int,
    confined: Confined | None,
    kept: set[int],
) -> NoReturn:
    """In the child: become the program."""
    try:
        if not os.read(gate, 1):
            os._exit(127)
        for number, stream in enumerate(stdio.streams):
            os.dup2(stream, number)
        close_all_but({0, 1, 2, failure, *kept})
        if scenario.directory is not None:
            os.chdir(scenario.directory)
        # What the shell or Python has set to be ignored would be inherited.
        for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
            with contextlib.suppress(OSError, ValueError):
                signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        variables = environment(os.environ)
        if confined is not None:
            variables = confined.environment()
            confined.enter()
        prepare()
        set_rlimits(scenario.limits)  # last, as the grader itself may be larger
        try:
            os.execve(path, scenario.command, variables)
        except OSError as error:
            os.write(failure, f"exec:{error.strerror}".encode())
    except BaseException as error:
        os.write(failure, f"grader:{error!r}".encode())
    finally:
        os._exit(127)
