"""fork, exec, exit, wait, getppid; groups and sessions."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from grader.model import ExitStatus, Wait, operation
from grader.model.operation import together
from grader.observe.exact import ptrace
from grader.observe.exact.controlled.actor import Actor
from grader.observe.exact.controlled.calls.handling import Handling, own
from grader.observe.exact.controlled.objects import descriptors, flags_of, object_of
from grader.observe.exact.controlled.tracees import wait_for
from grader.observe.exact.record.forks import CALLS
from grader.observe.exact.record.recorder import signed
from grader.observe.exact.record.waits import pid_of_descriptor
from grader.observe.exact.stops import Kind
from grader.observe.exact.tree import OUTSIDE, Call, Node

if TYPE_CHECKING:
    from grader.observe.exact.controlled.state import RunState
    from grader.observe.exact.controlled.stepping import Stepping

_WNOHANG, _WSTOPPED, _WCONTINUED = 1, 2, 8
_P_PID, _P_PGID, _P_PIDFD = 1, 2, 3


# -- exit ------------------------------------------------------------------------------


class Closing(NamedTuple):
    """What closes when a process ends or runs exec."""

    some: bool
    """Whether there are pipes or sockets among it."""
    shows: list[str]
    """Those of which the closing can be noticed."""


def closing(machine: Stepping, actor: Actor, flag: int = 0) -> Closing:
    """What closes with a process's descriptors: all of them, or those with an open flag."""
    some, names = False, set()
    for descriptor in descriptors(actor.tid) if machine.pipes_seen else ():
        if flag and not flags_of(actor.tid, descriptor) & flag:
            continue
        some = some or object_of(actor.tid, descriptor, machine.standard).shared
        name = machine.closing_shows(actor.tid, descriptor)
        if name is not None:
            names.add(name)
    return Closing(some, sorted(names))


def _look_exit(machine: Stepping, actor: Actor, call: Call) -> bool:
    """Descriptors close first, then the parent can see the end: exit_files() comes before
    exit_notify() in kernel/exit.c. One step where there is nothing to close."""
    machine.learn_ending(actor, call.arguments[0])
    closes = closing(machine, actor)
    id, words = actor.node.id, f"exit {call.arguments[0] & 0xFF}"
    actor.detail = closes.some
    if closes.some and not closes.shows:
        actor.operation = operation("own", id, words)
        return True
    parts = [operation("exit", id, words)]
    parts += [operation("use", id, words, object=name) for name in closes.shows]
    if not closes.some:
        parts.append(machine.appearing(actor))
    actor.operation = together("exit", parts)
    actor.own = False
    return True


def _perform_exit(machine: Stepping, actor: Actor, call: Call) -> None:
    had_pipes: bool = actor.detail
    actor.node.leaving = machine.clock.now()
    actor.observed("exit", call.arguments[0] & 0xFF)
    actor.place = "going"
    ptrace.cont(actor.tid)
    stop = wait_for(actor.tid, machine.check, None)
    while stop is not None and stop.kind is not Kind.ENDED:
        ptrace.cont(actor.tid)
        stop = wait_for(actor.tid, machine.check, None)
    machine.died(actor, stop.status if stop and stop.status else ExitStatus(), had_pipes)


# -- exec ------------------------------------------------------------------------------


def _look_exec(machine: Stepping, actor: Actor, call: Call) -> bool:
    names = closing(machine, actor, os.O_CLOEXEC).shows
    words = "exec"
    if names:
        parts = [operation("use", actor.node.id, words, object=name) for name in names]
        actor.operation, actor.own = together("use", parts), False
    return True


# -- wait ------------------------------------------------------------------------------


def _candidates(machine: RunState, actor: Actor, call: Call) -> list[Node]:
    """The children that a wait call is about (wait(2))."""
    children = [child for child in actor.node.children if child.state != "gone"]
    kind, number = _kind(call)
    if kind == 0:
        return children
    if kind == _P_PID:
        return [child for child in children if child.pid == number]
    if kind == _P_PIDFD:
        referred = pid_of_descriptor(actor.task, number)
        return [child for child in children if child.pid == referred]
    group = number or _group(actor.node.pid)
    return [child for child in children if _group(child.pid) == group]


def _kind(call: Call) -> tuple[int, int]:
    """Whom a wait call is about, in the terms of waitid(2); 0 for any child."""
    if call.name == "waitid":
        return call.arguments[0] & 0xFFFF_FFFF, signed(call.arguments[1])
    which = signed(call.arguments[0])
    if which == -1:
        return 0, 0
    return (_P_PID, which) if which > 0 else (_P_PGID, -which)


def _group(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except OSError:
        return -1


def _options(call: Call) -> int:
    return call.arguments[2 if call.name == "wait4" else 3]


def _look_wait(machine: RunState, actor: Actor, call: Call) -> bool:
    matching = _candidates(machine, actor, call)
    words = "wait for " + (
        "any child"
        if len(matching) != 1 or call.arguments[0] in (0, 0xFFFF_FFFF, (1 << 64) - 1)
        else matching[0].id
    )
    by_group = _kind(call)[0] == _P_PGID
    if any(child.state == "alive" for child in matching) or (by_group and actor.node.children):
        parts = [operation("wait", actor.node.id, words)]
        if by_group:
            parts.append(operation("look at", actor.node.id, words, object="groups"))
        actor.operation = together("wait", parts)
        actor.own = False
    else:
        actor.operation = operation("own", actor.node.id, words)
    return True


def _look_again_at_wait(machine: RunState, actor: Actor, call: Call) -> None:
    actor.own = True
    _look_wait(machine, actor, call)


def _ready_wait(machine: Stepping, actor: Actor) -> bool:
    call = actor.call
    assert call is not None
    options = _options(call)
    if options & _WNOHANG:
        return True
    matching = _candidates(machine, actor, call)
    exits = call.name == "wait4" or bool(options & 4)
    for child in matching:
        if child.state == "zombie" and exits:
            return True
        other = machine.find(child)
        if other is not None and (
            (other.told == "stopped" and options & _WSTOPPED)
            or (other.told == "continued" and options & _WCONTINUED)
        ):
            return True
    return not matching


def _before_wait(machine: Stepping, actor: Actor, call: Call, result: int) -> None:
    """Who collects a child knows that it is as late as the child's end."""
    if result < 0:
        return
    pid = result
    if call.name == "waitid":
        if call.arguments[2] == 0:
            return
        # si_pid in siginfo_t (sigaction(2))
        pid = int.from_bytes(ptrace.read_memory(actor.tid, call.arguments[2] + 16, 4), "little")
    node = machine.tree.find(pid)
    other = machine.find(node) if node else None
    if other is not None:
        machine.clock.join(actor, other.clock)


def _after_wait(machine: Stepping, actor: Actor, call: Call, result: int) -> None:
    event = machine.recorder.events[-1]
    if not isinstance(event, Wait):
        actor.observed(call.name, result)
        return
    actor.observed(call.name, event.outcome, event.child, str(event.status), event.error)
    if event.outcome in ("stopped", "continued") and event.child:
        other = machine.find(machine.tree[event.child])
        if other is not None and "WNOWAIT" not in event.options:
            other.told = None
    if event.outcome == "nothing":
        machine.polled(actor)
    else:
        actor.polls = 0


# -- the rest --------------------------------------------------------------------------


def _look_getppid(machine: Stepping, actor: Actor, call: Call) -> bool:
    parent = actor.node.supervisor
    if not isinstance(parent, Node):  # it won't change any more
        actor.observed("getppid", OUTSIDE)
        return False
    actor.operation = operation("getppid", actor.node.id, "getppid", parent=parent.id)
    actor.own = False
    return True


def _perform_getppid(machine: Stepping, actor: Actor, call: Call) -> None:
    parent = machine.find(actor.node.supervisor)
    if parent is not None and parent.place == "ended":
        # For the kernel it is an orphan already; for everyone else, its parent has not ended.
        machine.answer(actor, call, parent.node.pid)
    else:
        machine.run_call(actor, call)


def _after_getppid(machine: Stepping, actor: Actor, call: Call, result: int) -> None:
    node = machine.tree.find(result)
    seen = node.id if node is not None else OUTSIDE
    actor.observed("getppid", seen)
    if actor.parent_seen == seen:
        machine.polled(actor)
    else:
        actor.parent_seen = seen
        actor.polls = max(actor.polls, 0)


def _look_group(machine: Stepping, actor: Actor, call: Call) -> bool:
    actor.operation = operation("group", actor.node.id, call.name)
    actor.own = False
    return True


def _look_identity(machine: Stepping, actor: Actor, call: Call) -> bool:
    """A copy of the program has another pid: so it is made before the program asks."""
    return machine.until is not None


def _look_tid_address(machine: Stepping, actor: Actor, call: Call) -> bool:
    machine.tid_address = call.arguments[0]
    return False


def _after_fork(machine: Stepping, actor: Actor, call: Call, result: int) -> None:
    actor.observed(call.name, min(result, 0))


PROCESSES = {
    **dict.fromkeys(CALLS, Handling(own, after=_after_fork)),
    "exit_group": Handling(_look_exit, perform=_perform_exit),
    **dict.fromkeys(("execve", "execveat"), Handling(_look_exec)),
    **dict.fromkeys(
        ("wait4", "waitid"),
        Handling(
            _look_wait,
            _ready_wait,
            after=_after_wait,
            before_record=_before_wait,
            look_again=_look_again_at_wait,
        ),
    ),
    "getppid": Handling(_look_getppid, perform=_perform_getppid, after=_after_getppid),
    **dict.fromkeys(("setpgid", "setsid"), Handling(_look_group)),
    "prctl": Handling(own),
    **dict.fromkeys(("getpid", "gettid", "getpgrp", "getpgid", "getsid"), Handling(_look_identity)),
    "set_tid_address": Handling(_look_tid_address),
}
