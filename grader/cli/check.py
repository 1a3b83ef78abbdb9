"""``grader check``: judge one submission."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec.structs import replace

from grader.cli.outputs import (
    format_named,
    in_repository,
    on_github,
    stopped,
    wanted_files,
    warn,
    write_file,
)
from grader.cli.progress import progress
from grader.cli.recording import recording
from grader.model import Entry, Graded
from grader.model.errors import UsageError

if TYPE_CHECKING:
    from grader.assignments import Submission
    from grader.model import Check
    from grader.report.exports import Options

_STATUS = {"pass": 0, "fail": 1, "error": 3}


@click.command("check")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "-a",
    "--assignment",
    metavar="NAME",
    help="The assignment: a name from 'grader list', or a folder. "
    "[default: guessed from the file's name]",
)
@recording
@click.option(
    "--format",
    "format_",
    metavar="FORMAT",
    default="text",
    help="What to print: text for people, json (grader/result/v1), github, junit, codequality, "
    "gradescope, classroom50, prairielearn, autolab, check50, markdown, csv or perfetto. "
    "[default: text]",
)
@click.option(
    "--save",
    "saves",
    metavar="FORMAT=FILE",
    multiple=True,
    help="Write a file in one of these formats as well; may be given more than once.",
)
@click.option(
    "--student", is_flag=True, help="Show in text and json, too, only what a student may see."
)
@click.option(
    "--all-checks", is_flag=True, help="Show hidden checks in the formats that students read."
)
@click.option(
    "--after-due-date", is_flag=True, help="Show checks that students see after the due date."
)
@click.option(
    "--problem", metavar="NAME", help="Autolab: the problem that gets the score. [default: id]"
)
@click.pass_context
def command(
    context: click.Context,
    file: Path,
    assignment: str | None,
    engine: str,
    python: str | None,
    timeout: float | None,
    runs: int | None,
    format_: str,
    saves: tuple[str, ...],
    student: bool,
    all_checks: bool,
    after_due_date: bool,
    problem: str | None,
) -> None:
    """Judge FILE, a submission to an assignment, or a folder that contains it.

    Runs the program in every schedule that can make a difference, watches every process it
    makes, and says what is right, what is not, where, and why. The exit status is 0 when
    all checks pass, 1 when one fails, 2 when something given can't be used, 3 when grader
    itself failed.
    """
    from grader.assignments import check
    from grader.report.exports import Options, names

    known = names(one=True)
    format_ = format_ if format_ == "text" else format_named(format_, known)
    wanted = wanted_files(saves, known)
    shown = Options(
        assignment=assignment or file.stem,
        all_checks=all_checks,
        after_due_date=after_due_date,
        problem=problem,
        environment=os.environ,
        file=in_repository(file),
    )
    try:
        submission = _open(file, assignment, python)
    except UsageError as error:
        _cannot_be_run(file, str(error), format_, wanted, shown)
        raise
    began = time.monotonic()
    with progress(f"running {submission.name}"):
        result = check(
            submission.assignment,
            submission,
            engine=engine,
            python=python,
            seconds=timeout,
            budget=runs,
        )
    replay = partial(replay_command, submission, assignment, python)
    options = replace(
        shown,
        assignment=submission.assignment.id,
        title=submission.assignment.title,
        file=in_repository(submission.path),
        source=lambda _: submission.data,
        seconds=time.monotonic() - began,
    )
    entry = Entry(id=submission.path.name, name=submission.name, file=submission.file)
    _print(Graded(entry=entry, result=result), format_, student, options, replay)
    _save(Graded(entry=entry, result=result), wanted, options)
    context.exit(_STATUS[result.status])


def _print(
    graded: Graded,
    format_: str,
    student: bool,
    options: Options,
    replay: Callable[[Check], Sequence[str]],
) -> None:
    """Print a result in the format asked for."""
    from grader.report.exports import document

    result = graded.result
    assert result is not None
    if format_ in ("text", "github"):
        from grader.report import make_console, print_result

        careful = student or format_ == "github"
        shown = options.seen(result) if careful else result
        if format_ == "text":
            print_result(shown, make_console(), replay)
            return
        text = io.StringIO()
        print_result(shown, make_console(text), replay)
        click.echo(stopped(text.getvalue()) + on_github(graded, options), nl=False)
        return
    if format_ == "json" and not student:
        options = replace(options, all_checks=True)
    made = document(format_, graded, options)
    click.echo(made.data, nl=False)
    warn(made.warnings)


def _save(graded: Graded, wanted: Sequence[tuple[str, Path]], options: Options) -> None:
    from grader.report.exports import document

    for name, path in wanted:
        made = document(name, graded, options)
        write_file(path, made.data)
        warn(made.warnings)


def _cannot_be_run(
    file: Path, reason: str, format_: str, wanted: Sequence[tuple[str, Path]], options: Options
) -> None:
    """Say in the formats for other systems, too, that there is nothing to judge."""
    from grader.report.exports import document

    graded = Graded(entry=Entry(id=file.name or "-", name=str(file), problem=reason))
    if format_ == "github":
        click.echo(on_github(graded, options), nl=False)
    elif format_ not in ("text", "json"):
        click.echo(document(format_, graded, options).data, nl=False)
    _save(graded, wanted, options)


def replay_command(
    submission: Submission, assignment: str | None, python: str | None, check: Check
) -> list[str]:
    """The words to type to see the run that decided a check."""
    from grader.report.replaying import handed_in_beside, replay_words

    program, folder = submission.argument, submission.folder
    return replay_words(
        program,
        check,
        submission.assignment,
        named=assignment,
        python=python,
        beside=() if folder is None else handed_in_beside(program, folder),
    )


def _open(file: Path, assignment: str | None, python: str | None) -> Submission:
    """The submission, when it can be judged: there, text, Python 3, for a known assignment."""
    from grader.assignments import find, guess, open_submission
    from grader.assignments.reading import exists
    from grader.assignments.source_errors import find_source_error
    from grader.model.safe import safe

    if assignment is None and not exists(file):
        raise UsageError(f"no such file: {safe(str(file))}")
    submission = open_submission(file, guess(file) if assignment is None else find(assignment))
    if python is not None:
        from grader.observe import python_executable

        python = python_executable(python)
    error = find_source_error(submission.data, submission.name, python)
    if error is not None:
        raise UsageError(str(error))
    return submission
