"""What people see of a batch in a terminal, besides its progress."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from grader.batch.run import Summary
from grader.batch.shards import Merged
from grader.model import Batch, Entry, GradedStatus
from grader.model.safe import safe, shell_line
from grader.report.wording import counted

_MOST_LISTED = 20
WORDS: dict[GradedStatus, str] = {
    "pass": "pass",
    "fail": "fail",
    "error": "could not be graded (grader's own failure)",
    "unusable": "can't be run",
    "missing": "handed in nothing",
    "waiting": "not graded yet",
}
"""What is said of how many."""


def print_collected(batch: Batch, roster: str) -> None:
    """What is recognised, entry by entry; ``roster`` says in words what the class list was."""
    print_batch(batch)
    if roster:
        say(f"Class list: {roster}")
    for entry in batch.entries:
        if entry.problem is None:
            notes = f"  ({'; '.join(entry.notes)})" if entry.notes else ""
            say(f"  {entry.id}: {_shown(entry.name)}{safe(notes, most=300)}")
    print_unusable(batch, most=None)


def print_batch(batch: Batch) -> None:
    """What was recognised, in one line."""
    say(batch_words(batch))


def batch_words(batch: Batch) -> str:
    """``A Canvas download: 57 submissions to fig18_03``."""
    usable = sum(entry.problem is None for entry in batch.entries)
    layout = batch.layout[:1].upper() + batch.layout[1:]
    return f"{layout}: {counted(usable, 'submission')} to {batch.assignment}"


def print_unusable(batch: Batch, most: int | None = _MOST_LISTED) -> None:
    """Those that can't be graded, and what is nobody's."""
    problems = [entry for entry in batch.entries if entry.problem is not None]
    if problems:
        say(f"Not graded, {counted(len(problems), 'student')}:")
        for entry in problems[:most]:
            say(f"  {entry.id}: {safe(entry.problem or '', most=300)}")
        _more(len(problems), most)
    if batch.unplaced:
        say(f"Nobody's submission, {counted(len(batch.unplaced), 'file')}:")
        for each in batch.unplaced[:most]:
            say(f"  {_shown(each.name)}: {safe(each.reason, most=300)}")
        _more(len(batch.unplaced), most)


def print_summary(summary: Summary, out: Path) -> None:
    """How it ended, and what to do next."""
    print_unusable(summary.batch)
    _print_errors(summary.errors)
    say(f"{_numbers(summary.counts)}; {_graded_now(summary)}.")
    _print_next(out)
    if summary.errors:
        say("  the same command again, for those that could not be graded")


def print_merged(merged: Merged, out: Path) -> None:
    """What is together now, and what is missing."""
    print_unusable(merged.batch)
    _print_errors(merged.errors)
    if merged.waiting:
        ids = ", ".join(entry.id for entry in merged.waiting[:_MOST_LISTED])
        say(f"In none of the parts, {counted(len(merged.waiting), 'submission')}: {ids}")
    say(f"{_numbers(merged.counts)}.")
    _print_next(out)


def _print_errors(errors: Sequence[tuple[Entry, str]]) -> None:
    if errors:
        say(f"grader itself failed, {counted(len(errors), 'submission')}:")
        for entry, why in errors[:_MOST_LISTED]:
            say(f"  {entry.id}: {safe(why, most=300)}")
        _more(len(errors), _MOST_LISTED)


def _numbers(counts: Mapping[GradedStatus, int]) -> str:
    said = [f"{counts[s]:,} {words}" for s, words in WORDS.items() if counts.get(s)]
    return ", ".join(said) or "Nothing to grade"


def _print_next(out: Path) -> None:
    say(f"Results: {_shown(str(out))}")
    say("Next:")
    say_command("grader", "report", str(out))
    say_command("grader", "export", str(out), "--format", "canvas")


def say(line: str) -> None:
    """Print a line on standard output, of which nothing does anything to a terminal."""
    click.echo(safe(line, sys.stdout.encoding))


def say_command(*words: str) -> None:
    """Print a command to copy."""
    click.echo(f"  {shell_line(words, sys.stdout.encoding)}")


def _graded_now(summary: Summary) -> str:
    if not summary.ran:
        return "all were done already"
    pace = summary.ran / summary.seconds * 60 if summary.seconds else 0
    return f"{summary.ran:,} graded now in {how_long(summary.seconds)}, {pace:,.0f} a minute"


def how_long(seconds: float) -> str:
    """``8 s``, ``3 min 20 s``, ``2 h 5 min``."""
    whole = round(seconds)
    if whole < 100:
        return f"{whole} s"
    if whole < 6000:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def _more(number: int, most: int | None) -> None:
    if most is not None and number > most:
        say(f"  and {number - most:,} more")


def _shown(name: str) -> str:
    return safe(name, most=120)
