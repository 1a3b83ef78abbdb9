"""Processes that exist though no one was seen to make them.

A process that is killed while it forks dies before it can stop and tell of its child
(ptrace_stop() in kernel/signal.c gives way to SIGKILL). /proc knows the child.
"""

from __future__ import annotations

import os
from collections.abc import Container
from pathlib import Path
from typing import NamedTuple


class Stray(NamedTuple):
    """A process of unknown origin."""

    pid: int
    parent: int
    """Its parent now: whoever adopted it, if the one that made it is dead."""


def _status(pid: int) -> dict[str, int]:
    """The ids in /proc/PID/status; empty when the process is gone (proc_pid_status(5))."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return {}
    pairs = (line.split(":\t", 1) for line in lines if ":\t" in line)
    return {key: int(value) for key, value in pairs if key in ("Tgid", "PPid", "TracerPid")}


def is_thread(tid: int) -> bool:
    """Whether this is the id of a thread other than a process's first."""
    return _status(tid).get("Tgid", tid) != tid


def find(known: Container[int]) -> list[Stray]:
    """The processes that this process traces and that are not among the known."""
    strays = []
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]
    for pid in sorted(pids):
        if pid not in known:
            status = _status(pid)
            if status.get("TracerPid") == os.getpid():
                strays.append(Stray(pid, status["PPid"]))
    return strays
