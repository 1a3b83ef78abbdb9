"""poll, select and epoll: waiting for descriptors, or a time-out."""

from __future__ import annotations

import os
import select
from typing import TYPE_CHECKING

from grader.model import operation
from grader.observe.exact import ptrace
from grader.observe.exact.controlled.actor import Actor
from grader.observe.exact.controlled.calls import times
from grader.observe.exact.controlled.calls.descriptors import is_input
from grader.observe.exact.controlled.calls.handling import Handling
from grader.observe.exact.controlled.objects import flags_of, object_of
from grader.observe.exact.record.recorder import signed
from grader.observe.exact.record.sleeps import seconds_at
from grader.observe.exact.tree import Call

if TYPE_CHECKING:
    from grader.observe.exact.controlled.stepping import Stepping

_NANO, _MICRO = 1_000_000_000, 1_000_000
_MOST = 1024
_POLLS, _SELECTS, _EPOLLS = ("poll", "ppoll"), ("select", "pselect6"), ("epoll_wait", "epoll_pwait")
_SCRATCH = 2048
"""So far below the stack pointer nothing is kept, beyond the red zone of 128 bytes."""


class _Asked:
    """What such a call waits for."""

    def __init__(self, seconds: float | None, wanted: list[tuple[int, int]]) -> None:
        self.seconds = seconds
        self.wanted = wanted
        """Descriptors, each with poll(2)'s events."""


def on_nothing(call: Call) -> bool:
    """Whether it waits for no descriptor: a sleep."""
    if call.name in _EPOLLS:
        return False
    return call.arguments[1 if call.name in _POLLS else 0] & 0xFFFF_FFFF == 0


def _asked(machine: Stepping, actor: Actor, call: Call) -> _Asked:
    arguments, tid = call.arguments, actor.tid
    if call.name in _EPOLLS:
        return _Asked(_milliseconds(arguments[3]), [(signed(arguments[0]), select.POLLIN)])
    if call.name in _POLLS:
        count = min(arguments[1], _MOST)
        data = ptrace.read_memory(tid, arguments[0], 8 * count)
        wanted = []
        for at in range(0, len(data), 8):
            descriptor = int.from_bytes(data[at : at + 4], "little", signed=True)
            if descriptor >= 0:
                wanted.append((descriptor, int.from_bytes(data[at + 4 : at + 6], "little")))
        if call.name == "poll":
            return _Asked(_milliseconds(arguments[2]), wanted)
        return _Asked(_pointed(tid, arguments[2], _NANO), wanted)
    count = min(arguments[0], _MOST)
    wanted = []
    for index, events in ((1, select.POLLIN), (2, select.POLLOUT), (3, select.POLLPRI)):
        if arguments[index]:
            bits = ptrace.read_memory(tid, arguments[index], (count + 63) // 64 * 8)
            mask = int.from_bytes(bits, "little")
            wanted += [(n, events) for n in range(count) if mask >> n & 1]
    unit = _MICRO if call.name == "select" else _NANO
    return _Asked(_pointed(tid, arguments[4], unit), wanted)


def _milliseconds(argument: int) -> float | None:
    value = signed(argument)
    return None if value < 0 else value / 1000


def _pointed(tid: int, address: int, unit: int) -> float | None:
    return seconds_at(tid, address, unit) if address else None


def _look(machine: Stepping, actor: Actor, call: Call) -> bool:
    if on_nothing(call):
        return times.look_sleep(machine, actor, call)
    asked = _asked(machine, actor, call)
    actor.detail = asked
    machine.learn_asks_pipes()
    if asked.seconds is not None:
        actor.deadline = machine.clock.of(actor) + asked.seconds
    actor.operation = operation("unknown", actor.node.id, call.name)
    actor.own = False
    return True


def _some_ready(machine: Stepping, actor: Actor, asked: _Asked) -> bool:
    for descriptor, events in asked.wanted:
        what = object_of(actor.tid, descriptor, machine.standard)
        if what.kind == "file":
            return True
        waits_for_input = is_input(machine, what, descriptor) and events & select.POLLIN
        if waits_for_input and not machine.input_fed and machine.clock.ideal:
            machine.feed()
        if machine.poll(actor, descriptor, events):
            return True
    return False


def _ready(machine: Stepping, actor: Actor) -> bool:
    asked = actor.detail
    if not isinstance(asked, _Asked):
        return times.ready_sleep(machine, actor)
    if _some_ready(machine, actor, asked):
        return True
    if asked.seconds is None:
        return False
    assert actor.deadline is not None
    return not machine.clock.ideal or machine.clock.of(actor) >= actor.deadline


def asks_for_input(machine: Stepping, actor: Actor) -> bool:
    """Whether a held poll or select, or a read that does not wait, asks for the scenario's
    standard input."""
    if actor.detail == "input" and actor.call is not None:
        return bool(flags_of(actor.tid, signed(actor.call.arguments[0])) & os.O_NONBLOCK)
    asked = actor.detail
    return isinstance(asked, _Asked) and any(
        events & select.POLLIN
        and is_input(machine, object_of(actor.tid, descriptor, machine.standard), descriptor)
        for descriptor, events in asked.wanted
    )


def _perform(machine: Stepping, actor: Actor, call: Call) -> None:
    asked = actor.detail
    if not isinstance(asked, _Asked):
        times.perform_sleep(machine, actor, call)
        return
    if not _some_ready(machine, actor, asked) and asked.seconds is not None:
        machine.clock.pass_for(actor, asked.seconds)
        _ask_without_waiting(machine, actor, call)
    machine.run_call(actor, call)


def _ask_without_waiting(machine: Stepping, actor: Actor, call: Call) -> None:
    """The time is up: have the kernel look, clear the sets, and come back at once."""
    arguments = list(call.arguments)
    if call.name in ("poll", *_EPOLLS):
        arguments[2 if call.name == "poll" else 3] = 0
    else:
        scratch = actor.registers[machine.arch.STACK_POINTER] - _SCRATCH
        ptrace.write_memory(actor.tid, scratch, bytes(16))
        arguments[2 if call.name == "ppoll" else 4] = scratch
    number = machine.arch.number(actor.registers)
    machine.arch.instead(actor.tid, actor.registers, number, *arguments)


def _after(machine: Stepping, actor: Actor, call: Call, result: int) -> None:
    if on_nothing(call):
        times.after_sleep(machine, actor, call, result)
        return
    asked = actor.detail
    seen: tuple[object, ...] = ()
    if result > 0 and isinstance(asked, _Asked):
        if call.name in _POLLS:
            seen = (ptrace.read_memory(actor.tid, call.arguments[0], 8 * len(asked.wanted)),)
        elif call.name in _SELECTS:
            size = (min(call.arguments[0], _MOST) + 63) // 64 * 8
            seen = tuple(
                ptrace.read_memory(actor.tid, address, size)
                for address in call.arguments[1:4]
                if address
            )
    actor.observed(call.name, result, seen)
    if result == 0:
        machine.polled(actor)
    else:
        actor.polls = 0


_WAITING = Handling(_look, _ready, _perform, _after)

READINESS = dict.fromkeys((*_POLLS, *_SELECTS, *_EPOLLS), _WAITING)
