"""Pipes, the terminal, files: read, write, close, dup."""

from __future__ import annotations

import os
import select
from typing import TYPE_CHECKING

from grader.model import Write, operation
from grader.observe.exact import ptrace
from grader.observe.exact.controlled.actor import Actor
from grader.observe.exact.controlled.calls.chance import bytes_for
from grader.observe.exact.controlled.calls.effects import look_effect
from grader.observe.exact.controlled.calls.handling import Handling, own, result_only
from grader.observe.exact.controlled.objects import Object, flags_of, object_of
from grader.observe.exact.record.recorder import signed
from grader.observe.exact.tree import Call

if TYPE_CHECKING:
    from grader.observe.exact.controlled.stepping import Stepping

_EAGAIN = -11
_MOST_OBSERVED = 1 << 20
_F_SETLKW, _F_OFD_SETLKW = 7, 38

# Which argument is the descriptor written to, where it is not the first.
_WRITTEN_TO = {"splice": 2, "tee": 1}


def _object(machine: Stepping, actor: Actor, descriptor: int) -> Object:
    return object_of(actor.tid, descriptor, machine.standard)


def is_input(machine: Stepping, what: Object, descriptor: int) -> bool:
    """Whether it is what the scenario's standard input arrives at."""
    if what.kind == "terminal":
        return True
    return what.kind == "standard" and what.inode == machine.standard.input


# -- read ------------------------------------------------------------------------------


def _look_read(machine: Stepping, actor: Actor, call: Call) -> bool:
    descriptor = signed(call.arguments[0])
    what = _object(machine, actor, descriptor)
    if what.kind == "random" and call.name == "read":
        data = bytes_for(machine, actor, min(call.arguments[2], 1 << 20))
        ptrace.write_memory(actor.tid, call.arguments[1], data)
        machine.arch.skip(actor.tid, actor.registers, len(data))
        return False
    if is_input(machine, what, descriptor):
        actor.operation = operation("use", actor.node.id, "read standard input", object="input")
        actor.own = False
        actor.detail = "input"
        return True
    if what.shared:
        name = machine.name_of(what.device, what.inode)
        machine.pipes_seen = True
        actor.operation = operation("use", actor.node.id, f"read {name}", object=name)
        actor.own = False
        actor.detail = name
        return True
    return False


def _ready_read(machine: Stepping, actor: Actor) -> bool:
    call = actor.call
    assert call is not None
    descriptor = signed(call.arguments[0])
    if actor.detail == "input" and not machine.input_fed:
        return True  # it arrives now, at the latest
    if flags_of(actor.tid, descriptor) & os.O_NONBLOCK:
        machine.learn_asks_pipes()
        return True
    return machine.poll(actor, descriptor, select.POLLIN)


def _perform_read(machine: Stepping, actor: Actor, call: Call) -> None:
    waits = not flags_of(actor.tid, signed(call.arguments[0])) & os.O_NONBLOCK
    if actor.detail == "input" and not machine.input_fed and (waits or machine.clock.ideal):
        machine.feed()
    machine.run_call(actor, call)


def _after_read(machine: Stepping, actor: Actor, call: Call, result: int) -> None:
    what = _object(machine, actor, signed(call.arguments[0]))
    if what.shared:
        name = machine.name_of(what.device, what.inode)
        seen: object = machine.taken(name, result) if result > 0 else None
        if what.kind != "pipe":
            machine.happened_to(name, actor.node.id, "read", result)
        machine.clock.join(actor, machine.written_at.get(name, 0.0))
    else:
        seen = _bytes_read(actor, call, result)
    if what.kind not in ("pipe", "terminal", "standard"):
        seen = machine.canonical(_bytes_read(actor, call, result))
    actor.observed(call.name, min(result, 0) or bool(result), seen)
    if result == _EAGAIN:
        machine.polled(actor)
    else:
        actor.polls = 0


def _bytes_read(actor: Actor, call: Call, result: int) -> bytes:
    if result <= 0 or call.name not in ("read", "pread64"):
        return b""
    return ptrace.read_memory(actor.tid, call.arguments[1], min(result, _MOST_OBSERVED))


# -- write -----------------------------------------------------------------------------


def _look_write(machine: Stepping, actor: Actor, call: Call) -> bool:
    descriptor = signed(call.arguments[_WRITTEN_TO.get(call.name, 0)])
    what = _object(machine, actor, descriptor)
    if what.kind in ("terminal", "standard"):
        stream = "stderr" if descriptor == 2 and what.kind == "terminal" else "stdout"
        if what.kind == "standard":
            stream = machine.recorder.targets.pipes.get(what.inode, stream)
        actor.detail = "output"
        if machine.scenario.output_order:
            actor.operation = operation("write to output", actor.node.id, f"write {stream}")
            actor.own = False
        else:
            actor.operation = operation("own", actor.node.id, f"write {stream}")
        return True
    if what.shared:
        name = machine.name_of(what.device, what.inode)
        machine.pipes_seen = True
        actor.operation = operation("use", actor.node.id, f"write {name}", object=name)
        actor.own = False
        actor.detail = name
        return True
    return look_effect(machine, actor, call)


def _ready_write(machine: Stepping, actor: Actor) -> bool:
    call = actor.call
    assert call is not None
    if actor.detail == "output":
        return True
    descriptor = signed(call.arguments[_WRITTEN_TO.get(call.name, 0)])
    if flags_of(actor.tid, descriptor) & os.O_NONBLOCK:
        return True
    return machine.poll(actor, descriptor, select.POLLOUT)


def _after_write(machine: Stepping, actor: Actor, call: Call, result: int) -> None:
    event = machine.recorder.events[-1]
    if not isinstance(event, Write):
        actor.observed(call.name, min(result, 0))
        return
    data = machine.canonical(event.data)
    actor.observed(call.name, event.stream, data, min(result, 0))
    if machine.short_write == actor.index:
        machine.short_write = None
        machine.recorder.amend(event.n, injected=True)
    if event.stream in ("stdout", "stderr"):
        machine.drain()
        if machine.scenario.output_order:
            machine.happened_to("output", actor.node.id, data)
    else:
        machine.put(event.stream, actor.node.id, data, event.size)
        machine.written_at[event.stream] = max(
            machine.written_at.get(event.stream, 0.0), actor.clock
        )
    if result == _EAGAIN:
        machine.polled(actor)
    else:
        actor.polls = 0


# -- pipe, close, dup ------------------------------------------------------------------


def _after_pipe(machine: Stepping, actor: Actor, call: Call, result: int) -> None:
    machine.pipes_seen = True
    actor.observed(call.name, result, machine.recorder.pipes_made)


def _look_close(machine: Stepping, actor: Actor, call: Call) -> bool:
    if not machine.pipes_seen:
        return False
    descriptor = signed(call.arguments[0])
    if not _object(machine, actor, descriptor).shared:
        return False
    name = machine.closing_shows(actor.tid, descriptor)
    if name is not None:
        actor.operation = operation("use", actor.node.id, f"close {name}", object=name)
        actor.own = False
    return True


def _look_dup(machine: Stepping, actor: Actor, call: Call) -> bool:
    """dup2 and dup3 close what was there before (dup(2))."""
    if call.name in ("dup2", "dup3") and machine.pipes_seen:
        name = machine.closing_shows(actor.tid, signed(call.arguments[1]))
        if name is not None:
            actor.operation = operation("use", actor.node.id, f"{call.name} {name}", object=name)
            actor.own = False
    return True


def _look_fcntl(machine: Stepping, actor: Actor, call: Call) -> bool:
    if call.arguments[1] in (_F_SETLKW, _F_OFD_SETLKW):
        actor.operation = operation("unknown", actor.node.id, "fcntl F_SETLKW")
        actor.own = False
    return True


def _after_fcntl(machine: Stepping, actor: Actor, call: Call, result: int) -> None:
    if call.arguments[1] in (_F_SETLKW, _F_OFD_SETLKW):
        machine.happened_to("kernel", actor.node.id, call.name, result)
    actor.observed(call.name, result)


WRITES = ("write", "writev", "sendfile", "splice", "tee", "vmsplice")
"""The calls that write."""

_READ = Handling(_look_read, _ready_read, _perform_read, _after_read)
_WRITE = Handling(_look_write, _ready_write, after=_after_write)

DESCRIPTORS = {
    **dict.fromkeys(("read", "readv", "pread64"), _READ),
    **dict.fromkeys(WRITES, _WRITE),
    **dict.fromkeys(("pipe", "pipe2"), Handling(own, after=_after_pipe)),
    "close": Handling(_look_close),
    **dict.fromkeys(("dup", "dup2", "dup3"), Handling(_look_dup, after=result_only)),
    "fcntl": Handling(_look_fcntl, after=_after_fcntl),
}
