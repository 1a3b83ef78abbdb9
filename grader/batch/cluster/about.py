"""What a grader says of itself, so that two of them can be told apart."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from pathlib import Path

import msgspec

import grader


class About(msgspec.Struct, frozen=True, kw_only=True):
    """One installation of grader, and the Python that it runs in."""

    version: str
    source: str
    """A hash (SHA-256) of grader's own files: of two with the same version, one may have been
    changed."""
    python: str
    """The version of Python, which submissions are run with too: ``3.11.7``."""


@cache
def this_one() -> About:
    """The one that asks."""
    return About(version=grader.__version__, source=_source(), python=platform.python_version())


def difference(ours: About, theirs: About) -> str | None:
    """Why the results of one would not be those of the other; None when they are the same.

    The end of a sentence that begins with the other's name.
    """
    if ours.version != theirs.version:
        return f"it has grader {theirs.version}, and here is {ours.version}"
    if ours.python != theirs.python:
        return f"it runs submissions with Python {theirs.python}, and here is {ours.python}"
    if ours.source != theirs.source:
        return f"its grader {theirs.version} is not the same as the one here: some file differs"
    return None


def _source() -> str:
    folder = Path(grader.__file__).parent
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        if "_bundled" not in path.parts:
            found.update(path.relative_to(folder).as_posix().encode() + b"\0")
            found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()
