"""PrairieLearn: ``/grade/results/results.json`` of an external grader.

https://docs.prairielearn.com/externalGrading/#grading-results and ``processGradingResult`` in
``apps/prairielearn/src/lib/externalGrader.ts`` of https://github.com/PrairieLearn/PrairieLearn:

- ``score`` is a finite number from 0 to 1; anything else is no grade.
- ``gradable: false``: it could not be graded; no points are lost, and no attempt.
- ``points`` and ``max_points`` are on every test or they are shown on none.
- The file has at most 1 MB.
- Texts may have ANSI colours; there are none here. There are no secrets: all of it is shown.
"""

from __future__ import annotations

from typing import Any

from grader.model import Graded, to_json
from grader.model.safe import safe, safe_text
from grader.report.exports.options import Made, Options, grade_of, number, why_not
from grader.report.exports.words import told

_MOST_BYTES = 900_000


def document(graded: Graded, options: Options) -> Made:
    """The results of one submission; without a verdict it is not gradable."""
    grade = grade_of(graded, options)
    result = graded.result
    if grade.points is None or result is None:
        reason = why_not(graded)
        fields: dict[str, Any] = {"gradable": False, "message": reason, "format_errors": [reason]}
        if grade.points is not None:
            fields = {"gradable": True, "score": 0.0, "message": reason}
        return _made(fields)
    share = grade.points / grade.most if grade.most else 1.0
    tests = []
    for check in options.seen(result).checks:
        tests.append(
            {
                "name": safe(check.description),
                "points": number(check.points),
                "max_points": number(check.max_points),
                "message": safe_text(told(check)),
            }
        )
    return _made(
        {
            "gradable": True,
            "score": min(1.0, max(0.0, share)),
            "message": safe(grade.reason),
            "tests": tests,
        }
    )


def _made(fields: dict[str, Any]) -> Made:
    data = to_json(fields, indent=2) + b"\n"
    if len(data) > _MOST_BYTES:
        for test in fields["tests"]:
            test["message"] = test["message"][:200]
        data = to_json(fields) + b"\n"
    return Made(data, [])
