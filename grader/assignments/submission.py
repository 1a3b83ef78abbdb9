"""A submission: the file that a student hands in."""

from __future__ import annotations

import ast
import io
import tokenize
import warnings
from contextlib import suppress
from functools import cached_property
from pathlib import Path

import msgspec

from grader.assignments.assignment import Assignment
from grader.assignments.reading import exists, is_folder, read_file, reason
from grader.assignments.source_errors import find_source_error
from grader.model import UsageError
from grader.model.safe import safe

MAX_BYTES = 200_000
"""No program that a student writes is larger; and the syntax tree of one takes a thousand times
as much memory."""

_ENCODINGS = ("utf", "ascii", "latin", "iso", "cp", "koi8", "mac", "big5", "gb", "shift", "euc")
"""What codecs of texts begin with; others are no encodings (rot13), or are very slow."""


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
    folder: Path | None = None
    """Absolute: the folder that was handed in, where it was one."""
    key: str = ""
    """Tells it from others where it lies in many places, one after another: in a batch."""

    @property
    def file(self) -> str:
        """What is run, of ``files``."""
        return str(self.path.relative_to(self.folder)) if self.folder else self.path.name

    @property
    def files(self) -> dict[str, str]:
        """What is copied to where it is run: the place there, and from where."""
        return {".": str(self.folder)} if self.folder else {self.path.name: str(self.path)}

    @property
    def argument(self) -> str:
        """The name as a command's argument: not one that looks like an option."""
        return f"./{self.name}" if self.name.startswith("-") else self.name

    @cached_property
    def source(self) -> str:
        """The file as text, decoded as Python would (PEP 263); faulty bytes as U+FFFD."""
        try:
            encoding, _ = tokenize.detect_encoding(io.BytesIO(self.data).readline)
        except (SyntaxError, ValueError):
            encoding = "utf-8"
        if not encoding.lower().startswith(_ENCODINGS):
            encoding = "utf-8"
        try:
            text = self.data.decode(encoding, errors="replace")
        except (UnicodeError, LookupError):
            text = self.data.decode(errors="replace")
        return io.IncrementalNewlineDecoder(None, translate=True).decode(text, final=True)

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree. Raises NotPython, an AssertionError, when there is none."""
        error = find_source_error(self.data, self.path.name)
        if error is not None:
            raise NotPython(str(error))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return ast.parse(self.data, self.path.name)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as wrong:
            raise NotPython(f"{safe(self.path.name)} can't be parsed: {safe(str(wrong))}") from None


def open_submission(path: Path, assignment: Assignment, name: str | None = None) -> Submission:
    """Open a submission: a file, or a folder that contains the file which the assignment expects.

    ``name`` is how to call it in messages and results (default: the path as given).
    Raises UsageError when it is not there, is no text, or is empty.
    """
    name = str(path) if name is None else name
    folder = None
    if is_folder(path):
        folder = path.resolve()
        path, name = _file_in(path, assignment, name), f"{name.rstrip('/')}/{assignment.file}"
    data = _read(path, name)
    return Submission(
        assignment=assignment, path=path.resolve(), name=name, data=data, folder=folder
    )


def _file_in(folder: Path, assignment: Assignment, name: str) -> Path:
    expected = folder / assignment.file
    name = safe(name)
    if exists(expected):
        with suppress(OSError, RuntimeError):  # links in a circle: the reader says so
            if not expected.resolve().is_relative_to(folder.resolve()):
                raise UsageError(f"{name}/{assignment.file} is a link to a file outside of {name}")
        return expected
    try:
        there = sorted(entry.name for entry in folder.iterdir())
    except OSError as error:
        raise UsageError(f"{name} can't be read: {reason(error)}") from None
    if not there:
        raise UsageError(f"{name} is an empty folder: it should contain {assignment.file}")
    shown = ", ".join(safe(each) for each in there[:8])
    more = f" and {len(there) - 8} more" if len(there) > 8 else ""
    raise UsageError(f"no {assignment.file} in the folder {name}, which contains: {shown}{more}")


def _read(path: Path, name: str) -> bytes:
    data = read_file(path, name, MAX_BYTES)
    name = safe(name)
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
