"""The command line: one module a verb, imported when the verb is used.

Each ``grader/cli/<verb>.py`` has a ``command``. Verbs raise UsageError and GraderError,
and end with ``context.exit(status)`` when the status is not 0.
"""

from __future__ import annotations

import difflib
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import NoReturn

import click

from grader import __version__
from grader.cli.endings import (
    ending_signals,
    fill_standard_descriptors,
    forget_output,
    lacking,
    say_plainly,
)
from grader.cli.first_process import leave_to_a_child
from grader.model.errors import GraderError, UsageError

OK, FAILED, USAGE, GRADER, BROKEN_PIPE, INTERRUPTED = 0, 1, 2, 3, 141, 130
"""Exit statuses: all passed, a check failed, something given can't be used, the grader's
own failure; 128 + SIGPIPE and 128 + SIGINT as a shell would say them, and so for SIGTERM and
SIGHUP."""

_VERBS = {
    "check": "Judge a submission to an assignment.",
    "batch": "Grade the submissions of a class.",
    "regrade": "Judge again what a batch has seen, by changed checks.",
    "merge": "Put the results of parts of a batch together.",
    "report": "Make pages of a batch's results.",
    "export": "Write a batch's results for a gradebook or another system.",
    "gradescope": "Grade a submission where Gradescope runs autograders.",
    "list": "List the assignments.",
    "init": "Start a repository for an assignment, with CI.",
    "trace": "Run any program and show its processes.",
    "explore": "Run every schedule of a program.",
    "replay": "Show one of its runs again, step by step.",
    "doctor": "Say what works on this computer.",
}
"""What the overview says of each verb, without importing it."""

_MOST_OF_AN_ERROR = 8_000
"""Characters of what is printed to standard error at once."""

NO_FORK = (
    "this Python has no os.fork: Windows does not have it (Portability Tip 18.1 of the"
    " textbook), so the programs can't run here; use the Windows Subsystem for Linux (WSL),"
    " where grader works as on Linux"
)


class Verbs(click.Group):
    """The group of verbs, each imported when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs, the most used first."""
        return [*_VERBS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        """Import a verb. Raises UsageError when there is none of this name."""
        if cmd_name not in _VERBS:
            close = difflib.get_close_matches(cmd_name, _VERBS, 1)
            meant = f"did you mean '{close[0]}'?" if close else f"there are {', '.join(_VERBS)}"
            raise UsageError(f"no verb '{cmd_name}': {meant}")
        command = import_module(f"{__name__}.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs without importing any."""
        with formatter.section("Verbs"):
            formatter.write_dl([*_VERBS.items()])


@click.command(
    cls=Verbs,
    subcommand_metavar="VERB [ARGS]...",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="'grader VERB --help' says more about a verb.",
)
@click.version_option(__version__, prog_name="grader", message="%(prog)s %(version)s")
def group() -> None:
    """Run process assignments, see every process they make, and say what is right and why."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit with its status; see the statuses above."""
    arguments = sys.argv[1:] if arguments is None else [*arguments]  # ``list`` is a verb here
    fill_standard_descriptors()
    leave_to_a_child()
    with ending_signals() as came:
        try:
            status = _run(arguments)
            if sys.stdout is not None:
                sys.stdout.flush()
        except BrokenPipeError:  # the reader of our output has gone (``grader ... | head``)
            forget_output()
            status = BROKEN_PIPE
        except KeyboardInterrupt:
            status = INTERRUPTED
        except (OSError, MemoryError) as error:  # as the flush does on a full disk
            forget_output()
            say_plainly(lacking(error) or str(error))
            status = GRADER
        if status == INTERRUPTED:
            number = came[0] if came else signal.SIGINT
            say_plainly("interrupted" if not came else f"ended by {signal.Signals(number).name}")
            status = 128 + number
    sys.exit(status)


def _run(arguments: Sequence[str]) -> int:
    try:
        if sys.stdout is None:
            raise UsageError("standard output is closed, so there is nowhere to print to")
        if not hasattr(os, "fork") and not {"-h", "--help", "--version"} & {*arguments}:
            raise UsageError(NO_FORK)
        # Not group.main: it would make a closed pipe status 1, which says a check failed.
        with group.make_context("grader", [*arguments] or ["--help"]) as context:
            group.invoke(context)
        return OK
    except click.exceptions.Exit as end:
        return end.exit_code
    except UsageError as error:
        return _say(str(error), USAGE)
    except GraderError as error:
        return _say(f"a failure of grader itself, not of the program: {error}", GRADER)
    except click.ClickException as error:
        return _say(_with_help(error), error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except BrokenPipeError:  # for main
        raise
    except Exception as error:
        sentence = lacking(error)
        if sentence is not None:
            forget_output()
            say_plainly(sentence)
            return GRADER
        import traceback

        _print_error("\n" + traceback.format_exc().rstrip())
        return _say("this is a fault in grader; please report it with the lines above", GRADER)


def _say(sentence: str, status: int) -> int:
    """Tell a person what is wrong, on standard error."""
    with suppress(OSError):  # nobody reads it; the status says it too
        _print_error(sentence)
    return status


def _print_error(text: str) -> None:
    """Print a text, which may quote anything, so that no line of it passes for another's."""
    from grader.model.safe import boxed, safe_text

    encoding = getattr(sys.stderr, "encoding", None) or "ascii"
    if len(text) > _MOST_OF_AN_ERROR:
        text = text[:_MOST_OF_AN_ERROR] + f"... ({len(text) - _MOST_OF_AN_ERROR:,} more)"
    click.echo(f"grader: {boxed(safe_text(text, encoding))}", err=True)


def _with_help(error: click.ClickException) -> str:
    """Click's sentence, in our form, with where to read more."""
    message = error.format_message().rstrip(".")
    message = message[:1].lower() + message[1:]
    if isinstance(error, click.UsageError) and error.ctx is not None:
        message += f" (see '{error.ctx.command_path} --help')"
    return message
