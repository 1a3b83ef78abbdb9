"""psutil is asked at each process event, and a disagreement makes the trace doubtful."""

from __future__ import annotations

import os
from collections.abc import Callable

import psutil
import pytest

from grader.model import Exec, Exit, Fork, Limits, Scenario, Wait
from grader.observe import run
from grader.observe.exact import looks
from grader.observe.exact.looks import GONE, View, view
from tests.observe.conftest import Compiled
from tests.observe.consistency import assert_consistent
from tests.observe.running import run_python


def test_every_process_event_is_looked_at() -> None:
    trace = run_python("os.waitpid(fork(lambda: 0), 0); fork(os.getpid); os.wait()")
    assert_consistent(trace)
    assert trace.looks_skipped == 0
    for event in trace.events:
        seen = [(look.process, look.state) for look in trace.looks if look.event == event.n]
        match event:
            case Exec():
                assert (event.process, "alive") in seen
            case Fork():
                assert seen[0] in [(event.child, "alive"), (event.child, "zombie")]
                assert (event.process, "alive") in seen
            case Exit():
                assert (event.process, "zombie") in seen
            case Wait(outcome="reaped"):
                assert (event.child, "gone") in seen
            case _ if event.n != trace.events[-1].n:
                assert seen == []
    last = trace.events[-1].n
    at_the_end = {
        look.process for look in trace.looks if (look.event, look.state) == (last, "gone")
    }
    assert at_the_end == {"P", "P.1", "P.2"}


def test_the_parent_that_psutil_names_is_recorded(compiled: Compiled) -> None:
    trace = run(Scenario(command=[compiled("subreaper")], stdio="pipe"), "exact")
    assert_consistent(trace)
    parents = {(look.process, look.parent) for look in trace.looks if look.state != "gone"}
    assert {("P", "engine"), ("P.1", "P"), ("P.1.1", "P.1"), ("P.1.2", "P")} <= parents


def test_in_a_long_run_every_tenth_event_is_looked_at(compiled: Compiled) -> None:
    command, limits = [compiled("many"), "200"], Limits(processes_alive=400)
    trace = run(Scenario(command=command, stdio="pipe", limits=limits), "exact")
    assert_consistent(trace)
    events = sum(
        isinstance(event, Exec | Fork | Exit) or (isinstance(event, Wait) and bool(event.child))
        for event in trace.events
    )
    looked_at = 100 + (events - 100) // 10
    assert trace.looks_skipped == events - looked_at
    assert len({look.event for look in trace.looks}) >= looked_at


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (
            lambda true: View("alive" if true.state == "zombie" else true.state, true.parent),
            "alive",
        ),
        (lambda true: View(true.state, 1), "under outside"),
        (lambda true: GONE, "gone"),
        (lambda true: View("alive", os.getpid()) if true is GONE else true, "alive"),
    ],
    ids=["zombie taken for alive", "another parent", "never there", "still there"],
)
def test_a_disagreement_makes_a_doubt(
    monkeypatch: pytest.MonkeyPatch, wrong: Callable[[View], View], words: str
) -> None:
    """The engine runs in a process forked from this one, so it gets the wrong view too."""

    def mistaken(process: psutil.Process) -> View:
        return wrong(view(process))

    monkeypatch.setattr(looks, "view", mistaken)
    trace = run_python("os.waitpid(fork(lambda: 0), 0)")
    assert any(not look.agrees for look in trace.looks)
    assert all(look.expected for look in trace.looks if not look.agrees)
    assert trace.doubts
    assert all(doubt.startswith("psutil saw P") for doubt in trace.doubts)
    assert words in trace.doubts[0]


def test_a_child_is_a_zombie_to_psutil_until_it_is_reaped() -> None:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    process = psutil.Process(pid)
    assert view(process) == View("zombie", os.getpid())
    os.waitpid(pid, 0)
    assert view(process) == GONE


def test_this_process_is_alive() -> None:
    assert view(psutil.Process()) == View("alive", os.getppid())
