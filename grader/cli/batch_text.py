"""What ``grader batch`` prints besides its progress."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from grader.assignments.assignment import Assignment
from grader.batch.run import Options, Summary, collected
from grader.batch.shards import Merged
from grader.model import Batch, Entry, GradedStatus
from grader.model.safe import safe, shell_line

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


def print_collected(folder: Path, assignment: Assignment, options: Options) -> None:
    """Say what is recognised in a folder, and run nothing."""
    with tempfile.TemporaryDirectory(prefix="grader-") as temporary:
        batch = collected(folder, assignment, Path(temporary) / "unpacked", options.roster).batch
    print_batch(batch)
    for entry in batch.entries:
        if entry.problem is None:
            notes = f"  ({safe('; '.join(entry.notes))})" if entry.notes else ""
            click.echo(f"  {entry.id}: {_shown(entry.name)}{notes}")
    print_unusable(batch, most=None)


def print_batch(batch: Batch) -> None:
    """What was recognised, in one line."""
    usable = sum(entry.problem is None for entry in batch.entries)
    click.echo(
        f"{safe(batch.layout)[:1].upper()}{safe(batch.layout)[1:]}: {counted(usable, 'submission')}"
        f" to {safe(batch.assignment)}"
    )


def print_unusable(batch: Batch, most: int | None = _MOST_LISTED) -> None:
    """Those that can't be graded, and what is nobody's."""
    problems = [entry for entry in batch.entries if entry.problem is not None]
    if problems:
        click.echo(f"Not graded, {counted(len(problems), 'student')}:")
        for entry in problems[:most]:
            click.echo(f"  {entry.id}: {safe(entry.problem or '', most=300)}")
        _more(len(problems), most)
    if batch.unplaced:
        click.echo(f"Nobody's submission, {counted(len(batch.unplaced), 'file')}:")
        for each in batch.unplaced[:most]:
            click.echo(f"  {_shown(each.name)}: {safe(each.reason, most=300)}")
        _more(len(batch.unplaced), most)


def print_summary(summary: Summary, out: Path) -> None:
    """How it ended, and what to do next."""
    print_unusable(summary.batch)
    _print_errors(summary.errors)
    click.echo(f"{_numbers(summary.counts)}; {_graded_now(summary)}.")
    _print_next(out)
    if summary.errors:
        click.echo("  the same command again, for those that could not be graded")


def print_merged(merged: Merged, out: Path) -> None:
    """What is together now, and what is missing."""
    print_unusable(merged.batch)
    _print_errors(merged.errors)
    if merged.waiting:
        ids = ", ".join(entry.id for entry in merged.waiting[:_MOST_LISTED])
        click.echo(f"In none of the parts, {counted(len(merged.waiting), 'submission')}: {ids}")
    click.echo(f"{_numbers(merged.counts)}.")
    _print_next(out)


def _print_errors(errors: Sequence[tuple[Entry, str]]) -> None:
    if errors:
        click.echo(f"grader itself failed, {counted(len(errors), 'submission')}:")
        for entry, why in errors[:_MOST_LISTED]:
            click.echo(f"  {entry.id}: {safe(why, most=300)}")
        _more(len(errors), _MOST_LISTED)


def _numbers(counts: Mapping[GradedStatus, int]) -> str:
    said = [f"{counts[s]:,} {words}" for s, words in WORDS.items() if counts.get(s)]
    return ", ".join(said) or "Nothing to grade"


def _print_next(out: Path) -> None:
    click.echo(f"Results: {_shown(str(out))}")
    click.echo("Next:")
    click.echo(f"  {shell_line(['grader', 'report', str(out)])}")
    click.echo(f"  {shell_line(['grader', 'export', str(out), '--format', 'canvas'])}")


def _graded_now(summary: Summary) -> str:
    if not summary.ran:
        return "all were done already"
    pace = summary.ran / summary.seconds * 60 if summary.seconds else 0
    return f"{summary.ran:,} graded now in {duration(summary.seconds)}, {pace:,.0f} a minute"


def counted(number: int, word: str) -> str:
    """``1 file``, ``2 files``."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def duration(seconds: float) -> str:
    """``8 s``, ``3 min 20 s``, ``2 h 5 min``."""
    whole = round(seconds)
    if whole < 100:
        return f"{whole} s"
    if whole < 6000:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def _more(number: int, most: int | None) -> None:
    if most is not None and number > most:
        click.echo(f"  and {number - most:,} more")


def _shown(name: str) -> str:
    return safe(name, most=120)
