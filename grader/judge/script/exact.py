"""Matching where every write's process is known: who plays which role?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.judge.script.explain import explain
from grader.judge.script.fields import Bindings
from grader.judge.script.language import Cast, Role
from grader.judge.script.lines import Places, role_fits
from grader.judge.script.match import Match, values
from grader.judge.script.printed import Printed, printed
from grader.judge.script.stage import Parts, Stage, candidates, facts_about, with_facts
from grader.model import Trace

Found = tuple[Parts, Bindings, dict[str, Places]]
"""Who plays each role, what the fields stand for, where each role's lines are."""


def match_trace(cast: Cast, trace: Trace, stream: str, budget: int) -> Match:
    """Give each role a process of its own, so that all output is as the script says.

    Raises Mismatch when that is impossible, Unproved when the budget is used up.
    """
    stage = Stage(cast, trace, stream, printed(trace, stream), facts_about(cast), budget)
    for parts, bindings, places in _assignments(stage):
        completed = {
            role.name: _completed(role, places[role.name], stage.lines(parts[role.name]))
            for role in cast.roles
        }
        return Match(roles=parts, values=values(cast, bindings), completed=completed)
    raise explain(stage)


def _completed(role: Role, places: Places, output: Sequence[Printed]) -> tuple[int | None, ...]:
    events = [output[i].events[-1] if output[i].events else None for i in places]
    # A line that prints nothing at all has no place in the output.
    return (*events, *[None] * (len(role.lines) - len(events)))


def _assignments(stage: Stage) -> Iterator[Found]:
    """Yield each way to give the roles to processes."""
    roles = stage.cast.roles
    speaking = frozenset(stage.output)
    order = {p.id: i for i, p in enumerate(stage.trace.processes)}

    def go(k: int, used: frozenset[str], found: Found) -> Iterator[Found]:
        parts, bindings, places = found
        if not stage.cast.others and len(speaking - used) > len(roles) - k:
            return
        if k == len(roles):
            yield found
            return
        role = roles[k]
        rest = sum(r.group == role.group and r.interchangeable for r in roles[k:])
        able = [p for p in candidates(stage.trace, role) if p.id not in used]
        if role.interchangeable:
            # Alike roles are played in the order of the processes: any other order is the
            # same assignment under other names. So who is passed over must be able to play
            # another role, and enough must be left for the others of this group.
            if k and roles[k - 1].group == role.group:
                first = order[parts[roles[k - 1].name].id]
                able = [p for p in able if order[p.id] > first]
            able = able[: len(able) - rest + 1] if len(able) >= rest else []
        passed_over = 0
        for process in able:
            if role.interchangeable and not stage.cast.others:
                if passed_over > len(roles) - k - rest:
                    return
                passed_over += process.id in speaking
            stage.spend()
            bound = with_facts(stage, role, process, bindings)
            if bound is None:
                continue
            fits = role_fits(stage.cast, role, stage.lines(process), bound, spend=stage.spend)
            for after, where in fits:
                yield from go(
                    k + 1,
                    used | {process.id},
                    ({**parts, role.name: process}, after, {**places, role.name: where}),
                )

    yield from go(0, frozenset(), ({}, {}, {}))
