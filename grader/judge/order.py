"""In which order the processes of a run did things, in few words.

Said of a run that shows a failure, beside one of the same program that does not: what is
told is where the two differ, and not what any two runs have in common.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from grader.judge.words import who
from grader.model import Delivered, Disposition, Event, Exit, Fork, SendSignal, Sleep, Trace, Write
from grader.model import Wait as WaitEvent

_COMPARED = 40
"""Runs that are compared, of either kind, at most."""
_TOLD = 4
"""Events that are told, at most."""
_LANDMARKS = 60
"""Events of a run that are compared, at most: a race shows early, or in no few words."""


class _Landmark(NamedTuple):
    """An event that has its like in other runs of the program."""

    words: str
    """A clause: ``the first child (P.1) ends``."""
    weight: int
    """How little it tells of why a program goes wrong: 0 tells most."""


def difference(trace: Trace, passed: Sequence[Trace], failed: Sequence[Trace] = ()) -> str | None:
    """Say in a sentence in which order the processes ran, where that was otherwise in runs
    that passed; None where there is no such place.

    What is told is true of few of the runs that passed, and of many of the others that failed
    (``failed``).

    >>> difference(failing, passing)
    'In this schedule the second child (P.2) ends before the first child (P.1).'
    """
    here = _landmarks(trace)
    right = [_places(other) for other in passed[:_COMPARED]]
    wrong = [_places(other) for other in failed[:_COMPARED]]
    pairs = sorted(_turned(here, right, wrong))
    if not pairs:
        return None
    best = pairs[0]
    told = {best.first, best.then}
    enough = -best.against == len(right)  # no run passed in which they come in this order
    for pair in [] if enough else pairs:
        alike = (pair.minor, pair.against) == (best.minor, best.against)
        if alike and not pair.minor and len(told | {pair.first, pair.then}) <= _TOLD:
            told |= {pair.first, pair.then}
    return f"In this schedule {_sequence([mark for name, mark in here.items() if name in told])}."


class _Pair(NamedTuple):
    """Two landmarks that come in the other order in runs that passed; the most telling pair is
    the least."""

    minor: bool
    against: int
    """Minus the number of such runs."""
    with_: int
    """Minus the number of runs that failed in which they come in this order."""
    weight: int
    distance: int
    first: str
    then: str


def _turned(
    here: dict[str, _Landmark], right: list[dict[str, int]], wrong: list[dict[str, int]]
) -> Iterator[_Pair]:
    names = list(here)
    for n, first in enumerate(names):
        for m, then in enumerate(names[n + 1 :], n + 1):
            if first.split(" ", 1)[0] == then.split(" ", 1)[0]:
                continue  # one process does things in the order of its program
            against = sum(_in_order(places, then, first) for places in right)
            if against:
                minor = max(here[first].weight, here[then].weight) > 1
                with_ = sum(_in_order(places, first, then) for places in wrong)
                weight = here[first].weight + here[then].weight
                yield _Pair(minor, -against, -with_, weight, m - n, first, then)


def _places(trace: Trace) -> dict[str, int]:
    return {name: place for place, name in enumerate(_landmarks(trace))}


def _in_order(places: dict[str, int], first: str, then: str) -> bool:
    return first in places and then in places and places[first] < places[then]


def _sequence(marks: list[_Landmark]) -> str:
    if len(marks) > 2:
        return ", then ".join(mark.words for mark in marks)
    first, then = (mark.words for mark in marks)
    if first.endswith(" ends") and then.endswith(" ends"):
        then = then.removesuffix(" ends")
    return f"{first} before {then}"


def _landmarks(trace: Trace) -> dict[str, _Landmark]:
    """The events of a run that can be told, in order; each with a name that it has in every
    run."""
    found: dict[str, _Landmark] = {}
    counts: dict[str, int] = {}
    for event in trace.events:
        told = _told(event)
        if told is None:
            continue
        name, words, weight = told
        key = f"{event.process} {name}"
        counts[key] = counts.get(key, 0) + 1
        found[f"{key} {counts[key]}"] = _Landmark(words, weight)
        if len(found) == _LANDMARKS:
            break
    return found


def _told(event: Event) -> tuple[str, str, int] | None:
    """A name for an event, what it says in words, and its weight."""
    name = who(event.process)
    match event:
        case Exit():
            return "exit", f"{name} ends", 0
        case Delivered(name=signal):
            return f"signal {signal}", f"{signal} reaches {name}", 0
        case Disposition(name=signal, action="handler"):
            return f"handler {signal}", f"{name} sets its handler of {signal}", 0
        case SendSignal(name=signal, target=target):
            to = who(target) if target.startswith("P") else target
            return f"send {signal} {target}", f"{name} sends {signal} to {to}", 0
        case WaitEvent():
            weight = 2 if event.outcome == "failed" else 1
            return "wait", f"{name} {_of_wait(event)}", weight
        case Sleep():
            return "sleep", f"{name} has slept", 2
        case Fork(child=str(child)):
            return "fork", f"{name} forks {who(child)}", 3
        case Write(text=text) if text.strip():
            line = text.strip().splitlines()[0].strip()
            shown = line if len(line) <= 30 else line[:29] + "…"
            return "write", f"{name} writes {shown!r}", 3
    return None


def _of_wait(event: WaitEvent) -> str:
    match event.outcome:
        case "reaped" | "peeked" if event.child is not None:
            return f"collects {who(event.child)}"
        case "nothing":
            return "asks whether a child has ended (WNOHANG)"
        case "failed":
            return f"calls wait, which fails ({event.error})"
    return "waits"


def in_how_many(some: int, all_: int, runs: int | None = None) -> str:
    """How often something was seen: ``in 3 of 9 schedules``, ``in all 9 schedules``.

    ``runs`` is how many were made, where that may be more: runs that show the same are
    judged once.
    """
    what = "schedules" if runs in (None, all_) else "different runs"
    if some == all_:
        return "in the only schedule" if all_ == 1 else f"in all {all_:,} {what}"
    return f"in {some:,} of {all_:,} {what}"
