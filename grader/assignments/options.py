"""What the command line of pytest says, looked at before anything runs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader.assignments.assignment import FILE_NAME, Assignment, load
from grader.assignments.reading import exists
from grader.assignments.submission import open_submission
from grader.model import UsageError
from grader.model.safe import boxed, safe, safe_text


def backstop_wanted(item: pytest.Function) -> bool:
    """Whether pytest-timeout is there and nobody has told it how long to wait."""
    config = item.config
    if not any(config.pluginmanager.has_plugin(name) for name in ("timeout", "pytest_timeout")):
        return False
    told = config.getoption("timeout", None) is not None or config.getini("timeout")
    told = told or "PYTEST_TIMEOUT" in os.environ
    return not told and item.get_closest_marker("timeout") is None


def check_paths(config: pytest.Config) -> None:
    """Open every submission now if possible: a wrong path is one line, before anything runs."""
    base = config.invocation_params.dir
    paths = [str(base / path) for path in config.getoption("grader_submissions")]
    config.option.grader_submissions = paths  # absolute, for xdist's workers too
    if not paths:
        return
    try:
        for path in paths:
            if not exists(Path(path)):
                raise UsageError(f"--submission: no such file: {safe(path)}")
        for assignment in _assignments_at(config):
            for path in paths:
                open_submission(Path(path), assignment)
        if python := config.getoption("grader_python"):
            from grader.observe import python_executable

            python_executable(python)
    except UsageError as error:
        raise pytest.UsageError(boxed(safe_text(str(error)))) from None


def _assignments_at(config: pytest.Config) -> list[Assignment]:
    """The assignments that the command line names, as a folder, a module or their folder."""
    folders: set[Path] = set()
    for argument in config.args:
        path = config.invocation_params.dir / argument.split("::")[0]
        places = [path, path.parent, *(path.glob("*/") if path.is_dir() else [])]
        folders.update(place for place in places if (place / FILE_NAME).is_file())
    return [load(folder) for folder in sorted(folders)]
