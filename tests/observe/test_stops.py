"""Stops and deaths are given in an order that starves nobody."""

from __future__ import annotations

import os
import signal
from types import SimpleNamespace

import pytest

from grader.observe.exact import ptrace, stops
from grader.observe.exact.stops import Gatherer, Kind

POLLER, DEAD = 10, 11
_ENTRY = signal.SIGTRAP | ptrace.EVENT_SECCOMP << 8


class Kernel:
    """One tracee that polls: let go on, it is at its next stop before anyone looks.
    And its child, which is dead."""

    def __init__(self) -> None:
        self.stopped = True

    def wait(self, options: int, tid: int | None = None) -> SimpleNamespace | None:
        leave, stops_only = options & ptrace.WNOWAIT, not options & ptrace.WEXITED
        if self.stopped and tid in (None, POLLER):
            self.stopped = bool(leave)
            return SimpleNamespace(si_pid=POLLER, si_code=os.CLD_TRAPPED, si_status=_ENTRY)
        if stops_only or tid == POLLER:
            return None
        return SimpleNamespace(si_pid=DEAD, si_code=os.CLD_EXITED, si_status=3)


def test_a_parent_that_polls_does_not_hide_the_death_that_it_asks_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kernel = Kernel()
    monkeypatch.setattr(stops.ptrace, "wait", kernel.wait)
    monkeypatch.setattr(stops.signal, "pthread_sigmask", lambda *_: None)
    gatherer = Gatherer()
    rounds = []
    for _ in range(2):
        kernel.stopped = True
        rounds.append([(stop.tid, stop.kind) for stop in gatherer.next(0)])
    stop, death = (POLLER, Kind.ENTRY), (DEAD, Kind.ENDED)
    assert rounds == [[stop], [stop, death]]  # what it was at before that comes first
