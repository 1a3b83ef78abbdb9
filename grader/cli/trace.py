"""``grader trace``: run any program once and show what its processes did."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.model.errors import UsageError

if TYPE_CHECKING:
    from grader.model import Flag, Limits, Trace

_SOURCE_MAX = 4_000_000
"""Bytes; what is larger was not written by hand."""


class _Command(click.Command):
    """Tells ``FILE.py ARGS`` from ``-- ANY COMMAND``, which click's parser does not."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        given = [*args]
        rest = super().parse_args(ctx, args)
        before = len(given) - len(ctx.params["command"]) - 1
        ctx.meta[__name__] = before >= 0 and given[before] == "--"
        return rest


@click.command(
    "trace",
    cls=_Command,
    options_metavar="[OPTIONS]",
    context_settings={"allow_interspersed_args": False},
)
@click.argument("command", nargs=-1, required=True, metavar="FILE.py [ARGS]... | -- COMMAND...")
@click.option(
    "--engine",
    type=click.Choice(["auto", "exact", "sampled"]),
    default="auto",
    help="How to observe it. [default: exact where the system allows it]",
)
@click.option(
    "--stdio",
    type=click.Choice(["terminal", "pipe"]),
    default="terminal",
    help="What it writes to. [default: a terminal]",
)
@click.option(
    "--stdin",
    metavar="FILE",
    type=click.Path(path_type=Path, allow_dash=True),
    help="What it reads; - for what grader itself is given. [default: nothing]",
)
@click.option(
    "--timeout",
    metavar="SECONDS",
    type=click.FloatRange(min=0, min_open=True),
    help="End it after so long. [default: 60]",
)
@click.option(
    "--limit",
    "limits",
    metavar="NAME=VALUE",
    multiple=True,
    help="Another limit: processes, cpu_seconds, output_bytes, events, memory_bytes. Repeatable.",
)
@click.option(
    "--python",
    metavar="INTERPRETER",
    help="The Python that runs FILE.py. [default: the one that runs grader]",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json"]),
    default="text",
    help="What to print: text for people, or one grader/trace/v1 document.",
)
@click.pass_context
def command(
    context: click.Context,
    command: tuple[str, ...],
    engine: str,
    stdio: str,
    stdin: Path | None,
    timeout: float | None,
    limits: tuple[str, ...],
    python: str | None,
    format_: str,
) -> None:
    """Run a program and show its processes: their tree, what each did and when, what it
    wrote, who collected whom, and what is worth knowing about it.

    FILE.py is run by Python; after -- any command is run, such as a C program. Options
    after FILE.py or the command are the program's. The exit status is 0 when the program
    could be traced, whatever its own was.
    """
    import msgspec

    from grader.judge import flags
    from grader.model import Scenario
    from grader.observe import run

    source = None
    if context.meta[__name__]:
        argv = [*command]
    else:
        argv, source = _python_program(command, python)
    scenario = msgspec.convert({"command": argv, "stdio": stdio, "stdin": _stdin(stdin)}, Scenario)
    scenario = msgspec.structs.replace(scenario, limits=_limits(limits, timeout))
    trace = run(scenario, engine)
    found = flags(trace, source)
    if format_ == "json":
        click.echo(document(trace, found))
    else:
        from grader.report import make_console, print_trace

        print_trace(trace, found, make_console())


def document(trace: Trace, flags: list[Flag]) -> bytes:
    """The trace as JSON, with its flags: derived from it, so no part of ``Trace``."""
    import msgspec

    return msgspec.json.format(
        msgspec.json.encode(msgspec.to_builtins(trace, str_keys=True) | {"flags": flags}), indent=2
    )


def _python_program(command: tuple[str, ...], python: str | None) -> tuple[list[str], str]:
    """The command that runs a Python file, and the file's text."""
    from grader.assignments.source_errors import find_source_error
    from grader.observe import python_executable

    name, *arguments = command
    data = _read(name)
    interpreter = python_executable(python)
    error = find_source_error(data, name, interpreter)
    if error is not None:
        raise UsageError(str(error))
    return [interpreter, name, *arguments], data.decode(errors="replace")


def _read(name: str) -> bytes:
    """The contents of a Python file; UsageError, with what to do, when it is none."""
    path = Path(name)
    instead = f"to trace a command, write: grader trace -- {name}"
    try:
        if path.is_dir():
            raise UsageError(f"{name} is a folder; give a Python file in it")
        with path.open("rb") as file:
            data = file.read(_SOURCE_MAX + 1)
    except FileNotFoundError:
        raise UsageError(f"no such file: {name} ({instead})") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"{name} can't be read: {reason}") from None
    if not data.strip():
        raise UsageError(f"{name} is empty")
    if b"\0" in data:
        raise UsageError(f"{name} is a binary file, not Python source text ({instead})")
    shebang = data.splitlines()[0] if data.startswith(b"#!") else b""
    if path.suffix != ".py" and shebang and b"python" not in shebang:
        raise UsageError(f"{name} is a script, but not of Python ({instead})")
    return data


def _stdin(path: Path | None) -> bytes:
    if path is None:
        return b""
    if str(path) == "-":
        return sys.stdin.buffer.read()
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"--stdin {path}: {error.strerror}") from None


def _limits(given: tuple[str, ...], timeout: float | None) -> Limits:
    """The limits that the options ask for."""
    import msgspec

    from grader.model import Limits

    known = {field.name: field.type for field in msgspec.structs.fields(Limits)}
    chosen: dict[str, float | int] = {} if timeout is None else {"seconds": timeout}
    for text in given:
        name, equals, value = text.partition("=")
        name = name.replace("-", "_")
        if not equals or name not in known:
            raise UsageError(f"--limit {text}: write NAME=VALUE; NAMEs are {', '.join(known)}")
        try:
            number = float(value)
            chosen[name] = number if known[name] is float else int(number)
        except (ValueError, OverflowError):
            number = 0
        if not 0 < number < float("inf"):
            raise UsageError(f"--limit {text}: {value!r} is not a number above 0")
    return msgspec.structs.replace(Limits(), **chosen)
