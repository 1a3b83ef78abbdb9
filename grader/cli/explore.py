"""``grader explore``: run every schedule of a program."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from grader.cli.program import (
    ProgramCommand,
    format_option,
    program,
    read_faults,
    read_program,
    replay_words,
)
from grader.cli.progress import progress


@click.command(
    "explore",
    cls=ProgramCommand,
    options_metavar="[OPTIONS]",
    context_settings={"ignore_unknown_options": True},
)
@program("stdio", "stdin", "timeout", "limit", "python", "seed", "start", "fault", "engine")
@click.option(
    "--no-output-order",
    is_flag=True,
    help="Explore outcomes alone, not the orders in which processes write: far fewer schedules.",
)
@click.option(
    "--runs",
    metavar="N",
    type=click.IntRange(min=1),
    help="Run no more schedules than this, and say that they were not all.",
)
@click.option(
    "--seconds",
    metavar="SECONDS",
    type=click.FloatRange(min=0, min_open=True),
    help="Take no longer than this in all, and say so.",
)
@format_option("grader/explore/v1")
@click.pass_context
def command(
    context: click.Context,
    command: tuple[str, ...],
    stdio: str | None,
    stdin: Path | None,
    timeout: float | None,
    limits: tuple[str, ...],
    python: str | None,
    beside: tuple[str, ...],
    unconfined: bool,
    seed: int | None,
    start: str,
    faults: tuple[str, ...],
    engine: str,
    no_output_order: bool,
    runs: int | None,
    seconds: float | None,
    format_: str,
) -> None:
    """Run a program in every order of events that can make a difference, and show every
    distinct outcome and every distinct output, each with a schedule that gives it.

    In virtual time, in which a sleep is no more than a pause: what a program does only
    because somebody sleeps long enough is not certain. FILE.py is run by Python; after --
    any command is run. Options that grader does not know are the program's, and so is
    whatever follows FILE.py --. The exit status is 0 when the program could be explored,
    whatever was found.
    """
    from grader.explore import Budget, document, explore

    what = read_program(
        context,
        command,
        stdio=stdio,
        stdin=stdin,
        timeout=timeout,
        limits=limits,
        python=python,
        beside=beside,
        unconfined=unconfined,
        time="adversarial",
        seed=seed or 0,
        start=start,
        faults=read_faults(faults),
        output_order=not no_output_order,
    )
    usual = Budget()
    budget = Budget(runs=runs or usual.runs, seconds=seconds or usual.seconds)
    with progress(f"exploring {command[0]}"):
        explored = explore(what.scenario, budget, engine=engine)
        exploration = document(explored, not no_output_order)
    if format_ == "json":
        from grader.model import to_json

        click.echo(to_json(exploration, indent=2))
    else:
        from grader.report import make_console, print_exploration

        print_exploration(
            exploration, explored.traces, partial(replay_words, context), make_console()
        )
