"""How a controlled run handles a system call: the protocol of this folder's modules."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from grader.observe.exact.controlled.actor import Actor
from grader.observe.exact.tree import Call

if TYPE_CHECKING:
    from grader.observe.exact.controlled.state import RunState
    from grader.observe.exact.controlled.stepping import Stepping

Look = Callable[["Stepping", Actor, Call], bool]


def own(machine: Stepping, actor: Actor, call: Call) -> bool:
    """Held, but no other process can notice when it is made."""
    return True


def always(machine: Stepping, actor: Actor) -> bool:
    """It never waits."""
    return True


def run(machine: Stepping, actor: Actor, call: Call) -> None:
    """Have the kernel run it."""
    machine.run_call(actor, call)


def nothing(machine: Stepping, actor: Actor, call: Call, result: int) -> None:
    """Nothing to do."""


def result_only(machine: Stepping, actor: Actor, call: Call, result: int) -> None:
    """What the process learns is the result."""
    actor.observed(call.name, result)
    actor.polls = 0


class Handling(NamedTuple):
    """What to do with one system call. Man pages: section 2, under the call's name."""

    look: Look
    """A process has come to the call. True: hold it there, having set ``actor.operation``,
    ``own``, ``detail`` and ``deadline``. False: it need not be held, and goes on (perhaps
    with a result that was given in the kernel's place)."""
    ready: Callable[[Stepping, Actor], bool] = always
    """Whether the held call could proceed now without waiting."""
    perform: Callable[[Stepping, Actor, Call], None] = run
    """Make it."""
    after: Callable[[Stepping, Actor, Call, int], None] = result_only
    """It gave a result: what the process has learnt by it."""
    before_record: Callable[[Stepping, Actor, Call, int], None] = nothing
    """As ``after``, but before the event is recorded: the clock."""
    look_again: Callable[[RunState, Actor, Call], None] | None = None
    """The end of a process has become visible while this one was held: see whether that makes
    the call another operation. What is held must not depend on when the process came to it."""
