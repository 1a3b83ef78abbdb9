"""check50: the JSON of ``check50 --output json``, for what reads that.

https://cs50.readthedocs.io/projects/check50/en/latest/json_specification/: ``passed`` is true,
false, or null for a check that was skipped or could not be made; ``cause`` is null exactly where
it is true. ``data`` is a check's own: here its points.
"""

from __future__ import annotations

from typing import Any

from grader import __version__
from grader.model import Check, Graded, to_json
from grader.model.safe import safe, safe_text
from grader.report.exports.options import Made, Options, number, why_not
from grader.report.exports.words import MOST


def document(graded: Graded, options: Options) -> Made:
    """One submission; where it has no result, an ``error`` in the place of ``results``."""
    top: dict[str, Any] = {"slug": options.assignment}
    if graded.result is None:
        error = {"type": graded.status, "value": why_not(graded), "traceback": [], "data": {}}
        top["error"] = error
    else:
        seen = options.seen(graded.result)
        top["results"] = [_result(check) for check in seen.checks]
        if seen.deduction is not None:
            taken = {"points": number(seen.deduction.points), "reason": safe(seen.deduction.reason)}
            top["deduction"] = taken
    return Made(to_json({**top, "version": __version__}, indent=2) + b"\n", [])


_PASSED = {"pass": True, "unproved": True, "fail": False, "skipped": None, "error": None}


def _result(check: Check) -> dict[str, Any]:
    passed = _PASSED[check.status]
    message = safe_text(check.message[:MOST])
    cause: dict[str, Any] | None = None
    if not passed:
        cause = {"rationale": message or "it did not pass", "help": safe(check.hint) or None}
    if check.status == "error":
        cause = {**(cause or {}), "error": _error(message)}
    return {
        "name": check.id,
        "description": safe(check.description),
        "passed": passed,
        "log": [f"not proved: {message}"] if check.status == "unproved" else [],
        "cause": cause,
        "data": {"points": number(check.points), "max_points": number(check.max_points)},
        "dependency": None,
    }


def _error(message: str) -> dict[str, Any]:
    return {"type": "error", "value": message, "traceback": [], "data": {}}
