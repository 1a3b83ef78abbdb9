"""Calls of which the engine has no model, with what is done instead.

Locks, message queues, semaphores and sockets: the call is a visible operation that
depends on every other, and the kernel runs it. If it blocks there, the process counts as
waiting until a step of another lets it go on. Threads, timers that are descriptors and
POSIX timers can't be controlled: the program is run freely.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.model import operation
from grader.observe.exact import ptrace
from grader.observe.exact.controlled.actor import Actor
from grader.observe.exact.controlled.calls.effects import look_effect
from grader.observe.exact.controlled.calls.handling import Handling, own
from grader.observe.exact.controlled.tracees import Outside
from grader.observe.exact.filter import LARGE_MAPPING
from grader.observe.exact.tree import Call

if TYPE_CHECKING:
    from grader.observe.exact.controlled.stepping import Stepping

_LOCK_NB, _LOCK_UN = 4, 8
_PROT_WRITE, _MAP_SHARED = 2, 1


def _look_kernel(machine: Stepping, actor: Actor, call: Call) -> bool:
    actor.operation = operation("unknown", actor.node.id, call.name)
    actor.own = False
    return True


def _after_kernel(machine: Stepping, actor: Actor, call: Call, result: int) -> None:
    data = b""
    if call.name == "recvfrom" and result > 0:
        data = machine.canonical(ptrace.read_memory(actor.tid, call.arguments[1], result))
    actor.observed(call.name, result, data)
    actor.polls = 0
    machine.happened_to("kernel", actor.node.id, call.name, result)


def _look_socket(machine: Stepping, actor: Actor, call: Call) -> bool:
    machine.pipes_seen = True
    return False


def _look_never(machine: Stepping, actor: Actor, call: Call) -> bool:
    machine.uncontrollable(f"{actor.node.id} uses {call.name}")
    return False


def _look_mapping(machine: Stepping, actor: Actor, call: Call) -> bool:
    size = call.arguments[1 if call.name == "mmap" else 2]
    if size >= LARGE_MAPPING and (word := machine.watch.mapping(actor.node, size)):
        machine.ended = word
        raise Outside
    if call.name == "mmap" and call.arguments[2] & _PROT_WRITE and call.arguments[3] & _MAP_SHARED:
        machine.shares_memory(actor)
        return look_effect(machine, actor, call)
    return False


_KERNEL = Handling(_look_kernel, after=_after_kernel)

UNMODELLED = {
    **dict.fromkeys(
        (
            "flock",
            "semop",
            "semtimedop",
            "msgrcv",
            "connect",
            "accept",
            "accept4",
            "recvfrom",
            "recvmsg",
            "sendto",
            "sendmsg",
        ),
        _KERNEL,
    ),
    "socket": Handling(_look_socket),
    **dict.fromkeys(("timer_create", "timerfd_create"), Handling(_look_never)),
    **dict.fromkeys(("io_uring_setup", "seccomp"), Handling(own)),
    **dict.fromkeys(("mmap", "mremap"), Handling(_look_mapping)),
}
