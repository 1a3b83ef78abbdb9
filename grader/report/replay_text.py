"""The report on a run that was made to happen again: what ``grader replay`` shows."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from rich.console import Console
from rich.text import Text

from grader.model import Flag, Schedule, Trace
from grader.model.safe import shell_line
from grader.model.trace import DEPARTED
from grader.report import sections
from grader.report.console import make_console, shown
from grader.report.folding import fold
from grader.report.layout import lay_out
from grader.report.output_text import output_lines
from grader.report.steps import step_lines
from grader.report.trace_text import print_part, print_timeline, put


def print_replay(
    trace: Trace, schedule: Schedule, flags: Sequence[Flag] = (), console: Console | None = None
) -> None:
    """Print a run step by step, its timeline, its output, and where it ended.

    ``schedule`` is the one that was asked for; ``flags`` are those of the trace.
    """
    console = console or make_console()
    folding = fold(trace)
    layout = lay_out(trace, folding=folding)
    if trace.departed:
        for line in _other_run(trace, console):
            put(console, line)
        print_whole(console, "Asked for: ", str(schedule))
        console.print()
    told = msgspec.structs.replace(trace, uncontrolled=None) if trace.departed else trace
    print_part(console, sections.summary(told, console))
    if trace.schedule is not None:
        print_whole(console, "Schedule: ", trace.schedule)
    print_part(console, sections.tree(trace, folding, console), "Processes")
    if trace.evidence == "exact":
        print_part(console, step_lines(trace, console), "Step by step")
    print_timeline(layout, console)
    print_part(console, output_lines(trace, layout, console), "Output")
    if flags:
        print_part(console, sections.flag_rows(flags, console), "Worth knowing")
    if trace.stuck:
        print_part(console, sections.deadlock(trace, console), "Deadlock: who waits for what")
    console.print()
    put(console, Text(sections.ending(trace), "bold" if trace.ended == "exit" else "bold red"))
    remarks = sections.remarks(trace, console)
    print_part(console, remarks)


def _other_run(trace: Trace, console: Console) -> list[Text]:
    reason = (trace.uncontrolled or "").removeprefix(f"{DEPARTED}: ")
    first = f"This is not the run that was asked for: {reason.rstrip('.')}."
    if trace.schedule is None:
        hint = "A program that can't be controlled has no schedules. This is what it did this time."
        return [shown(first, console.encoding, "bold red"), Text(hint, "red")]
    return [
        shown(first, console.encoding, "bold red"),
        Text(
            "A schedule belongs to one program with the same arguments and input, and to the"
            " same Python. If that is so, the program does something that grader does not"
            " control. What follows is what it did this time.",
            "red",
        ),
    ]


def print_command(console: Console, before: str, words: Sequence[str]) -> None:
    """Print a command to be copied into a shell, on one line: see ``print_whole``."""
    line = shell_line(words, console.encoding, console.width - len(before))
    print_whole(console, before, line)


def print_whole(console: Console, before: str, line: str, style: str = "") -> None:
    """Print something to be copied: on one line, however long, so that a terminal that is too
    narrow wraps it and a copy of it is whole."""
    text = Text.assemble((before, "dim"), shown(line, console.encoding, style, most=len(line)))
    console.print(text, no_wrap=True, overflow="ignore", crop=False, soft_wrap=True)
