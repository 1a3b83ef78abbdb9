"""Results for other systems: one module a format, imported when it is asked for.

A module of a format has one of two functions, of which ``FORMATS`` says::

    document(graded: Graded, options: Options) -> Made      one document a submission
    table(rows: Sequence[Graded], options: Options) -> Made     one document for all
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import NamedTuple

from grader.model import Graded, UsageError
from grader.report.exports.options import Made, Options

__all__ = ["FORMATS", "Format", "Made", "Options", "document", "names", "table"]


class Format(NamedTuple):
    """A format and where it makes sense."""

    about: str
    module: str
    """Of this package."""
    suffix: str
    """Of a file of it."""
    one: bool = True
    """Whether a submission can be written so: by ``grader check`` ..."""
    each: bool = True
    """... and by ``grader export``, as one file a submission."""
    whole: bool = False
    """Whether all submissions of a batch make one document."""
    students: bool = True
    """Whether it holds what only those may read who may see hidden checks, unless it has the
    student's view of the result."""


FORMATS = {
    "canvas": Format("Canvas gradebook CSV", "canvas", ".csv", False, False, True, False),
    "moodle": Format("Moodle gradebook CSV", "moodle", ".csv", False, False, True),
    "csv": Format(
        "a table, for spreadsheets and scripts", "spreadsheet", ".csv", True, False, True, False
    ),
    "json": Format("grader/result/v1", "plain", ".json"),
    "markdown": Format("a comment on a pull request", "markdown", ".md"),
    "junit": Format("JUnit XML", "junit", ".xml", True, False, True),
    "github": Format("GitHub Actions: annotations, summary, output", "github", ".txt"),
    "codequality": Format("GitLab Code Quality", "codequality", ".json"),
    "gradescope": Format("Gradescope's results.json", "gradescope", ".json", students=False),
    "classroom50": Format("Classroom 50's result.json", "classroom50", ".json", each=False),
    "prairielearn": Format("PrairieLearn external grading", "prairielearn", ".json"),
    "autolab": Format("Autolab autoresult", "autolab", ".txt"),
    "check50": Format("check50's JSON", "check50", ".json"),
    "perfetto": Format("Chrome trace events, for ui.perfetto.dev", "perfetto", ".json"),
}
"""By the name that ``--format`` takes."""


def names(*, one: bool = False) -> list[str]:
    """The formats that ``grader export`` writes; with ``one``, that ``grader check`` does."""
    return [n for n, f in FORMATS.items() if (f.one if one else f.each or f.whole)]


def document(name: str, graded: Graded, options: Options) -> Made:
    """Write one submission in the format of this name.

    Raises UsageError where an option, or the environment, lacks what the format needs.
    """
    found = FORMATS[name]
    home = import_module(f"{__name__}.{found.module}")
    made = home.table([graded], options) if found.whole else home.document(graded, options)
    assert isinstance(made, Made)
    return made


def table(name: str, rows: Sequence[Graded], options: Options) -> Made:
    """Write all submissions as one document, in a format for which there is such a thing.

    Raises UsageError where an option lacks what the format needs.
    """
    found = FORMATS[name]
    if not found.whole:
        raise UsageError(f"the format {name} is one document a submission")
    made = import_module(f"{__name__}.{found.module}").table(rows, options)
    assert isinstance(made, Made)
    return made
