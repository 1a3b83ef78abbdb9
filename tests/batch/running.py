"""``grader batch`` as a process, and classes to give to it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.docs.console import ROOT
from tests.sizes import size

_QUICK = (
    "import grader.batch.cluster.connecting as c; c._CONNECT_SECONDS = 2.0; "
    "from grader.cli import main; main()"
)
"""The command line, with less patience for a scheduler that does not answer."""


def start(*arguments: object, quick: bool = False) -> subprocess.Popen[str]:
    """Start it."""
    program = ["-c", _QUICK] if quick else ["-m", "grader"]
    return subprocess.Popen(
        [sys.executable, *program, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def grader(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    running = start(*arguments)
    output, errors = running.communicate(timeout=size(280, 7000))
    return subprocess.CompletedProcess(running.args, running.returncode, output, errors)


def stored(results: Path) -> int:
    """How many submissions are done: those that have a record."""
    return len(list(results.glob("*/record.json")))


def a_class(folder: Path, names: list[str], file: str = "fig18_03") -> Path:
    """A folder a student, who hands in the reference, or a known mistake, each a little
    different from all others."""
    for number, name in enumerate(names):
        mistakes = ROOT / "assignments" / file / "mistakes"
        source = (
            ROOT / "reference" / f"{file}.py" if name == "reference" else mistakes / f"{name}.py"
        )
        place = folder / f"student{number:04d}" / f"{file}.py"
        place.parent.mkdir(parents=True)
        place.write_bytes(source.read_bytes() + f"# {number}\n".encode())
    return folder
