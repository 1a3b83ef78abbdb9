"""Markdown: a comment on a pull request, or the summary of a step of GitHub Actions.

GitHub Flavored Markdown (https://github.github.com/gfm/). What a program printed, and what a file
is called, stands in code: there nothing is rendered, nobody is mentioned, and no issue is linked.
A comment has at most 65,536 characters.
"""

from __future__ import annotations

import html
import re

from grader.model import Check, Graded, Result
from grader.model.safe import safe, safe_text
from grader.report.exports.options import Grade, Made, Options, grade_of, number, why_not
from grader.report.exports.words import MOST

MOST_OF_A_COMMENT = 60_000
"""Characters, in UTF-8 no more bytes than three times that."""

_MARKS = {
    "pass": "✅",
    "fail": "❌",
    "skipped": "➖",  # noqa: RUF001
    "unproved": "❔",
    "error": "⚠️",
}


def document(graded: Graded, options: Options) -> Made:
    """One submission, as a comment."""
    return Made(text(graded, options, MOST_OF_A_COMMENT).encode("utf-8", errors="replace"), [])


def text(graded: Graded, options: Options, most: int) -> str:
    """One submission, in no more than so many bytes of UTF-8: what is left out is said."""
    title = prose(options.title or options.assignment)
    name = code(graded.entry.name or (graded.result.submission if graded.result else "") or "-")
    head = f"## {title}\n\n{name}: "
    if graded.result is None:
        return f"{head}**no result**\n\n{fenced(why_not(graded, lines=True))}\n"
    result = options.seen(graded.result)
    parts = [head + _verdict(result, grade_of(graded, options)), _table(result)]
    bad = [check for check in result.checks if check.status in ("fail", "error")]
    room = most - sum(len(part.encode()) for part in parts) - 200
    for n, check in enumerate(bad):
        part = _section(check)
        room -= len(part.encode()) + 1
        if room < 0:
            parts.append(f"... and {len(bad) - n} more: see the report in the log.\n")
            break
        parts.append(part)
    return "\n".join(parts)


def prose(words: str) -> str:
    """A text of the author's as it is, with nothing in it rendered: no emphasis, no HTML, no
    mention, no reference to an issue."""
    words = re.sub(r"([\\`*_{}\[\]!|~])", r"\\\1", html.escape(safe(words), quote=False))
    return words.replace("#", "&#35;").replace("@", "&#64;")


def code(words: str) -> str:
    """A text in a code span, whatever backticks it has."""
    words = safe(words, most=200)
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", words)), default=0))
    blank = " " if words.startswith("`") or words.endswith("`") or not words.strip() else ""
    return f"{fence}{blank}{words}{blank}{fence}"


def fenced(words: str) -> str:
    """A text of several lines in a code block, whatever fences it has."""
    words = safe_text(words[:MOST])
    longest = max((len(run) for run in re.findall("`{3,}", words)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}text\n{words}\n{fence}"


def _verdict(result: Result, grade: Grade) -> str:
    if result.status == "error":
        return "**grader itself failed, so this is no verdict**\n"
    words = f"**{number(grade.points or 0)} of {number(grade.most)} points**"
    if result.deduction is not None:
        taken = f"{number(result.deduction.points)} of {number(result.score)} points"
        words += f" ({taken} taken off: {prose(result.deduction.reason)})"
    if result.evidence == "sampled":
        words += " (seen by sampling: some of it is not proved)"
    return f"{words}\n"


def _table(result: Result) -> str:
    rows = ["| | points | check |", "|---|---|---|"]
    for check in result.checks:
        points = f"{number(check.points)}/{number(check.max_points)}"
        rows.append(
            f"| {_MARKS[check.status]} {check.status} | {points} | {prose(check.description)} |"
        )
    return "\n".join([*rows, ""])


def _section(check: Check) -> str:
    lines = [f"### {_MARKS[check.status]} {prose(check.description)}", ""]
    if check.message.strip():
        lines += [fenced(check.message.strip("\n")), ""]
    if check.hint:
        lines += [f"Hint: {prose(check.hint)}", ""]
    return "\n".join(lines)
