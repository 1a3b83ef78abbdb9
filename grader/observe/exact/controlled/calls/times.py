"""Time: sleeps, clocks, alarms."""

from __future__ import annotations

import errno
import struct
from typing import TYPE_CHECKING

from grader.model import operation
from grader.observe.exact import ptrace
from grader.observe.exact.controlled.actor import Actor, Timer
from grader.observe.exact.controlled.calls.handling import Handling
from grader.observe.exact.record.sleeps import requested, seconds_at
from grader.observe.exact.tree import Call

if TYPE_CHECKING:
    from grader.observe.exact.controlled.stepping import Stepping

_ITIMER_REAL = 0
_MANY_NAPS = 10
"""A program that sleeps more often than that, and does nothing else, waits for something."""
_NANO, _MICRO = 1_000_000_000, 1_000_000


def _pair(seconds: float, unit: int) -> bytes:
    whole = int(seconds)
    return struct.pack("<qq", whole, min(round((seconds - whole) * unit), unit - 1))


# -- sleeps ----------------------------------------------------------------------------


def look_sleep(machine: Stepping, actor: Actor, call: Call) -> bool:
    """nanosleep, clock_nanosleep; poll and select on nothing."""
    machine.clock.whose = actor
    seconds = requested(machine.recorder, actor.task, call)
    actor.detail = seconds
    if seconds is None:  # poll on nothing, for ever: until a signal
        actor.operation, actor.own = operation("take signal", actor.node.id, call.name), False
        return True
    if machine.clock.ideal:
        actor.deadline = machine.clock.of(actor) + max(seconds, 0.0)
        actor.own = False
    actor.operation = operation("own", actor.node.id, f"sleep {seconds:g} s")
    return True


def ready_sleep(machine: Stepping, actor: Actor) -> bool:
    """When its time has come; in adversarial time, at any time."""
    if actor.detail is None:
        return False
    if (
        actor.deadline is None
        and actor.timer is not None
        and actor.timer.at < machine.clock.of(actor) + actor.detail
    ):
        return False  # the alarm comes first
    return actor.deadline is None or machine.clock.of(actor) >= actor.deadline


def perform_sleep(machine: Stepping, actor: Actor, call: Call) -> None:
    """Have slept. A signal that is there already interrupts it."""
    call.detail = actor.detail  # what it asked for when it began
    signals = [n for n in actor.deliverable() if actor.node.reaction(n).action == "handler"]
    if signals and (actor.detail is None or not _over(machine, actor)):
        _write_rest(machine, actor, call)
        machine.answer(actor, call, -errno.EINTR)
        return
    machine.clock.pass_for(actor, actor.detail or 0.0)
    machine.answer(actor, call, 0)


def _over(machine: Stepping, actor: Actor) -> bool:
    return actor.deadline is not None and machine.clock.of(actor) >= actor.deadline


def _write_rest(machine: Stepping, actor: Actor, call: Call) -> None:
    """What remains, for a relative sleep that is interrupted (nanosleep(2))."""
    index = {"nanosleep": 1, "clock_nanosleep": 3}.get(call.name)
    if index is None or (call.name == "clock_nanosleep" and call.arguments[1] & 1):
        return
    if call.arguments[index]:
        rest = actor.detail or 0.0
        if actor.deadline is not None:
            rest = max(actor.deadline - machine.clock.of(actor), 0.0)
        ptrace.write_memory(actor.tid, call.arguments[index], _pair(rest, _NANO))


def after_sleep(machine: Stepping, actor: Actor, call: Call, result: int) -> None:
    """It slept; where it may be interrupted, sleeping again and again is asking."""
    actor.observed(call.name, result, actor.detail and round(actor.detail, 6))
    actor.naps += 1
    if actor.naps > _MANY_NAPS and machine.at_risk(actor):
        machine.polled(actor)


# -- clocks ----------------------------------------------------------------------------


def _look_clock(machine: Stepping, actor: Actor, call: Call) -> bool:
    machine.clock.whose = actor
    machine.clock.tick(actor)
    if actor.clock_reads % 1000 == 0:
        machine.check()
    tid, arguments, result = actor.tid, call.arguments, 0
    match call.name:
        case "clock_gettime":
            seconds = machine.clock.read(arguments[0] & 0xFFFF_FFFF)
            if not ptrace.write_memory(tid, arguments[1], _pair(seconds, _NANO)):
                result = -errno.EFAULT
        case "gettimeofday":
            if arguments[0]:
                ptrace.write_memory(tid, arguments[0], _pair(machine.clock.read(0), _MICRO))
        case "time":
            result = int(machine.clock.read(0))
            if arguments[0]:
                ptrace.write_memory(tid, arguments[0], struct.pack("<q", result))
    machine.arch.skip(tid, actor.registers, result)
    return False


# -- alarms ----------------------------------------------------------------------------


def _look_alarm(machine: Stepping, actor: Actor, call: Call) -> bool:
    if call.name == "setitimer" and call.arguments[0] != _ITIMER_REAL:
        machine.caveat(f"{actor.node.id} uses a timer of processor time, which is not controlled")
        return False
    actor.operation = operation("timer", actor.node.id, call.name)
    return True


def _perform_alarm(machine: Stepping, actor: Actor, call: Call) -> None:
    now = machine.clock.of(actor)
    rest = max(actor.timer.at - now, 0.0) if actor.timer else 0.0
    interval = actor.timer.interval if actor.timer else 0.0
    result = 0
    if call.name == "alarm":
        seconds = call.arguments[0] & 0xFFFF_FFFF
        actor.timer = Timer(now + seconds) if seconds else None
        result = int(rest) + (rest % 1 >= 0.5 or 0 < rest < 1)  # alarm(2) rounds so
    else:
        if call.arguments[2]:
            old = _pair(interval, _MICRO) + _pair(rest, _MICRO)
            ptrace.write_memory(actor.tid, call.arguments[2], old)
        if call.arguments[1]:
            every = seconds_at(actor.tid, call.arguments[1], _MICRO)
            first = seconds_at(actor.tid, call.arguments[1] + 16, _MICRO)
            actor.timer = Timer(now + first, every) if first > 0 else None
    machine.answer(actor, call, result)


_SLEEP = Handling(look_sleep, ready_sleep, perform_sleep, after_sleep)

TIMES = {
    **dict.fromkeys(("nanosleep", "clock_nanosleep"), _SLEEP),
    **dict.fromkeys(("clock_gettime", "gettimeofday", "time"), Handling(_look_clock)),
    **dict.fromkeys(("alarm", "setitimer"), Handling(_look_alarm, perform=_perform_alarm)),
}
