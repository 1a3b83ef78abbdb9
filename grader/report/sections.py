"""The parts of a report on a trace: what ran, its tree, its timeline, its ledger."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from grader.judge.ending import limit_words
from grader.model import Ended, Flag, Process, Schedule, TimePolicy, Trace, Wait
from grader.report.console import glyphs_of, shown
from grader.report.folding import Folding
from grader.report.glyphs import Glyphs, short
from grader.report.lanes import Fold
from grader.report.wording import ERRORS, counted, duration, fold_words

_ENDED: dict[Ended, str] = {
    "exit": "ended by itself",
    "time-limit": "was still running at the time limit",
    "cpu-limit": "used more processor time than it may",
    "virtual-time-limit": "slept for longer than it may in virtual time",
    "memory-limit": "wanted more memory than it may have",
    "process-limit": "made more processes than it may",
    "thread-limit": "started more threads than it may",
    "file-limit": "wrote a larger file than it may",
    "folder-limit": "wrote more into its folder than it may",
    "descriptor-limit": "had more files or pipes open than it may",
    "output-limit": "wrote more than it may",
    "event-limit": "did more than can be recorded",
    "step-limit": "made more steps than it may, as an endless loop does",
    "deadlock": "can't go on: each of its processes waits for something that never comes",
}
_MOST_ROWS = 30
_PROGRAM_MAX = 40
"""Characters that are shown of what a process runs."""
_COMMAND_MAX = 1_000
"""Characters of a command."""
_ID_MAX = 24
"""Characters of a process id path in a table."""
_LEAST = 10
"""The last column is not made narrower than this."""


def heading(text: str) -> Text:
    """The title of a section."""
    return Text(text, "bold underline")


def grid(
    rows: Sequence[Sequence[Text | str]], console: Console, header: Sequence[str] = ()
) -> list[Text]:
    """Rows in columns; the last column wraps within the width, the others keep theirs."""
    cells = [[Text(c) if isinstance(c, str) else c for c in row] for row in rows]
    if header:
        cells.insert(0, [Text(title, "dim") for title in header])
    widths = [max(cell.cell_len for cell in column) for column in zip(*cells, strict=True)]
    *others, longest = widths
    least = min(longest, _LEAST)
    gap = 2 if console.width - sum(others) - 2 * len(others) >= least else 1
    indent = sum(others) + gap * len(others)
    crowded = console.width - indent < least
    if crowded:  # the last cell goes below the others
        indent = 4
    room = console.width - indent
    lines: list[Text] = []
    for *most, last in cells:
        line = Text()
        for cell, width in zip(most, widths, strict=False):
            line.append_text(cell).append(" " * (width + gap - cell.cell_len))
        parts = list(last.wrap(console, room)) if last else []
        if parts and not crowded:
            line.append_text(parts.pop(0))
        lines += [line, *(Text(" " * indent).append_text(part) for part in parts)]
    return lines


def command_line(command: Sequence[str], encoding: str) -> Text:
    """A command as one would type it; of a long one, the beginning."""
    words = [word[:_COMMAND_MAX] for word in command[:_COMMAND_MAX]]
    return shown(shlex.join(words), encoding, most=_COMMAND_MAX)


def ending(trace: Trace) -> str:
    """How a run ended, in a sentence."""
    how = f"It {_ENDED[trace.ended]}"
    if trace.limit is not None:
        how += f" ({limit_words(trace)})"
    if trace.ended == "exit" or _by_itself(trace):
        how += f"; it ended by itself: {trace.exit}" if trace.limit else f": {trace.exit}"
    elif trace.ended != "deadlock":
        how += "; grader ended it"
    if trace.time == "adversarial":
        return f"{how}."
    virtual = " of virtual time" if trace.time == "ideal" else ""
    return f"{how}, after {duration(trace.seconds)}{virtual}."


def _to_allow_more(trace: Trace) -> list[Text]:
    """What to do where a program is right, and a limit too low for it."""
    if trace.limit is None:
        return []
    return [Text(f"Is that too little for it? --limit {trace.limit.name}=NUMBER allows more.")]


def _by_itself(trace: Trace) -> bool:
    """Whether a run that came to a limit went on to its end: there only calls failed."""
    killed = any(process.fate == "killed" for process in trace) or trace.exit.signal == 9
    return trace.limit is not None and not killed


_TIMES: dict[TimePolicy, str] = {
    "real": "",
    "ideal": "In virtual time: nothing takes time but sleeping.",
    "adversarial": "In virtual time: a sleep is only a pause, so that sleeping orders nothing.",
}


def conditions(trace: Trace, console: Console) -> list[Text]:
    """What was special about a run: its time, its seed, its faults."""
    words = [_TIMES[trace.time]] if trace.time != "real" else []
    if trace.seed:
        words.append(f"Seed {trace.seed}.")
    if trace.faults:
        words.append(f"Made to fail: {', '.join(trace.faults)}.")
    words += [never_happened(fault) for fault in idle_faults([trace])]
    lines = [shown(line, console.encoding) for line in words]
    if trace.uncontrolled:
        what = "It was not controlled" if trace.schedule is None else "Not all of it is certain"
        why = f"{what}: {trace.uncontrolled.rstrip('.')}."
        lines.append(shown(why, console.encoding, "bold red"))
    return lines


def idle_faults(traces: Sequence[Trace]) -> list[str]:
    """The faults that a schedule names and that came about in none of these runs."""
    schedules = [Schedule.parse(trace.schedule) for trace in traces if trace.schedule]
    asked = dict.fromkeys(str(fault) for schedule in schedules for fault in schedule.faults)
    struck = {fault for trace in traces for fault in trace.faults}
    return [fault for fault in asked if fault not in struck]


def never_happened(fault: str) -> str:
    """A sentence about a fault that did not come about."""
    process = fault.partition("@")[2].partition("#")[0]
    return f"The fault {fault} never came about: {process} made fewer such calls."


def deadlock(trace: Trace, console: Console) -> list[Text]:
    """Who waits for what, and what each has open."""
    rows: list[list[Text | str]] = []
    for stuck in trace.stuck:
        mark = Text(glyphs_of(console).sign("stuck"), "bold red")
        rows.append([mark, shown(stuck.because.rstrip(".") + ".", console.encoding)])
        if stuck.holds:
            words = f"{stuck.process} has open: {', '.join(stuck.holds)}."
            rows.append(["", shown(words, console.encoding, "dim")])
    return grid(rows, console) if rows else []


def summary(trace: Trace, console: Console) -> list[Text]:
    """What ran, how it ended, and how it was seen."""
    how = "a terminal" if trace.stdio == "terminal" else "pipes"
    made = counted(len(trace.descendants), "other process", "other processes")
    if not trace.descendants:
        made = "no other process"
    seen = (
        f"Seen exactly, every event ({trace.engine})."
        if trace.evidence == "exact"
        else f"Seen by sampling ({trace.engine}): what is too quick may be missed."
    )
    return [
        Text.assemble("Program: ", command_line(trace.command, console.encoding)),
        Text(ending(trace)),
        *_to_allow_more(trace),
        Text(f"It ran on {how} and made {made}."),
        *conditions(trace, console),
        shown(seen, console.encoding, "dim"),
        *confinement([trace], console),
    ]


def confinement(traces: Sequence[Trace], console: Console, held: bool = True) -> list[Text]:
    """What held the program, unless that is not ``held`` to be worth a line, and what could
    have, and is missing on this system."""
    lines = []
    holding = dict.fromkeys(word for trace in traces for word in trace.confined)
    missing = dict.fromkeys(word for trace in traces for word in trace.unconfined)
    if held and holding:
        words = f"Confined by {', '.join(holding)}."
        lines.append(shown(words, console.encoding, "dim"))
    if missing:
        words = f"Not confined by everything; missing here: {'; '.join(missing)}."
        lines.append(shown(words, console.encoding, "yellow"))
    return lines


# -- the tree ----------------------------------------------------------------------


def fate_words(process: Process) -> str:
    """What became of a process, in words."""
    parent = process.parent
    match process.fate:
        case "reaped":
            return f"reaped by {process.reaped_by or parent}"
        case "unreaped":
            return f"unreaped: a zombie when {parent} ended"
        case "orphaned":
            by = process.reaped_by or process.adopted_by
            later = f"; then {by}'s" if by and by != "outside" else ""
            return f"orphaned: alive when {parent} ended{later}"
        case "auto-reaped":
            return f"auto-reaped: {parent} ignores SIGCHLD"
        case "killed":
            return "killed: ended by grader"
        case None:
            return "fate not seen"
    return ""


def tree(trace: Trace, folding: Folding, console: Console) -> list[Text]:
    """Who forked whom."""
    glyphs = glyphs_of(console)
    children: dict[str | None, list[Process | Fold]] = {}
    for process in folding.shown:
        siblings = children.setdefault(process.parent, [])
        siblings.append(process)
        siblings += [fold for fold in folding.below(process.id) if fold.like]
    programs = {process.id: process.program for process in trace.processes}
    wide = max(process.depth for process in folding.shown) * 3 < console.width // 4
    rows: list[list[Text | str]] = []
    # Depth first, without recursion: a chain of forks may be deeper than Python's stack.
    stack: list[tuple[Process | Fold, str, str]] = [(trace.root, "", "")]
    while stack:
        item, own, below = stack.pop()
        if isinstance(item, Fold):
            rows.append([Text(own + fold_words(item, glyphs), "dim"), "", "", ""])
            continue
        rows.append(_tree_row(item, own, programs, console))
        entries = children.get(item.id, [])
        for number, entry in enumerate(reversed(entries)):
            branch, stem = _branch(glyphs, last=number == 0, wide=wide)
            stack.append((entry, below + branch, below + stem))
    rows += [
        [Text(fold_words(fold, glyphs), "dim"), "", "", ""]
        for fold in folding.folds
        if fold.like is None
    ]
    return grid(rows, console)


def _branch(glyphs: Glyphs, *, last: bool, wide: bool) -> tuple[str, str]:
    """What stands before a process, and before those below it."""
    if not wide:
        return " ", " "
    if last:
        return glyphs.choose("└─ ", "`- "), "   "
    return glyphs.choose("├─ ", "|- "), glyphs.choose("│  ", "|  ")


def _tree_row(
    process: Process, branch: str, programs: dict[str, list[str]], console: Console
) -> list[Text | str]:
    about = Text(fate_words(process), "" if process.fate in ("reaped", "root") else "bold red")
    if process.threads:
        about.append(f"  {counted(process.threads + 1, 'thread')}")
    program = process.program
    if program and process.parent is not None and program != programs.get(process.parent):
        about.append("  runs ", "dim")
        name = program[0].rpartition("/")[2] or program[0]
        words = command_line([name, *program[1:]], console.encoding)
        if len(words) > _PROGRAM_MAX:
            words = words[:_PROGRAM_MAX].append(f" {glyphs_of(console).more}")
        about.append_text(words)
    status = str(process.exit) if process.exit else "end not seen"
    return [
        Text.assemble((branch, "dim"), (short(process.id, glyphs_of(console), _ID_MAX), "bold")),
        Text(f"pid {process.pid}"),
        Text(status, "" if process.exit and process.exit.ok else "red"),
        about,
    ]


# -- the ledger --------------------------------------------------------------------


def ledger(trace: Trace, folding: Folding, console: Console) -> list[Text]:
    """Who collected whom, by which call; and calls that failed."""
    glyphs = glyphs_of(console)
    shown_ones = {process.id for process in folding.shown}
    calls = trace.reap_ledger
    few = [w for w in calls if w.child is None or w.child in shown_ones]
    left_out = len(calls) - len(few[:_MOST_ROWS])
    exits = {p.id: trace.events[p.exited].t for p in folding.shown if p.exited is not None}
    rows = [_ledger_row(wait, exits, glyphs) for wait in few[:_MOST_ROWS]]
    titles = ("who", "by which call", "whom", "status", "zombie for")
    if trace.time == "adversarial":  # each process has a clock of its own
        titles = ("who", "by which call", "whom", "status", "")
        exits = {}
    if not rows:
        return [Text("No wait call collected a child.", "dim")]
    lines = grid(rows, console, titles)
    if left_out:
        lines.append(Text(f"{glyphs.more} {left_out:,} more", "dim"))
    if any(wait.call == "wait4" for wait in few):
        lines.append(Text("wait4 is the call that os.wait, os.waitpid and os.wait3 make.", "dim"))
    return lines


def _ledger_row(wait: Wait, exits: dict[str, float], glyphs: Glyphs) -> list[Text | str]:
    target, who = (short(name, glyphs, _ID_MAX) for name in (wait.target, wait.process))
    call = f"{wait.call}({', '.join([target, *wait.options])})"
    if wait.outcome == "failed":
        error = wait.error or ""
        because = f"failed: {ERRORS[error]}" if error in ERRORS else "failed"
        return [who, call, glyphs.dash, Text(error, "red"), Text(because, "red")]
    child = wait.child or ""
    ended = exits.get(child)
    zombie = duration(wait.t - ended) if ended is not None else ""
    if wait.outcome == "peeked":
        zombie = "goes on: WNOWAIT"
    status = str(wait.status) if wait.status else ""
    return [who, call, short(child, glyphs, _ID_MAX), status, zombie]


# -- what else is to say -----------------------------------------------------------


def flag_rows(flags: Sequence[Flag], console: Console) -> list[Text]:
    """The flags with their sentences."""
    rows: list[list[Text | str]] = []
    for flag in flags[:_MOST_ROWS]:
        who = f" {flag.process}" if flag.process else ""
        head = (f"{flag.kind}{who}: ", "bold yellow")
        about = Text.assemble(head, shown(flag.detail, console.encoding))
        rows.append([Text("!", "bold yellow"), about])
    if len(flags) > _MOST_ROWS:
        rows.append(
            ["", Text(f"{glyphs_of(console).more} {len(flags) - _MOST_ROWS:,} more", "dim")]
        )
    return grid(rows, console)


def remarks(trace: Trace, console: Console, looks: bool = True) -> list[Text]:
    """What limits the trace's worth: doubts and survivors; and psutil's word, unless it only
    agreed and ``looks`` is false."""
    lines = [Text(f"Doubtful, so it proves nothing: {doubt}", "bold red") for doubt in trace.doubts]
    if trace.survivors:
        names = ", ".join(trace.survivors[:_MOST_ROWS])
        lines.append(Text(f"Still alive after the run, and ended by grader: {names}", "red"))
    disagreed = sum(not look.agrees for look in trace.looks)
    if disagreed or (looks and trace.looks):
        verdict = f"disagreed {counted(disagreed, 'time')}" if disagreed else "agreed each time"
        skipped = f"; {trace.looks_skipped:,} skipped to save time" if trace.looks_skipped else ""
        words = f"psutil looked {counted(len(trace.looks), 'time')} and {verdict}{skipped}."
        lines.append(Text(words, "red" if disagreed else "dim"))
    return [shown(line.plain, console.encoding, str(line.style)) for line in lines]


def blind_spots(trace: Trace, console: Console) -> list[Text]:
    """What the engine could not see, one a line."""
    rows: list[list[Text | str]] = [
        ["-", shown(spot, console.encoding)] for spot in trace.blind_spots
    ]
    return grid(rows, console)
