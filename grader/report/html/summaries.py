"""What the overview needs of a submission: little, as there may be ten thousand."""

from __future__ import annotations

import msgspec

from grader.model import Graded, GradedStatus
from grader.report.html.page import Subject
from grader.report.html.rendering import Scrub
from grader.report.html.shapes import depends_on_schedule, failure_shape, shape_words


class CheckRow(msgspec.Struct, frozen=True):
    """One check's verdict, as far as an overview needs it."""

    id: str
    status: str
    description: str
    message: str
    """Of a failure, its beginning."""


class Row(msgspec.Struct, frozen=True):
    """One submission, as far as an overview needs it."""

    subject: Subject
    status: GradedStatus
    score: float | None
    """Less what is taken off; None where there is no verdict."""
    max_score: float
    deduction: float
    checks: list[CheckRow]
    shape: str | None
    shape_words: str
    by_schedule: bool
    sampled: bool
    reason: str
    """Why there is no verdict."""
    notes: list[str]
    late: bool


def row_of(graded: Graded, subject: Subject, scrub: Scrub | None) -> Row:
    """What the overview tells of a submission."""
    result, entry = graded.result, graded.entry
    clean = scrub or (lambda text: text)
    return Row(
        subject=subject,
        status=graded.status,
        score=result.grade if result is not None and result.status != "error" else None,
        max_score=result.max_score if result is not None else 0.0,
        deduction=result.deduction.points if result is not None and result.deduction else 0.0,
        checks=[
            CheckRow(
                check.id,
                check.status,
                check.description,
                _beginning(clean(check.message)) if check.status == "fail" else "",
            )
            for check in (result.checks if result is not None else ())
        ],
        shape=failure_shape(result) if result is not None else None,
        shape_words=shape_words(result) if result is not None else "",
        by_schedule=result is not None and depends_on_schedule(result),
        sampled=result is not None and result.evidence != "exact",
        reason=clean(_reason(graded))[:300],
        notes=[clean(note)[:200] for note in entry.notes[:5]],
        late=bool(entry.late_seconds and entry.late_seconds > 0),
    )


def _beginning(message: str) -> str:
    """The first lines of a message."""
    lines = message.strip("\n")[:400].split("\n")
    return "\n".join(lines[:4]) + ("\n…" if len(lines) > 4 or len(message) > 400 else "")


def _reason(graded: Graded) -> str:
    if graded.result is not None:
        errors = [c.message for c in graded.result.checks if c.status == "error"]
        return errors[0] if errors else ""
    return graded.failure or graded.entry.problem or ""
