"""Why nothing goes on: who waits for what, and who could end the waiting."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from grader.model import Stuck
from grader.observe.exact.controlled.actor import Actor
from grader.observe.exact.controlled.objects import descriptors, flags_of, object_of

if TYPE_CHECKING:
    from grader.observe.exact.controlled.state import RunState


def explain(machine: RunState) -> list[Stuck]:
    """Each living process of a run in which nothing is enabled any more."""
    ends = {actor.index: _ends(machine, actor) for actor in machine.actors if actor.alive}
    return [_stuck(machine, actor, ends) for actor in machine.actors if actor.alive]


_Ends = dict[int, list[tuple[str, str, int]]]
"""By actor: pipe, ``read`` or ``write``, descriptor."""


def _ends(machine: RunState, actor: Actor) -> list[tuple[str, str, int]]:
    found = []
    for descriptor in descriptors(actor.tid):
        what = object_of(actor.tid, descriptor, machine.standard)
        if what.shared:
            ways = {os.O_RDONLY: ["read"], os.O_WRONLY: ["write"]}.get(
                flags_of(actor.tid, descriptor) & os.O_ACCMODE, ["read", "write"]
            )
            name = machine.name_of(what.device, what.inode)
            found += [(name, way, descriptor) for way in ways]
    return found


def _stuck(machine: RunState, actor: Actor, ends: _Ends) -> Stuck:
    holds = [f"{way} end of {name} (fd {fd})" for name, way, fd in ends[actor.index]]
    id = actor.node.id
    if actor.place == "stopped":
        return Stuck(
            process=id,
            waits_in="stopped",
            because=f"{id} was stopped by a signal, and nobody sends it SIGCONT",
            holds=holds,
        )
    words = actor.operation.words if actor.operation else "a call that grader has no model of"
    if actor.place == "vfork":
        words = "vfork"
    name = actor.call.name if actor.call else ""
    if name in ("wait4", "waitid"):
        alive = [c.id for c in actor.node.children if c.state == "alive"]
        return Stuck(
            process=id,
            waits_in=words,
            waits_for=alive,
            because=f"{id} waits for a child to end, and {_list(alive)} never "
            f"{'does' if len(alive) < 2 else 'do'}",
            holds=holds,
        )
    pipe = actor.detail if isinstance(actor.detail, str) else ""
    if name in ("read", "readv") and pipe:
        return _reader(machine, actor, pipe, words, ends, holds)
    if name in ("write", "writev") and pipe:
        readers = _holders(machine, ends, pipe, "read")
        return Stuck(
            process=id,
            waits_in=words,
            waits_for=readers,
            because=f"{id} writes to {pipe}, which is full, and {_list(readers)}, which could "
            "read from it, never does",
            holds=holds,
        )
    if name in ("pause", "rt_sigsuspend", "rt_sigtimedwait"):
        return Stuck(
            process=id,
            waits_in=words,
            because=f"{id} waits for a signal, and nobody is left to send one",
            holds=holds,
        )
    return Stuck(
        process=id,
        waits_in=words,
        because=f"{id} waits in {words}, and nothing that could end that will happen",
        holds=holds,
    )


def _reader(
    machine: RunState, actor: Actor, pipe: str, words: str, ends: _Ends, holds: list[str]
) -> Stuck:
    id = actor.node.id
    own = [fd for name, way, fd in ends[actor.index] if (name, way) == (pipe, "write")]
    writers = _holders(machine, ends, pipe, "write")
    others = [writer for writer in writers if writer != id]
    return Stuck(
        process=id,
        waits_in=words,
        waits_for=writers,
        because=_reader_words(id, pipe, own, others),
        holds=holds,
    )


def _reader_words(id: str, pipe: str, own: list[int], others: list[str]) -> str:
    reads = f"{id} reads from {pipe}, which is empty"
    if own and not others:
        return (
            f"{reads}, and holds the only open write end itself (fd {own[0]}): while that is "
            "open, read does not come to the end of file"
        )
    if own:
        return (
            f"{reads}; its write end is still open, in {id} itself (fd {own[0]}) and in "
            f"{_list(others)}, and nobody writes"
        )
    return f"{reads}; its write end is open in {_list(others)}, and nobody writes"


def _holders(machine: RunState, ends: _Ends, pipe: str, way: str) -> list[str]:
    return [
        machine.actors[index].node.id
        for index, found in ends.items()
        if any((name, direction) == (pipe, way) for name, direction, _ in found)
    ]


def _list(ids: list[str]) -> str:
    return " and ".join(ids) if ids else "nobody"
