"""From runs to what a program can do: its distinct outputs and outcomes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import msgspec

from grader.model import (
    Exploration,
    FoundOutcome,
    FoundOutput,
    Schedule,
    Schedules,
    Trace,
)

_NUMBER = re.compile(r"\d+")


def named_text(trace: Trace) -> str:
    """A run's output, with the pids of its processes as ``<P.1>``."""
    return named(trace, trace.text())


def named(trace: Trace, text: str) -> str:
    """A text with the pids of a run's processes as ``<P.1>``: whole decimal numbers."""
    names = {str(process.pid): f"<{process.id}>" for process in trace.processes}
    return _NUMBER.sub(lambda match: names.get(match[0], match[0]), text)


def ordinary_first(traces: Iterable[Trace]) -> list[Trace]:
    """Runs by preemptions, steps, and schedule; the one that is all default before any other."""

    def rank(trace: Trace) -> tuple[object, ...]:
        turns = Schedule.parse(trace.schedule).turns if trace.schedule else ()
        return bool(turns), trace.preemptions, trace.steps, len(turns), turns

    return sorted(traces, key=rank)


def exploration(traces: Iterable[Trace], schedules: Schedules, output_order: bool) -> Exploration:
    """The document ``grader/explore/v1``: each distinct output and outcome once, with one
    schedule that gives it; the most ordinary first."""
    outputs: dict[str, FoundOutput] = {}
    outcomes: dict[object, FoundOutcome] = {}
    command: list[str] = []
    for trace in ordinary_first(traces):
        command = trace.command
        schedule = trace.schedule or ""
        if output_order:
            text = named_text(trace)
            outputs.setdefault(text, FoundOutput(text=text, schedule=schedule))
        outcome = _outcome(trace, schedule)
        outcomes.setdefault(_key(outcome), outcome)
    return Exploration(
        command=command,
        schedules=msgspec.structs.replace(schedules, shortest={}),
        outputs=list(outputs.values()),
        outcomes=list(outcomes.values()),
    )


def _outcome(trace: Trace, schedule: str) -> FoundOutcome:
    return FoundOutcome(
        ended=trace.ended,
        exit=trace.exit,
        fates={p.id: p.fate or "" for p in trace.descendants},
        exits={p.id: p.exit for p in trace.processes if p.exit is not None},
        schedule=schedule,
    )


def _key(outcome: FoundOutcome) -> object:
    return (
        outcome.ended,
        outcome.exit,
        tuple(sorted(outcome.fates.items())),
        tuple(sorted((id, str(exit)) for id, exit in outcome.exits.items())),
    )


def distinct(traces: Iterable[Trace], output_order: bool) -> list[Trace]:
    """One of each kind of run, the most ordinary: what every process did and learnt, how it
    ended and, where it matters, the order of the output."""
    found: dict[object, Trace] = {}
    for trace in ordinary_first(traces):
        found.setdefault(_kind(trace, output_order), trace)
    return list(found.values())


def _kind(trace: Trace, output_order: bool) -> object:
    pids: Mapping[int, str] = {process.pid: process.id for process in trace.processes}
    by_process: dict[str, list[object]] = {}
    for event in trace.events:
        parts = [
            pids.get(value, value) if isinstance(value, int) else value
            for name in event.__struct_fields__
            if name not in ("n", "t", "began", "after", "size", "raw")
            for value in [getattr(event, name)]
        ]
        text = named(trace, repr(parts))
        by_process.setdefault(event.process, []).append((type(event).__name__, text))
    return (
        trace.ended,
        repr(by_process),
        repr([(p.id, p.fate, str(p.exit), p.adopted_by) for p in trace.processes]),
        named_text(trace) if output_order else "",
    )
