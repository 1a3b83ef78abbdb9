"""Signals: sent, waited for, blocked, and what a process chooses to do about them."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
from typing import TYPE_CHECKING

from grader.model import operation
from grader.model.operation import together
from grader.observe.exact import ptrace
from grader.observe.exact.controlled.actor import Actor, signals_of
from grader.observe.exact.controlled.calls.handling import Handling, result_only
from grader.observe.exact.record.recorder import signed
from grader.observe.exact.record.signals import SENDERS
from grader.observe.exact.record.sleeps import seconds_at
from grader.observe.exact.record.waits import pid_of_descriptor
from grader.observe.exact.tree import Call, Node

if TYPE_CHECKING:
    from grader.observe.exact.controlled.stepping import Stepping


def _targets(machine: Stepping, actor: Actor, call: Call) -> list[Node]:
    _, whom = SENDERS[call.name]
    receiver = signed(call.arguments[whom])
    if call.name == "pidfd_send_signal":
        receiver = pid_of_descriptor(actor.task, receiver) or 0
    elif call.name == "kill" and receiver <= 0:
        group = -receiver
        with contextlib.suppress(OSError):
            group = group or os.getpgid(actor.node.pid)
        return [node for node in machine.tree.nodes if node.state == "alive" and _in(node, group)]
    node = machine.tree.find(receiver)
    return [node] if node is not None and node.state != "gone" else []


def _in(node: Node, group: int) -> bool:
    try:
        return os.getpgid(node.pid) == group
    except OSError:
        return False


def _look_kill(machine: Stepping, actor: Actor, call: Call) -> bool:
    number = signed(call.arguments[SENDERS[call.name][0]])
    targets = _targets(machine, actor, call)
    words = f"{call.name} {', '.join(node.id for node in targets) or 'nobody'}"
    parts = [operation("send", actor.node.id, words, target=node.id) for node in targets]
    for node in targets:
        if node is not actor.node and number != 0:
            machine.learn_signalled(node)
    actor.detail = [node.id for node in targets]
    if [node for node in targets if node is not actor.node]:
        actor.operation, actor.own = together("send", parts), False
    else:
        actor.operation = operation("own", actor.node.id, words)
    return True


def _perform_kill(machine: Stepping, actor: Actor, call: Call) -> None:
    targets: list[str] = actor.detail
    number = signed(call.arguments[SENDERS[call.name][0]])
    before = {id: machine.find(machine.tree[id]) for id in targets}
    for id in targets:
        machine.happened_to(f"signals to {id}", actor.node.id, number)
    for other in before.values():
        if other is not None and other.alive and 0 < number < 65:
            other.about_to_be_sent(number)
    machine.affected = [other for other in before.values() if other is not None]
    machine.run_call(actor, call)


def _after_kill(machine: Stepping, actor: Actor, call: Call, result: int) -> None:
    actor.observed(call.name, result)
    affected, machine.affected = machine.affected, []
    number = signed(call.arguments[SENDERS[call.name][0]])
    if result < 0 or number == 0:
        machine.polled(actor)
        return
    actor.polls = 0
    for other in affected:
        other.signals_known = False
        machine.clock.join(other, actor.clock if other.alive else 0.0)
        if other is actor or not other.alive:
            continue
        if number == signal.SIGKILL:
            machine.kill_now(other)
        elif number == signal.SIGCONT and other.place == "stopped":
            machine.continued_later(other)


def _look_action(machine: Stepping, actor: Actor, call: Call) -> bool:
    number = signed(call.arguments[0])
    others = number == signal.SIGCHLD and any(
        child.state == "alive" for child in actor.node.children
    )
    if others or actor.node.id in machine.knowledge.signalled:
        words = f"choose what {signal.Signals(number).name if number < 32 else number} does"
        actor.operation = operation("choose reaction", actor.node.id, words)
        actor.own = False
    return True


def _look_mask(machine: Stepping, actor: Actor, call: Call) -> bool:
    """rt_sigprocmask: of interest only where signals may come from others."""
    actor.masks = True
    if not machine.at_risk(actor):
        actor.signals_known = False
        return False
    actor.operation = operation("own", actor.node.id, "block or unblock signals")
    return True


def _after_mask(machine: Stepping, actor: Actor, call: Call, result: int) -> None:
    actor.signals_known = False
    actor.observed(call.name, result)


# -- waiting for a signal ----------------------------------------------------------------


def _look_pause(machine: Stepping, actor: Actor, call: Call) -> bool:
    words = "pause" if call.name == "pause" else "sigsuspend"
    actor.detail = None
    if call.name == "rt_sigsuspend":
        actor.masks = True
        actor.detail = signals_of(ptrace.read_memory(actor.tid, call.arguments[0], 8))
    actor.operation = operation("take signal", actor.node.id, words)
    actor.own = False
    return True


def _ready_pause(machine: Stepping, actor: Actor) -> bool:
    """A signal that does something ends it; sigsuspend has a mask of its own."""
    actor.learn_signals()
    blocked = actor.blocked if actor.detail is None else actor.detail
    return bool(actor.effective(actor.queued - blocked))


def _look_timed_wait(machine: Stepping, actor: Actor, call: Call) -> bool:
    wanted = signals_of(ptrace.read_memory(actor.tid, call.arguments[0], 8))
    seconds = seconds_at(actor.tid, call.arguments[2], 1_000_000_000) if call.arguments[2] else None
    actor.detail = (wanted, seconds)
    if seconds is not None:
        actor.deadline = machine.clock.of(actor) + seconds
    actor.operation = operation("take signal", actor.node.id, "sigwait")
    actor.own = False
    return True


def _ready_timed_wait(machine: Stepping, actor: Actor) -> bool:
    actor.learn_signals()
    wanted, seconds = actor.detail
    if actor.queued & wanted:
        return True
    if seconds is None:
        return False
    assert actor.deadline is not None
    return not machine.clock.ideal or machine.clock.of(actor) >= actor.deadline


def _perform_timed_wait(machine: Stepping, actor: Actor, call: Call) -> None:
    wanted, seconds = actor.detail
    if actor.queued & wanted:
        machine.run_call(actor, call)
        return
    machine.clock.pass_for(actor, seconds or 0.0)
    machine.answer(actor, call, -errno.EAGAIN)


def _after_timed_wait(machine: Stepping, actor: Actor, call: Call, result: int) -> None:
    actor.signals_known = False
    actor.observed(call.name, result)
    if result == -errno.EAGAIN:
        machine.polled(actor)
    else:
        actor.polls = 0


SIGNALS = {
    **dict.fromkeys(SENDERS, Handling(_look_kill, perform=_perform_kill, after=_after_kill)),
    "rt_sigaction": Handling(_look_action, after=result_only),
    "rt_sigprocmask": Handling(_look_mask, after=_after_mask),
    **dict.fromkeys(("pause", "rt_sigsuspend"), Handling(_look_pause, _ready_pause)),
    "rt_sigtimedwait": Handling(
        _look_timed_wait, _ready_timed_wait, _perform_timed_wait, _after_timed_wait
    ),
}
