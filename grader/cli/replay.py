"""``grader replay``: one run of a program again, step by step."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli.program import ProgramCommand, format_option, program, read_faults, read_program
from grader.cli.progress import progress
from grader.model.errors import UsageError

if TYPE_CHECKING:
    from grader.model import Scenario, Schedule

OTHER_RUN = 1
"""The exit status when the run was not the one that was asked for."""


@click.command(
    "replay",
    cls=ProgramCommand,
    options_metavar="--schedule SCHEDULE [OPTIONS]",
    context_settings={"ignore_unknown_options": True},
)
@click.option(
    "--schedule",
    required=True,
    metavar="SCHEDULE",
    help="Who goes when, as 'grader explore' and 'grader check' print it.",
)
@click.option(
    "--scenario",
    metavar="ASSIGNMENT/NAME",
    help="With the arguments and input that an assignment has in this scenario.",
)
@program("stdio", "stdin", "timeout", "limit", "python", "seed", "start", "fault")
@format_option("grader/trace/v1")
@click.pass_context
def command(
    context: click.Context,
    schedule: str,
    scenario: str | None,
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
    format_: str,
) -> None:
    """Run a program once more in a given order of events, and show it step by step.

    The schedule says also on what it ran, in which time, with which seed and faults; the
    options --stdio, --seed and --fault replace what it says. Options that grader does not know
    are the program's, and so is whatever follows FILE.py --. The exit status is 0 when the
    program followed the schedule to its end, and 1 when it did not, as another program does.
    """
    from grader.explore import replay
    from grader.judge import flags
    from grader.model import Schedule

    wanted = _with_options(Schedule.parse(schedule), stdio, seed, faults)
    what = read_program(
        context,
        command,
        stdin=stdin,
        timeout=timeout,
        limits=limits,
        python=python,
        beside=beside,
        unconfined=unconfined,
        start=start,
    )
    how = what.scenario if scenario is None else _as_assigned(scenario, what.scenario)
    with progress(f"replaying {command[0]}"):
        trace = replay(how, wanted)
    found = flags(trace, what.source)
    if format_ == "json":
        from grader.cli.trace import document

        click.echo(document(trace, found))
    else:
        from grader.report import make_console, print_replay

        print_replay(trace, wanted, found, make_console())
    if trace.departed:
        context.exit(OTHER_RUN)


def _as_assigned(name: str, scenario: Scenario) -> Scenario:
    """A scenario with the arguments, the input and the reach of one of an assignment's."""
    import msgspec

    from grader.assignments import find

    folder, slash, name = name.rpartition("/")
    if not slash:
        raise UsageError(f"--scenario {name}: write ASSIGNMENT/NAME")
    if scenario.script is None:
        raise UsageError("--scenario is for FILE.py: an assignment is about a Python file")
    assignment = find(folder)
    known = assignment.scenarios
    if name not in known:
        raise UsageError(f"--scenario: {folder} has no {name!r}; it has {', '.join(known)}")
    confinement = scenario.confinement
    if confinement is not None:
        allowed = assignment.confinement
        confinement = allowed.confinement(confinement.files, assignment.folder)
    return msgspec.structs.replace(
        scenario,
        command=[*scenario.command[:2], *known[name].args],
        stdin=known[name].stdin.encode(),
        confinement=confinement,
    )


def _with_options(
    schedule: Schedule, stdio: str | None, seed: int | None, faults: tuple[str, ...]
) -> Schedule:
    """The schedule, with what the options say in the place of what it says."""
    import msgspec

    given: dict[str, Any] = {"stdio": stdio, "seed": seed, "faults": read_faults(faults) or None}
    return msgspec.structs.replace(
        schedule, **{name: value for name, value in given.items() if value is not None}
    )
