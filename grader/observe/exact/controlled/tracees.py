"""Letting one held process run, until it stands still again."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from grader.observe.exact import ptrace, stops
from grader.observe.exact.stops import Kind, Stop

_TICK_SECONDS = 0.005
_LONG_SECONDS = 0.02
"""After so long, a process may be blocked: then it is looked at."""
_PATIENCE_SECONDS = 0.03
"""How long a process must sleep in the kernel, undisturbed, to count as blocked there."""


class Outside(Exception):
    """The run is over, whatever the process does: a limit is passed."""


def no_limit() -> None:
    """A check that never ends the waiting: for starts, and for what is being killed."""


def wait_for(
    tid: int,
    check: Callable[[], None],
    drain: Callable[[], None] | None,
    resumed: bool = False,
) -> Stop | None:
    """Wait until a task stops or ends; None when it is blocked in the kernel.

    ``resumed``: it was let go just now, so that SIGCHLD will tell of its next stop.

    ``check`` is called every few milliseconds, and raises Outside when a limit is passed;
    ``drain`` makes room where the task writes to, if that may be full.
    """
    asleep_since: tuple[float, int] | None = None
    start = 0.0
    while True:
        stop = None if resumed else stops.of(tid)
        resumed = False
        if stop is not None:
            return stop
        if drain is not None:
            drain()
        stops.rest(_TICK_SECONDS if drain is None else _TICK_SECONDS / 10)
        now = time.monotonic()
        start = start or now
        if now - start < _LONG_SECONDS:
            continue
        check()
        switches = sleeping(tid)
        if switches is None or drain is not None:
            asleep_since = None
        elif asleep_since is None or asleep_since[1] != switches:
            asleep_since = (now, switches)
        elif now - asleep_since[0] > _PATIENCE_SECONDS:
            return stops.of(tid)


def wait_for_end(tid: int, check: Callable[[], None]) -> Stop:
    """Wait until a task that must die is dead; other stops of it are passed over."""
    while True:
        stop = stops.of(tid)
        if stop is not None:
            if stop.kind is Kind.ENDED:
                return stop
            ptrace.cont(tid)
            continue
        stops.rest(_TICK_SECONDS)
        check()


def sleeping(tid: int) -> int | None:
    """How often a task has gone to sleep, if it is asleep in the kernel now; else None."""
    try:
        lines = Path(f"/proc/{tid}/status").read_text().splitlines()
    except OSError:
        return None
    asleep, switches = False, 0
    for line in lines:
        if line.startswith("State:"):
            asleep = line.split()[1] == "S"
        elif line.startswith("voluntary_ctxt_switches:"):
            switches = int(line.split()[1])
    return switches if asleep else None
