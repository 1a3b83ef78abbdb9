"""Calls that change files, and other things that outlive them.

They are not scheduled: that two processes change the same file is not explored. But a
program must make them in each run, so copies of it are made before the first, and none
is left out on the way to an exit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.observe.confine import CHMOD, TOUCH
from grader.observe.exact.arch import aarch64, x86_64
from grader.observe.exact.controlled.actor import Actor
from grader.observe.exact.controlled.calls.handling import Handling
from grader.observe.exact.filter import OPENS_TO_CHANGE
from grader.observe.exact.guard import Answered, Refused
from grader.observe.exact.tree import Call

if TYPE_CHECKING:
    from grader.observe.exact.controlled.stepping import Stepping


def look_effect(machine: Stepping, actor: Actor, call: Call) -> bool:
    """Held only where copies are to be made."""
    actor.forget_tail()
    return machine.until is not None


def _look_open(machine: Stepping, actor: Actor, call: Call) -> bool:
    flags = call.arguments[2 if call.name == "openat" else 1]
    return bool(flags & OPENS_TO_CHANGE) and look_effect(machine, actor, call)


def _look_shmat(machine: Stepping, actor: Actor, call: Call) -> bool:
    machine.shares_memory(actor)
    return look_effect(machine, actor, call)


def _look_mode(machine: Stepping, actor: Actor, call: Call) -> bool:
    return look_effect(machine, actor, call) or machine.guard is not None


def _set_mode(machine: Stepping, actor: Actor, call: Call) -> None:
    if machine.guard is None:
        machine.run_call(actor, call)
        return
    verdict = machine.guard.judge(actor.task, call.name, call.arguments)
    assert isinstance(verdict, Refused | Answered)
    machine.answer(actor, call, machine.guard_result(actor, call.name, verdict))


EFFECTS = {
    **dict.fromkeys((*x86_64.EFFECTS, *aarch64.EFFECTS, *TOUCH), Handling(look_effect)),
    **dict.fromkeys(CHMOD, Handling(_look_mode, perform=_set_mode)),
    **dict.fromkeys(("open", "openat"), Handling(_look_open)),
    "shmat": Handling(_look_shmat),
}
