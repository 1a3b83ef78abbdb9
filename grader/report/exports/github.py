"""GitHub Actions: annotations, the summary of the step, and Classroom's ``result``.

The rules are those of https://github.com/actions/runner:

- In a command's data ``%``, CR and LF are escaped, in a property ``:`` and ``,`` too
  (``ActionCommand.cs``). What is after ``::`` of a line with nothing but blanks before, and after
  ``##[`` anywhere, is a command: what a program printed is made harmless before it is escaped.
- A step keeps 10 errors, 10 warnings and 10 notices, and 4,096 characters of each
  (``ExecutionContext.AddIssue``); the failed step is an error itself.
- A summary above 1 MiB is dropped as a whole (``CreateStepSummaryCommand``).

GitHub Classroom reads base64 of a JSON with the checks from an output called ``result``
(https://github.com/classroom-resources/autograding-grading-reporter, ``src/notify-classroom.js``):
it adds up the ``score`` of all tests, which must be numbers. It comes in an environment variable,
of which Linux takes 128 KiB; names and messages come to the log, line by line.
"""

from __future__ import annotations

import base64
import re
from typing import Any

from grader.model import Check, Graded, Result, to_json
from grader.model.safe import boxed, safe, safe_text
from grader.report.exports.markdown import text
from grader.report.exports.options import Made, Options, grade_of, number, why_not
from grader.report.exports.words import deciding, told
from grader.report.source_lines import Program

MOST_ERRORS = 9
_MOST_OF_A_MESSAGE = 2_000
_MOST_OF_A_SUMMARY = 1024 * 1024 - 1024
_MOST_OF_AN_OUTPUT = 90_000
"""Bytes of base64."""


def document(graded: Graded, options: Options) -> Made:
    """The annotations of one submission: lines to print in a step of a workflow."""
    lines = commands(graded, options)
    return Made("".join(f"{line}\n" for line in lines).encode(errors="replace"), [])


def commands(graded: Graded, options: Options) -> list[str]:
    """A command a failed check, those worth most first, and one for the verdict."""
    path = options.file or graded.entry.name
    result = graded.result
    if result is None:
        reason = why_not(graded, lines=True)
        return [_command("error", reason, file=path, line=_line_in(reason), title="cannot be run")]
    program = options.program(graded.entry)
    seen = options.seen(result)
    bad = [check for check in seen.checks if check.status in ("fail", "error")]
    bad.sort(key=lambda check: check.points - check.max_points)
    shown = bad if len(bad) <= MOST_ERRORS else bad[: MOST_ERRORS - 1]
    lines = [_of_check(check, path, seen, program) for check in shown]
    if shown != bad:
        lines.append(
            _command("error", f"{len(bad) - len(shown)} more checks failed", title="grader")
        )
    grade = grade_of(graded, options)
    if grade.points is None:
        words = f"{grade.reason}; this is no verdict"
        return [*lines, _command("warning", words, title="grader")]
    words = f"{number(grade.points)} of {number(grade.most)} points"
    if grade.reason:
        words += f" ({grade.reason})"
    return [*lines, _command("notice", words, title=options.title or options.assignment)]


def summary(graded: Graded, options: Options, used: int = 0) -> bytes:
    """What to append to the file that ``GITHUB_STEP_SUMMARY`` names, which has ``used`` bytes;
    nothing where there is no room left."""
    room = _MOST_OF_A_SUMMARY - used
    data = (text(graded, options, room) + "\n").encode("utf-8", errors="replace")
    return data if len(data) <= room else b""


def classroom(graded: Graded, options: Options) -> str:
    """The output ``result``: base64 of what GitHub Classroom reads."""
    for most in (2_000, 200, 0):
        data = base64.b64encode(to_json(_report(graded, options, most)))
        if len(data) <= _MOST_OF_AN_OUTPUT:
            break
    return data.decode()


def _report(graded: Graded, options: Options, most: int) -> dict[str, Any]:
    grade, result = grade_of(graded, options), graded.result
    if result is None or grade.points is None:
        test = _test("graded", "error", 0, boxed(why_not(graded, lines=True) or grade.reason))
        return {"version": 1, "status": "error", "max_score": number(grade.most), "tests": [test]}
    scale = grade.most / result.max_score if result.max_score else 1.0
    tests = []
    for check in options.seen(result).checks:
        status = {"fail": "fail", "skipped": "fail", "error": "error"}.get(check.status, "pass")
        message = boxed(safe_text(told(check)[:most]))
        tests.append(_test(safe(check.description), status, check.points * scale, message))
    if result.deduction is not None:
        taken = -result.deduction.points * scale
        tests.append(_test(f"late: {safe(result.deduction.reason)}", "fail", taken, ""))
    return {
        "version": 1,
        "status": result.status,
        "max_score": number(grade.most),
        "tests": tests or [_test("graded", "pass", 0, "")],
    }


def _test(name: str, status: str, score: float, message: str) -> dict[str, Any]:
    return {
        "name": name,
        "status": status,
        "score": number(score),
        "message": message,
        "test_code": "",
        "filename": "",
        "line_no": 0,
        "duration": 0,
    }


def _of_check(check: Check, path: str, result: Result, program: Program) -> str:
    kind = "error" if check.status == "fail" else "warning"
    lines = program.lines_of(check, deciding(check, result))
    words = told(check, _MOST_OF_A_MESSAGE) or check.description
    return _command(kind, words, file=path, line=lines[0] if lines else 1, title=check.description)


def _command(kind: str, words: str, **properties: str | int | None) -> str:
    given = {name: value for name, value in properties.items() if value}
    if "file" not in given:
        given.pop("line", None)
    listed = ",".join(f"{name}={_property(str(value))}" for name, value in given.items())
    return f"::{kind}{' ' if listed else ''}{listed}::{_data(words)}"


def _line_in(words: str) -> int:
    """The line of a syntax error, which Python tells: the first line where nothing does."""
    match = re.search(r"\bline (\d{1,6})\b", words)
    return int(match[1]) if match else 1


def _data(words: str) -> str:
    words = boxed(safe_text(words), "")
    return words.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(words: str) -> str:
    words = safe(words)
    for character in "%\r\n:,":
        words = words.replace(character, f"%{ord(character):02X}")
    return words
