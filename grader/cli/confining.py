"""Confining a program that the command line names: which files go with it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from grader.model.errors import UsageError
from grader.model.safe import safe

if TYPE_CHECKING:
    from grader.model import Scenario

F = TypeVar("F", bound=Callable[..., Any])


def confining(function: F) -> F:
    """The options of a verb that runs a program: ``--with`` and ``--unconfined``."""
    beside = click.option(
        "--with",
        "beside",
        metavar="PATH",
        multiple=True,
        help="A file or folder that it needs: a copy lies beside it. Repeatable.",
    )
    unconfined = click.option(
        "--unconfined",
        is_flag=True,
        help="Run it in this folder, as you: with your files and your network. Only for programs "
        "that you trust.",
    )
    return beside(unconfined(function))


def confined(scenario: Scenario, beside: Sequence[str]) -> Scenario:
    """The scenario with the program confined: a copy of it in a private folder.

    A Python file is copied; of another command the program, where it is named by its path,
    and each argument that is a file of this folder. Raises UsageError for what is not there.
    """
    import msgspec

    from grader.model import Confinement

    files: dict[str, str] = {}
    reads: list[str] = []
    words = [*scenario.command]
    script = scenario.script
    if script is not None:
        place = Path(script).name
        files[place] = str(Path(script).absolute())
        script = f"./{place}" if place.startswith("-") else place
        words[1] = script
    else:
        if "/" in words[0] and not Path(words[0]).is_absolute():
            place = Path(words[0]).name
            files[place] = str(Path(words[0]).absolute())
            words[0] = f"./{place}"
        for word in words[1:]:
            path = Path(word)
            if not _is_file(path):
                continue
            if path.is_absolute():
                reads.append(word)
            elif ".." not in path.parts:
                files[word] = str(path.absolute())
    for word in beside:
        path = Path(os.path.normpath(Path(word).absolute()))
        if not path.exists():
            raise UsageError(f"--with {safe(word)}: no such file or folder")
        files[path.name] = str(path)
    confinement = Confinement(files=files, reads=tuple(reads))
    return msgspec.structs.replace(scenario, command=words, script=script, confinement=confinement)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
