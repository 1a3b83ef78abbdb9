"""What ``grader regrade`` prints: who changed, from what to what, and why."""

from __future__ import annotations

from pathlib import Path

from grader.batch.regrade import Change, Regraded
from grader.model import Check
from grader.model.safe import safe
from grader.report.batch_text import how_long, say, say_command
from grader.report.wording import counted

_MOST_LISTED = 20


def print_regraded(regraded: Regraded, results: Path, dry_run: bool) -> None:
    """The changes, and what to do next."""
    worth = [change for change in regraded.changes if change.grade_changed or change.checks]
    for change in worth:
        say(_line(change))
        for before, now in change.checks:
            say(f"    {_why(before, now)}")
        late = change.now.deduction != change.before.deduction
        if late and change.now.deduction is not None:
            say(f"    {safe(change.now.deduction.reason)}")
        elif late:
            say("    nothing is taken off for lateness any more")
    words = len(regraded.changes) - len(worth)
    if words:
        say(f"{counted(words, 'other')}: only messages changed")
    for entry, why in regraded.errors[:_MOST_LISTED]:
        say(f"  {entry.id} could not be judged, and is as it was: {safe(why, most=300)}")
    if regraded.left:
        say(f"Not graded yet, so not judged: {counted(len(regraded.left), 'submission')}")
    graded = sum(change.grade_changed for change in worth)
    would = "would change" if dry_run else "changed"
    say(
        f"{counted(regraded.judged, 'submission')} judged again in {how_long(regraded.seconds)}:"
        f" {counted(graded, 'grade')} {would}."
    )
    if not dry_run:
        say("Next:")
        say_command("grader", "report", str(results))


def _line(change: Change) -> str:
    before, now = change.before, change.now
    out_of = f"{now.max_score:g}"
    if before.max_score != now.max_score:
        out_of += f" (before: of {before.max_score:g})"
    who = safe(change.entry.student.name or change.entry.id, most=60)
    if before.grade == now.grade:
        return f"{who}: {now.grade:g} of {out_of}, as before"
    return f"{who}: {before.grade:g} -> {now.grade:g} of {out_of}"


def _why(before: Check | None, now: Check | None) -> str:
    if now is None:
        assert before is not None
        return f"{safe(before.id)}: is no more (was {_told(before)})"
    if before is None:
        return f"{safe(now.id)}: is new: {_told(now)}"
    return f"{safe(now.id)}: {_told(before)} -> {_told(now)}"


def _told(check: Check) -> str:
    return f"{check.status}, {check.points:g} of {check.max_points:g}"
