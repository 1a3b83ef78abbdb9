"""When blocking calls began: events tell when they ended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from grader.model import AnyEvent, Sleep, Trace, Wait
from grader.report.lanes import State
from grader.report.wording import asked

_NOTICEABLE = 0.05
"""A wait of so many seconds is drawn even when nothing happened meanwhile."""


class Begin(NamedTuple):
    """A call that can block begins."""

    t: float
    process: str
    event: int
    """The number of the event that ends it."""
    state: State
    label: str


def in_order(trace: Trace) -> Iterator[AnyEvent | Begin]:
    """The events of a trace, and the beginnings of blocking calls, in order."""
    begins: dict[int, list[Begin]] = defaultdict(list)
    for event in trace.events:
        state = _state_in(event)
        if state is not None and isinstance(event, Wait | Sleep):
            label = asked(event.seconds) if isinstance(event, Sleep) else ""
            begins[event.after].append(Begin(event.began, event.process, event.n, state, label))
    for event in trace.events:
        begun = begins.get(event.n, [])
        # Under adversarial time, times of several processes say nothing about their order.
        yield from begun if trace.time == "adversarial" else sorted(begun, key=lambda b: b.t)
        yield event


def _state_in(event: AnyEvent) -> State | None:
    """The state that a process is in during the call which ends with this event, if drawn."""
    match event:
        case Sleep(thread=0):
            return "sleeping"
        case Wait(thread=0) if (
            event.after < event.n
            or event.outcome == "unfinished"
            or event.t - event.began >= _NOTICEABLE
        ):
            return "waiting"
    return None
