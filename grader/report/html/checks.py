"""The checks of a page."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec
from markupsafe import Markup

from grader.model import Check, Result
from grader.report.html.rendering import Scrub, shown
from grader.report.wording import counted

_CHECK_WORDS = {
    "pass": "passes",
    "fail": "fails",
    "skipped": "skipped",
    "unproved": "unproved",
    "error": "error",
}
_SIGNS = {"pass": "✓", "fail": "✗", "skipped": "–", "unproved": "?", "error": "!"}  # noqa: RUF001


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
    pinned: bool
    """Whether its number stands in that run's picture."""
    replay: str
    because: int | None
    """Of a skipped one: the number of the failed check for which it was."""
    note: str


def show_checks(
    result: Result,
    failed: Mapping[int, Check],
    commands: Mapping[int, str],
    scrub: Scrub | None,
) -> list[ShownCheck]:
    """Prepare the checks of a result to be shown.

    ``failed`` are those that have a number, ``commands`` what to type to see them again.
    """
    numbers = {check.id: number for number, check in failed.items()}
    reasons = _reasons(result.checks)
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
            pinned=bool(check.where),
            replay=commands.get(number, "") if number else "",
            because=_because(check, reasons, numbers),
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


def _reasons(checks: Sequence[Check]) -> dict[str, str]:
    """For each check that was skipped, the id of the check that it needs and that did not
    pass, as its message says."""
    ids = {check.id for check in checks}
    reasons: dict[str, str] = {}
    for check in checks:
        named = [word for word in re.findall(r"\w+", check.message) if word in ids - {check.id}]
        if check.status == "skipped" and named:
            reasons[check.id] = named[0]
    return reasons


def _because(
    check: Check, reasons: Mapping[str, str], numbers: Mapping[str, int | None]
) -> int | None:
    """The number of the failed check for which this one was skipped, at last."""
    id = check.id
    for _ in reasons:
        id = reasons.get(id, id)
    return numbers.get(id) if check.status == "skipped" else None
