"""Judging a text whose writers are unknown: a plain file, or sampled evidence."""

from __future__ import annotations

import contextlib

from grader.judge.script.fields import Bindings, bind
from grader.judge.script.interleaving import Budget, Cuts, Interleaving, Place, Stuck
from grader.judge.script.language import Cast, Field, Gap
from grader.judge.script.match import Match, values
from grader.judge.script.mismatch import Mismatch, Remark
from grader.judge.script.printed import visible
from grader.judge.script.stage import fact, facts_about
from grader.judge.script.words import expected
from grader.model import ROOT, Process, Trace, Unproved

_TO_EXPLAIN = 30_000
"""States that are visited to find the best place to point at."""


def match_text(cast: Cast, text: str, budget: int, facts: Bindings | None = None) -> Match:
    """Find an interleaving of the roles that is exactly ``text``.

    ``facts`` are values known beforehand. Raises Mismatch when there is no interleaving,
    Unproved when ``budget`` states were not enough to tell.
    """
    return Match(roles={}, values=values(cast, _interleave(cast, text, budget, facts or {})))


def match_sampled(cast: Cast, trace: Trace, stream: str, budget: int) -> Match:
    """Judge sampled evidence: the text, with what is known of the processes.

    Raises Mismatch when the text fits no interleaving with the program's own pid; Unproved
    when it fits one, but names processes that sampling did not see as the text has them.
    """
    facts = {f"{ROOT}.pid": str(trace.root.pid)} if any(r.name == ROOT for r in cast.roles) else {}
    bindings = _interleave(cast, trace.text(stream=stream), budget, facts)
    by_pid: dict[str, Process] = {}
    for process in trace.processes:
        by_pid.setdefault(str(process.pid), process)
    roles: dict[str, Process] = {}
    for name, known in facts_about(cast).items():
        pid = bindings.get(f"{name}.pid")
        if pid is None:
            continue
        if pid not in by_pid:
            raise Unproved(f"sampling saw no process with the pid {pid} that {name} printed")
        roles[name] = by_pid[pid]
        for field in known:
            seen = fact(trace, roles[name], field.fact)
            printed = bindings.get(field.key)
            if seen is not None and printed is not None and seen != printed:
                raise Unproved(f"{field.source} is {printed} in the text, but sampling saw {seen}")
    return Match(roles=roles, values=values(cast, bindings))


def _interleave(cast: Cast, text: str, budget: int, facts: Bindings) -> Bindings:
    text = text.replace("\r\n", "\n")
    task = Interleaving(cast, text, facts)
    if not task.impossible():
        allowed = Budget(budget + min(2 * len(text), budget))
        cuts: tuple[Cuts, ...] = ("lines", "anywhere")
        for cut in cuts:
            bindings = task.search(cut, allowed)
            if bindings is not None:
                return bindings
        if any(isinstance(item, Gap) for items in task.items for item in items) and (
            task.search("torn", allowed) is not None
        ):
            raise Unproved("the text is right only if lines that the script leaves open were torn")
    raise _explain(task, _deepest(task))


def _deepest(task: Interleaving) -> Stuck:
    """Find how far a text that fits nothing can be followed, within a small budget."""
    whole, torn = task.beginning(), task.beginning()
    with contextlib.suppress(Unproved):
        task.search("lines", Budget(_TO_EXPLAIN), whole)
    with contextlib.suppress(Unproved):
        task.search("anywhere", Budget(_TO_EXPLAIN // 10), torn)
    # Where lines are torn, only the second search goes on; else the first one's place is
    # what people see, since it gives no half lines to the wrong process.
    lines = task.text.count
    return torn if lines("\n", 0, torn.at) > lines("\n", 0, whole.at) else whole


def _explain(task: Interleaving, stuck: Stuck) -> Mismatch:
    """Say where the deepest attempt stopped, and what could have come there."""
    text, cast = task.text, task.cast
    start = text.rfind("\n", 0, stuck.at) + 1
    end = text.find("\n", start)
    got = text[start:] if end < 0 else text[start:end]
    number = text.count("\n", 0, start) + 1
    ended = start >= len(text)
    lines = text[:start].splitlines()
    around = [Remark("GOOD", visible(line)) for line in lines[-2:]]
    nexts = {
        role.name: line
        for role, items, place in zip(task.roles, task.items, stuck.places, strict=True)
        if (line := _next_line(cast, role.name, items, place, stuck.bindings)) is not None
    }
    active = task.roles[stuck.active].name if stuck.active is not None else None
    inside = stuck.at > start and active in nexts and not ended
    role = active if inside else next(iter(nexts), None)
    wanted = nexts[role] if inside and role is not None else None
    notes: list[str] = []
    if len(nexts) > (1 if inside else 0):
        notes.append("What could come next:" if not ended else "What is missing:")
        notes += [f"  {name}: {line}" for name, line in list(nexts.items())[:8]]
    if not nexts:
        notes.append("All that should be printed has come before.")
    if not ended and inside:
        notes.append("No order of the processes explains this line here.")
    if not ended:
        around.append(Remark("UNEXPECTED", visible(got)))
    before = visible(got[: _difference(task, stuck) - start] + "|")
    if wanted is None and len(nexts) == 1:
        wanted = next(iter(nexts.values()))
    elif wanted is None and nexts:
        wanted = "one of the lines below"
    headline = f"Line {number} of the text fits no order of the processes:"
    if ended:
        so_far = f"The text ends after line {number - 1}" if number > 1 else "There is no text"
        headline = f"{so_far}, but more should have come:"
    return Mismatch(
        headline,
        role=role,
        line=number,
        expected=wanted,
        got=None if ended else visible(got),
        column=len(before) - 1 if inside and before.endswith("|") else None,
        notes=notes,
        around=around,
    )


def _difference(task: Interleaving, stuck: Stuck) -> int:
    """Where the text begins to be wrong: before a number that cannot be, not after it."""
    if stuck.active is not None:
        k, part = stuck.places[stuck.active]
        item = task.items[stuck.active][k] if part else None
        whole = task.text[: stuck.at].endswith(part)
        if isinstance(item, Field) and whole and not bind(task.cast, stuck.bindings, item, part):
            return stuck.at - len(part)
    return stuck.at


def _next_line(
    cast: Cast, name: str, items: tuple[object, ...], place: Place, bindings: Bindings
) -> str | None:
    """The line that a role is in or comes to next, its fields filled in; None at its end."""
    k, part = place
    if part and isinstance(item := items[k], Field):
        # What has come of a field is shown as its value, if it can be.
        bindings = bind(cast, bindings, item, part) or bindings
    if name == "*":
        return None
    passed = 0
    for step in cast.role(name).steps:
        if isinstance(step, Gap):
            passed += 1
            continue
        length = sum(len(p) if isinstance(p, str) else 1 for p in step.parts)
        passed += length + (1 if step.newline else 0)
        if k < passed:
            return expected(cast, step, bindings)
    return None
