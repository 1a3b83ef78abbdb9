"""``grader batch``: grade the submissions of a class."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.recording import recording

if TYPE_CHECKING:
    from grader.assignments import Assignment
    from grader.batch.run import Hire

_PATH = click.Path(path_type=Path)


@click.command("batch")
@click.argument("folder", type=_PATH)
@click.option(
    "-a",
    "--assignment",
    metavar="NAME",
    required=True,
    help="The assignment: a name from 'grader list', or a folder.",
)
@click.option(
    "-o",
    "--out",
    metavar="RESULTS",
    type=_PATH,
    help="The folder for the results. What is there already is not run again.",
)
@click.option("--roster", metavar="CSV", type=_PATH, help="The class list, as the LMS exports it.")
@click.option("--dry-run", is_flag=True, help="Say what would be graded, and run nothing.")
@click.option(
    "--only",
    metavar="ID",
    multiple=True,
    help="Grade these only: the name of a submission's folder among the results, or a pattern "
    "such as 'ana*'. Repeatable.",
)
@click.option("--again", is_flag=True, help="Run again what is done already, too.")
@click.option(
    "-j",
    "--jobs",
    metavar="N",
    type=click.IntRange(min=1),
    help="How many to grade at once. [default: one a processor]",
)
@click.option(
    "--shard",
    metavar="I/N",
    help="Grade the I-th of N parts only; 'grader merge' puts the results together.",
)
@click.option(
    "--cluster",
    metavar="WHERE",
    help="Have it done by Dask workers: the address of a scheduler, its file, or 'slurm' "
    "(with settings: slurm:partition=NAME,jobs=N; --dry-run shows the script).",
)
@recording
@click.pass_context
def command(
    context: click.Context,
    folder: Path,
    assignment: str,
    out: Path | None,
    roster: Path | None,
    dry_run: bool,
    only: tuple[str, ...],
    again: bool,
    jobs: int | None,
    shard: str | None,
    cluster: str | None,
    engine: str,
    python: str | None,
    timeout: float | None,
    runs: int | None,
) -> None:
    """Grade the submissions in FOLDER: a folder, or a zip archive, as an LMS gives it out.

    Runs each in every schedule that can make a difference, judges it, and stores what was
    seen and said in the folder RESULTS. Interrupted at any moment, the same command goes on
    from there. The exit status is 0 when all were graded, whatever their scores, 3 when
    grader itself failed for some, 2 when something given can't be used.
    """
    from grader.assignments import find
    from grader.batch.run import Options
    from grader.model import UsageError

    options = Options(
        engine=engine,
        python=python,
        seconds=timeout,
        budget=runs,
        jobs=jobs,
        only=only,
        again=again,
        shard=_part(shard),
        roster=roster,
    )
    if cluster is not None and jobs is not None:
        raise UsageError("--jobs is for workers on this computer: leave it out with --cluster")
    found = find(assignment)
    if dry_run:
        _print_collected(folder, found, roster)
        _print_script(cluster)
        return
    if out is None:
        raise UsageError("say where the results go: --out RESULTS, a folder (or try --dry-run)")
    from grader.batch.run import run_batch
    from grader.cli.batch_progress import watching
    from grader.report.batch_text import print_summary

    try:
        with watching() as watcher:
            summary = run_batch(folder, found, out, options, watcher, _hire(cluster))
    except KeyboardInterrupt:
        click.echo("grader: stopped; what is graded is kept: the same command goes on", err=True)
        raise
    print_summary(summary, out)
    context.exit(3 if summary.errors else 0)


def _print_collected(folder: Path, assignment: Assignment, roster: Path | None) -> None:
    """Say what is recognised, and run nothing."""
    from tempfile import TemporaryDirectory

    from grader.batch.entries import collected
    from grader.report.batch_text import print_collected

    with TemporaryDirectory(prefix="grader-") as temporary:
        found = collected(folder, assignment, Path(temporary) / "unpacked", roster)
        print_collected(found.batch, found.roster)


def _hire(cluster: str | None) -> Hire | None:
    """Who does the work, where that is not this computer."""
    if cluster is None:
        return None
    from functools import partial

    from grader.batch.cluster import connect
    from grader.model.safe import safe

    def say(sentence: str) -> None:
        click.echo(f"grader: {safe(sentence, most=500)}", err=True)

    return partial(connect, cluster, say=say)


def _print_script(cluster: str | None) -> None:
    """What a cluster's scheduler would be given."""
    if cluster is not None:
        from grader.batch.cluster import script

        if (text := script(cluster)) is not None:
            click.echo(f"\nThe script of each job:\n\n{text.rstrip()}")


def _part(shard: str | None) -> tuple[int, int] | None:
    """``2/8`` as (2, 8). Raises UsageError."""
    from grader.model import UsageError
    from grader.model.safe import safe

    if shard is None:
        return None
    match = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", shard)
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise UsageError(f"--shard {safe(shard)}: expected I/N, such as 2/8: the second of 8 parts")
    return int(match[1]), int(match[2])
