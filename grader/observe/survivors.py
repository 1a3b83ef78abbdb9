"""After a run: psutil confirms that nothing survived, and what did is ended."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Collection, Iterable
from pathlib import Path

import psutil

_OVER = (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
"""Dead: between being collected and being gone (proc_pid_stat(5), state X)."""


def end_survivors(
    known: Iterable[tuple[str, psutil.Process]], spared: Collection[int] = ()
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
    if has_children(spared):  # else psutil need not read all of /proc to find none
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


def has_children(spared: Collection[int] = ()) -> bool:
    """Whether this process may have a child that was not collected (waitid(2), not on every
    system), besides those spared, which stand still and have none."""
    if sys.platform != "linux":
        return True
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    if not spared:
        return True
    try:
        children = _children(os.getpid())
        return not all(pid in spared and not _children(pid) for pid in children)
    except OSError:  # a kernel without CONFIG_PROC_CHILDREN
        return True


def _children(pid: int) -> list[int]:
    """The children of a process with one thread (proc_pid_task(5))."""
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_bytes().split()]
