"""``grader doctor``: what works on this computer."""

from __future__ import annotations

import click


@click.command("doctor")
def command() -> None:
    """Try what grader needs, and say which engine it uses here and why."""
    from grader.observe import probe
    from grader.report import make_console, print_probe

    print_probe(probe(), make_console())
