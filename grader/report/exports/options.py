"""What an export is told, what it gives back, and the grade of a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

import msgspec

from grader.model import Entry, Graded, GradedStatus, Result
from grader.model.safe import safe, safe_text
from grader.report.source_lines import Program
from grader.report.student_view import student_view

ZERO_CHOICES: tuple[GradedStatus, ...] = ("unusable", "missing")
"""What may count as zero if asked for. A failure of grader's, or what is not graded yet, never
does."""


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What the formats are told; each takes what concerns it."""

    assignment: str = ""
    """Its id."""
    title: str = ""
    zero: frozenset[str] = frozenset()
    """Of ``ZERO_CHOICES``: these get zero points, where otherwise the grade is blank."""
    all_checks: bool = False
    """Whether hidden checks are shown where students read."""
    after_due_date: bool = False
    """Whether checks are shown that students may see after the due date."""
    out_of: float | None = None
    """The grade is scaled so that this is the most; None: the assignment's points."""
    most: float = 0.0
    """The assignment's points, for rows without a result; 0 where no result tells."""
    column: str | None = None
    """The gradebook's column."""
    gradebook: bytes | None = None
    """Canvas: an export of the gradebook."""
    identify: str = "email"
    """Moodle: what tells one student from another: ``email``, ``id`` or ``login``."""
    feedback: bool = True
    """Moodle: whether there is a column of feedback."""
    bom: bool = False
    """CSV: whether it begins with a byte order mark, by which Excel knows UTF-8."""
    problem: str | None = None
    """Autolab: the problem of the assessment that gets the score."""
    environment: Mapping[str, str] = {}
    """GitHub, GitLab and Classroom 50 say there what is graded."""
    source: Callable[[Entry], bytes | None] | None = None
    """The program that was run."""
    file: str = ""
    """Where the program is in its repository, for annotations; else the name of its entry."""
    seconds: float | None = None
    """How long grading took."""

    def seen(self, result: Result) -> Result:
        """The result as students may see it, unless all checks are asked for."""
        return result if self.all_checks else student_view(result, self.after_due_date)

    def program(self, entry: Entry) -> Program:
        """The program that was run, for its lines; an empty one where it is not at hand."""
        data = (self.source(entry) if self.source else None) or b""
        return Program(data, entry.file or entry.name)


class Made(NamedTuple):
    """A document, and what someone should know before using it."""

    data: bytes
    warnings: list[str]


class Grade(NamedTuple):
    """What a row gets."""

    points: float | None
    """None: it stays blank."""
    most: float
    reason: str
    """Why it is blank, or zero, or less than its checks earned; else empty."""


def grade_of(graded: Graded, options: Options) -> Grade:
    """The grade of a row: the score less deductions, and scaled where that is asked for.

    Without a verdict there is none, unless ``options.zero`` says so.
    """
    result, status = graded.result, graded.status
    most = result.max_score if result is not None else options.most
    scale = 1.0 if options.out_of is None or not most else options.out_of / most
    if result is not None and status != "error":
        reason = result.deduction.reason if result.deduction else ""
        return Grade(result.grade * scale, most * scale, safe(reason))
    points = 0.0 if status in options.zero and status in ZERO_CHOICES else None
    return Grade(points, most * scale, why_not(graded))


def why_not(graded: Graded, lines: bool = False) -> str:
    """Why a row has no verdict; empty where it has one. As one line, unless ``lines`` is set."""
    match graded.status:
        case "error":
            reason = graded.failure or "grader itself failed: see the report"
            reason = f"not graded, by a failure of grader: {reason}"
        case "unusable" | "missing":
            reason = graded.entry.problem or ""
        case "waiting":
            reason = "not graded yet"
        case _:
            return ""
    return safe_text(reason[:2_000]) if lines else safe(" ".join(reason.split()), most=500)


def number(value: float, places: int = 4) -> int | float:
    """A number for JSON and tables: whole where it is, else rounded half up."""
    exact = Decimal(str(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return int(exact) if exact == exact.to_integral_value() else float(exact)


def whole(value: float, most: float | None = None) -> int:
    """Points as an integer: rounded half up, and no more than the most, rounded so too."""
    rounded = int(Decimal(str(value)).to_integral_value(ROUND_HALF_UP))
    return rounded if most is None else min(rounded, whole(most))
