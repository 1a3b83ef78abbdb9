"""Why no assignment of roles to processes fits: the deepest partial match, in words."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

import msgspec

from grader.judge.script.around import around, in_common
from grader.judge.script.fields import Bindings
from grader.judge.script.hints import Place
from grader.judge.script.language import Gap, Line, Role
from grader.judge.script.lines import Column, Reached, line_fits, role_fits
from grader.judge.script.mismatch import Mismatch, Remark
from grader.judge.script.printed import Printed, visible
from grader.judge.script.stage import Parts, Stage, candidates, with_facts
from grader.judge.script.words import expected, stream_name, who
from grader.judge.words import start_of_sentence
from grader.model import GraderError, Process

_PAIRS = 200
"""So many pairs of role and process are compared in detail; a fork bomb makes more."""
_LINES = 20_000
"""So many lines of all of them."""
_CLOSELY = 30
"""So many pairs letter by letter in their order."""
_COMPARED = 400
"""So many characters of each output."""


def explain(stage: Stage) -> Mismatch:
    """Return the Mismatch for a trace that no assignment fits."""
    parts = _likeliest(stage)
    bindings: Bindings = {}
    for role in stage.cast.roles:
        if role.name in parts:
            bindings = with_facts(stage, role, parts[role.name], bindings) or bindings
    failed: list[tuple[Role, Reached]] = []
    for role in stage.cast.roles:
        if role.name not in parts:
            continue
        reached = Reached()
        lines = stage.lines(parts[role.name])
        way = next(role_fits(stage.cast, role, lines, bindings, reached, stage.spend), None)
        if way is None:
            failed.append((role, reached))
        else:
            bindings = way[0]
    if failed:
        return _different(stage, parts, *failed[0], also=[role.name for role, _ in failed[1:]])
    missing = [role for role in stage.cast.roles if role.name not in parts]
    if missing:
        return _nobody(stage, missing[0], bindings)
    playing = {p.id for p in parts.values()}
    for process in stage.trace.processes:
        if process.id in stage.output and process.id not in playing:
            return _without_role(stage, parts, process, bindings)
    raise GraderError("the output fits the script after all: two matchers disagree")


def _likeliest(stage: Stage) -> Parts:
    """Give each role to the process whose output is most like it."""
    scores: list[tuple[bool, int, float, int, int]] = []
    roles, processes = stage.cast.roles, stage.trace.processes
    order = {p.id: i for i, p in enumerate(processes)}
    base: Bindings = {}
    for role in roles:
        if candidates(stage.trace, role) == [stage.trace.root]:
            base = with_facts(stage, role, stage.trace.root, base) or base
    pairs = lines = 0
    for r, role in enumerate(roles):
        # Those that printed something first: among many silent ones none is likelier.
        able = sorted(candidates(stage.trace, role), key=lambda p: p.id not in stage.output)
        for process in able:
            pairs += 1
            lines += len(stage.lines(process))
            if pairs > _PAIRS or lines > _LINES:
                scores.append((False, 0, 0.0, -r, -order[process.id]))
                continue
            bound = with_facts(stage, role, process, base) or base
            output = stage.lines(process)
            fits = any(True for _ in role_fits(stage.cast, role, output, bound))
            common = in_common(stage.cast, role.lines, output, bound)
            likeness = _likeness(stage, role, output, bound, closely=pairs <= _CLOSELY)
            scores.append((fits, common, likeness, -r, -order[process.id]))
    parts: Parts = {}
    taken: set[int] = set()
    for *_, r, p in sorted(scores, reverse=True):
        if roles[-r].name not in parts and -p not in taken:
            parts[roles[-r].name] = processes[-p]
            taken.add(-p)
    return parts


def _likeness(
    stage: Stage, role: Role, output: Sequence[Printed], bindings: Bindings, closely: bool
) -> float:
    wanted = "\n".join(expected(stage.cast, line, bindings) for line in role.lines)
    came = "\n".join(visible(line.text) for line in output[:40])
    compared = SequenceMatcher(None, wanted[:_COMPARED], came[:_COMPARED], autojunk=False)
    return compared.ratio() if closely else compared.quick_ratio()


def _different(
    stage: Stage, parts: Parts, role: Role, reached: Reached, also: Sequence[str]
) -> Mismatch:
    """Say where the output of the process that plays ``role`` leaves the script."""
    process = parts[role.name]
    output = stage.lines(process)
    after_gap = any(isinstance(s, Gap) for s in role.steps[max(0, reached.step - 1) :][:2])
    step = next((s for s in role.steps[reached.step :] if isinstance(s, Line)), None)
    notes: list[str] = []
    if after_gap and step:
        notes.append("It may print other lines here, but this one must come.")
        reached = msgspec.structs.replace(reached, at=_most_like(stage, step, output, reached))
    came = output[reached.at] if reached.at < len(output) else None
    column = Column()
    right = False
    if step and came:
        ways = line_fits(stage.cast, step, came.text, reached.bindings, column)
        right = any(True for _ in ways)  # then only the newline is wrong
    place = Place(stage, parts, role, reached, step, came, column, right)
    notes += place.notes()
    if also:
        notes.append(f"The output of {' and '.join(also)} differs too.")
    where = (
        f"line {reached.at + 1} of what it printed" if came or not after_gap else "what it printed"
    )
    return Mismatch(
        f"{who(role.name, process)}, {where} on {stream_name(stage.stream)}:",
        process=process.id,
        role=role.name,
        line=reached.at + 1,
        expected=expected(stage.cast, step, reached.bindings) if step else None,
        got=_shown(came),
        column=_caret(came, len(came.text) if right else column.at) if step and came else None,
        events=came.events if came else (),
        notes=notes,
        around=[] if after_gap else around(stage.cast, role, output, reached),
    )


def _most_like(stage: Stage, step: Line, output: Sequence[Printed], reached: Reached) -> int:
    """Where lines may be left out: the one that was probably meant, or else the end."""
    wanted = expected(stage.cast, step, reached.bindings)[:_COMPARED]
    best, at = 0.6, len(output)
    for i, line in enumerate(output[reached.first : reached.first + 100], reached.first):
        came = visible(line.text)[:_COMPARED]
        likeness = SequenceMatcher(None, wanted, came, autojunk=False).ratio()
        if likeness > best:
            best, at = likeness, i
    return at


def _shown(came: Printed | None) -> str | None:
    if came is None:
        return None
    return visible(came.text) if came.newline else f"{visible(came.text)} (and no newline)"


def _caret(came: Printed, column: int) -> int | None:
    before = visible(came.text[:column] + "|")
    return len(before) - 1 if before.endswith("|") else None


def _nobody(stage: Stage, role: Role, bindings: Bindings) -> Mismatch:
    wanted = [expected(stage.cast, line, bindings) for line in role.lines]
    count = len(stage.trace.processes)
    made = f"{count} processes" if count > 1 else "1 process, the program itself"
    needed = len(stage.cast.roles)
    return Mismatch(
        f"No process is left to be {role.name}: the run had {made}, "
        f"and the output should come from {needed}.",
        role=role.name,
        expected=wanted[0] if wanted else None,
        around=[Remark("MISSING", text) for text in wanted[:6]],
    )


def _without_role(stage: Stage, parts: Parts, process: Process, bindings: Bindings) -> Mismatch:
    output = stage.lines(process)
    notes = []
    for name, player in parts.items():
        lines = stage.cast.role(name).lines
        if any(True for ln in lines for _ in line_fits(stage.cast, ln, output[0].text, bindings)):
            notes.append(f"That line is for {who(name, player)} to print.")
            break
    return Mismatch(
        f"{start_of_sentence(who(None, process))} should print nothing "
        f"on {stream_name(stage.stream)}, but it did:",
        process=process.id,
        line=1,
        expected=None,
        got=_shown(output[0]),
        events=output[0].events,
        notes=notes,
        around=[Remark("UNEXPECTED", str(_shown(line))) for line in output[:4]],
    )
