"""What a result depends on: its name. The same inputs, the same result."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Mapping

import msgspec

from grader import __version__
from grader.assignments.assignment import Assignment
from grader.batch.jobs import Setting
from grader.batch.places import digest
from grader.model import Entry, UsageError
from grader.observe import python_executable

OF_JUDGING = ("checks", "entry")
"""Inputs whose change means that runs are judged again; that of any other, new runs."""

WORDS = {
    "submission": "the submission",
    "scenarios": "the scenarios, limits or confinement in assignment.toml",
    "options": "--timeout or --runs",
    "engine": "the engine",
    "python": "the Python that runs submissions",
    "grader": "the version of grader",
    "checks": "the assignment",
    "entry": "the name, or when it was handed in",
}
"""What each is, for people."""


def shared_inputs(assignment: Assignment, setting: Setting) -> dict[str, str]:
    """The inputs that all submissions of a batch share. ``setting.engine`` is one that was
    chosen, not ``auto``."""
    return {
        "grader": __version__,
        "engine": setting.engine,
        "python": _version(setting.python),
        "options": f"timeout={setting.seconds or ''} runs={setting.budget or ''}",
        "scenarios": _scenarios(assignment, setting.files),
        "checks": digest(setting.files),
    }


def inputs_of(entry: Entry, files: Mapping[str, bytes], shared: dict[str, str]) -> dict[str, str]:
    """All inputs of one submission."""
    handed_in = hashlib.sha256(msgspec.json.encode([digest(files), entry.file, entry.folder]))
    named = hashlib.sha256(msgspec.json.encode([entry.name, entry.submitted, entry.late_seconds]))
    return {"submission": handed_in.hexdigest(), **shared, "entry": named.hexdigest()}


def changed(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Which inputs are not what they were."""
    return [name for name in now if before.get(name) != now[name]]


def _scenarios(assignment: Assignment, files: Mapping[str, bytes]) -> str:
    """A hash of all in an assignment that decides how submissions are run."""
    settings = msgspec.json.encode(
        [assignment.file, assignment.limits, assignment.confinement, assignment.scenarios]
    )
    beside = {
        place: data
        for place, data in files.items()
        for name in assignment.confinement.files
        if place == name or place.startswith(f"{name.rstrip('/')}/")
    }
    return hashlib.sha256(settings + digest(beside).encode()).hexdigest()


def _version(python: str | None) -> str:
    """Which Python that is: not where it lies, which may differ from computer to computer."""
    if python is None:
        return _named(sys.implementation.name, sys.version_info[:3])
    ask = "import sys; print(sys.implementation.name, *sys.version_info[:3])"
    executable = python_executable(python)
    try:
        answer = subprocess.run(
            [executable, "-I", "-S", "-c", ask],
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        raise UsageError(f"{python}: this does not run as a Python 3 interpreter") from None
    name, *numbers = answer.split()
    return _named(name, numbers)


def _named(name: str, numbers: tuple[object, ...] | list[str]) -> str:
    return f"{name} {'.'.join(map(str, numbers))}"
