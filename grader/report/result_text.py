"""The report on a submission, as text: what ``grader check`` shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from rich.console import Console
from rich.text import Text

from grader.judge.words import start_of_sentence
from grader.model import Check, CheckStatus, Result, Trace
from grader.model.safe import safe
from grader.report import sections
from grader.report.console import glyphs_of, make_console, shown
from grader.report.layout import lay_out
from grader.report.output_text import output_lines
from grader.report.replay_text import print_command
from grader.report.trace_text import print_part, print_timeline, put
from grader.report.wording import counted, schedules_words

_MARKS: dict[CheckStatus, tuple[str, str, str]] = {
    "pass": ("✓", "+", "green"),
    "fail": ("✗", "x", "bold red"),
    "skipped": ("–", "-", "yellow"),  # noqa: RUF001
    "unproved": ("?", "?", "yellow"),
    "error": ("!", "!", "bold magenta"),
}
_SHOWN_IN_FULL: tuple[CheckStatus, ...] = ("fail", "error")
_OUTPUT_LINES = 40
_TITLE_MAX = 90
"""Characters of what is special about a run; its schedule stands whole in the line to copy."""


def print_result(
    result: Result,
    console: Console | None = None,
    replay: Callable[[Check], Sequence[str]] | None = None,
) -> None:
    """Print what a submission is worth and why.

    The checks; for each that failed, what happened, where, and a hint; the timelines of the
    runs concerned, in which numbers show where; the flags; in how many schedules it was
    judged; the score, last. ``replay`` gives the words to type to see the run that decided a
    check, for those that name its schedule.
    """
    console = console or make_console()
    encoding = console.encoding
    put(console, shown(f"Judged as {result.assignment}: {result.submission}", encoding, "bold"))
    console.print()
    print_part(console, _check_rows(result.checks, console))
    failed = [check for check in result.checks if check.status in _SHOWN_IN_FULL]
    numbered = dict(enumerate(failed, 1))
    for number, check in numbered.items():
        _print_failure(number, check, console)
        if replay is not None and check.schedule is not None:
            print_command(console, "   replay ", replay(check))
    for trace in _traces(result):
        here = {n: check for n, check in numbered.items() if _decided(trace, check)}
        if here:
            _print_run(trace, here, console)
    if result.flags:
        # Beside failed checks, which may be about the same thing, "costs nothing" would mislead.
        title = "Worth knowing" if failed else "Worth knowing (costs nothing)"
        print_part(console, sections.flag_rows(result.flags, console), title)
    console.print()
    print_part(console, _reach(result, console))
    print_part(console, sections.confinement(_traces(result), console, held=False))
    put(console, _score(result))


def _decided(trace: Trace, check: Check) -> bool:
    """Whether this is the run that decided a check."""
    same = check.schedule is None or check.schedule == trace.schedule
    return same and check.scenario == trace.scenario


def _traces(result: Result) -> list[Trace]:
    return [t if isinstance(t, Trace) else msgspec.convert(t, Trace) for t in result.traces]


def _check_rows(checks: Sequence[Check], console: Console) -> list[Text]:
    """A line for each check, with the reason where that is short."""
    glyphs = glyphs_of(console)
    rows: list[list[Text | str]] = []
    for check in checks:
        drawn, plain, style = _MARKS[check.status]
        about = shown(_one_line(check.description), console.encoding)
        if check.status == "pass":
            about.append(_proof(check), "dim")
        if check.status in ("skipped", "unproved") and check.message:
            about.append_text(shown(f" ({_one_line(check.message)})", console.encoding, "dim"))
        rows.append(
            [
                Text(f"{glyphs.choose(drawn, plain)} {check.status}", style),
                f"{check.points:g}/{check.max_points:g}",
                about,
            ]
        )
    return sections.grid(rows, console) if rows else [Text("There are no checks.", "dim")]


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _print_failure(number: int, check: Check, console: Console) -> None:
    """What happened, where, and what to do about it."""
    console.print()
    drawn, plain, style = _MARKS[check.status]
    mark = glyphs_of(console).choose(drawn, plain)
    title = shown(f"{mark} {number}. {_one_line(check.description)}", console.encoding, style)
    put(console, title)
    rows: list[list[Text | str]] = [["what", _paragraph(start_of_sentence(check.message), console)]]
    where = _where(number, check)
    if where:
        rows.append(["where", where])
    if check.hint:
        rows.append(["hint", _paragraph(check.hint, console)])
    for row in rows:
        row[0] = Text(f"   {row[0]}", "dim")
    print_part(console, sections.grid(rows, console))


def _paragraph(text: str, console: Console) -> Text:
    """A message, whose lines stay lines."""
    lines = (shown(line.expandtabs(), console.encoding) for line in text.strip("\n").split("\n"))
    return Text("\n").join(lines)


def _where(number: int, check: Check) -> str:
    """The process, and the place in the timeline below."""
    parts = [check.process] if check.process else []
    if check.scenario and check.where:
        parts.append(f"at {number} in the timeline below")
    return ", ".join(parts)


def _print_run(trace: Trace, failed: dict[int, Check], console: Console) -> None:
    """The timeline and the output of a run that decided against the submission."""
    keep = {check.process for check in failed.values() if check.process}
    concerned = {n for check in failed.values() for n in check.where}
    keep |= {trace.events[n].process for n in concerned if n < len(trace.events)}
    layout = lay_out(trace, keep & {process.id for process in trace.processes})
    pins = {str(number): check.where for number, check in failed.items()}
    how = "on a terminal" if trace.stdio == "terminal" else "through pipes"
    if trace.faults:
        how += f" with {' and '.join(trace.faults)}"
    # Whose schedule is not the default one is told from the others by that.
    if trace.schedule is not None and trace.time == "adversarial":
        how += f", schedule {trace.schedule.partition(',')[0]}"
    if len(how) > _TITLE_MAX:
        how = how[: _TITLE_MAX - 3] + "..."
    print_timeline(layout, console, pins, f"Timeline of the run {how}, in the order of events")
    if trace.stuck:
        print_part(console, sections.deadlock(trace, console), "Deadlock: who waits for what")
    print_part(console, output_lines(trace, layout, console, _OUTPUT_LINES), "Output")
    remarks = sections.remarks(trace, console, looks=False)
    if trace.ended != "exit":
        remarks.insert(0, Text(sections.ending(trace), "red"))
    if remarks:
        console.print()
        print_part(console, remarks)


def _proof(check: Check) -> str:
    """How far it reaches that a check passed."""
    match check.proof:
        case "exhaustive":
            return f" (in all {check.runs:,} schedules)" if check.runs > 1 else ""
        case "bounded":
            return f" (in {counted(check.runs, 'schedule')}, not all)"
    return ""


def _reach(result: Result, console: Console) -> list[Text]:
    """In how many schedules the program was run, and whether those were all."""
    lines = []
    for name, schedules in result.schedules.items():
        where = f"{name}: " if len(result.schedules) > 1 else ""
        lines.append(shown(where + schedules_words(schedules), console.encoding, "dim"))
    return lines


def _score(result: Result) -> Text:
    """The last line."""
    score = f"{result.grade:g} of {result.max_score:g} points"
    if result.deduction is not None:
        taken = f"{result.deduction.points:g} of {result.score:g}"
        score += f" ({taken} taken off: {safe(result.deduction.reason)})"
    seen = "" if result.evidence == "exact" else " (seen by sampling: some of it is not proved)"
    match result.status:
        case "pass":
            return Text(f"PASS  {score}{seen}", "bold green")
        case "fail":
            return Text(f"FAIL  {score}{seen}", "bold red")
    words = f"ERROR  grader itself failed, so this is no verdict; so far {score}"
    return Text(words, "bold magenta")
