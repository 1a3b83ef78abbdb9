"""Why no assignment of roles to processes fits: the deepest partial match, in words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from grader.judge.script.around import around, in_common
from grader.judge.script.fields import Bindings
from grader.judge.script.language import Field, Gap, Line, Role
from grader.judge.script.lines import Column, Reached, line_fits, role_fits
from grader.judge.script.mismatch import Mismatch, Remark
from grader.judge.script.printed import Printed, visible
from grader.judge.script.stage import Parts, Stage, candidates, with_facts
from grader.judge.script.words import expected, stream_name, who
from grader.model import GraderError, Process

_PAIRS = 600
"""So many pairs of role and process are compared in detail; a fork bomb makes more."""
_COMPARED = 1000
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
    pairs = 0
    for r, role in enumerate(roles):
        # Those that printed something first: among many silent ones none is likelier.
        able = sorted(candidates(stage.trace, role), key=lambda p: p.id not in stage.output)
        for process in able:
            pairs += 1
            if pairs > _PAIRS:
                scores.append((False, 0, 0.0, -r, -order[process.id]))
                continue
            bound = with_facts(stage, role, process, base) or base
            output = stage.lines(process)
            fits = any(True for _ in role_fits(stage.cast, role, output, bound))
            common = in_common(stage.cast, role.lines, output, bound)
            likeness = _likeness(stage, role, output, bound)
            scores.append((fits, common, likeness, -r, -order[process.id]))
    parts: Parts = {}
    taken: set[int] = set()
    for *_, r, p in sorted(scores, reverse=True):
        if roles[-r].name not in parts and -p not in taken:
            parts[roles[-r].name] = processes[-p]
            taken.add(-p)
    return parts


def _likeness(stage: Stage, role: Role, output: Sequence[Printed], bindings: Bindings) -> float:
    wanted = "\n".join(expected(stage.cast, line, bindings) for line in role.lines)
    came = "\n".join(visible(line.text) for line in output[:40])
    return SequenceMatcher(None, wanted[:_COMPARED], came[:_COMPARED], autojunk=False).ratio()


def _different(
    stage: Stage, parts: Parts, role: Role, reached: Reached, also: Sequence[str]
) -> Mismatch:
    process = parts[role.name]
    output = stage.lines(process)
    step = role.steps[reached.step] if reached.step < len(role.steps) else None
    if isinstance(step, Gap):
        step = next((s for s in role.steps[reached.step :] if isinstance(s, Line)), None)
    came = output[reached.at] if reached.at < len(output) else None
    column = Column()
    if step and came:
        for _ in line_fits(stage.cast, step, came.text, reached.bindings, column):
            column.at = len(came.text)  # only the newline is wrong
    notes = _notes(stage, parts, role, reached, step, came, column)
    if also:
        notes.append(f"The output of {' and '.join(also)} differs too.")
    return Mismatch(
        f"{who(role.name, process)}, line {reached.at + 1} of what it printed "
        f"on {stream_name(stage.stream)}:",
        process=process.id,
        role=role.name,
        line=reached.at + 1,
        expected=expected(stage.cast, step, reached.bindings) if step else None,
        got=_shown(came),
        column=_caret(came, column) if step and came else None,
        events=came.events if came else (),
        notes=notes,
        around=around(stage.cast, role, output, reached),
    )


def _shown(came: Printed | None) -> str | None:
    if came is None:
        return None
    return visible(came.text) if came.newline else f"{visible(came.text)} (and no newline)"


def _caret(came: Printed, column: Column) -> int | None:
    before = visible(came.text[: column.at] + "|")
    return len(before) - 1 if before.endswith("|") else None


def _notes(
    stage: Stage,
    parts: Parts,
    role: Role,
    reached: Reached,
    step: Line | None,
    came: Printed | None,
    column: Column,
) -> list[str]:
    """Say what else is known about the place."""
    notes: list[str] = []
    process = parts[role.name]
    cast, output = stage.cast, stage.lines(process)
    if came is None:
        notes += _ended(stage, process)
        return notes
    if step and column.field:
        notes += _field_note(stage, parts, column.field, came.text[column.at :], reached.bindings)
    elif step and column.at == len(came.text) and came.newline != step.newline:
        how = "a newline is missing" if step.newline else "there is a newline too many"
        notes.append(f"The text is right, but {how} after it.")

    def is_line_of(other: Role) -> bool:
        return bool(came.text) and any(
            any(True for _ in line_fits(cast, line, came.text, reached.bindings))
            for line in other.lines
        )

    if not is_line_of(role):
        owners = [r.name for r in cast.roles if r.name in parts and is_line_of(r)]
        if owners:
            notes.append(f"That line is for {who(owners[0], parts[owners[0]])} to print.")
    elif any(before.text == came.text for before in output[: reached.at]):
        notes.append("It has printed that line before.")
    if stage.trace.ended != "exit":
        notes.append(f"The grader ended the run: {stage.trace.ended}.")
    return notes


def _ended(stage: Stage, process: Process) -> list[str]:
    """Say how a process ended that printed too little."""
    notes = []
    if stage.trace.ended != "exit":
        notes.append(f"The grader ended the run: {stage.trace.ended}.")
    if process.exit is not None and not process.exit.ok:
        notes.append(
            f"{process.id} printed no more: it ended with {process.exit}.".replace(
                "ended with killed", "was killed"
            )
        )
    if stage.stream != "stderr":
        said = [
            line
            for output in stage.trace.output
            if output.process == process.id and output.stream == "stderr"
            for line in output.text.splitlines()
            if line.strip()
        ]
        if said:
            notes.append(f"On standard error its last words were: {visible(said[-1])}")
    return notes


def _field_note(
    stage: Stage, parts: Parts, field: Field, rest: str, bindings: Bindings
) -> list[str]:
    found = re.match(r"-?\w+", rest)
    came = found[0] if found else None
    value = bindings.get(field.key)
    if field.kind in ("pid", "choice"):
        if value is not None and field.fact:
            *parents, _ = field.fact.split(".")
            owner = "the pid of " + "the parent of " * len(parents) + field.role
            notes = [f"{value} is {owner}"]
        elif value is not None:
            notes = [f"{value} stood here before, for the same field"]
        elif field.kind == "choice":
            notes = [f"Here belongs the pid of one of {', '.join(field.roles)}, each named once"]
        else:
            notes = ["Here belongs a pid"]
        if came and came.isdecimal():
            notes.append(_owner(stage, parts, came))
        return ["; ".join(notes) + "."]
    if value is None:
        wanted = {"number": "a whole number", "word": "a word", "text": "some text"}[field.kind]
        return [f"Here belongs {wanted}."]
    if field.fact:
        return [f"{value} is the exit status of {field.role}."]
    return [f"It was {value} before, and must be the same everywhere."]


def _owner(stage: Stage, parts: Parts, pid: str) -> str:
    names = {process.id: name for name, process in parts.items()}
    for process in stage.trace.processes:
        if str(process.pid) == pid:
            role = names.get(process.id)
            return f"{pid} is the pid of {role or 'process ' + process.id}"
    return f"no process of this run has the pid {pid}"


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
        f"{who(None, process)[0].upper()}{who(None, process)[1:]} should print nothing "
        f"on {stream_name(stage.stream)}, but it did:",
        process=process.id,
        line=1,
        expected=None,
        got=_shown(output[0]),
        events=output[0].events,
        notes=notes,
        around=[Remark("UNEXPECTED", str(_shown(line))) for line in output[:4]],
    )
