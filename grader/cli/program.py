"""``FILE.py [ARGS] | -- COMMAND``, with the options that go with it: what several verbs run."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from grader.cli.confining import confined, confining
from grader.model.errors import UsageError
from grader.model.safe import safe, shell_line

if TYPE_CHECKING:
    from grader.model import Fault, Limits, Scenario

F = TypeVar("F", bound=Callable[..., Any])

_SOURCE_MAX = 4_000_000
"""Bytes; what is larger was not written by hand."""
_STDIN_MAX = 16_000_000
"""Bytes; no terminal or pipe is written more to."""
FORM = "FILE.py [ARGS]... | -- COMMAND..."


class ProgramCommand(click.Command):
    """A verb that runs a program.

    Tells ``FILE.py ARGS`` from ``-- ANY COMMAND``, which click's parser does not.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse, and remember whether ``--`` came before the program."""
        given = [*args]
        rest = super().parse_args(ctx, args)
        words: Sequence[str] = ctx.params["command"]
        after = len(given) - given.index("--") - 1 if "--" in given else -1
        ctx.meta[__name__] = len(words) == after
        if not ctx.meta[__name__] and words and words[0].startswith("-"):
            raise click.NoSuchOption(words[0], ctx=ctx)
        return rest


class Program(NamedTuple):
    """What the command line asks to run."""

    scenario: Scenario
    source: str | None
    """The text of a Python file, where it is one."""


_OPTIONS: dict[str, Callable[[F], F]] = {
    "engine": click.option(
        "--engine",
        type=click.Choice(["auto", "exact", "sampled"]),
        default="auto",
        help="How to observe it. [default: exact where the system allows it]",
    ),
    "stdio": click.option(
        "--stdio",
        type=click.Choice(["terminal", "pipe"]),
        help="What it writes to. [default: a terminal]",
    ),
    "stdin": click.option(
        "--stdin",
        metavar="FILE",
        type=click.Path(path_type=Path, allow_dash=True),
        help="What it reads; - for what grader itself is given. [default: nothing]",
    ),
    "timeout": click.option(
        "--timeout",
        metavar="SECONDS",
        type=click.FloatRange(min=0, min_open=True),
        help="End it after so long. [default: 60]",
    ),
    "limit": click.option(
        "--limit",
        "limits",
        metavar="NAME=VALUE",
        multiple=True,
        help="Another limit, such as processes_alive=200 or memory_bytes=1e9; a wrong NAME tells "
        "which there are. Repeatable.",
    ),
    "python": click.option(
        "--python",
        metavar="INTERPRETER",
        help="The Python that runs FILE.py. [default: the one that runs grader]",
    ),
    "seed": click.option(
        "--seed",
        type=click.IntRange(min=0, max=10**18 - 1),
        metavar="N",
        help="Random bytes, hash seed and clock are functions of it. [default: 0]",
    ),
    "start": click.option(
        "--start",
        type=click.Choice(["warm", "cold"]),
        default="warm",
        help="warm: each run is a copy of a program started once; cold: it is started for each. "
        "[default: warm]",
    ),
    "fault": click.option(
        "--fault",
        "faults",
        metavar="FAULT",
        multiple=True,
        help="Make a call fail: fork:EAGAIN@P#2 is the second fork of P. Repeatable.",
    ),
}


def program(*options: str) -> Callable[[F], F]:
    """Give a verb the argument ``command`` and these options, in this order."""

    def decorate(function: F) -> F:
        for name in reversed(options):
            function = _OPTIONS[name](function)
        function = confining(function)
        return click.argument("command", nargs=-1, required=True, metavar=FORM)(function)

    return decorate


def format_option(document: str) -> Callable[[F], F]:
    """The option ``--format`` of a verb that prints a document of this kind."""
    return click.option(
        "--format",
        "format_",
        type=click.Choice(["text", "json"]),
        default="text",
        help=f"What to print: text for people, or one {document} document.",
    )


def read_program(
    context: click.Context,
    command: Sequence[str],
    *,
    stdio: str | None = None,
    stdin: Path | None = None,
    timeout: float | None = None,
    limits: Sequence[str] = (),
    python: str | None = None,
    beside: Sequence[str] = (),
    unconfined: bool = False,
    **conditions: Any,
) -> Program:
    """The scenario that a verb's options ask for; ``conditions`` are more of its fields.

    Raises UsageError, with what to do, for what can't be run.
    """
    import msgspec

    from grader.model import Scenario

    source = script = None
    argv = [*command]
    if not context.meta[__name__]:
        argv, source = _python_program(command, python, context.command.name or "")
        script = command[0]
    scenario = Scenario(
        command=argv, script=script, stdin=_stdin(stdin), limits=_limits(limits, timeout)
    )
    if not unconfined:
        scenario = confined(scenario, beside)
    elif beside:
        raise UsageError("--with is for a confined program: --unconfined has it in this folder")
    if stdio is not None:
        conditions["stdio"] = stdio
    return Program(msgspec.structs.replace(scenario, **conditions), source)


def read_faults(given: Sequence[str]) -> tuple[Fault, ...]:
    """The faults that are asked for; UsageError where one can't be."""
    from grader.model import Fault

    return tuple(Fault.parse(text) for text in given)


def replay_words(context: click.Context, schedule: str) -> list[str]:
    """The words to type to see a run of the program of this verb again.

    The schedule holds how it is run; what else was given goes into the line again.
    """
    options = {parameter.name: parameter.opts[0] for parameter in context.command.params}
    given: list[str] = []
    if context.params.get("unconfined"):
        given.append("--unconfined")
    for name in ("stdin", "timeout", "limits", "python", "beside"):
        value = context.params.get(name)
        for each in value if isinstance(value, tuple) else (value,):
            if each is not None:
                given += [options[name], str(each)]
    given += ["--schedule", schedule]
    file, *arguments = context.params["command"]
    if context.meta[__name__]:
        return ["grader", "replay", *given, "--", file, *arguments]
    return ["grader", "replay", file, *given, *(["--", *arguments] if arguments else [])]


def _python_program(command: Sequence[str], python: str | None, verb: str) -> tuple[list[str], str]:
    """The command that runs a Python file, and the file's text."""
    from grader.assignments.source_errors import find_source_error
    from grader.observe import python_executable

    name, *arguments = command
    data = _read(name, verb)
    interpreter = python_executable(python)
    error = find_source_error(data, name, interpreter)
    if error is not None:
        raise UsageError(str(error))
    return [interpreter, name, *arguments], data.decode(errors="replace")


def _read(name: str, verb: str) -> bytes:
    """The contents of a Python file; UsageError, with what to do, when it is none."""
    from grader.assignments.reading import exists, is_folder, read_file

    path = Path(name)
    instead = f"to {verb} a command, write: {shell_line(['grader', verb, '--', name])}"
    if is_folder(path):
        raise UsageError(f"{safe(name)} is a folder; give a Python file in it")
    if not exists(path):
        raise UsageError(f"no such file: {safe(name)} ({instead})")
    try:
        data = read_file(path, name, _SOURCE_MAX)
    except UsageError as error:
        raise UsageError(f"{error} ({instead})") from None
    name = safe(name)
    if not data.strip():
        raise UsageError(f"{name} is empty")
    if b"\0" in data:
        raise UsageError(f"{name} is a binary file, not Python source text ({instead})")
    shebang = data.splitlines()[0] if data.startswith(b"#!") else b""
    if path.suffix != ".py" and shebang and b"python" not in shebang:
        raise UsageError(f"{name} is a script, but not of Python ({instead})")
    return data


def _stdin(path: Path | None) -> bytes:
    from grader.assignments.reading import reason

    if path is None:
        return b""
    if str(path) == "-":
        data = sys.stdin.buffer.read(_STDIN_MAX + 1)
    else:
        try:
            with path.open("rb") as file:
                data = file.read(_STDIN_MAX + 1)
        except (OSError, ValueError) as error:
            raise UsageError(f"--stdin {safe(str(path))}: {reason(error)}") from None
    if len(data) > _STDIN_MAX:
        raise UsageError(f"--stdin {safe(str(path))}: it has more than {_STDIN_MAX:,} bytes")
    return data


def _limits(given: Sequence[str], timeout: float | None) -> Limits:
    """The limits that the options ask for."""
    import msgspec

    from grader.assignments.assignment import LARGEST_LIMIT
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
            chosen[name] = 0
        if not 0 < chosen[name] <= LARGEST_LIMIT:
            raise UsageError(
                f"--limit {text}: {value!r} is not a number above 0, of at most {LARGEST_LIMIT:,}"
            )
    return msgspec.structs.replace(Limits(), **chosen)
