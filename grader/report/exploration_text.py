"""The report on every schedule of a program: what ``grader explore`` shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from rich.console import Console
from rich.text import Text

from grader.model import (
    ExitStatus,
    Exploration,
    FoundOutcome,
    FoundOutput,
    Trace,
)
from grader.report import sections
from grader.report.console import glyphs_of, make_console, shown
from grader.report.replay_text import print_command, print_whole
from grader.report.rows import rows_of
from grader.report.trace_text import print_part, put
from grader.report.wording import counted, schedules_words

_MOST_OUTCOMES = 20
_MOST_OUTPUTS = 20
_MOST_LINES = 12
"""Lines of one output."""
_MOST_OF_FATES = 400
"""Characters of one."""
_ENDED = {
    "exit": "It ends",
    "deadlock": "Deadlock",
    "step-limit": "It does not end: still going at the limit of steps",
}


def print_exploration(
    exploration: Exploration,
    traces: Sequence[Trace] = (),
    replay: Callable[[str], Sequence[str]] | None = None,
    console: Console | None = None,
) -> None:
    """Print the distinct outcomes and outputs, each with a schedule, the most ordinary first.

    ``traces`` are runs that were made: from those with the schedule of a deadlock comes who
    waits for what. ``replay`` makes of a schedule the words to type to see it.
    """
    console = console or make_console()
    by_schedule = {trace.schedule: trace for trace in traces if trace.schedule}
    head = [
        Text.assemble("Program: ", sections.command_line(exploration.command, console.encoding)),
        shown(schedules_words(exploration.schedules), console.encoding),
    ]
    print_part(console, [*head, *sections.confinement(traces, console, held=False)])
    idle = [sections.never_happened(fault) for fault in sections.idle_faults(traces)]
    print_part(console, [shown(line, console.encoding, "bold yellow") for line in idle])
    print_part(console, _doubts(traces, console))
    outcomes = sorted(exploration.outcomes, key=_how_ordinary)
    title = counted(len(outcomes), "outcome")
    print_part(console, [], title[0].upper() + title[1:])
    for number, outcome in enumerate(outcomes[:_MOST_OUTCOMES], 1):
        print_part(console, _outcome(number, outcome, by_schedule, console))
        _print_schedule(outcome.schedule, console)
    _print_rest(len(outcomes) - _MOST_OUTCOMES, console)
    if exploration.outputs:
        outputs = exploration.outputs
        print_part(console, [], counted(len(outputs), "output"))
        for number, output in enumerate(outputs[:_MOST_OUTPUTS], 1):
            print_part(console, _output(number, output, console))
            _print_schedule(output.schedule, console)
        _print_rest(len(outputs) - _MOST_OUTPUTS, console)
    last = outcomes[:_MOST_OUTCOMES][-1:]
    if replay is not None and last and last[0].schedule:
        console.print()
        put(console, Text("One of them step by step (here the last outcome's schedule):", "dim"))
        print_command(console, "  ", replay(last[0].schedule))


def _print_schedule(schedule: str, console: Console) -> None:
    if schedule:
        print_whole(console, "   schedule ", schedule, "bold")
    else:
        put(console, Text("   in a run that was not controlled", "dim"))


def _print_rest(left_out: int, console: Console) -> None:
    if left_out > 0:
        put(console, Text(f"{glyphs_of(console).more} and {left_out:,} more: --format json", "dim"))


def _doubts(traces: Sequence[Trace], console: Console) -> list[Text]:
    """Each doubt once, however many runs have it."""
    doubts = dict.fromkeys(doubt for trace in traces for doubt in trace.doubts)
    return [
        shown(f"Doubtful, so it proves nothing: {doubt}", console.encoding, "bold red")
        for doubt in list(doubts)[:5]
    ]


# -- order -------------------------------------------------------------------------


def _how_ordinary(outcome: FoundOutcome) -> tuple[object, ...]:
    """What goes well comes first; else they keep their order, by preemptions and steps."""
    well = [fate in ("reaped", "auto-reaped") for fate in outcome.fates.values()]
    return (
        outcome.ended != "exit",
        not outcome.exit.ok,
        len(well) - sum(well),
    )


# -- one of them -------------------------------------------------------------------


def _outcome(
    number: int, outcome: FoundOutcome, traces: Mapping[str, Trace], console: Console
) -> list[Text]:
    words = _ENDED.get(outcome.ended, "Ended by grader")
    if outcome.ended == "exit":
        words += f": {outcome.exit}"
    elif outcome.ended not in _ENDED:
        words += f" ({outcome.ended})"
    style = "bold" if outcome.ended == "exit" and outcome.exit.ok else "bold red"
    lines = [Text.assemble((f"{number:>2} ", "bold"), (words, style))]
    lines += [_indented(line) for line in _fates(outcome, console)]
    trace = traces.get(outcome.schedule)
    if trace is not None and trace.stuck:
        lines += [_indented(line) for line in sections.deadlock(trace, console)]
    return lines


def _indented(line: Text) -> Text:
    return Text("   ").append_text(line)


def _fates(outcome: FoundOutcome, console: Console) -> list[Text]:
    """A line a fate, with the processes that met it and how each ended."""
    groups: dict[str, list[str]] = defaultdict(list)
    for process, fate in outcome.fates.items():
        if fate == "killed":  # at its end by grader, as the words above say
            continue
        groups[fate].append(process + _status(outcome.exits.get(process)))
    return [
        shown(f"{fate}: {', '.join(processes)}", console.encoding, most=_MOST_OF_FATES)
        for fate, processes in sorted(groups.items(), key=lambda item: item[0] != "reaped")
    ]


def _status(status: ExitStatus | None) -> str:
    return "" if status is None or status.ok else f" ({status})"


def _output(number: int, output: FoundOutput, console: Console) -> list[Text]:
    glyphs = glyphs_of(console)
    lines = output.text.split("\n")
    unfinished = lines.pop()
    if unfinished:
        lines.append(unfinished)
    if not lines:
        return [Text.assemble((f"{number:>2} ", "bold"), ("nothing", "dim"))]
    rows = []
    for at, line in enumerate(lines[:_MOST_LINES]):
        parts = rows_of(line, console.width - 5, console)
        if unfinished and at == len(lines) - 1:
            note = Text(" (no newline)", "dim")
            if parts[-1].cell_len + note.cell_len <= console.width - 5:
                parts[-1].append_text(note)
            else:
                parts.append(note)
        label = f"{number:>2} " if at == 0 else "   "
        for part in parts:
            rows.append(Text.assemble((label, "bold"), (f"{glyphs.bar} ", "dim"), part))
            label = "   "
    if len(lines) > _MOST_LINES:
        left_out = len(lines) - _MOST_LINES
        rows.append(Text(f"   {glyphs.more} {counted(left_out, 'more line')}", "dim"))
    return rows
