"""GitLab Code Quality: failed checks beside the lines of a merge request.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format: a list, in which each
finding has a description, a name, a fingerprint that no other has, a severity, and a place: a
path in the repository, without ``./``, and a line.
"""

from __future__ import annotations

import hashlib
from typing import Any

from grader.model import Check, Graded, Result, to_json
from grader.model.safe import safe
from grader.report.exports.options import Made, Options, why_not
from grader.report.exports.words import deciding, told
from grader.report.source_lines import Program


def document(graded: Graded, options: Options) -> Made:
    """The findings of one submission: an empty list where all is well."""
    path = safe((options.file or graded.entry.name or graded.entry.id).removeprefix("./"))
    result = graded.result
    if result is None:
        findings = [_finding(path, graded.status, why_not(graded), "blocker", 1)]
        return Made(to_json_list(findings), [])
    program = options.program(graded.entry)
    seen = options.seen(result)
    bad = [check for check in seen.checks if check.status in ("fail", "error")]
    return Made(to_json_list([_of_check(check, path, seen, program) for check in bad]), [])


def to_json_list(findings: list[dict[str, Any]]) -> bytes:
    """A list as JSON that does nothing to a terminal or a log."""
    lines = ",\n".join(to_json(finding, indent=2).decode() for finding in findings)
    return f"[{lines}]\n".encode()


def _of_check(check: Check, path: str, result: Result, program: Program) -> dict[str, Any]:
    severity = "major" if check.status == "fail" else "info"
    words = f"{check.description} {' '.join(told(check).split())}"
    lines = program.lines_of(check, deciding(check, result)) or [1]
    return _finding(path, check.id, safe(words, most=1_000), severity, lines[0])


def _finding(path: str, name: str, words: str, severity: str, line: int) -> dict[str, Any]:
    return {
        "description": words,
        "check_name": name,
        "fingerprint": hashlib.sha256(f"{path}\0{name}".encode(errors="replace")).hexdigest(),
        "severity": severity,
        "location": {"path": path, "lines": {"begin": line}},
    }
