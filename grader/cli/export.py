"""``grader export``: results for a gradebook or another system."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.outputs import format_named, warn, write_file
from grader.cli.progress import progress
from grader.model.errors import UsageError
from grader.model.safe import safe

if TYPE_CHECKING:
    from grader.batch import Results
    from grader.model import Graded
    from grader.report.exports import Options


@click.command("export")
@click.argument("results", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "format_",
    metavar="FORMAT",
    required=True,
    help="canvas, moodle, csv or junit: one document for all. json, markdown, github, codequality, "
    "gradescope, prairielearn, autolab, check50 or perfetto: one a submission.",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Where to write; for one a submission, a folder. [default: standard output]",
)
@click.option(
    "--zero",
    metavar="STATUSES",
    default="",
    help="Give zero points for these: 'unusable', 'missing' or 'unusable,missing'. "
    "[default: their grades stay blank]",
)
@click.option(
    "--out-of", metavar="N", type=click.FloatRange(min=0, min_open=True), help="Scale to N points."
)
@click.option(
    "--gradebook",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Fill in this: an export of the Canvas gradebook, or Moodle's grading worksheet.",
)
@click.option("--column", metavar="NAME", help="Canvas, Moodle: the column. [default: the title]")
@click.option(
    "--identify",
    type=click.Choice(["email", "id", "login"]),
    default="email",
    help="Moodle: what tells who it is. [default: email]",
)
@click.option("--no-feedback", is_flag=True, help="Moodle: grades only.")
@click.option("--problem", metavar="NAME", help="Autolab: the problem that gets the score.")
@click.option("--bom", is_flag=True, help="csv, moodle: begin with a byte order mark, for Excel.")
@click.option(
    "--all-checks", is_flag=True, help="Show hidden checks in the formats that students read."
)
@click.option(
    "--after-due-date", is_flag=True, help="Show checks that students see after the due date."
)
@click.option("--anonymous", is_flag=True, help="csv: no names, but neutral ids.")
def command(
    results: Path,
    format_: str,
    output: Path | None,
    zero: str,
    out_of: float | None,
    gradebook: Path | None,
    column: str | None,
    identify: str,
    no_feedback: bool,
    problem: str | None,
    bom: bool,
    all_checks: bool,
    after_due_date: bool,
    anonymous: bool,
) -> None:
    """Write RESULTS, a folder that 'grader batch' wrote, for a gradebook or another system.

    Grades are the score less what late submissions lose. Who has no result has no grade, and
    standard error says why; --zero makes some of these zeros. The exit status is 0 when it was
    written, whatever the grades; 2 when something given can't be used.
    """
    from grader.batch import Results
    from grader.report.exports import FORMATS, Options, names, table

    format_ = format_named(format_, names())
    found = Results(results)
    options = Options(
        assignment=found.batch.assignment,
        title=found.batch.title or found.batch.assignment,
        zero=_zero(zero),
        out_of=out_of,
        most=_most(found),
        column=column,
        gradebook=_read(gradebook) if gradebook is not None else None,
        identify=identify,
        feedback=not no_feedback,
        problem=problem,
        bom=bom,
        all_checks=all_checks,
        after_due_date=after_due_date,
        source=found.source,
    )
    if anonymous and format_ != "csv":
        raise UsageError("--anonymous is for csv; 'grader report --anonymous' makes pages")
    if FORMATS[format_].whole:
        with progress("reading results"):
            rows = [*found.graded(traces=False)]
        if anonymous:
            rows = _without_names(rows, found)
        made = table(format_, rows, options)
        warn(made.warnings)
        if output is not None:
            write_file(output, made.data)
        else:
            click.echo(made.data, nl=False)
        return
    if output is None:
        raise UsageError(f"{format_} is one document a submission: give a folder with -o FOLDER")
    with progress("writing"):
        written, warnings = _write_each(format_, found, options, output)
    warn(warnings)
    click.echo(f"{written:,} files are in {safe(str(output))}", err=True)


def _write_each(
    format_: str, found: Results, options: Options, folder: Path
) -> tuple[int, list[str]]:
    """Write a file for each submission: returns how many, and what could not be, and why."""
    from grader.report.exports import FORMATS, document

    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{safe(str(folder))} is not a folder")
    written, warnings = 0, []
    for graded in found.graded(traces=format_ in ("perfetto", "github", "codequality", "json")):
        made = document(format_, graded, options)
        if made.data:
            write_file(folder / f"{graded.entry.id}{FORMATS[format_].suffix}", made.data)
            written += 1
        if made.warnings:
            name = graded.entry.student.name or graded.entry.id
            warnings.append(f"{safe(name, most=80)}: {'; '.join(made.warnings)}")
    return written, warnings


def _zero(words: str) -> frozenset[str]:
    from grader.report.exports.options import ZERO_CHOICES

    given = frozenset(word.strip() for word in words.split(",") if word.strip())
    for word in given:
        if word not in ZERO_CHOICES:
            never = " (a failure of grader is never a zero)" if word in ("error", "waiting") else ""
            known = " and ".join(ZERO_CHOICES)
            raise UsageError(f"--zero: {safe(word)!r}: only {known} can be zeros{never}")
    return given


def _most(found: Results) -> float:
    """What the assignment is worth, as the results tell."""
    for graded in found.graded(traces=False):
        if graded.result is not None:
            return graded.result.max_score
    return 0.0


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"--gradebook: {safe(str(path))}: {error.strerror}") from None


def _without_names(rows: list[Graded], found: Results) -> list[Graded]:
    """The same in the order of neutral ids, with nothing that says who it is."""
    from msgspec.structs import replace

    from grader.model import Student
    from grader.report.anonymous import Anonymous

    anonymous = Anonymous(found.batch, found.folder)
    hidden = []
    for row in rows:
        neutral, own = anonymous.id(row.entry), anonymous.own_words(row.entry)
        problem = row.entry.problem
        entry = replace(
            row.entry,
            id=neutral,
            student=Student(),
            name=neutral if row.entry.name else "",
            file="",
            problem=None if problem is None else anonymous.scrub(problem, own=own),
            notes=[],
            submitted=None,
        )
        failure = None if row.failure is None else anonymous.scrub(row.failure, own=own)
        hidden.append(replace(row, entry=entry, failure=failure))
    return sorted(hidden, key=lambda row: row.entry.id)
