"""Calls that change files, and other things that outlive them.

They are not scheduled: that two processes change the same file is not explored. But a
program must make them in each run, so copies of it are made before the first, and none
is left out on the way to an exit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.observe.exact.arch import aarch64, x86_64
from grader.observe.exact.controlled.actor import Actor
from grader.observe.exact.controlled.calls.handling import Handling
from grader.observe.exact.filter import OPENS_TO_CHANGE
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


EFFECTS = {
    **dict.fromkeys((*x86_64.EFFECTS, *aarch64.EFFECTS), Handling(look_effect)),
    **dict.fromkeys(("open", "openat"), Handling(_look_open)),
    "shmat": Handling(_look_shmat),
}
