"""``grader check``: judge one submission."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.progress import progress

if TYPE_CHECKING:
    from grader.assignments import Submission
    from grader.model import Check

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
@click.option(
    "--engine",
    type=click.Choice(["auto", "exact", "sampled"]),
    default="auto",
    help="How to observe the program. [default: exact where the system allows it]",
)
@click.option(
    "--python",
    metavar="INTERPRETER",
    help="The Python that runs the program. [default: the one that runs grader]",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="End the program after so long. [default: the assignment's limit]",
)
@click.option(
    "--runs",
    metavar="N",
    type=click.IntRange(min=1),
    help="Run no more schedules than this in each scenario. [default: the assignment's budget]",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json"]),
    default="text",
    help="What to print: text for people, or one grader/result/v1 document.",
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
) -> None:
    """Judge FILE, a submission to an assignment, or a folder that contains it.

    Runs the program in every schedule that can make a difference, watches every process it
    makes, and says what is right, what is not, where, and why. The exit status is 0 when
    all checks pass, 1 when one fails, 2 when something given can't be used, 3 when grader
    itself failed.
    """
    from grader.assignments import check

    submission = _open(file, assignment, python)
    with progress(f"running {submission.name}"):
        result = check(
            submission.assignment,
            submission,
            engine=engine,
            python=python,
            seconds=timeout,
            budget=runs,
        )
    if format_ == "json":
        from grader.model import to_json

        click.echo(to_json(result, indent=2))
    else:
        from grader.report import make_console, print_result

        print_result(result, make_console(), partial(replay_words, submission, assignment, python))
    context.exit(_STATUS[result.status])


def replay_words(
    submission: Submission, assignment: str | None, python: str | None, check: Check
) -> list[str]:
    """The words to type to see the run that decided a check."""
    words = ["grader", "replay", submission.argument]
    settings = submission.assignment.scenarios.get(check.scenario or "")
    reach = submission.assignment.confinement
    if settings is not None and (settings.args or settings.stdin or reach != type(reach)()):
        words += ["--scenario", f"{assignment or submission.assignment.id}/{check.scenario}"]
    if python is not None:
        words += ["--python", python]
    return [*words, "--schedule", check.schedule or ""]


def _open(file: Path, assignment: str | None, python: str | None) -> Submission:
    """The submission, when it can be judged: there, text, Python 3, for a known assignment."""
    from grader.assignments import find, guess, open_submission
    from grader.assignments.reading import exists
    from grader.assignments.source_errors import find_source_error
    from grader.model import UsageError
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
