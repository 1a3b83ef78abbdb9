"""Sleeps, and the order in time of what blocks.

Durations come from what a process asked for, not from the clock, wherever that is
possible: a busy machine must not change a verdict.
"""

from __future__ import annotations

from grader.model import Blocking, Event, Exit, Fork, Sleep, Trace, Unproved

IMPRECISION = 0.05
"""Seconds by which a sleep may differ from a whole number and still mean it."""


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


def slept_about(trace: Trace, process: str, whole: int) -> bool:
    """Whether what a process slept in all can mean this whole number of seconds.

    time.sleep() computes the moment at which it will end, and then asks the kernel to wait
    for that moment; so the call's ``seconds`` lack what passed in between, which on a busy
    machine may be seconds. It was no more than the time since the process's event before.
    Raises Unproved for sampled evidence.
    """
    least = seconds_slept(trace, process)
    lost = sum(sleep.began - _before(trace, sleep) for sleep in sleeps(trace, process))
    return least - IMPRECISION < whole < least + lost + IMPRECISION


def _before(trace: Trace, call: Blocking) -> float:
    """When the process's event before a call took effect; its fork, if there is none."""
    for event in reversed(trace.events[: call.after]):
        if event.process == call.process or (
            isinstance(event, Fork) and event.child == call.process
        ):
            return min(event.t, call.began)
    return 0.0


def began_after(call: Blocking, event: Event) -> bool:
    """Whether a call that can block began after an event had taken effect."""
    return call.after > event.n


def ended_after(trace: Trace, process: str, *others: str) -> bool:
    """Whether a process ended after all the others had. Unproved for sampled evidence."""
    exits = {event.process: event.n for event in trace.of(Exit)}
    return process in exits and all(
        other in exits and exits[other] < exits[process] for other in others
    )


def seconds_behind(trace: Trace, process: str, *others: str) -> float:
    """How many seconds a process ended after the last of the others had, in virtual time.

    Raises Unproved where the clock is that on the wall: there a busy machine takes time, too.
    """
    if trace.time != "ideal" or trace.uncontrolled:
        raise Unproved("only in virtual time does nothing take time but sleeping")
    ends = {event.process: event.t for event in trace.of(Exit)}
    return ends[process] - max(ends[other] for other in others)
