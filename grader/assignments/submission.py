"""A submission: the file that a student hands in."""

from __future__ import annotations

import ast
import io
import tokenize
from functools import cached_property
from pathlib import Path

import msgspec

from grader.assignments.assignment import Assignment
from grader.assignments.source_errors import find_source_error
from grader.model import UsageError

MAX_BYTES = 4_000_000
"""No file written by hand is larger; reading an endless device must not hang the grader."""


class NotPython(AssertionError):
    """The submission can't be parsed: a check that needs its syntax tree fails."""


class Submission(msgspec.Struct, frozen=True, dict=True, kw_only=True):
    """One submission to one assignment. ``dict=True`` lets the properties be cached."""

    assignment: Assignment
    path: Path
    """Absolute."""
    name: str
    """The path as the user gave it."""
    data: bytes
    """What the file contained when it was opened."""

    @cached_property
    def source(self) -> str:
        """The file as text, decoded as Python would (PEP 263); faulty bytes as U+FFFD."""
        try:
            encoding, _ = tokenize.detect_encoding(io.BytesIO(self.data).readline)
        except SyntaxError:
            encoding = "utf-8"
        text = self.data.decode(encoding, errors="replace")
        return io.IncrementalNewlineDecoder(None, translate=True).decode(text, final=True)

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree. Raises NotPython, an AssertionError, when there is none."""
        error = find_source_error(self.data, self.path.name)
        if error is not None:
            raise NotPython(str(error))
        return ast.parse(self.data, self.path.name)


def open_submission(path: Path, assignment: Assignment, name: str | None = None) -> Submission:
    """Open a submission: a file, or a folder that contains the file which the assignment expects.

    ``name`` is how to call it in messages and results (default: the path as given).
    Raises UsageError when it is not there, is no text, or is empty.
    """
    name = str(path) if name is None else name
    if path.is_dir():
        path, name = _file_in(path, assignment, name), f"{name.rstrip('/')}/{assignment.file}"
    return Submission(assignment=assignment, path=path.resolve(), name=name, data=_read(path, name))


def _file_in(folder: Path, assignment: Assignment, name: str) -> Path:
    expected = folder / assignment.file
    if expected.exists():
        return expected
    try:
        there = sorted(entry.name for entry in folder.iterdir())
    except OSError as error:
        raise UsageError(f"{name} can't be read: {error.strerror}") from None
    if not there:
        raise UsageError(f"{name} is an empty folder: it should contain {assignment.file}")
    shown = ", ".join(there[:8]) + (f" and {len(there) - 8} more" if len(there) > 8 else "")
    raise UsageError(f"no {assignment.file} in the folder {name}, which contains: {shown}")


def _read(path: Path, name: str) -> bytes:
    if not path.exists():
        raise UsageError(f"no such file: {name}")
    if not path.is_file():
        raise UsageError(f"{name} is not a regular file")
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{name} can't be read: {error.strerror}") from None
    if len(data) > MAX_BYTES:
        raise UsageError(f"{name} is larger than {MAX_BYTES:,} bytes: that is no source file")
    if not data.strip():
        raise UsageError(f"{name} is empty")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UsageError(f"{name} is UTF-16 text: save it again as UTF-8")
    if b"\0" in data:
        raise UsageError(f"{name} is a binary file{_kind(data)}, not Python source text")
    return data


def _kind(data: bytes) -> str:
    for start, kind in ((b"\x7fELF", "a program"), (b"PK", "a zip archive")):
        if data.startswith(start):
            return f" ({kind})"
    return " (compiled Python)" if data[2:4] == b"\r\n" else ""
