"""Where grader is the first process of a container (``docker run image grader batch ...``).

Orphans come to the first process of a pid namespace, which has to collect them
(pid_namespaces(7)); one that does not, keeps a zombie of each, until the container may make no
more processes. Students' programs leave many. So that process does only this, and a child of
it is the grader.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import suppress

_SECONDS_LEFT = 10.0
"""For what cleans up after a grader that was killed: the kernel kills it with the first process."""
_FAULTS = ("SIGSEGV", "SIGBUS", "SIGFPE", "SIGILL", "SIGTRAP")
_NOT_PASSED_ON = ("SIGCHLD", "SIGTSTP", "SIGTTIN", "SIGTTOU")
"""By name: this module is imported where there are no such signals, too."""


def leave_to_a_child() -> None:
    """In the first process, look after orphans and never return; the child that is the grader
    returns. Elsewhere, this does nothing."""
    if sys.platform != "linux" or os.getpid() != 1:
        return
    taken: set[int] = {number for number in signal.valid_signals() if _name(number) not in _FAULTS}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, taken)
    grader = os.fork()
    if grader == 0:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return
    os._exit(_attend(grader, taken))


def _attend(grader: int, taken: set[int]) -> int:
    """Collect whoever ends, and pass signals on to the grader. Returns its status, as a shell
    would say it, when it and what cleans up after it have ended."""
    if sys.platform != "linux":
        raise NotImplementedError("pid namespaces are Linux's")
    status: int | None = None
    until = 0.0
    while status is None or time.monotonic() < until:
        came = signal.sigtimedwait(taken, 1.0)
        # What a terminal sends (SI_KERNEL), it sends to the grader, too.
        if came is not None and came.si_code <= 0 and _name(came.si_signo) not in _NOT_PASSED_ON:
            with suppress(ProcessLookupError):
                os.kill(grader, came.si_signo)
        try:
            while (ended := os.waitpid(-1, os.WNOHANG))[0] != 0:
                if ended[0] == grader:
                    code = os.waitstatus_to_exitcode(ended[1])
                    status = code if code >= 0 else 128 - code
                    until = time.monotonic() + _SECONDS_LEFT
        except ChildProcessError:
            break
    return status if status is not None else 1


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal
        return ""
