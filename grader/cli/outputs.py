"""Results in other formats, written where they are wanted: for several verbs."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.model.errors import UsageError
from grader.model.safe import safe

if TYPE_CHECKING:
    from grader.model import Graded
    from grader.report.exports import Options

ALIASES = {"chrome": "perfetto"}
"""Other names of formats."""


def format_named(name: str, known: list[str]) -> str:
    """The format of a name. Raises UsageError when there is none."""
    from difflib import get_close_matches

    name = ALIASES.get(name, name)
    if name not in known:
        close = get_close_matches(name, known, 1)
        meant = f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}"
        raise UsageError(f"no format {safe(name)!r} here: {meant}")
    return name


def wanted_files(saves: tuple[str, ...], known: list[str]) -> list[tuple[str, Path]]:
    """What ``--save FORMAT=FILE`` asks for. Raises UsageError for what is not of that form."""
    wanted = []
    for save in saves:
        name, equals, file = save.partition("=")
        if not equals or not file:
            raise UsageError(
                f"--save: expected FORMAT=FILE, such as junit=result.xml, not {save!r}"
            )
        wanted.append((format_named(name, known), Path(file)))
    return wanted


def write_file(path: Path, data: bytes) -> None:
    """Write a file whole or not at all. Raises UsageError where that can't be done."""
    from grader.assignments import writing

    try:
        writing.write_file(path, data)
    except OSError as error:
        raise UsageError(f"{safe(str(path))} can't be written: {error.strerror}") from None


def warn(warnings: list[str]) -> None:
    """Say on standard error what someone should know about an export."""
    for warning in warnings:
        click.echo(f"grader: {safe(warning, most=1_000)}", err=True)


def in_repository(path: Path) -> str:
    """Where a file is in the repository that a CI service has checked out: relative to what it
    names as its root, else to the current folder."""
    root = os.environ.get("GITHUB_WORKSPACE") or os.environ.get("CI_PROJECT_DIR") or "."
    with suppress(OSError, ValueError):
        return path.resolve().relative_to(Path(root).resolve()).as_posix()
    return path.name


def stopped(text: str) -> str:
    """A text in a log of GitHub Actions in which no command is obeyed: between
    ``stop-commands`` and a token that nobody can guess."""
    token = secrets.token_hex(16)
    end = "" if text.endswith("\n") else "\n"
    return f"::stop-commands::{token}\n{text}{end}::{token}::\n"


def on_github(graded: Graded, options: Options) -> str:
    """What to print for GitHub Actions; writes the summary of the step and the output
    ``result``, where the environment names the files for them."""
    from grader.report.exports import document
    from grader.report.exports.github import classroom, summary

    file = os.environ.get("GITHUB_STEP_SUMMARY")
    if file:
        used = Path(file).stat().st_size if Path(file).exists() else 0
        _append(Path(file), summary(graded, options, used))
    file = os.environ.get("GITHUB_OUTPUT")
    if file:
        _append(Path(file), f"result={classroom(graded, options)}\n".encode())
    return document("github", graded, options).data.decode()


def _append(path: Path, data: bytes) -> None:
    try:
        with path.open("ab") as stream:
            stream.write(data)
    except OSError as error:
        raise UsageError(f"{safe(str(path))} can't be written: {error.strerror}") from None
