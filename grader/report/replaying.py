"""The command that shows the run which decided a check."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from grader.model import Check

if TYPE_CHECKING:
    from grader.assignments import Assignment

_NOT_NEEDED = (".git", "__pycache__")


def replay_words(
    program: str,
    check: Check,
    assignment: Assignment | None,
    *,
    named: str | None = None,
    python: str | None = None,
    beside: Sequence[str] = (),
) -> list[str]:
    """The words to type.

    ``program`` is the file to run, ``beside`` what else was handed in with it; ``named`` is
    what the user calls the assignment (default: its id), ``python`` the interpreter that
    was asked for.
    """
    words = ["grader", "replay", program]
    if assignment is not None:
        settings = assignment.scenarios.get(check.scenario or "")
        reach = assignment.confinement
        if settings is not None and (settings.args or settings.stdin or reach != type(reach)()):
            words += ["--scenario", f"{named or assignment.id}/{check.scenario}"]
    for place in beside:
        words += ["--with", place]
    if python is not None:
        words += ["--python", python]
    return [*words, "--schedule", check.schedule or ""]


def handed_in_beside(program: str, folder: Path) -> list[str]:
    """What was handed in beside a program: the paths of what is in ``folder``, where it lies, as
    its own path ``program`` is written."""
    there = Path(program)
    names = sorted(path.name for path in folder.iterdir())
    return [str(there.with_name(n)) for n in names if n != there.name and n not in _NOT_NEEDED]
