"""Gradescope: ``results.json`` of an autograder.

https://gradescope-autograders.readthedocs.io/en/latest/specs/

- A score is needed, on top or on each test; the one on top "overrides total of tests". So there is
  no document without a verdict, and a deduction shows in the score on top.
- ``visibility`` of a test: ``hidden``, ``after_due_date``, ``visible``. Gradescope keeps hidden
  tests from students and shows all to instructors, so all are here. "If test cases are hidden,
  students will not be able to see their total score."
- ``output_format``: ``text`` renders nothing; the default on top is HTML.
- A test without a score and with a ``status`` is information.
- Standard output is for instructors, unless ``stdout_visibility`` says otherwise.
"""

from __future__ import annotations

from typing import Any, Literal

from grader.model import Check, Graded, Visibility, to_json
from grader.model.safe import safe, safe_text
from grader.report.exports.options import Made, Options, grade_of, number
from grader.report.exports.words import told
from grader.report.student_view import student_view

VISIBILITY: dict[Visibility, Literal["visible", "after_due_date", "hidden"]] = {
    "visible": "visible",
    "after-due-date": "after_due_date",
    "hidden": "hidden",
}


def document(graded: Graded, options: Options) -> Made:
    """The results of one submission; empty where there is no grade, as Gradescope knows no
    result without one."""
    grade = grade_of(graded, options)
    if grade.points is None:
        return Made(b"", [f"no results.json: {grade.reason}"])
    result = graded.result
    output = safe(grade.reason)
    if result is not None and result.evidence == "sampled":
        output = "\n".join(filter(None, [output, _SAMPLED]))
    tests: list[dict[str, Any]] = []
    if result is not None:
        scale = grade.most / result.max_score if result.max_score else 1.0
        discreet = {check.id: check for check in student_view(result).checks}
        tests = [_test(discreet.get(c.id, c), n, scale) for n, c in enumerate(result.checks, 1)]
        if result.deduction is not None:
            taken = f"{number(result.deduction.points * scale)} points are taken off"
            tests.append(
                {"name": taken, "status": "failed", "output": safe(result.deduction.reason)}
            )
    return Made(
        to_json(
            {
                "score": number(grade.points),
                "output": output,
                "output_format": "text",
                "test_output_format": "text",
                "test_name_format": "text",
                "visibility": "visible",
                "stdout_visibility": "hidden",
                **({"execution_time": round(options.seconds)} if options.seconds else {}),
                "tests": tests,
            },
            indent=2,
        )
        + b"\n",
        [],
    )


_SAMPLED = "Seen by sampling: some of it is not proved."


def _test(check: Check, number_of_test: int, scale: float) -> dict[str, Any]:
    passed = check.status in ("pass", "unproved")
    return {
        "number": str(number_of_test),
        "name": safe(check.description),
        "score": number(check.points * scale),
        "max_score": number(check.max_points * scale),
        "status": "passed" if passed else "failed",
        "output": safe_text(told(check)),
        "visibility": VISIBILITY[check.visibility],
    }
