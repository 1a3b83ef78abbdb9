"""After a run: psutil confirms that nothing survived, and what did is ended."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Container, Iterable

import psutil

_OVER = (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
"""Dead: between being collected and being gone (proc_pid_stat(5), state X)."""


def end_survivors(
    known: Iterable[tuple[str, psutil.Process]], spared: Container[int] = ()
) -> list[str]:
    """Look for processes of a run that should be over, and kill them.

    ``known`` are the run's processes that psutil has met: path id, and what it met (a pid
    alone would not tell them from others that got the same later). Children of this
    process count too, known or not, but for the ``spared`` pids. Returns what was found: path
    ids, or ``pid N (name)``.
    """
    found: dict[int, tuple[str, psutil.Process]] = {}
    for id, process in known:
        with contextlib.suppress(psutil.Error):
            if process.is_running() and process.status() not in _OVER:
                found[process.pid] = (id, process)
    if has_children():  # else psutil need not read all of /proc to find none
        for process in psutil.Process().children(recursive=True):
            if process.pid in spared:
                continue
            with contextlib.suppress(psutil.Error):
                found.setdefault(process.pid, (f"pid {process.pid} ({process.name()})", process))
    for _, process in found.values():
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs([process for _, process in found.values()], timeout=5)
    return [name for name, _ in found.values()]


def has_children() -> bool:
    """Whether this process may have a child that was not collected (waitid(2), not on
    every system)."""
    if sys.platform != "linux":
        return True
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True
