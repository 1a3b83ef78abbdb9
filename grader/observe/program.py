"""Which program a scenario runs, and in which environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from grader.model import UsageError


def python_executable(python: str | None = None) -> str:
    """The real interpreter to run submissions with.

    ``python`` is a path or a name on PATH; the default is the interpreter that runs
    the grader. A version manager's shim is a shell script that forks dozens of
    processes before Python starts, and a virtual environment's is a link: so the
    interpreter itself is asked where it really is.

    Raises UsageError when there is no such interpreter, or it is not Python 3.
    """
    if python is None:
        return os.path.realpath(sys.executable)
    found = shutil.which(python)
    if found is None:
        raise UsageError(
            f"there is no Python interpreter {python!r}; give a path or a name on PATH"
        )
    ask = "import os, sys; print(sys.version_info[0], os.path.realpath(sys.executable))"
    try:
        answer = subprocess.run(
            [found, "-I", "-S", "-c", ask], capture_output=True, text=True, timeout=30, check=True
        ).stdout
        version, real = answer.strip().split(" ", 1)
    except (OSError, subprocess.SubprocessError, ValueError):
        raise UsageError(f"{python}: this does not run as a Python 3 interpreter") from None
    if version != "3":
        raise UsageError(f"{python}: this is Python {version}; the assignments are in Python 3")
    return real


def find_program(name: str, directory: str | None) -> str:
    """The executable file that a command's first word names, as execvp(3) would find it.

    Raises UsageError, saying why, when there is none, or no such ``directory``.
    """
    if directory is not None and not Path(directory).is_dir():
        raise UsageError(f"{directory}: no such folder to run in")
    if "/" in name:
        path = Path(directory or ".") / name
        if not path.exists():
            raise UsageError(f"{name}: no such file")
        if path.is_dir():
            raise UsageError(f"{name}: this is a folder, not a program")
        if not os.access(path, os.X_OK):
            raise UsageError(f"{name}: not executable; try: chmod +x {name}")
        return str(path.resolve())
    found = shutil.which(name)
    if found is None:
        raise UsageError(f"{name}: no such command on PATH")
    return str(Path(found).absolute())


def is_interpreter(path: str) -> bool:
    """Whether an executable file is a Python interpreter, by its name."""
    return Path(path).name.startswith(("python", "pypy"))


# Variables that would change how a program behaves under the grader: PYTHONUNBUFFERED
# hides the doubled buffer of fork, PYTHONPATH brings in foreign modules, and the others
# belong to tools that may be running the grader.
_CLEARED_PREFIXES = ("PYTHON", "PYTEST", "COVERAGE", "COV_CORE", "VIRTUAL_ENV", "LD_PRELOAD")


def environment(inherited: Mapping[str, str]) -> dict[str, str]:
    """The environment for a submission: ours without what would change its behaviour."""
    return {k: v for k, v in inherited.items() if not k.startswith(_CLEARED_PREFIXES)}
