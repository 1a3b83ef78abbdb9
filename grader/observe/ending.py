"""Ending every process below this one, whatever they do meanwhile.

To look for them and kill what is found is a race: a chain of processes, each of which forks
the next and exits, is never where one has just looked. Where Landlock rules over signals
(ABI 6, Linux 6.12), the race is none: ``kill(-1, SIGKILL)`` from inside such a confinement
reaches all processes in it and beneath it, no other, and the kernel holds fork back meanwhile
(kill(2); landlock(7), LANDLOCK_SCOPE_SIGNAL; copy_process() in kernel/fork.c, which gives way
to a signal that is pending). That needs no privilege.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import time
from typing import Final

import psutil

from grader.observe.confine import landlock

_PR_SET_CHILD_SUBREAPER: Final = 36

_ROUNDS: Final = 100
"""How often it is looked for new processes while the others are held."""

_libc = ctypes.CDLL(None, use_errno=True)


def become_subreaper() -> bool:
    """Have orphans of this process's descendants adopted by it; False where it can't be.

    Source: prctl(2), PR_SET_CHILD_SUBREAPER, Linux 3.4.
    """
    if sys.platform != "linux":
        return False
    with contextlib.suppress(AttributeError):
        return bool(_libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0)
    return False


def scope_signals(outside: int) -> bool:
    """Have this process, and all that it forks, signal no other processes than these.

    ``outside``, a living process of the same user, must be out of reach afterwards; that is
    tried. Returns whether it is so. It is for ever, and sets no_new_privs (prctl(2)).
    """
    if not landlock.scope_signals():
        return False
    try:
        os.kill(outside, 0)
    except PermissionError:
        return True
    except ProcessLookupError:  # it has ended, and nothing is known
        pass
    return False


def kill_all(scoped: bool) -> None:
    """Kill every process below this one. ``scoped``: ``scope_signals`` has worked in this
    process itself, and what is not below it was never inside that scope; without, some
    may be made while it is looked for them."""
    if scoped:
        with contextlib.suppress(ProcessLookupError, PermissionError):  # there is none
            os.kill(-1, signal.SIGKILL)
        return
    held: set[psutil.Process] = set()
    for _ in range(_ROUNDS):
        found = set(psutil.Process().children(recursive=True)) - held
        if not found:
            break
        for process in found:
            with contextlib.suppress(psutil.Error):
                process.suspend()
        held |= found
    for process in held:
        with contextlib.suppress(psutil.Error):
            process.kill()


def end_all(scoped: bool, seconds: float) -> bool:
    """Kill every process below this one, and collect those that are or become its children,
    until none is left. False when some do not die within so many seconds, as in a call that
    nothing interrupts."""
    deadline = time.monotonic() + seconds
    while True:
        kill_all(scoped)
        if _collected():
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(0.001)


def _collected() -> bool:
    """Collect the dead children; True when there is no child at all any more."""
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return True
        if pid == 0:
            return False
