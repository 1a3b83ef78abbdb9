"""Calls that a limit of the run makes fail, or cuts short, in controlled runs.

As ``Engine`` does in free-running ones.
"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from grader.observe.exact.controlled.actor import Actor
from grader.observe.exact.controlled.tracees import Outside
from grader.observe.exact.record.forks import CALLS, capped
from grader.observe.exact.record.writes import offered
from grader.observe.exact.tree import Call

if TYPE_CHECKING:
    from grader.observe.exact.controlled.stepping import Stepping


def fails_at_limit(machine: Stepping, actor: Actor, call: Call) -> bool:
    """Whether a call, which was entered, fails as it would on a full system; then its process
    has gone on. Raises Outside where the run ends for it."""
    if call.name in CALLS:
        if not machine.watch.caps(actor.task, call):
            return False
        capped(machine.recorder, actor.task, call)
        machine.arch.skip(actor.tid, actor.registers, -errno.EAGAIN)
        actor.observed(call.name, -errno.EAGAIN)
        machine.resume(actor)
        return True
    if call.name == "exit_group" or (call.name == "write" and call.arguments[0] == 2):
        machine.watch.look_at(actor.node)
    if offered(call) > machine.watch.room:
        _cut_short(machine, actor, call)
    return False


def _cut_short(machine: Stepping, actor: Actor, call: Call) -> None:
    """A write offers more than the program may print: it writes what it may, and one byte
    more, at which the run ends. Where it can't be made to, the run ends at once."""
    if call.name != "write":
        machine.ended = machine.watch.reach("output_bytes", actor.node.id)
        raise Outside
    call.arguments = (*call.arguments[:2], machine.watch.room)
    number = machine.arch.number(actor.registers)
    machine.arch.instead(actor.tid, actor.registers, number, *call.arguments)
