"""Random bytes: functions of the seed, the process, and how many it took before."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from grader.observe.exact import ptrace
from grader.observe.exact.controlled.actor import Actor
from grader.observe.exact.controlled.calls.handling import Handling
from grader.observe.exact.tree import Call

if TYPE_CHECKING:
    from grader.observe.exact.controlled.stepping import Stepping

_BLOCK = 64
_MOST = 1 << 20


def random_bytes(seed: int, process: str, start: int, size: int) -> bytes:
    """``size`` random bytes of a process, beginning with its ``start``-th."""
    key = f"{seed} {process}".encode()
    first, last = start // _BLOCK, (start + size) // _BLOCK
    data = b"".join(
        blake2b(n.to_bytes(8, "little"), key=key[:64], digest_size=_BLOCK).digest()
        for n in range(first, last + 1)
    )
    return data[start - first * _BLOCK :][:size]


def bytes_for(machine: Stepping, actor: Actor, size: int) -> bytes:
    """The next random bytes of a process."""
    start = actor.random_bytes
    actor.random_bytes += size
    return random_bytes(machine.scenario.seed, actor.node.id, start, size)


def _look_random(machine: Stepping, actor: Actor, call: Call) -> bool:
    data = bytes_for(machine, actor, min(call.arguments[1], _MOST))
    if ptrace.write_memory(actor.tid, call.arguments[0], data) or not data:
        machine.arch.skip(actor.tid, actor.registers, len(data))
    return False


CHANCE = {"getrandom": Handling(_look_random)}
