"""``grader report``: pages to look at."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import click


@click.command("report")
@click.argument("results", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    help="Where to write it. [default: the folder 'report' in RESULTS]",
)
@click.option("--anonymous", is_flag=True, help="No names: neutral ids, the same every time.")
@click.option(
    "--student",
    is_flag=True,
    help="Pages to hand to students: no hidden checks, and no overview.",
)
@click.option(
    "--after-due-date",
    is_flag=True,
    help="With --student: show also what was kept back until the assignment was due.",
)
def command(
    results: Path, output: Path | None, anonymous: bool, student: bool, after_due_date: bool
) -> None:
    """Make pages of RESULTS, a folder that 'grader batch' wrote: an overview to open in a
    browser, and a page for each submission.

    The pages need no network and no server. An earlier report in the same folder is replaced.
    """
    from grader.batch import Results
    from grader.model import UsageError
    from grader.report.html import Options, write_report

    if after_due_date and not student:
        raise UsageError("--after-due-date goes with --student: without it, every check is shown")
    options = Options(anonymous=anonymous, student=student, after_due_date=after_due_date)
    opened = write_report(Results(results), output, options, _progress())
    words = "Pages for students, one each, are in" if student else "Open"
    click.echo(f"{words} {opened}")


def _progress() -> Callable[[int, int], None] | None:
    """Tells on a terminal how far it is."""
    if not sys.stderr.isatty():
        return None

    def tell(done: int, of: int) -> None:
        sys.stderr.write(f"\rgrader: {done:,} of {of:,} pages ")
        if done == of:
            sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()

    return tell
