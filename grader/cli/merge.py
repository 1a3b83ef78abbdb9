"""``grader merge``: put the results of parts of a batch together."""

from __future__ import annotations

from pathlib import Path

import click

_PATH = click.Path(path_type=Path)


@click.command("merge")
@click.argument("parts", metavar="PART...", nargs=-1, required=True, type=_PATH)
@click.option(
    "-o", "--out", metavar="RESULTS", required=True, type=_PATH, help="The folder for all results."
)
@click.pass_context
def command(context: click.Context, parts: tuple[Path, ...], out: Path) -> None:
    """Put the results of 'grader batch --shard I/N' together: each PART is a folder of results.

    The exit status is 0 when all submissions are graded then, 3 when some are not, or
    grader itself failed for some, 2 when something given can't be used.
    """
    from grader.batch.shards import merge
    from grader.report.batch_text import print_merged

    merged = merge(parts, out)
    print_merged(merged, out)
    context.exit(3 if merged.waiting or merged.errors else 0)
