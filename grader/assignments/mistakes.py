"""Known mistakes: wrong submissions that prove an assignment's checks."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from grader.assignments.assignment import Assignment, did_you_mean
from grader.model import Result, UsageError


class Mistake(msgspec.Struct, frozen=True, kw_only=True):
    """A submission that makes one mistake, and the checks that it must fail."""

    path: Path
    sentence: str
    """What is wrong with it, from ``# mistake: ...``."""
    fails: list[str]
    """The checks that fail, exactly, from ``# fails: a, b``. Checks that are skipped because
    these failed are not named."""


def load_mistakes(assignment: Assignment) -> list[Mistake]:
    """Load ``mistakes/*.py``; the heading comments of each say what it is and what it fails.

    Raises UsageError when a file does not say so, or names a check that does not exist.
    """
    checks = assignment.check_names()
    found = []
    for path in sorted((assignment.folder / "mistakes").glob("*.py")):
        heading = _heading(path)
        sentence = _value(heading, "mistake")
        fails = _value(heading, "fails")
        if not sentence or not fails:
            raise UsageError(
                f"{path}: its first lines must be '# mistake: what is wrong' and "
                "'# fails: the checks that fail, with commas'"
            )
        names = [name for name in re.split(r"[,\s]+", fails) if name]
        for name in names:
            if name not in checks:
                raise UsageError(f"{path}: no check {name!r}{did_you_mean(name, checks)}")
        found.append(Mistake(path=path, sentence=sentence, fails=names))
    return found


def failed_checks(result: Result) -> list[str]:
    """The ids of the checks that failed by themselves, skipped ones left out, in order."""
    return [check.id for check in result.checks if check.status == "fail"]


def _heading(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    end = next((n for n, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return [line.lstrip("# ").rstrip() for line in lines[:end]]


def _value(heading: list[str], key: str) -> str:
    """The value of ``key: value``; lines without a key continue the one before."""
    value: list[str] = []
    inside = False
    for line in heading:
        match = re.match(r"(\w+):\s*(.*)", line)
        if match:
            inside = match[1] == key
            line = match[2]
        if inside and line:
            value.append(line)
    return " ".join(value)
