"""Starting a program so that it is traced from its first instruction.

The child waits at a gate until it has been seized; only then it installs the filter,
and execs: a filter that traces gives ENOSYS while there is no tracer (seccomp(2)).
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
from dataclasses import dataclass
from typing import NoReturn

from grader.observe.exact import ptrace
from grader.observe.exact.filter import Filter
from grader.observe.supervisor import close_all_but


@dataclass(frozen=True)
class Start:
    """How to start a program."""

    path: str
    """The executable file."""
    command: list[str]
    environment: dict[str, str]
    directory: str | None
    streams: tuple[int, int, int]
    """Descriptors that become standard input, output and error."""
    terminal: int | None
    """The terminal, whose foreground job the program becomes; None for pipes."""
    memory_bytes: int


def launch(start: Start, filter: Filter) -> tuple[int, int]:
    """Fork, seize and release the program.

    Returns its pid, and a descriptor from which the errno of a failed exec can be
    read as text: end of file means that the exec succeeded.
    """
    gate_out, gate_in = os.pipe()
    failure_out, failure_in = os.pipe()
    pid = os.fork()
    if pid == 0:
        _become(start, filter, gate_out, failure_in)
    os.close(gate_out)
    os.close(failure_in)
    ptrace.seize(pid)
    os.setpgid(pid, pid)
    if start.terminal is not None:
        os.tcsetpgrp(start.terminal, pid)
    os.write(gate_in, b"!")
    os.close(gate_in)
    return pid, failure_out


def _become(start: Start, filter: Filter, gate: int, failure: int) -> NoReturn:
    """In the child: become the program."""
    try:
        os.read(gate, 1)
        for number, stream in enumerate(start.streams):
            os.dup2(stream, number)
        close_all_but({0, 1, 2, failure})
        if start.directory is not None:
            os.chdir(start.directory)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        # The engine's look at the limit comes first; this holds whatever slips through.
        with contextlib.suppress(ValueError, OSError):
            space = 2 * start.memory_bytes
            resource.setrlimit(resource.RLIMIT_AS, (space, space))
        # What the shell or Python has set to be ignored would be inherited.
        for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
            with contextlib.suppress(OSError, ValueError):
                signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        filter.install()
        os.execve(start.path, start.command, start.environment)
    except OSError as error:
        os.write(failure, str(error.errno).encode())
    finally:
        os._exit(127)
