"""Which submissions fail in the same way.

Two do when the same checks fail, each in a run of the same shape: as many processes at each
depth of the tree with the same fates and exit statuses, the same end of the run, and the same
kinds of events that the check points at, with the same outcomes. Pids, times, texts and the
numbers of events, which differ from run to run, are no part of a shape; nor is the order of
siblings, nor how many they are when they are many.
"""

from __future__ import annotations

import hashlib
from collections import Counter

import msgspec

from grader.model import AnyEvent, Check, Exit, Fork, Result, Trace, Wait, Write
from grader.report.wording import counted

_MANY = 4
"""So many alike and more are just many: a fork bomb makes more or fewer."""


def decided(trace: Trace, check: Check) -> bool:
    """Whether this is the run that decided a check."""
    same = check.schedule is None or check.schedule == trace.schedule
    return same and check.scenario == trace.scenario


def deciding(result: Result, check: Check) -> Trace | None:
    """The run that decided a check, where the result has it."""
    return next((trace for trace in result.traces if decided(trace, check)), None)


def failure_shape(result: Result) -> str | None:
    """A name for the way in which a submission fails, equal for those that fail alike; None
    when no check failed."""
    failed = [check for check in result.checks if check.status == "fail"]
    if not failed:
        return None
    parts = [(check.id, _run_shape(deciding(result, check), check)) for check in failed]
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:16]


def _run_shape(trace: Trace | None, check: Check) -> list[object]:
    if trace is None:
        return [check.scenario or ""]
    tree = Counter((p.depth, p.fate or "", str(p.exit or "")) for p in trace.processes)
    events = Counter(_event_shape(trace.events[n]) for n in check.where if n < len(trace.events))
    return [
        check.scenario or "",
        trace.ended,
        sorted((*kind, min(count, _MANY)) for kind, count in tree.items()),
        sorted((kind, min(count, _MANY)) for kind, count in events.items()),
        sorted(stuck.waits_in for stuck in trace.stuck)[:_MANY],
    ]


def _event_shape(event: AnyEvent) -> str:
    match event:
        case Fork():
            about = event.error or ""
        case Wait():
            about = event.error or event.outcome
        case Exit():
            about = str(event.exit)
        case Write():
            about = event.error or event.stream
        case _:
            about = ""
    return f"{type(event).__name__} {about}{' injected' if event.injected else ''}"


def shape_words(result: Result) -> str:
    """The shape of the run in which the first failed check failed, for people."""
    failed = next((check for check in result.checks if check.status == "fail"), None)
    trace = deciding(result, failed) if failed is not None else None
    if trace is None:
        return ""
    fates = Counter(process.fate or "unknown" for process in trace.descendants)
    made = counted(len(trace.descendants), "other process", "other processes")
    words = (
        f"{made}: {', '.join(f'{n:,} {fate}' for fate, n in fates.items())}"
        if fates
        else ("no other process")
    )
    how = f"the run ended at a {trace.ended.replace('-', ' ')}"
    if trace.ended == "deadlock":
        how = "a deadlock"
    elif trace.ended == "exit":
        how = f"the program's end: {trace.exit}"
    return f"{words}; {how}"


def depends_on_schedule(result: Result) -> bool:
    """Whether some check fails in other schedules of its scenario than the default one: such a
    program often looks right."""
    first: dict[str, str | None] = {}
    for trace in result.traces:
        first.setdefault(trace.scenario, trace.schedule)
    return any(
        check.status == "fail"
        and check.schedule is not None
        and check.scenario in first
        and check.schedule != first[check.scenario]
        for check in result.checks
    )
