"""The page of one submission."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from markupsafe import Markup

from grader.assignments import Assignment
from grader.model import Check, Flag, Graded, Result, Trace
from grader.model.safe import shell_line
from grader.report.html.options import Options
from grader.report.html.rendering import Scrub, render, shown
from grader.report.html.runs import Run, show_run
from grader.report.html.shapes import decided, deciding
from grader.report.html.source import source_of
from grader.report.student_view import NOT_SHOWN, student_view
from grader.report.wording import counted, schedules_words

LARGEST = 80_000
"""Bytes of a page. Where it would be larger, what is least needed is left out, and it says so."""
_SOURCE_BYTES = 20_000
_MOST_FLAGS = 12

STATUS_WORDS = {
    "pass": "all checks pass",
    "fail": "not all checks pass",
    "error": "grader itself failed: no verdict",
    "unusable": "can't be run",
    "missing": "nothing was handed in",
    "waiting": "not graded yet",
}
_CHECK_WORDS = {
    "pass": "passes",
    "fail": "fails",
    "skipped": "skipped",
    "unproved": "unproved",
    "error": "error",
}
_SIGNS = {"pass": "✓", "fail": "✗", "skipped": "–", "unproved": "?", "error": "!"}  # noqa: RUF001


class Subject(msgspec.Struct, frozen=True):
    """Whose page it is, as it may be told."""

    id: str
    """The name of the page's file, without ``.html``."""
    name: str
    about: list[str]
    """What else is known: login, section, when it was handed in."""


class ShownCheck(msgspec.Struct, frozen=True):
    """A check as it is shown."""

    id: str
    number: int | None
    """Of a failed one."""
    status: str
    sign: str
    words: str
    points: str
    share: float
    """Its part of all points."""
    description: Markup
    proof: str
    message: Markup | str
    hint: Markup | str
    process: str
    run: str
    """The id of the run that decided, where it is shown."""
    replay: str
    note: str


def submission_page(
    graded: Graded,
    source: bytes | None,
    subject: Subject,
    options: Options,
    assignment: Assignment | None = None,
    title: str = "",
    place: str = "",
    scrub: Scrub | None = None,
) -> str:
    """Make the page of a submission.

    ``place`` is where it can be found to run it again; ``title`` is the assignment's. The page
    has at most ``LARGEST`` bytes: of many runs, the first ones.
    """
    result = graded.result
    if result is not None and options.student:
        result = student_view(result, options.after_due_date)
    entry = graded.entry
    checks: list[ShownCheck] = []
    runs: list[Run] = []
    failed: dict[int, Check] = {}
    traces: dict[int, Trace] = {}
    left_out = 0
    if result is not None:
        bad = [check for check in result.checks if check.status in ("fail", "error")]
        failed = dict(enumerate((check for check in bad if check.id != NOT_SHOWN), 1))
        traces = {
            number: trace
            for number, check in failed.items()
            if (trace := deciding(result, check)) is not None
        }
        runs, left_out = _runs(result, failed, scrub)
        names = {number: run.id for run in runs for number in run.checks}
        checks = _checks(result, failed, names, assignment, place or entry.file, scrub)
    for source_bytes, least in ((_SOURCE_BYTES, 1), (_SOURCE_BYTES // 5, 1), (0, 0)):
        program = None
        if source is not None:
            program = source_of(source, entry.file, failed, traces, source_bytes)
        while True:
            page = render(
                "page.html.j2",
                subject=subject,
                options=options,
                title=title,
                assignment=result.assignment if result else "",
                status=(status := result.status if result else graded.status),
                status_words=STATUS_WORDS[status],
                problem=shown(entry.problem or "", scrub, 500),
                failure=shown(graded.failure or "", scrub, 500),
                notes=[shown(note, scrub, 300) for note in entry.notes[:10]],
                result=result,
                deduction=_deduction(result, scrub),
                checks=checks,
                runs=runs,
                left_out=left_out,
                source=program,
                file=shown(entry.file, scrub, 100),
                flags=_flags(result.flags, scrub) if result else [],
                more_flags=max(len(result.flags) - _MOST_FLAGS, 0) if result else 0,
                reach=_reach(result, scrub) if result else [],
                shown=lambda text, most: shown(text, scrub, most),
            )
            if len(page.encode(errors="replace")) <= LARGEST:
                return page
            if len(runs) > least:
                runs, left_out = runs[:-1], left_out + 1
            elif runs and runs[-1].steps:
                runs = [_without_steps(run) for run in runs]
            else:
                break
    return page


def _without_steps(run: Run) -> Run:
    return msgspec.structs.replace(
        run, steps=[], steps_left_out=run.steps_left_out + len(run.steps)
    )


def _deduction(result: Result | None, scrub: Scrub | None) -> tuple[str, Markup] | None:
    if result is None or result.deduction is None:
        return None
    return f"{result.deduction.points:g}", shown(result.deduction.reason, scrub, 300)


def _runs(
    result: Result,
    failed: dict[int, Check],
    scrub: Scrub | None,
) -> tuple[list[Run], int]:
    """The runs that decided against the submission, each once; or, when none did, its first
    one. Of many, the first."""
    chosen: list[tuple[Trace, dict[int, Check]]] = []
    told: set[int] = set()
    for trace in result.traces:
        here = {n: c for n, c in failed.items() if n not in told and decided(trace, c)}
        if here:
            told |= here.keys()
            chosen.append((trace, here))
    if not chosen:
        chosen = [(trace, {}) for trace in result.traces[:1]]
    most = 6
    runs = [
        show_run(trace, number, here, scrub)
        for number, (trace, here) in enumerate(chosen[:most], 1)
    ]
    return runs, max(len(chosen) - most, 0)


def _checks(
    result: Result,
    failed: dict[int, Check],
    runs: dict[int, str],
    assignment: Assignment | None,
    program: str,
    scrub: Scrub | None,
) -> list[ShownCheck]:
    numbers = {check.id: number for number, check in failed.items()}
    total = sum(check.max_points for check in result.checks) or 1.0
    return [
        ShownCheck(
            id=check.id,
            number=(number := numbers.get(check.id)),
            status=check.status,
            sign=_SIGNS[check.status],
            words=_CHECK_WORDS[check.status],
            points=f"{check.points:g}/{check.max_points:g}",
            share=check.max_points / total,
            description=shown(" ".join(check.description.split()), scrub, 500),
            proof=_proof(check),
            message="" if check.status == "pass" else shown(_sentence(check.message), scrub, 2_500),
            hint=shown(check.hint, scrub, 1_000) if check.status != "pass" else "",
            process=check.process or "",
            run=runs.get(number, "") if number else "",
            replay=_replay(check, assignment, program, scrub) if number else "",
            note="" if check.visibility == "visible" else check.visibility.replace("-", " "),
        )
        for check in result.checks
    ]


def _sentence(text: str) -> str:
    text = text.strip("\n")
    return text[:1].upper() + text[1:]


def _proof(check: Check) -> str:
    """How far a verdict reaches."""
    if check.status == "pass":
        match check.proof:
            case "exhaustive":
                return f"in all {check.runs:,} schedules" if check.runs > 1 else "in its one run"
            case "bounded":
                return f"in {counted(check.runs, 'schedule')}, not all"
            case "single":
                return f"in {counted(check.runs, 'run')}"
    return ""


def _replay(check: Check, assignment: Assignment | None, program: str, scrub: Scrub | None) -> str:
    """The command that shows the run which decided a check; "" for one without a schedule."""
    if check.schedule is None:
        return ""
    words = ["grader", "replay", scrub(program) if scrub else program]
    if assignment is not None:
        settings = assignment.scenarios.get(check.scenario or "")
        reach = assignment.confinement
        if settings is not None and (settings.args or settings.stdin or reach != type(reach)()):
            words += ["--scenario", f"{assignment.id}/{check.scenario}"]
    return shell_line([*words, "--schedule", check.schedule])


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
