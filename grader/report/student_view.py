"""What a student may see of a result.

Checks that are hidden, or shown after the due date only, count like any other. What they are
called, what they say and in which runs they failed is the instructor's to know: a student sees how
many there are and what they are worth together.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from grader.model import Check, CheckStatus, Result, Visibility

NOT_SHOWN = "not-shown"
"""The id of the check that stands for those that are not shown; no function can be called so."""

_WORST_FIRST: tuple[CheckStatus, ...] = ("error", "fail", "skipped", "unproved", "pass")


def student_view(result: Result, after_due_date: bool = False) -> Result:
    """The result without what a student may not see; itself where a student may see it all.

    ``after_due_date``: the assignment is no longer due, so that checks of that visibility are
    shown. One check stands for those that are not: it has their points, and no message. Traces,
    flags and numbers of schedules are left out unless a check that is shown failed there:
    they could tell of scenarios that only hidden checks look at.
    """
    shown: tuple[Visibility, ...] = (
        ("visible", "after-due-date") if after_due_date else ("visible",)
    )
    hidden = [check for check in result.checks if check.visibility not in shown]
    if not hidden:
        return result
    names = [check.id for check in hidden]
    checks = [_discreet(check, names) for check in result.checks if check.visibility in shown]
    decided = {(c.scenario, c.schedule) for c in checks if c.status in ("fail", "error")}
    scenarios = {scenario for scenario, _ in decided}
    return msgspec.structs.replace(
        result,
        checks=[*checks, _together(hidden)],
        flags=[],
        schedules={n: s for n, s in result.schedules.items() if n in scenarios},
        traces=[
            trace
            for trace in result.traces
            if any(
                trace.scenario == scenario and schedule in (None, trace.schedule)
                for scenario, schedule in decided
            )
        ],
    )


def _together(hidden: Sequence[Check]) -> Check:
    """One check for several."""
    statuses = {check.status for check in hidden}
    number = len(hidden)
    words = "1 check that is not shown" if number == 1 else f"{number} checks that are not shown"
    status = next(status for status in _WORST_FIRST if status in statuses)
    return Check(
        id=NOT_SHOWN,
        description=words,
        status="fail" if status == "skipped" else status,
        points=sum(check.points for check in hidden),
        max_points=sum(check.max_points for check in hidden),
        message="" if status == "pass" else "What is checked there is not shown.",
    )


def _discreet(check: Check, hidden: Sequence[str]) -> Check:
    """A check that was skipped names the one for which it was: not a hidden one."""
    if check.status == "skipped" and any(name in check.message for name in hidden):
        return msgspec.structs.replace(check, message="skipped because another check failed")
    return check
