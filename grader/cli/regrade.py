"""``grader regrade``: judge again what was seen, by changed checks."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("regrade")
@click.argument("results", type=click.Path(path_type=Path))
@click.option(
    "-a",
    "--assignment",
    metavar="NAME",
    help="The assignment: a name from 'grader list', or a folder. "
    "[default: the one that the results are of, where it was]",
)
@click.option(
    "--dry-run", is_flag=True, help="Say whose grade would change, and leave the results alone."
)
@click.option(
    "--only",
    metavar="ID",
    multiple=True,
    help="Judge these only: the name of a submission's folder among the results, or a pattern "
    "such as 'ana*'. Repeatable.",
)
@click.option(
    "-j",
    "--jobs",
    metavar="N",
    type=click.IntRange(min=1),
    help="How many to judge at once. [default: one a processor]",
)
@click.pass_context
def command(
    context: click.Context,
    results: Path,
    assignment: str | None,
    dry_run: bool,
    only: tuple[str, ...],
    jobs: int | None,
) -> None:
    """Judge the submissions in RESULTS again, after a change of the assignment's checks,
    points or rule for late ones, and say whose grade changed and why.

    Nothing is run: what was seen when they were graded is judged. Where that does not do,
    as for a new scenario, it says so and changes nothing; 'grader batch' then runs what is
    missing. The exit status is 0 when all were judged, 3 when grader itself failed for some,
    2 when something given can't be used.
    """
    from grader.assignments import find
    from grader.batch.regrade import regrade
    from grader.cli.batch_progress import watching
    from grader.report.regrade_text import print_regraded

    found = None if assignment is None else find(assignment)
    with watching() as watcher:
        regraded = regrade(results, found, watcher, jobs=jobs, only=only, dry_run=dry_run)
    print_regraded(regraded, results, dry_run)
    context.exit(3 if regraded.errors else 0)
