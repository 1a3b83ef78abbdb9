"""Sleeps, and the order in time of what blocks.

Durations come from what a process asked for, not from the clock, wherever that is
possible: a busy machine must not change a verdict.
"""

from __future__ import annotations

from grader.model import Blocking, Event, Exit, Sleep, Trace

IMPRECISION = 0.5
"""Seconds that a sleep may differ from a whole number and still mean it. time.sleep() asks
for a moment, not for a duration, and what it asked is known from the rest of the time."""


def sleeps(trace: Trace, process: str) -> list[Sleep]:
    """The sleeps of one process, in order. Raises Unproved for sampled evidence."""
    return trace.of(Sleep, process)


def slept(sleep: Sleep) -> float:
    """How long one sleep was, in seconds: what was asked for, or, if it did not come to its
    end, the time until then."""
    if sleep.outcome == "slept":
        return sleep.seconds
    return 0.0 if sleep.outcome == "failed" else min(sleep.seconds, sleep.t - sleep.began)


def seconds_slept(trace: Trace, process: str) -> float:
    """How long a process slept in all, in seconds. Raises Unproved for sampled evidence.

    A sleep that a signal handler interrupted, and that goes on afterwards (PEP 475), counts
    as one.
    """
    return sum(slept(sleep) for sleep in sleeps(trace, process))


def is_about(seconds: float, whole: int) -> bool:
    """Whether a time slept means this whole number of seconds."""
    return abs(seconds - whole) < IMPRECISION


def began_after(call: Blocking, event: Event) -> bool:
    """Whether a call that can block began after an event had taken effect."""
    return call.after > event.n


def ended_after(trace: Trace, process: str, *others: str) -> bool:
    """Whether a process ended after all the others had. Unproved for sampled evidence."""
    exits = {event.process: event.n for event in trace.of(Exit)}
    return process in exits and all(
        other in exits and exits[other] < exits[process] for other in others
    )
