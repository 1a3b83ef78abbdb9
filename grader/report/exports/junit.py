"""JUnit XML: a suite a submission, a case a check.

Of the many dialects this is the one that Jenkins' xUnit plugin has a schema for (``junit-10.xsd``,
which pytest's ``xunit2`` follows) and GitLab reads
(https://docs.gitlab.com/ci/testing/unit_test_reports/). A check that is not proved, and one that
was skipped, is ``skipped``; a failure of grader is an ``error``. The points are properties of the
suite: a case of this schema has none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from grader.model import Check, Graded
from grader.model.safe import safe, safe_text
from grader.report.exports.options import Made, Options, grade_of, number, why_not
from grader.report.exports.words import told


def table(rows: Sequence[Graded], options: Options) -> Made:
    """All submissions in one document."""
    lines = ['<?xml version="1.0" encoding="utf-8"?>', f"<testsuites{_attributes(name='grader')}>"]
    for row in rows:
        lines += _suite(row, options)
    lines.append("</testsuites>")
    return Made("\n".join([*lines, ""]).encode("utf-8", errors="replace"), [])


def _suite(row: Graded, options: Options) -> Iterator[str]:
    result = options.seen(row.result) if row.result is not None else None
    checks = result.checks if result is not None else []
    name = safe(row.entry.name or (result.submission if result else "") or row.entry.id)
    alone = result is None
    statuses = [check.status for check in checks]
    yield (
        "  <testsuite"
        + _attributes(
            name=f"{options.assignment}: {name}" if options.assignment else name,
            tests=len(checks) + alone,
            failures=statuses.count("fail"),
            errors=statuses.count("error") + alone,
            skipped=statuses.count("skipped") + statuses.count("unproved"),
            time=f"{options.seconds or 0:.3f}",
        )
        + ">"
    )
    yield from _properties(row, checks, options)
    for check in checks:
        yield from _case(check, options.assignment)
    if alone:
        reason = why_not(row)
        yield f"    <testcase{_attributes(classname=options.assignment or name, name=row.status)}>"
        yield f"      <error{_attributes(type=row.status, message=reason)}>"
        yield f"{_text(why_not(row, lines=True))}</error>"
        yield "    </testcase>"
    yield "  </testsuite>"


def _properties(row: Graded, checks: Sequence[Check], options: Options) -> Iterator[str]:
    grade = grade_of(row, options)
    properties: list[tuple[str, object]] = [("submission", row.entry.id), ("status", row.status)]
    if grade.points is not None:
        properties += [("grade", number(grade.points)), ("out of", number(grade.most))]
    if row.result is not None and row.result.deduction is not None:
        taken = row.result.deduction
        properties.append(("deduction", f"{number(taken.points)}: {taken.reason}"))
    for check in checks:
        points = f"{number(check.points)}/{number(check.max_points)}"
        properties.append((f"points of {check.id}", points))
    yield "    <properties>"
    for name, value in properties:
        yield f"      <property{_attributes(name=name, value=value)}/>"
    yield "    </properties>"


def _case(check: Check, assignment: str) -> Iterator[str]:
    head = f"    <testcase{_attributes(classname=assignment, name=check.id, time='0')}"
    message = safe(check.description)
    match check.status:
        case "pass":
            yield f"{head}/>"
            return
        case "fail" | "error":
            tag = "failure" if check.status == "fail" else "error"
            inside = f"<{tag}{_attributes(type=check.status, message=message)}>"
            inside += f"{_text(told(check))}</{tag}>"
        case _:
            why = safe(" ".join(told(check).split()), most=300)
            inside = f"<skipped{_attributes(type=check.status, message=why)}/>"
    yield f"{head}>"
    yield f"      {inside}"
    yield "    </testcase>"


def _text(text: str) -> str:
    """Text that XML 1.0 has the characters for: no control characters."""
    return escape(safe_text(text))


def _attributes(**values: object) -> str:
    return "".join(f" {name}={quoteattr(safe(str(value)))}" for name, value in values.items())
