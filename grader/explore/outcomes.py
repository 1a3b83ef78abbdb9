"""From runs to what a program can do: its distinct outputs and outcomes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import msgspec

from grader.model import (
    AnyEvent,
    Exploration,
    FoundOutcome,
    FoundOutput,
    Schedule,
    Schedules,
    Trace,
)

_NUMBER = re.compile(r"\d+")
_OF_THIS_RUN = ("n", "t", "began", "after", "size", "raw")
"""Fields of events that may differ between runs in which everyone does and learns the same."""


def named_text(trace: Trace) -> str:
    """A run's output, with the pids of its processes as ``<P.1>``: whole decimal numbers."""
    return _naming(trace)(trace.text())


def simplest_first(traces: Iterable[Trace], schedules: Schedules) -> list[Trace]:
    """Runs by what the shortest schedule to where they ended takes, preemptions before steps; the
    one that is all default before any other, and random ones last."""
    place = {turns: n for n, turns in enumerate(schedules.shortest)}

    def rank(trace: Trace) -> tuple[int, int, int, int, str]:
        schedule = trace.schedule or ""
        turns = turns_of(trace)
        known = place.get(turns, len(place)) if turns != _DEFAULT else -1
        return known, trace.preemptions, trace.steps, len(schedule), schedule

    return sorted(traces, key=rank)


def turns_of(trace: Trace) -> str:
    """A run's turns, as the keys of ``Schedules.shortest`` are printed."""
    return str(Schedule(turns=Schedule.parse(trace.schedule).turns)) if trace.schedule else ""


_DEFAULT = str(Schedule())


def exploration(traces: Iterable[Trace], schedules: Schedules, output_order: bool) -> Exploration:
    """The document ``grader/explore/v1``: each distinct output and outcome once, with the
    schedule of the first run that gives it."""
    outputs: dict[str, FoundOutput] = {}
    outcomes: dict[object, FoundOutcome] = {}
    command: list[str] = []
    for trace in traces:
        command, schedule = trace.command, trace.schedule or ""
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


def examples(traces: Iterable[Trace], output_order: bool) -> list[Trace]:
    """The runs whose schedules ``exploration`` shows."""
    found: dict[object, Trace] = {}
    for trace in traces:
        if output_order:
            found.setdefault(named_text(trace), trace)
        found.setdefault(_key(_outcome(trace, "")), trace)
    return list({id(trace): trace for trace in found.values()}.values())


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
    """The first of each kind of run: what every process did and learnt, how it ended and,
    where it matters, the order of the output."""
    found: dict[object, Trace] = {}
    for trace in traces:
        found.setdefault(kind(trace, output_order), trace)
    return list(found.values())


def kind(trace: Trace, output_order: bool) -> object:
    """What runs have in common that are the same to everyone who took part, pids and times
    aside. What one process did comes in its order; processes stand side by side."""
    name = _naming(trace)
    by_process: dict[str, list[str]] = {}
    for event in trace.events:
        by_process.setdefault(event.process, []).append(_in_words(event))
    return (
        trace.ended,
        name(repr(sorted(by_process.items()))),
        repr([(p.id, p.fate, str(p.exit), p.adopted_by) for p in trace.processes]),
        name(trace.text()) if output_order else "",
    )


def _in_words(event: AnyEvent) -> str:
    fields = [f for f in event.__struct_fields__ if f not in _OF_THIS_RUN]
    return f"{type(event).__name__} {[getattr(event, field) for field in fields]}"


def _naming(trace: Trace) -> Callable[[str], str]:
    names = {str(process.pid): f"<{process.id}>" for process in trace.processes}
    return lambda text: _NUMBER.sub(lambda match: names.get(match[0], match[0]), text)
