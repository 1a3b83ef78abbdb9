"""Faults: calls that are made to fail, as the scenario asks."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
from typing import TYPE_CHECKING

from grader.model import Fault
from grader.observe.exact.controlled.actor import Actor
from grader.observe.exact.record import TOPICS
from grader.observe.exact.record.forks import CALLS
from grader.observe.exact.tree import Call

if TYPE_CHECKING:
    from grader.observe.exact.controlled.stepping import Stepping

_CLASSES = {
    **dict.fromkeys(CALLS, "fork"),
    **dict.fromkeys(("wait4", "waitid"), "wait"),
    **dict.fromkeys(("pipe", "pipe2"), "pipe"),
    **dict.fromkeys(("write", "writev"), "write"),
}


class Faults:
    """The faults of one scenario, and which have struck in this run."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self._faults = faults
        self.struck: list[Fault] = []

    def strike(self, machine: Stepping, actor: Actor, call: Call) -> bool:
        """Count a call that is about to be made; make it fail if it is to. True when the
        process has gone on from it."""
        if not self._faults:
            return False
        kind = _CLASSES.get(call.name)
        if kind == "write" and actor.detail is None:
            kind = None  # not to a terminal or a pipe
        due = None
        for name in ("die", kind):
            if name is None:
                continue
            actor.counts[name] += 1
            for fault in self._faults:
                if (fault.call, fault.process, fault.nth) == (
                    name,
                    actor.node.id,
                    actor.counts[name],
                ):
                    due = fault
        if due is None:
            return False
        self.struck.append(due)
        if due.call == "die":
            _die(machine, actor, due)
        elif due.what == "short":
            return _short(machine, actor, call)
        else:
            _fail(machine, actor, call, due)
        return True


def _fail(machine: Stepping, actor: Actor, call: Call, fault: Fault) -> None:
    number = getattr(errno, fault.what)
    TOPICS[call.name].enter(machine.recorder, actor.task, call)
    n = machine.recorder.next
    behind = _signal_behind(actor, fault)
    if behind is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(actor.node.pid, behind)
        actor.signals_known = False
    machine.arch.skip(actor.tid, actor.registers, -number)
    TOPICS[call.name].leave(machine.recorder, actor.task, call, -number)
    for event in range(n, machine.recorder.next):
        machine.recorder.amend(event, injected=True)
    actor.observed(call.name, -number)
    machine.resume(actor)


def _signal_behind(actor: Actor, fault: Fault) -> int | None:
    """The signal that such an error comes with: SIGPIPE (pipe(7)); for EINTR, one for which
    the program has a handler, if it has one."""
    if fault.what == "EPIPE":
        return signal.SIGPIPE
    if fault.what == "EINTR":
        for number, reaction in sorted(actor.node.reactions.items()):
            if reaction.action == "handler" and number not in actor.program_handlers:
                return number
    return None


def _short(machine: Stepping, actor: Actor, call: Call) -> bool:
    """Offer the kernel half of the bytes."""
    size = call.arguments[2]
    if call.name != "write" or size < 2:
        return False
    arguments = (*call.arguments[:2], size // 2)
    number = machine.arch.number(actor.registers)
    machine.arch.instead(actor.tid, actor.registers, number, *arguments)
    TOPICS[call.name].enter(machine.recorder, actor.task, call)
    machine.short_write = actor.index
    machine.run_call(actor, call)
    return True


def _die(machine: Stepping, actor: Actor, fault: Fault) -> None:
    number = int(getattr(signal, fault.what))
    actor.call, actor.place = None, "going"
    actor.signals_known = False
    actor.struck = number
    with contextlib.suppress(ProcessLookupError):
        os.kill(actor.node.pid, number)
    if number == signal.SIGKILL:
        machine.kill_now(actor)
    else:
        machine.deliver_first(actor)
