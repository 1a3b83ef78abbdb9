"""The ground on which roles are given to processes, and what the kernel says of those."""

from __future__ import annotations

import msgspec

from grader.judge.script.fields import Bindings, bind
from grader.judge.script.language import Cast, Field, Role
from grader.judge.script.printed import Printed
from grader.model import ROOT, Process, Trace, Unproved

Parts = dict[str, Process]
"""From the name of a role to the process that plays it."""


class Stage(msgspec.Struct):
    """What matching works on."""

    cast: Cast
    trace: Trace
    stream: str
    output: dict[str, list[Printed]]
    """From path id to what that process printed; only those that printed something."""
    facts: dict[str, list[Field]]
    budget: int
    """Steps that may still be tried."""

    def spend(self) -> None:
        """Count one step; raise Unproved when the budget is used up."""
        self.budget -= 1
        if self.budget < 0:
            raise Unproved("there are too many ways to give the roles to the processes")

    def lines(self, process: Process) -> list[Printed]:
        """What a process printed."""
        return self.output.get(process.id, [])


def candidates(trace: Trace, role: Role) -> list[Process]:
    """The processes that can play a role: P is the program itself, every other role is not."""
    return [trace.root] if role.name == ROOT else trace.descendants


def with_facts(stage: Stage, role: Role, process: Process, bindings: Bindings) -> Bindings | None:
    """Bind what the kernel says about the process that plays ``role``; None if it cannot be."""
    bound: Bindings | None = bindings
    for field in stage.facts[role.name]:
        known = fact(stage.trace, process, field.fact)
        if known is not None and bound is not None:
            bound = bind(stage.cast, bound, field, known)
    return bound


def facts_about(cast: Cast) -> dict[str, list[Field]]:
    """For each role, the facts about it that the script mentions, and its pid in any case."""
    facts = {
        name: {f"{name}.pid": Field(f"{name}.pid", "pid", f"{{{name}.pid}}", name, "pid")}
        for name in (role.name for role in cast.roles)
    }
    for role in cast.roles:
        for field in role.fields:
            if field.fact:
                facts[field.role].setdefault(field.key, field)
    return {name: list(found.values()) for name, found in facts.items()}


def fact(trace: Trace, process: Process, name: str) -> str | None:
    """Return a fact about a process as a program would print it; None where unknown.

    ``parent`` is the process that forked it, whoever adopted it later. ``status`` is
    what os.waitstatus_to_exitcode() gives: the exit code, or minus the signal's number.
    """
    of: Process | None = process
    *parents, last = name.split(".")
    for _ in parents:
        of = trace.process(of.parent) if of is not None and of.parent is not None else None
    if of is None:
        return None
    if last == "pid":
        return str(of.pid)
    if of.exit is None:
        return None
    return str(of.exit.code) if of.exit.code is not None else str(-(of.exit.signal or 0))
