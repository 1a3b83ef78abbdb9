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

OF_SCENARIOS = "scenario "
"""What the input of each scenario begins with; its name follows."""


def shared_inputs(assignment: Assignment, setting: Setting) -> dict[str, str]:
    """The inputs that all submissions of a batch share. ``setting.engine`` is one that was
    chosen, not ``auto``."""
    return {
        "grader": __version__,
        "engine": setting.engine,
        "python": _version(setting.python),
        "options": f"timeout={setting.seconds or ''} runs={setting.budget or ''}",
        "checks": digest(setting.files),
        **of_running(assignment, setting.files),
    }


def of_running(assignment: Assignment, files: Mapping[str, bytes]) -> dict[str, str]:
    """Those inputs of an assignment that decide how submissions are run."""
    beside = {
        place: data
        for place, data in files.items()
        for name in assignment.confinement.files
        if place == name or place.startswith(f"{name.rstrip('/')}/")
    }
    scenarios = {
        f"{OF_SCENARIOS}{name}": _hash(settings) for name, settings in assignment.scenarios.items()
    }
    return {
        "limits": _hash(assignment.limits),
        "confinement": _hash([assignment.confinement, digest(beside)]),
        **scenarios,
    }


def inputs_of(entry: Entry, files: Mapping[str, bytes], shared: dict[str, str]) -> dict[str, str]:
    """All inputs of one submission."""
    return {
        **shared,
        "submission": _hash([digest(files), entry.file, entry.folder]),
        "entry": _hash([entry.name, entry.submitted, entry.late_seconds]),
    }


def needs_runs(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Which inputs are not what they were, of those whose change needs new runs."""
    return [name for name in now if name not in OF_JUDGING and before.get(name) != now[name]]


def _hash(what: object) -> str:
    return hashlib.sha256(msgspec.json.encode(what)).hexdigest()


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
