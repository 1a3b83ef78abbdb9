"""The result itself, ``grader/result/v1``, as students may see it."""

from __future__ import annotations

from grader.model import Graded, to_json
from grader.report.exports.options import Made, Options, why_not


def document(graded: Graded, options: Options) -> Made:
    """One submission; where there is no result, its entry and the reason."""
    if graded.result is not None:
        return Made(to_json(options.seen(graded.result), indent=2) + b"\n", [])
    fields = {"id": graded.entry.id, "status": graded.status, "reason": why_not(graded)}
    return Made(to_json(fields, indent=2) + b"\n", [])
