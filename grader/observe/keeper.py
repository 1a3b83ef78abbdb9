"""The process between the grader and a supervisor that can't take its run with it.

Where nothing ties a program's processes to their supervisor (the exact engine's are killed
by the kernel with it: PTRACE_O_EXITKILL), they would live on if it were killed. The keeper
sees the end of the supervisor, adopts what it leaves (PR_SET_CHILD_SUBREAPER), and ends it;
and so when the grader ends. If the keeper itself is killed, the supervisor does the same.

It is on Linux only: elsewhere nobody adopts the orphans of a program, nor is told of the
grader's end.
"""

from __future__ import annotations

import os
import signal
from typing import Final

from grader.observe.ending import become_subreaper, end_all, scope_signals
from grader.observe.supervisor import OUTPUT_LIMIT_SIGNAL, close_all_but, die_with, name_process

END_SIGNAL: Final = signal.SIGUSR2
"""Asks the keeper to end the run; the kernel sends it when the grader has ended."""
_SECONDS: Final = 60.0


def keep(grader: int, held: set[int]) -> int:
    """In a freshly forked child of the grader: become the keeper, and return in a child of
    that, which is to be the supervisor: the keeper's pid.

    The keeper ends after everything below it, and ``held`` (descriptors) stay open until
    then. Every other signal is blocked in it; the supervisor begins with the same mask.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number in (END_SIGNAL, OUTPUT_LIMIT_SIGNAL):
        signal.signal(number, signal.SIG_DFL)
    die_with(grader, END_SIGNAL)
    os.setsid()  # away from the terminal, and from kill(2) of the grader's group
    become_subreaper()
    scoped = scope_signals(grader)
    keeper = os.getpid()
    try:
        supervisor = os.fork()
    except OSError:  # no room: the missing report says so, and nobody else may go on from here
        os._exit(1)
    if supervisor == 0:
        return keeper
    try:
        name_process("grader-keeper")
        close_all_but(held)
        _wait(supervisor)
    finally:
        end_all(scoped, _SECONDS)
        os._exit(0)


def _wait(supervisor: int) -> None:
    """Until the supervisor has ended, or is to be ended."""
    while True:
        number = signal.sigwait({END_SIGNAL, OUTPUT_LIMIT_SIGNAL, signal.SIGCHLD})
        if number == END_SIGNAL:
            return
        if os.waitpid(supervisor, os.WNOHANG) != (0, 0):
            return
        if number == OUTPUT_LIMIT_SIGNAL:
            os.kill(supervisor, OUTPUT_LIMIT_SIGNAL)
