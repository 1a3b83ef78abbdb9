"""Visible operations, and which of them depend on one another.

Two operations are dependent when doing them in the other order could be noticed: when
both touch the same thing and one of them changes it. What each kind of operation
touches is in ``TOUCHES``; the engine fills in the names. Sources: fork(2), wait(2),
pipe(7), signal(7), flock(2); the happens-before pairs of Flanagan and Godefroid,
"Dynamic partial-order reduction for model checking software" (POPL 2005).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

Access = Literal["reads", "changes", "adds"]
"""``adds``: the order in which things are added can't be seen, as for zombies: of several, wait
gives the one that was forked first."""


class Touch(NamedTuple):
    """One thing that an operation touches."""

    thing: str
    """``children of P``, ``pipe 1``, ``output``, ``process P.1``."""
    access: Access


TOUCHES: dict[str, tuple[tuple[str, Access], ...]] = {
    # what the process does to ...              and how
    "fork": (("children of {self}", "changes"),),
    "wait": (("children of {self}", "changes"),),
    "exit": (("life of {self}", "changes"),),
    "appear": (
        ("children of {parent}", "adds"),
        ("children of {self}", "changes"),
        ("life of {self}", "changes"),
    ),
    "appear to a handler": (
        ("children of {parent}", "adds"),
        ("children of {self}", "changes"),
        ("life of {self}", "changes"),
        ("process {parent}", "changes"),
    ),
    "getppid": (("life of {parent}", "reads"),),
    "write to output": (("output", "changes"),),
    "use": (("{object}", "changes"),),
    "look at": (("{object}", "reads"),),
    "send": (("process {target}", "changes"),),
    "choose reaction": (("process {self}", "changes"), ("children of {self}", "reads")),
    "take signal": (("process {self}", "changes"),),
    "timer": (("process {self}", "changes"),),
    "group": (("groups", "changes"),),
    "unknown": (("anything", "changes"),),
    "own": (),
}
"""What the kinds of operations touch. ``use`` and ``look at`` are for objects with a name:
pipes, files, locks. Writes of output are ``own`` where its order does not matter, and so is
a sleep under adversarial time. An end that can be seen is also the children's new parent, and
what they are to be called: orphaned or unreaped. Every operation
reads ``process {self}``: what changes that (a signal sent to it) depends on all that it does."""


class Operation(NamedTuple):
    """What a process is about to do, or what is about to happen to it."""

    kind: str
    """A key of ``TOUCHES``."""
    process: str
    words: str
    """For people: ``wait any``, ``write stdout``."""
    touches: frozenset[Touch]


def operation(kind: str, process: str, words: str, **names: str) -> Operation:
    """Make an operation of a kind; ``names`` fill in parent, object and target."""
    touches = {
        Touch(thing.format(self=process, **names), access) for thing, access in TOUCHES[kind]
    }
    return Operation(
        kind, process, words, frozenset({*touches, Touch(f"process {process}", "reads")})
    )


def together(kind: str, parts: Iterable[Operation]) -> Operation:
    """One operation that does what several do (an exit that also closes pipes)."""
    parts = [*parts]
    touches = frozenset[Touch]().union(*(part.touches for part in parts))
    return Operation(kind, parts[0].process, parts[0].words, touches)


def dependent(one: Operation, other: Operation) -> bool:
    """Whether the order of two operations could be noticed."""
    if one.process == other.process or "unknown" in (one.kind, other.kind):
        return True
    return any(
        touch.thing == there.thing and (touch.access, there.access) not in _HARMLESS
        for touch in one.touches
        for there in other.touches
    )


_HARMLESS = {("reads", "reads"), ("adds", "adds")}
