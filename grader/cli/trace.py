"""``grader trace``: run any program once and show what its processes did."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.program import (
    Program,
    ProgramCommand,
    format_option,
    program,
    read_faults,
    read_program,
)
from grader.model.errors import UsageError

if TYPE_CHECKING:
    from grader.model import Flag, Trace


@click.command(
    "trace",
    cls=ProgramCommand,
    options_metavar="[OPTIONS]",
    context_settings={"allow_interspersed_args": False},
)
@program("engine", "stdio", "stdin", "timeout", "limit", "python", "seed", "fault")
@click.option(
    "--time",
    type=click.Choice(["real", "ideal", "adversarial"]),
    default="real",
    help="real: as it comes. ideal: one process at a time, in virtual time, where sleeping costs "
    "nothing and is exact. adversarial: the same, but a sleep is only a pause. [default: real]",
)
@format_option("grader/trace/v1")
@click.pass_context
def command(
    context: click.Context,
    command: tuple[str, ...],
    engine: str,
    stdio: str | None,
    stdin: Path | None,
    timeout: float | None,
    limits: tuple[str, ...],
    python: str | None,
    beside: tuple[str, ...],
    unconfined: bool,
    seed: int | None,
    faults: tuple[str, ...],
    time: str,
    format_: str,
) -> None:
    """Run a program and show its processes: their tree, what each did and when, what it
    wrote, who collected whom, and what is worth knowing about it.

    FILE.py is run by Python; after -- any command is run, such as a C program. Options
    after FILE.py or the command are the program's. The exit status is 0 when the program
    could be traced, whatever its own was.
    """
    from grader.judge import flags

    for option, given in (("--seed", seed), ("--fault", faults)):
        if time == "real" and given not in (None, ()):
            raise UsageError(f"{option} is for virtual time: add --time ideal")
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
        time=time,
        seed=seed or 0,
        faults=read_faults(faults),
    )
    trace = _run(what, engine)
    found = flags(trace, what.source)
    if format_ == "json":
        click.echo(document(trace, found))
    else:
        from grader.report import make_console, print_trace

        print_trace(trace, found, make_console())


def _run(what: Program, engine: str) -> Trace:
    """Run it, free-running in real time and else as an empty schedule says."""
    scenario = what.scenario
    if scenario.time == "real":
        from grader.observe import run

        return run(scenario, engine)
    if engine == "sampled":
        raise UsageError("sampling can't control a program: virtual time needs the exact engine")
    from grader.explore import replay
    from grader.model import Schedule

    schedule = Schedule(
        time=scenario.time, stdio=scenario.stdio, seed=scenario.seed, faults=scenario.faults
    )
    return replay(scenario, schedule)


def document(trace: Trace, flags: list[Flag]) -> bytes:
    """The trace as JSON, with its flags: derived from it, so no part of ``Trace``."""
    import msgspec

    from grader.model import to_json

    return to_json(msgspec.structs.asdict(trace) | {"flags": flags}, indent=2)
