"""From what a check does, returning or raising, to its verdict."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import pytest

from grader.assignments.checks import CheckSpec
from grader.assignments.messages import events_of, failure_message, process_of, visible
from grader.assignments.submission import Submission
from grader.model import Check, CheckStatus, Trace, Unproved
from grader.model.safe import boxed, shell_line

_EDGE = "| "


class GraderFault(Exception):
    """A check could not judge, and that is no fault of the submission."""


def call_check(
    spec: CheckSpec, function: Callable[..., Any], arguments: Mapping[str, Any]
) -> tuple[Check, BaseException | None]:
    """Call a check once. Returns its verdict, and what it raised, for authors to look at."""
    check, error = _called(spec, function, arguments)
    trace = arguments.get("trace")
    if isinstance(trace, Trace):
        check = msgspec.structs.replace(check, message=trace.shortened(check.message))
    return check, error


def _called(
    spec: CheckSpec, function: Callable[..., Any], arguments: Mapping[str, Any]
) -> tuple[Check, BaseException | None]:
    trace = arguments.get("trace")
    scenario = trace.scenario if isinstance(trace, Trace) else None
    try:
        function(**arguments)
    except AssertionError as error:
        message = failure_message(error, spec.assignment.folder)
        if scenario:
            error.add_note(f"in the scenario {scenario!r}")
        return verdict(spec, "fail", message, scenario, error), error
    except (Unproved, pytest.skip.Exception) as error:
        return verdict(spec, "unproved", str(error), scenario, error), error
    except pytest.fail.Exception as error:
        if "pytest-timeout" in str(error):  # nothing else tells its exception from an author's
            return verdict(spec, "error", f"the check took too long: {error}", scenario), error
        return verdict(spec, "fail", str(error), scenario), error
    except Exception as error:
        return verdict(spec, "error", own_fault(error), scenario, error), error
    return verdict(spec, "pass"), None


def verdict(
    spec: CheckSpec,
    status: CheckStatus,
    message: str = "",
    scenario: str | None = None,
    error: BaseException | None = None,
) -> Check:
    """The verdict with its points: weak evidence is never the student's loss."""
    return Check(
        id=spec.id,
        description=spec.description,
        status=status,
        points=spec.points if status in ("pass", "unproved") else 0.0,
        max_points=spec.points,
        message=visible(message),
        hint=spec.hint if status == "fail" else "",
        visibility=spec.visibility,
        scenario=scenario,
        where=events_of(error) if error else [],
        process=process_of(error) if error else None,
    )


def verdict_outside(spec: CheckSpec, error: BaseException) -> Check:
    """The verdict when a fixture, or the recording, raised something, not the check itself."""
    if isinstance(error, AssertionError):  # a fixture that asked something of the submission
        return verdict(spec, "fail", failure_message(error, spec.assignment.folder), error=error)
    if isinstance(error, pytest.skip.Exception | Unproved):
        return verdict(spec, "unproved", str(error))
    return verdict(spec, "error", own_fault(error))


def own_fault(error: BaseException) -> str:
    """What is said of a failure that is not the submission's."""
    what = str(error) if isinstance(error, GraderFault) else f"{type(error).__name__}: {error}"
    return f"the grader's own failure, not the submission's: {what}"


def in_words(spec: CheckSpec, check: Check, submission: Submission) -> str:
    """What a student reads of a verdict in pytest's output. What may quote the submission has an
    edge: in CI's log, too, its lines are not taken for anybody else's."""
    several = check.scenario and len(spec.assignment.scenarios) > 1
    lines = [
        check.description + (f" (scenario {check.scenario})" if several else ""),
        "",
        _EDGE + boxed(check.message, _EDGE),
    ]
    if check.hint:
        lines += ["", f"Hint: {check.hint}"]
    if check.status == "fail" and check.schedule and check.scenario:
        settings = spec.assignment.scenarios[check.scenario]
        words = ["grader", "replay", submission.argument, "--schedule", check.schedule]
        replay = shell_line(words, "ascii")
        with_input = settings.args or settings.stdin
        lines += ["", f"Schedule: {check.schedule}" if with_input else f"Replay: {replay}"]
    return "\n".join(lines)
