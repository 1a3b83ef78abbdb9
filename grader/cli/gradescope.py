"""``grader gradescope``: what ``run_autograder`` calls in Gradescope's container.

https://gradescope-autograders.readthedocs.io/en/latest/specs/ and .../submission_metadata/
"""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from grader.cli.outputs import write_file
from grader.model.errors import GraderError, UsageError
from grader.model.safe import safe

if TYPE_CHECKING:
    from grader.assignments import Assignment
    from grader.model import Result

_GRADER = 3


@click.command("gradescope")
@click.option("-a", "--assignment", metavar="NAME", required=True, help="A name, or a folder.")
@click.option(
    "--autograder",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    default=Path("/autograder"),
    help="Where Gradescope has its files. [default: /autograder]",
)
@click.option(
    "--engine",
    type=click.Choice(["auto", "exact", "sampled"]),
    default="auto",
    help="How to observe the program. [default: exact where the system allows it]",
)
@click.option("--out-of", metavar="N", type=click.FloatRange(min=0, min_open=True), help="Scale.")
@click.option(
    "--all-checks", is_flag=True, help="Show hidden checks to students, too, and their total."
)
@click.pass_context
def command(
    context: click.Context,
    assignment: str,
    autograder: Path,
    engine: str,
    out_of: float | None,
    all_checks: bool,
) -> None:
    """Grade the submission in /autograder/submission and write /autograder/results/results.json.

    What can't be run gets zero points with the reason, as Gradescope knows no answer without a
    score. Where grader itself fails there is no results.json, so that Gradescope calls the run
    failed, gives no score for it and can run it again; the exit status is 3, and the reason is in
    the output, which instructors see.
    """
    from grader.assignments import find
    from grader.model import Entry, Graded
    from grader.report.exports import Options, document

    if not (autograder / "submission").is_dir():
        raise UsageError(
            f"there is no folder {safe(str(autograder))}/submission, where Gradescope puts what "
            "was handed in; elsewhere, give --autograder FOLDER"
        )
    target = autograder / "results" / "results.json"
    with suppress(OSError):
        target.unlink()  # of an earlier run
    loaded = find(assignment)
    began = time.monotonic()
    problem = result = failure = None
    try:
        result = _graded(loaded, autograder, engine)
    except UsageError as error:
        problem = str(error)
    except GraderError as error:
        failure = str(error)
    name = loaded.file
    graded = Graded(
        entry=Entry(id="submission", name=name, file=name, problem=problem),
        result=result,
        failure=failure,
    )
    options = Options(
        assignment=loaded.id,
        title=loaded.title,
        zero=frozenset({"unusable"}),
        out_of=out_of,
        all_checks=all_checks,
        seconds=time.monotonic() - began,
    )
    made = document("gradescope", graded, options)
    if not made.data:  # standard output is what Gradescope keeps for instructors
        click.echo("\n".join(f"grader: {safe(warning, most=1_000)}" for warning in made.warnings))
        context.exit(_GRADER)
    write_file(target, made.data)
    score = problem or (f"{result.grade:g} of {result.max_score:g} points" if result else "")
    click.echo(f"grader: {safe(score, most=500)}; written to {safe(str(target))}")


def _graded(assignment: Assignment, autograder: Path, engine: str) -> Result:
    """Run and judge what was handed in, and take off what it loses for being late."""
    from grader.assignments import check, open_submission
    from grader.assignments.late import with_deduction
    from grader.assignments.source_errors import find_source_error

    submission = open_submission(autograder / "submission", assignment, "submission")
    wrong = find_source_error(submission.data, assignment.file)
    if wrong is not None:
        raise UsageError(str(wrong))
    result = check(assignment, submission, engine=engine)
    metadata = _metadata(autograder / "submission_metadata.json")
    rule = assignment.late
    if rule is not None and rule.due is None:
        from datetime import datetime

        with suppress(ValueError, TypeError, KeyError):
            due = datetime.fromisoformat(metadata["assignment"]["due_date"])
            if due.tzinfo is not None:
                rule = msgspec.structs.replace(rule, due=due)
    submitted = metadata.get("created_at")
    return with_deduction(result, rule, submitted if isinstance(submitted, str) else None, None)


def _metadata(path: Path) -> dict[str, Any]:
    """What Gradescope says of the submission; nothing where it says nothing."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return {}
