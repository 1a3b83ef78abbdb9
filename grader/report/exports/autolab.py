"""Autolab: what an autograder prints, with the autoresult as the last line.

https://docs.autolabproject.com/lab/, https://docs.autolabproject.com/features/formatted-feedback/
and ``app/helpers/assessment_autograde_core.rb`` of https://github.com/autolab/Autolab:

- The last line is ``{"scores": {"PROBLEM": NUMBER}}``. A problem that the assessment does not have
  stops it (``saveAutograde``). So there is one score, for a problem of the assignment's name
  unless ``--problem`` gives another.
- Before parsing, whatever matches ``[a-zA-Z0-9]+:`` is put in quotes (``parseAutoresult``), in
  strings too: a problem's name with a colon breaks it, and is refused.
- The line before it says how feedback is shown. Names of tests are keys: numbered, so that
  no two are the same.
- Where the last line is no autoresult, Autolab shows the text and enters 0 unless there is a score
  already. It has no other way to say that grading failed.
"""

from __future__ import annotations

import re
from typing import Any

from grader.model import Graded, UsageError, to_json
from grader.model.safe import safe
from grader.report.exports.options import Made, Options, grade_of, number
from grader.report.exports.words import told

_BREAKS = re.compile(r"[A-Za-z0-9]+:")
_STAGE = "Checks"


def document(graded: Graded, options: Options) -> Made:
    """Feedback and autoresult of one submission; without a grade, the reason and no
    autoresult. Raises UsageError for a problem's name that Autolab would not read."""
    problem = options.problem or options.assignment
    if _BREAKS.search(problem):
        raise UsageError(
            f"--problem: Autolab can't read {safe(problem)!r} in an autoresult, for its colon: "
            "rename the problem there"
        )
    grade = grade_of(graded, options)
    if grade.points is None:
        warning = "Autolab enters 0 for it, unless there is a score already: grade it again"
        text = f"No grade: {safe(grade.reason)}"
        return Made(f"{text}\n".encode(errors="replace"), [f"{text}; {warning}"])
    lines: list[dict[str, Any]] = []
    if graded.result is not None:
        shown = options.seen(graded.result).checks
        lines.append(
            {
                "_presentation": "semantic",
                "stages": [_STAGE],
                _STAGE: {
                    f"{n}. {safe(check.description)}": {
                        "passed": check.status in ("pass", "unproved"),
                        "hint": safe(" ".join(told(check).split())),
                    }
                    for n, check in enumerate(shown, 1)
                },
            }
        )
    lines.append({"scores": {problem: number(grade.points)}})
    reason = f"{safe(grade.reason)}\n".encode(errors="replace") if grade.reason else b""
    return Made(reason + b"".join(to_json(line) + b"\n" for line in lines), [])
