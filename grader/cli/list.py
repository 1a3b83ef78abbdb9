"""``grader list``: the assignments that come with grader."""

from __future__ import annotations

import sys

import click


@click.command("list")
def command() -> None:
    """List the assignments: name, file expected, title."""
    from grader.assignments import all_assignments
    from grader.model.safe import safe

    encoding = sys.stdout.encoding
    rows = [
        tuple(safe(text, encoding) for text in (a.id, a.file, a.title)) for a in all_assignments()
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [text.ljust(width) for text, width in zip(row, widths, strict=True)]
        click.echo("  ".join(cells).rstrip())
