"""Who collected whom: reaps, polls, and zombies that lingered. Source: wait(2)."""

from __future__ import annotations

import signal

import msgspec

from grader.model import ROOT, Delivered, Process, Sleep, Trace, Wait


class Lingering(msgspec.Struct, frozen=True):
    """A zombie whose parent slept meanwhile."""

    process: Process
    parent: str
    seconds: float
    """How long the parent slept while it was one."""
    sleeps: list[int]
    """The sleep events concerned."""


def reaps(trace: Trace, by: str | None = None) -> list[Wait]:
    """The wait calls that collected a child, in order; of one process, if given.

    Raises Unproved for sampled evidence.
    """
    return [wait for wait in trace.waits(by) if wait.outcome == "reaped"]


def collected(trace: Trace, by: str = ROOT) -> list[str]:
    """Path ids in the order in which ``by`` collected them. Unproved for sampled evidence."""
    return [wait.child for wait in reaps(trace, by) if wait.child is not None]


def reap_of(trace: Trace, process: str) -> Wait | None:
    """The call that collected a process; None if none did. Unproved for sampled evidence."""
    return next((wait for wait in reaps(trace) if wait.child == process), None)


def alive_together(trace: Trace, processes: list[Process]) -> bool:
    """Whether each of these processes was made before any of them was collected.

    False for ``fork, wait, fork, wait``, where they run one after another. Raises Unproved
    for sampled evidence.
    """
    trace.require_exact("the order of forks and waits")
    made = [process.forked for process in processes if process.forked is not None]
    reaped = [process.reaped for process in processes if process.reaped is not None]
    return not made or not reaped or max(made) < min(reaped)


def polls(trace: Trace, process: str = ROOT) -> list[Wait]:
    """The WNOHANG calls that found nothing and had no reason to hope: since the one before,
    no child was collected and no handler of SIGCHLD had run.

    A handler that collects until nothing is left polls nothing, then, and a loop that asks
    again and again polls as often as it asks. Raises Unproved for sampled evidence.
    """
    found = []
    hope = False
    for event in trace.events if trace.of(Wait, process) else []:
        if event.process != process:
            continue
        if isinstance(event, Delivered):
            hope = hope or (event.signal == signal.SIGCHLD and event.action == "handler")
        elif isinstance(event, Wait):
            if event.outcome == "nothing":
                if not hope:
                    found.append(event)
                hope = False
            elif event.outcome == "reaped":
                hope = True
    return found


def interrupted(trace: Trace, second: Wait) -> bool:
    """Whether a handler of SIGCHLD may have interrupted itself before the second wait call of
    a process, in a run in which time is not faithful.

    Handlers of Python don't block their signal, as those of sigaction(2) do. So what the
    handler notes about its first wait call may come after what it notes about the second.
    """
    handled = [
        event
        for event in trace.of(Delivered, second.process)
        if event.n < second.n and (event.signal, event.action) == (signal.SIGCHLD, "handler")
    ]
    return trace.time == "adversarial" and len(handled) > 1


def lingering(trace: Trace, limit: float = 1.0) -> list[Lingering]:
    """The zombies whose parents slept for more than ``limit`` seconds before they collected
    them, or before they exited.

    Only the parent's own sleeps count: every child is a zombie for a moment, and a parent
    that is kept waiting by a busy machine does nothing wrong. Raises Unproved for sampled
    evidence.
    """
    found = []
    ends = {process.id: process.exited for process in trace}
    parents_sleeps: dict[str, list[Sleep]] = {}
    for sleep in trace.of(Sleep):
        parents_sleeps.setdefault(sleep.process, []).append(sleep)
    for process in trace.descendants:
        if process.parent is None or process.exited is None:
            continue
        if process.fate not in ("reaped", "unreaped"):
            continue
        gone = process.reaped if process.fate == "reaped" else ends[process.parent]
        begin = trace.events[process.exited].t
        end = trace.events[gone].t if gone is not None else trace.seconds
        total, concerned = 0.0, []
        for sleep in parents_sleeps.get(process.parent, ()):
            overlap = min(sleep.t, end) - max(sleep.began, begin)
            if overlap > 0:
                total += min(overlap, sleep.seconds)
                concerned.append(sleep.n)
        if total > limit:
            found.append(Lingering(process, process.parent, total, concerned))
    return found
