"""Which system call is handled how in a controlled run; one module a topic."""

from __future__ import annotations

from grader.observe.exact.controlled.calls.chance import CHANCE
from grader.observe.exact.controlled.calls.descriptors import DESCRIPTORS
from grader.observe.exact.controlled.calls.effects import EFFECTS
from grader.observe.exact.controlled.calls.handling import Handling
from grader.observe.exact.controlled.calls.processes import PROCESSES
from grader.observe.exact.controlled.calls.readiness import READINESS, asks_for_input, on_nothing
from grader.observe.exact.controlled.calls.signals import SIGNALS
from grader.observe.exact.controlled.calls.times import TIMES
from grader.observe.exact.controlled.calls.unmodelled import UNMODELLED
from grader.observe.exact.guard import FILES
from grader.observe.exact.record import TOPICS, Topic
from grader.observe.exact.tree import Call

__all__ = ["HANDLINGS", "asks_for_input", "topic_of"]

HANDLINGS: dict[str, Handling] = {
    **PROCESSES,
    **DESCRIPTORS,
    **SIGNALS,
    **TIMES,
    **READINESS,
    **CHANCE,
    **UNMODELLED,
    **EFFECTS,
}

_TOPICS = {**TOPICS, **FILES}
_NOT_RECORDED = ("mmap", "mremap", "exit_group")


def topic_of(call: Call) -> Topic | None:
    """How a call is recorded, if it is: poll and select as sleeps, on nothing only."""
    if call.name in READINESS and not on_nothing(call):
        return None
    if call.name == "fcntl" and call.arguments[1] not in (0, 1030):
        return None
    return None if call.name in _NOT_RECORDED else _TOPICS.get(call.name)
