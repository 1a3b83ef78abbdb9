"""Reading the examples in a page of documentation, and running them.

A fenced block of kind ``console`` is a terminal session: ``$`` begins a command, the lines
below it are what it prints (none shown: anything may come). Of these, ``grader``,
``python -m grader``, ``pytest``, ``dask`` and ``cd`` commands are run, in order, in one folder a
page::

    ```console
    $ grader check fig18_03.py       # exit status 1
    ...
    Score: ...
    ```

A command that ends in ``&`` goes on while those after it run; it is ended with the page.

``...`` as a line stands for any lines, within a line for any text. Numbers that differ from run
to run (pids, seconds) need no dots. The exit status is 0 unless a comment says otherwise. A
fenced block whose first line names a file after its kind (``python hello.py``) makes that file.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.docs.class_folder import ROOT, make_class

PROGRAMS = {
    "grader": [sys.executable, "-m", "grader"],
    "pytest": [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"],
    "python": [sys.executable],
    "python3": [sys.executable],
    "dask": [sys.executable, "-m", "dask"],
}
_START_SECONDS = 60
_FENCE = re.compile(
    r"^(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^\n]*)\n(?P<body>.*?)^(?P=fence)[ \t]*$", re.M | re.S
)
_STATUS = re.compile(r"\s+#\s*exit status (\d+)\s*$")


@dataclass(frozen=True)
class File:
    """A file that the page shows, and that later commands use."""

    name: str
    text: str


@dataclass(frozen=True)
class Command:
    """A command that the page shows."""

    line: int
    words: list[str]
    status: int
    output: str
    """What the page shows of its output; empty when it shows none."""
    background: bool = False


def read(page: str) -> list[File | Command]:
    """The files and commands of a page, in order."""
    steps: list[File | Command] = []
    for match in _FENCE.finditer(page):
        kind, _, name = match["info"].strip().partition(" ")
        line = page.count("\n", 0, match.start("body")) + 1
        if kind == "console":
            steps += _session(match["body"], line)
        elif re.fullmatch(r"[\w./-]+\.\w+", name):
            steps.append(File(name, match["body"]))
    return steps


def _session(body: str, first: int) -> list[Command]:
    commands: list[Command] = []
    for part in re.split(r"^(?=\$ )", body, flags=re.M):
        line = first
        first += part.count("\n")
        if not part.startswith("$ "):
            continue
        head, _, output = part[2:].partition("\n")
        status = _STATUS.search(head)
        words = shlex.split(_STATUS.sub("", head), comments=True)
        background = words[-1:] == ["&"]
        words = words[: len(words) - background]
        if words and is_run(words):
            expected = int(status[1]) if status else 0
            commands.append(Command(line, words, expected, output.rstrip(), background))
    return commands


def is_run(words: list[str]) -> bool:
    """Whether the command is one of those that are run."""
    if words[0] in ("python", "python3"):
        return words[1:3] == ["-m", "grader"]
    return words[0] in (*PROGRAMS, "cd")


def run(command: Command, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command in the folder, as somebody would at a terminal of 80 columns, without one."""
    return subprocess.run(
        [*PROGRAMS[command.words[0]], *command.words[1:]],
        cwd=folder,
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        timeout=120,
    )


@contextmanager
def started(command: Command, folder: Path) -> Iterator[None]:
    """Run a command in the background, meanwhile. One that tells others by a file where it is has
    written that before they begin."""
    words = command.words
    with (folder / f"{words[1]}.log").open("wb") as log:
        process = subprocess.Popen(
            [*PROGRAMS[words[0]], *words[1:]],
            cwd=folder,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        if words[1] == "scheduler":
            _wait_for(folder / words[words.index("--scheduler-file") + 1], process)
        yield
    finally:
        process.terminate()
        process.wait(timeout=_START_SECONDS)


def _wait_for(file: Path, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _START_SECONDS
    while not file.exists():
        assert process.poll() is None, "it ended"
        assert time.monotonic() < end, f"it wrote no {file.name}"
        time.sleep(0.05)


def _environment() -> dict[str, str]:
    hidden = ("PYTEST_", "COV_", "NO_COLOR", "FORCE_COLOR", "PYTHONPATH")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(hidden)}
    return kept | {"COLUMNS": "80", "LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT)}


def make_folder(folder: Path) -> None:
    """Fill the folder in which a page's commands run.

    The reference solutions lie in it as a student's files would, and the folders
    ``assignments`` and ``reference`` as in a checkout; and there is a class to grade.
    """
    make_class(folder)
    for name in ("assignments", "reference"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for file in (folder / "reference").glob("*.py"):
        shutil.copy(file, folder)


def matches(shown: str, got: str) -> bool:
    """Whether what came is what the page shows."""
    pattern = ""
    for line in _plain(shown).split("\n"):
        if line.strip() == "...":
            pattern += r"(?:[^\n]*\n)*?"
        else:
            pattern += ".*?".join(map(re.escape, line.split("..."))) + r"[ ]*\n"
    return re.fullmatch(pattern, _plain(got) + "\n") is not None


def _plain(text: str) -> str:
    """The text without what differs from run to run, and without blanks at the ends of lines."""
    lines = [line.rstrip() for line in text.strip("\n").split("\n")]
    text = "\n".join(lines)
    text = re.sub(r"\b\d+(\.\d+)?( ?(?:s|ms|us|µs|seconds?)\b)", r"N\2", text)
    text = re.sub(r"(?i)(\bpid |pid\d?[:=] ?|\bchild )\d{2,}", r"\1N", text)  # small pids too
    text = re.sub(r"\b\d{3,7}\b", "N", text)
    text = re.sub(r"([─━═-])\1{3,}", r"\1\1\1", text)  # a rule under a column of pids
    return re.sub(r"[ ]{2,}", "  ", text)
