"""The layout of a timeline: what is drawn of a trace, without how it looks.

A lane for a process, in the order of the forks; along it, states, and marks for what
happened. The axis is the order of events: a *moment* is a place on it. A picture in a
terminal and one in a browser are both drawn from a ``Layout``.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

State = Literal["running", "waiting", "sleeping", "stopped", "zombie", "stuck"]
"""``stuck``: it waits for something that never comes, in a deadlock, and not in a wait call."""

MarkKind = Literal[
    "start",
    "fork",
    "born",
    "exec",
    "thread",
    "write",
    "pipe",
    "signal",
    "handler",
    "stopped",
    "continued",
    "ignores",
    "refused",
    "reap",
    "reaped",
    "peek",
    "nothing",
    "failed",
    "fault",
    "exit",
    "limit",
    "stuck",
    "orphaned",
    "uncollected",
    "repeat",
]
"""``reap`` is on the lane of who collects, ``reaped`` on the lane of whom; likewise ``fork``
and ``born``. ``nothing``: a wait with WNOHANG that found none. ``failed``: a fork or wait
that failed. ``fault``: it was made to fail. ``ignores``: SIGCHLD, so that its children leave
no zombies. ``limit``: ended by the grader. ``stuck``: that, in a deadlock. ``uncollected``: a
zombie when its parent ended. ``repeat``: what came before, many times."""

LinkKind = Literal["fork", "reap", "signal"]


class Moment(msgspec.Struct):
    """A place on the axis."""

    t: float
    """Seconds since the run began. Under adversarial time each process has its own clock, so
    that a later moment may have an earlier time."""
    events: list[int]
    """The numbers of the events that it stands for; empty where a call began."""


class Segment(msgspec.Struct):
    """A state of a process from one moment to another."""

    state: State
    start: int
    end: int
    label: str = ""
    """For ``sleeping``: how long it asked to sleep."""


class Mark(msgspec.Struct):
    """Something that happened in a lane at a moment."""

    moment: int
    kind: MarkKind
    text: str = ""
    """What it is about: an errno, a signal, an exit status, a program: data of the run."""
    number: int = 0
    """For ``write``: of the stretch of output, from 1. For ``pipe``: of the pipe."""
    count: int = 1
    """How many events of this kind it stands for."""


class Link(msgspec.Struct):
    """A line from one lane to another at a moment."""

    moment: int
    kind: LinkKind
    source: str
    """The process that forked, collected or sent."""
    target: str


class Lane(msgspec.Struct):
    """One process."""

    process: str
    start: int
    end: int
    """Its last moment."""
    segments: list[Segment] = []
    marks: list[Mark] = []


class Fold(msgspec.Struct):
    """Processes that have no lane."""

    count: int
    like: str | None
    """The process, which has a lane, that they all look like; None: just too many."""
    after: str
    """The process below whose lane they belong."""


class Layout(msgspec.Struct):
    """A timeline."""

    moments: list[Moment]
    lanes: list[Lane]
    links: list[Link]
    folds: list[Fold]
    writes: list[list[int]]
    """Event numbers of each stretch of output; ``writes[0]`` has number 1."""
    timed: bool = True
    """Whether the times of the moments mean something together."""

    def places(self, events: Iterable[int]) -> list[int]:
        """The moments of some events, in order; of one that is not drawn, the next moment."""
        drawn = sorted((n, place) for place, m in enumerate(self.moments) for n in m.events)
        at = (bisect_left(drawn, (n, 0)) for n in events)
        return sorted({drawn[index][1] for index in at if index < len(drawn)})

    def marks_at(self) -> dict[int, list[tuple[str, Mark]]]:
        """The marks of each moment, with the process on whose lane they are."""
        found: dict[int, list[tuple[str, Mark]]] = defaultdict(list)
        for lane in self.lanes:
            for mark in lane.marks:
                found[mark.moment].append((lane.process, mark))
        return found

    def links_at(self) -> dict[int, list[Link]]:
        """The links of each moment."""
        found: dict[int, list[Link]] = defaultdict(list)
        for link in self.links:
            found[link.moment].append(link)
        return found


def band_starts(needs: Sequence[float], width: float) -> list[int]:
    """The moment with which each band begins, where bands are filled up to a width, and each
    moment needs so much of it."""
    starts, used = [0], 0.0
    for moment, need in enumerate(needs):
        if used + need > width and moment > starts[-1]:
            starts.append(moment)
            used = 0.0
        used += need
    return starts
