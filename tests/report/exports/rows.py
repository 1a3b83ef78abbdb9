"""Rows to export: students with what gradebooks need, and messages that programs can forge."""

from __future__ import annotations

from hypothesis import strategies as st

from grader.model import Graded, Result, Student
from grader.report.exports import Options
from tests.report.html.results import check, graded, result
from tests.report.nasty import NASTY

OPTIONS = Options(assignment="fig18_03", title="Fig. 18.3", most=4.0)

TRICKY = [
    *("=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\uff1d1", " =1", "a,b", 'a"b', "a;b", "'=1"),
    *("::error::x", "a\n::error file=x::y", "##[error]x", "%0A::error::x", "a%b:c,d", "```\n# x"),
    *("<b>x</b>", "@someone #1", "[x](http://e)", "\x1b[31m", "\u202eevil", "&amp;", "]]>"),
    *(data.decode(errors="surrogateescape")[:400] for data in NASTY.values()),
]
anything = st.one_of(
    st.sampled_from(TRICKY),
    st.text(max_size=60),
    st.text(st.sampled_from("=+-@\t\r\n:#[]%,;'\"`<&| a1"), max_size=30),
)


def student(number: int, **fields: str) -> Student:
    given = {
        "id": str(number),
        "name": f"Student {number}",
        "login": f"s{number}",
        "email": f"s{number}@example.edu",
    }
    return Student(**{**given, **fields})


def row(number: int, outcome: Result | None = None, **fields: object) -> Graded:
    who = fields.pop("student", None) or student(number)
    return graded(f"s{number}", outcome, student=who, **fields)


def half(**fields: object) -> Result:
    """Two of four points."""
    return result(check("forks", "pass"), check("reaps", "fail"), **fields)


def missing(number: int) -> Graded:
    return row(number, name="", file="", problem="nothing was handed in")


def unusable(number: int) -> Graded:
    return row(number, problem="the file is empty")


def failed_grader(number: int) -> Graded:
    return Graded(entry=row(number).entry, failure="the supervising process was killed")
