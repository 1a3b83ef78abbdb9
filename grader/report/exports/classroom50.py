"""Classroom 50: ``result.json``, of the schema ``classroom50/result/v1``.

https://github.com/foundation50/classroom50, its wiki page *Advanced Autograding* and
``schemas/result-v1.schema.json``:

- The runner calls ``autograder.py`` with what is graded in the environment; ``result.json``
  repeats it.
- Scores are integers from 0 to ``max-score``, of each test and in all. Points with fractions are
  rounded half up, each by itself, and so is the grade: it may differ from the sum of its tests.
- ``submission`` begins with ``submit/``; ``datetime`` is UTC with ``Z`` and no fraction.
- An exit status that is not 0 is an infrastructure error, for which the runner writes its own
  result: so there is no document where grader failed.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from grader.model import Graded, UsageError, to_json
from grader.model.safe import safe, safe_text
from grader.report.exports.options import Made, Options, grade_of, whole
from grader.report.exports.words import told

_NEEDED = {
    "classroom": "CLASSROOM",
    "assignment": "ASSIGNMENT",
    "submission": "SUBMISSION_TAG",
    "commit": "COMMIT_URL",
    "release": "RELEASE_URL",
}


def document(graded: Graded, options: Options) -> Made:
    """The result of one submission; empty where grader failed. Raises UsageError outside of
    Classroom 50's runner, which says in the environment what is graded."""
    environment = options.environment
    given = {key: environment.get(name, "") for key, name in _NEEDED.items()}
    given["owner"] = environment.get("OWNER", "") or environment.get("USERNAME", "")
    lacking = [_NEEDED.get(key, "OWNER") for key, value in given.items() if not value]
    if lacking:
        raise UsageError(
            f"the format classroom50 is for Classroom 50's runner, whose environment has "
            f"{', '.join(_NEEDED.values())} and OWNER; here {', '.join(lacking)} are not set"
        )
    if not given["submission"].startswith("submit/"):
        raise UsageError("SUBMISSION_TAG: expected a tag that begins with submit/")
    grade = grade_of(graded, options)
    if grade.points is None:
        return Made(b"", [f"no result.json: {grade.reason}"])
    kind = environment.get("ASSIGNMENT_TYPE", "")
    fields: dict[str, Any] = {
        "schema": "classroom50/result/v1",
        "classroom": given["classroom"],
        "assignment": given["assignment"],
        "assignment_type": kind if kind in ("individual", "group", "team") else "individual",
        "owner": given["owner"],
        "submission": given["submission"],
        "commit": given["commit"],
        "release": given["release"],
        "review": environment.get("REVIEW_URL", "") or given["commit"],
        "datetime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "score": whole(max(0.0, grade.points), grade.most),
        "max-score": whole(grade.most),
        "tests": _tests(graded, options),
    }
    return Made(to_json(fields, indent=2) + b"\n", [])


def _tests(graded: Graded, options: Options) -> list[dict[str, Any]]:
    if graded.result is None:
        return []
    return [
        {
            "test-name": safe(check.description) or check.id,
            "passed": check.status in ("pass", "unproved"),
            "score": whole(check.points, check.max_points),
            "max-score": whole(check.max_points),
            "message": safe_text(told(check)),
        }
        for check in options.seen(graded.result).checks
    ]
