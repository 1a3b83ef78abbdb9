"""What is true of every exact trace of a run that ended by itself."""

from __future__ import annotations

from grader.model import Adopt, Blocking, Exit, Fork, Trace, Wait


def assert_consistent(trace: Trace) -> None:
    """The events agree with each other, with the processes, and with psutil."""
    assert trace.evidence == "exact"
    assert trace.doubts == []
    assert trace.survivors == []
    assert [look for look in trace.looks if not look.agrees] == []
    assert [event.n for event in trace.events] == list(range(len(trace.events)))
    times = [event.t for event in trace.events]
    assert times == sorted(times)
    assert trace.root.fate == "root"
    for event in trace.events:
        if isinstance(event, Blocking):
            assert 0 <= event.began <= event.t
            assert 0 <= event.after <= event.n
    made = {"P": -1} | {e.child: e.n for e in trace.events if isinstance(e, Fork) and e.child}
    ended = {e.process: e.n for e in trace.events if isinstance(e, Exit)}
    assert list(made) == [process.id for process in trace.processes]
    assert made.keys() == ended.keys()
    for event in trace.events:
        assert made[event.process] < event.n <= ended[event.process], event
        if isinstance(event, Wait) and event.outcome == "reaped" and event.child:
            process = trace.process(event.child)
            assert ended[event.child] < event.n
            assert (process.reaped, process.reaped_by) == (event.n, event.process)
            assert process.exit == event.status
        if isinstance(event, Adopt):
            assert trace.process(event.process).adopted_by is not None
    for process in trace.processes:
        assert process.exited == ended[process.id]
        assert process.fate is not None
        if process.parent is not None:
            assert process.forked == made[process.id]
            assert process.fate != "root"
        if process.fate == "reaped":
            assert process.reaped_by == process.parent
            assert process.zombie_seconds is not None
            assert process.zombie_seconds >= 0
        if process.fate == "orphaned":
            assert ended[process.parent or ""] < ended[process.id]
        if process.fate == "unreaped":
            assert ended[process.parent or ""] > ended[process.id]
