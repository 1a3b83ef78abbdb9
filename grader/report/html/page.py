"""The page of one submission."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from markupsafe import Markup

from grader.assignments import Assignment
from grader.model import Check, Flag, Graded, Result, Trace
from grader.model.safe import shell_line
from grader.report.html.checks import show_checks
from grader.report.html.options import Options
from grader.report.html.rendering import Scrub, render, shown
from grader.report.html.runs import Run, show_run
from grader.report.html.shapes import decided
from grader.report.html.source import source_of
from grader.report.replaying import replay_words
from grader.report.student_view import NOT_SHOWN, student_view
from grader.report.wording import schedules_words

LARGEST = 80_000
"""Bytes of a page. Where it would be larger, what is least needed is left out, and it says so."""
_SOURCE_BYTES = 20_000
_MOST_FLAGS, _MOST_RUNS = 12, 6

STATUS_WORDS = {
    "pass": "all checks pass",
    "fail": "not all checks pass",
    "error": "grader itself failed: no verdict",
    "unusable": "can't be run",
    "missing": "nothing was handed in",
    "waiting": "not graded yet",
}


class Subject(msgspec.Struct, frozen=True):
    """Whose page it is, as it may be told."""

    id: str
    """The name of the page's file, without ``.html``."""
    name: str
    about: list[str]
    """What else is known: login, section, when it was handed in."""


class Program(msgspec.Struct, frozen=True):
    """What was handed in."""

    source: bytes | None
    """None where there is nothing that could be run."""
    place: str
    """Where somebody who reads the page has it."""
    beside: list[str] = []
    """What else was handed in with it, likewise."""


def submission_page(
    graded: Graded,
    program: Program,
    subject: Subject,
    options: Options,
    assignment: Assignment | None = None,
    title: str = "",
    scrub: Scrub | None = None,
) -> str:
    """Make the page of a submission.

    ``title`` is the assignment's. The page has at most ``LARGEST`` bytes: of many runs, the
    first ones.
    """
    result, entry = graded.result, graded.entry
    if result is not None and options.student:
        result = student_view(result, options.after_due_date)
    failed = _failed(result)
    status = result.status if result is not None else graded.status
    runs, left_out = _runs(result, failed, scrub)
    commands = {
        number: _command(check, program, assignment, scrub)
        for number, check in failed.items()
        if check.schedule is not None
    }
    fields: dict[str, Any] = {
        "subject": subject,
        "options": options,
        "title": title,
        "assignment": result.assignment if result else "",
        "status": status,
        "status_words": STATUS_WORDS[status],
        "problem": shown(entry.problem or "", scrub, 500),
        "failure": shown(graded.failure or "", scrub, 500),
        "notes": [shown(note, scrub, 300) for note in entry.notes[:10]],
        "result": result,
        "deduction": _deduction(result, scrub),
        "checks": show_checks(result, failed, commands, scrub) if result else [],
        "file": shown(entry.file, scrub, 100),
        "flags": _flags(result.flags, scrub) if result else [],
        "more_flags": max(len(result.flags) - _MOST_FLAGS, 0) if result else 0,
        "reach": _reach(result, scrub) if result else [],
        "shown": lambda text, most: shown(text, scrub, most),
    }
    page = ""
    for source_bytes, fewest_runs in ((_SOURCE_BYTES, 1), (_SOURCE_BYTES // 5, 1), (0, 0)):
        source = None
        if program.source is not None:
            source = source_of(program.source, entry.file, failed, result, source_bytes)
        while True:
            places = {number: run.id for run in runs for number in run.checks}
            page = render(
                "page", source=source, runs=runs, left_out=left_out, places=places, **fields
            )
            if len(page.encode(errors="replace")) <= LARGEST:
                return page
            if len(runs) > fewest_runs:
                runs, left_out = runs[:-1], left_out + 1
            elif runs and runs[-1].steps:
                runs = [_without_steps(run) for run in runs]
            else:
                break
    return page


def _failed(result: Result | None) -> dict[int, Check]:
    """The checks that failed, by the number that they have on the page."""
    checks = result.checks if result is not None else []
    bad = (c for c in checks if c.status in ("fail", "error") and c.id != NOT_SHOWN)
    return dict(enumerate(bad, 1))


def _command(
    check: Check, program: Program, assignment: Assignment | None, scrub: Scrub | None
) -> str:
    """The command that shows the run which decided a check."""
    words = replay_words(program.place, check, assignment, beside=program.beside)
    return shell_line([scrub(word) if scrub else word for word in words])


def _without_steps(run: Run) -> Run:
    return msgspec.structs.replace(
        run, steps=[], steps_left_out=run.steps_left_out + len(run.steps)
    )


def _deduction(result: Result | None, scrub: Scrub | None) -> tuple[str, Markup] | None:
    if result is None or result.deduction is None:
        return None
    return f"{result.deduction.points:g}", shown(result.deduction.reason, scrub, 300)


def _runs(
    result: Result | None, failed: dict[int, Check], scrub: Scrub | None
) -> tuple[list[Run], int]:
    """The runs that decided against the submission, each once; or, when none did, its first
    one. Of many, the first."""
    if result is None:
        return [], 0
    chosen: list[tuple[Trace, dict[int, Check]]] = []
    told: set[int] = set()
    for trace in result.traces:
        here = {n: c for n, c in failed.items() if n not in told and decided(trace, c)}
        if here:
            told |= here.keys()
            chosen.append((trace, here))
    if not chosen:
        chosen = [(trace, {}) for trace in result.traces[:1]]
    runs = [
        show_run(trace, number, here, scrub)
        for number, (trace, here) in enumerate(chosen[:_MOST_RUNS], 1)
    ]
    return runs, max(len(chosen) - _MOST_RUNS, 0)


def _flags(flags: Sequence[Flag], scrub: Scrub | None) -> list[tuple[str, str, Markup]]:
    return [
        (flag.kind, flag.process or "", shown(flag.detail, scrub, 400))
        for flag in flags[:_MOST_FLAGS]
    ]


def _reach(result: Result, scrub: Scrub | None) -> list[Markup]:
    """In how many schedules the program was run, and whether those were all."""
    several = len(result.schedules) > 1
    return [
        shown((f"{name}: " if several else "") + schedules_words(schedules), scrub, 400)
        for name, schedules in result.schedules.items()
    ]
