"""The report on one run, as text: what ``grader trace`` shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.text import Text

from grader.model import Flag, Trace
from grader.report import sections
from grader.report.console import glyphs_of, make_console
from grader.report.folding import fold
from grader.report.lanes import Layout
from grader.report.layout import lay_out
from grader.report.output_text import output_lines
from grader.report.picture import draw

_INDENT = "  "

_NO_EVENTS = (
    "Sampling sees no single events, so there is none."
    " 'grader doctor' says whether the exact engine works here."
)


def print_trace(trace: Trace, flags: Sequence[Flag] = (), console: Console | None = None) -> None:
    """Print what a run did: its tree, its timeline, its output, who collected whom, and what
    is worth knowing about it.

    ``flags`` are those that ``grader.judge.flags`` derives from the trace.
    """
    console = console or make_console()
    folding = fold(trace)
    layout = lay_out(trace, folding=folding)
    print_part(console, sections.summary(trace, console))
    print_part(console, sections.tree(trace, folding, console), "Processes")
    print_timeline(layout, console)
    if trace.stuck:
        print_part(console, sections.deadlock(trace, console), "Who waits for what, for ever")
    print_part(console, output_lines(trace, layout, console), "Output")
    if trace.evidence == "exact":
        print_part(console, sections.ledger(trace, folding, console), "Who collected whom")
    if flags:
        print_part(console, sections.flag_rows(flags, console), "Worth knowing")
    if trace.blind_spots:
        print_part(console, sections.blind_spots(trace, console), "What could not be seen")
    remarks = sections.remarks(trace, console)
    if remarks:
        console.print()
        print_part(console, remarks)


def print_timeline(
    layout: Layout | None,
    console: Console,
    pins: Mapping[str, list[int]] | None = None,
    title: str = "Timeline, in the order of events",
) -> None:
    """Print the lanes of a run; ``pins`` show where in it the numbered events are."""
    if layout is None:
        print_part(console, [Text(_NO_EVENTS, "dim")], title)
        return
    print_part(console, draw(layout, glyphs_of(console), console.width, pins), title)


def print_part(console: Console, lines: Sequence[Text], title: str = "") -> None:
    """Print a section of a report."""
    if title:
        console.print()
        lines = [sections.heading(title), *lines]
    for line in lines:
        put(console, line)


def put(console: Console, line: Text) -> None:
    """Print a line, without blanks at its end. Where it is too long it is wrapped at words, and
    goes on indented: only lines of ours begin at the margin."""
    parts = [line]
    if line.cell_len > console.width:
        parts = list(line.wrap(console, console.width - len(_INDENT)))
        parts[1:] = [Text(_INDENT).append_text(part) for part in parts[1:]]
    for part in parts:
        part.rstrip()
        part = _no_command(part, console)
        console.print(part, no_wrap=True, overflow="ignore", crop=False)


def _no_command(line: Text, console: Console) -> Text:
    """A line that no CI service obeys: GitHub's runner takes one that begins with ``::``, blanks
    before it or not, as a command (its ``ActionCommand.TryParseV2``)."""
    plain = line.plain
    at = len(plain) - len(plain.lstrip())
    if not plain.startswith("::", at):
        return line
    edge = Text(glyphs_of(console).bar, "dim")
    return Text.assemble(line[: max(at - 1, 0)], edge, line[at:])
