"""What a page shows of a run: its timeline on both axes, its output, its tree, its steps."""

from __future__ import annotations

import signal
from collections import defaultdict
from collections.abc import Mapping

import msgspec
from markupsafe import Markup

from grader.model import Check, Process, Schedule, Trace, UsageError
from grader.report import sections
from grader.report.folding import fold
from grader.report.glyphs import STATE_WORDS, Glyphs, short
from grader.report.html.marks import legend_of
from grader.report.html.rendering import Scrub, shown
from grader.report.html.timeline import Picture, draw
from grader.report.lanes import Layout
from grader.report.layout import lay_out
from grader.report.steps import steps_of
from grader.report.stretches import Line, lines_of
from grader.report.wording import counted, fold_words

_DRAWN = Glyphs(True, "utf-8")
_MOST_LINES = 90
_MOST_OF_A_LINE = 500
_MOST_OF_OUTPUT = 14_000
"""Characters, as they are written in the page."""
_MOST_STEPS = 100
_DEEPEST = 12
"""Levels of the tree that are told apart by their indent."""
_EXAMPLE_STATES = ("running", "waiting", "sleeping", "stopped", "zombie", "stuck")


class Row(msgspec.Struct, frozen=True):
    """A line of output, or why there is none."""

    number: int | None
    """Of the write; only on its first line."""
    writer: Markup | str
    stream: str
    text: Markup | str
    note: str = ""
    gap: bool = False
    """Whether it stands for lines that are left out."""


class Member(msgspec.Struct, frozen=True):
    """A process in the tree, or those folded away there."""

    depth: int
    id: str
    pid: int | None
    ended: str
    ok: bool
    fate: str
    fine: bool
    """Whether nothing is wrong with that fate."""
    program: Markup | str = ""


class Run(msgspec.Struct, frozen=True):
    """A run as it is shown."""

    id: str
    title: Markup | str
    checks: list[int]
    """The failed checks that it decided."""
    summary: list[Markup | str]
    events: Picture | None
    time: Picture | None
    legend_states: list[tuple[str, str]]
    legend_marks: list[tuple[str, str, str, str]]
    rows: list[Row]
    tree: list[Member]
    stuck: list[Markup | str]
    steps: list[tuple[str, Markup, bool]]
    steps_left_out: int
    replay: str = ""


def show_run(
    trace: Trace,
    number: int,
    failed: Mapping[int, Check],
    scrub: Scrub | None = None,
    replay: str = "",
) -> Run:
    """Prepare a run to be shown; ``failed`` are the failed checks that it decided, by number."""
    keep = {check.process for check in failed.values() if check.process}
    concerned = {n for check in failed.values() for n in check.where}
    keep |= {trace.events[n].process for n in concerned if n < len(trace.events)}
    keep &= {process.id for process in trace.processes}
    folding = fold(trace, keep)
    layout = lay_out(trace, keep, folding)
    name = f"r{number}"
    events = time = None
    if layout is not None:
        _scrub_marks(layout, scrub)
        pids = {process.id: process.pid for process in folding.shown}
        pins: dict[int, list[int]] = defaultdict(list)
        for check_number, check in failed.items():
            for moment in layout.places(check.where):
                pins[moment].append(check_number)
        events = draw(layout, "events", name, pids, pins)
        time = draw(layout, "time", name, pids, pins) if layout.timed else None
    steps = steps_of(trace) if trace.evidence == "exact" else []
    return Run(
        id=name,
        title=_title(trace, scrub),
        checks=[*failed],
        summary=_summary(trace, scrub),
        events=events,
        time=time,
        legend_states=[
            (state, STATE_WORDS[state])
            for state in _EXAMPLE_STATES
            if events and state in events.states
        ],
        legend_marks=legend_of(events.kinds) if events else [],
        rows=_rows(trace, layout, scrub),
        tree=_tree(trace, keep, scrub),
        stuck=[shown(stuck.because.rstrip(".") + ".", scrub) for stuck in trace.stuck[:20]],
        steps=[
            (short(process, _DRAWN), shown(words, scrub, 200), injected)
            for process, words, injected in steps[:_MOST_STEPS]
        ],
        steps_left_out=max(len(steps) - _MOST_STEPS, 0),
        replay=replay,
    )


def _scrub_marks(layout: Layout, scrub: Scrub | None) -> None:
    if scrub is None:
        return
    for lane in layout.lanes:
        for mark in lane.marks:
            mark.text = scrub(mark.text)


def _title(trace: Trace, scrub: Scrub | None) -> Markup:
    """What tells this run from the others, in words."""
    words = "On a terminal" if trace.stdio == "terminal" else "Through pipes"
    if trace.faults:
        words += f", with {' and '.join(trace.faults)}"
    if trace.time == "adversarial" and trace.schedule is not None:
        words += f", {_order(trace.schedule)}"
    return shown(words, scrub, 160)


def _order(schedule: str) -> str:
    """Whether the order of events is one that is often seen."""
    try:
        turns = Schedule.parse(schedule).turns
    except UsageError:
        turns = ()
    return "in an order that it rarely has" if turns else "in its usual order"


def _summary(trace: Trace, scrub: Scrub | None) -> list[Markup | str]:
    lines: list[str] = [sections.ending(trace)]
    made = counted(len(trace.descendants), "other process", "other processes")
    lines.append(f"It made {made if trace.descendants else 'no other process'}.")
    if trace.time == "ideal":
        lines.append("In virtual time: nothing takes time but sleeping.")
    if trace.time == "adversarial":
        lines.append("In virtual time: a sleep is only a pause, so that sleeping orders nothing.")
    if trace.uncontrolled:
        lines.append(f"Not all of it was controlled: {trace.uncontrolled.rstrip('.')}.")
    if trace.evidence == "sampled":
        lines.append("Seen by sampling: what is too quick may be missed.")
    lines += [f"Doubtful, so it proves nothing: {doubt}." for doubt in trace.doubts]
    if trace.survivors:
        lines.append(f"Still alive after the run: {', '.join(trace.survivors[:20])}.")
    return [shown(line, scrub, 600) for line in lines]


def _rows(trace: Trace, layout: Layout | None, scrub: Scrub | None) -> list[Row]:
    lines = lines_of(trace, layout, _MOST_LINES)
    rows: list[Row] = []
    room = _MOST_OF_OUTPUT
    for line in lines.head:
        rows.append(_row(line, scrub))
        room -= len(rows[-1].text) + 60
        if room < 0:
            break
    left_out = lines.left_out + len(lines.head) - len(rows)
    tail = []
    for line in reversed(lines.tail if room > 0 else []):
        tail.append(_row(line, scrub))
        room -= len(tail[-1].text) + 60
        if room < 0:
            break
    left_out += len(lines.tail) - len(tail)
    if left_out:
        rows.append(Row(None, "", "", "", f"{counted(left_out, 'line')} left out", gap=True))
    return rows + tail[::-1]


def _row(line: Line, scrub: Scrub | None) -> Row:
    stretch = line.stretch
    note = ""
    if line.ends_another:
        note = "(newline)"
    elif not line.complete:
        note = "(no newline)"
    return Row(
        stretch.number if line.first else None,
        short(stretch.process or "", _DRAWN) if line.first else "",
        "err" if stretch.stream == "stderr" else "",
        shown(_expanded(line.text), scrub, _MOST_OF_A_LINE),
        note,
    )


def _expanded(line: str) -> str:
    """A line with blanks for tabs; of a huge one, more than is shown."""
    if len(line) <= 2 * _MOST_OF_A_LINE:
        return line.expandtabs(8)
    return line[:_MOST_OF_A_LINE].expandtabs(8) + line[_MOST_OF_A_LINE:]


def _tree(trace: Trace, keep: set[str], scrub: Scrub | None) -> list[Member]:
    folding = fold(trace, keep)
    programs = {process.id: process.program for process in trace.processes}
    members = []
    for process in sorted(folding.shown, key=_path):
        members.append(_member(process, programs, _root_words(trace), scrub))
        members += [
            Member(min(process.depth, _DEEPEST), fold_words(fold, _DRAWN), None, "", True, "", True)
            for fold in folding.below(process.id)
        ]
    return members


def _path(process: Process) -> list[int]:
    """Sorts parents before their children, and children in the order of their forks."""
    return [int(part) for part in process.id.split(".")[1:]]


def _root_words(trace: Trace) -> str:
    """What became of the program itself."""
    ended = trace.ended != "exit" and trace.exit.signal == signal.SIGKILL
    return "the program itself" + (", ended by grader" if ended else "")


def _member(
    process: Process, programs: Mapping[str, list[str]], root: str, scrub: Scrub | None
) -> Member:
    program: Markup | str = ""
    parent = process.parent
    if process.program and parent is not None and process.program != programs.get(parent):
        name = process.program[0].rpartition("/")[2] or process.program[0]
        program = shown(" ".join([name, *process.program[1:6]]), scrub, 60)
    return Member(
        min(process.depth, _DEEPEST),
        short(process.id, _DRAWN),
        process.pid,
        str(process.exit) if process.exit else "end not seen",
        bool(process.exit and process.exit.ok),
        root if process.fate == "root" else sections.fate_words(process),
        process.fate in ("reaped", "root"),
        program,
    )
