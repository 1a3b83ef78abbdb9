"""What is wrong with a source file before it can even run: Python 2, or a syntax error."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import traceback
import warnings
from pathlib import Path
from typing import Any

import msgspec

from grader.model.safe import safe

_IN_PROCESS = 100_000
"""Bytes of source that may be compiled here. Compiling takes a thousand times as much memory: what
is larger is compiled in a process of its own, with limits."""
_MEMORY, _SECONDS = 2 << 30, 20
_MESSAGE_MAX, _LINE_MAX = 300, 120
"""Characters of an error's message and of the line it is in that are shown."""

_PYTHON_2 = (
    (re.compile(r"^\s*print\s+[^=\s(]"), "print statement"),
    (re.compile(r"^\s*exec\s+['\"\w]"), "exec statement"),
    (re.compile(r"^\s*except\s+[\w.]+\s*,\s*\w+\s*:"), "'except X, e:', now 'except X as e:'"),
    (re.compile(r"^\s*except\s*\(.*\)\s*,\s*\w+\s*:"), "'except X, e:', now 'except X as e:'"),
    (re.compile(r"^\s*raise\s+[\w.]+\s*,"), "'raise X, message', now 'raise X(message)'"),
    (re.compile(r"`[^`]+`"), "backquotes, now repr()"),
    (re.compile(r"<>"), "'<>', now '!='"),
    (re.compile(r"\b\d+[lL]\b"), "a long number such as 10L, now 10"),
    (re.compile(r"\b0[0-7]+\b"), "an octal number such as 0777, now 0o777"),
    (re.compile(r"\b[uU][rR]['\"]"), "a string ur'...'"),
)
"""What Python 2 wrote differently, tried on the line at which Python 3 stops."""

_COMPILE = f"""
import json, resource, sys, warnings
for kind, most in (resource.RLIMIT_AS, {_MEMORY}), (resource.RLIMIT_CPU, {_SECONDS}):
    hard = resource.getrlimit(kind)[1]
    resource.setrlimit(kind, (most if hard < 0 else min(most, hard), hard))
warnings.simplefilter("ignore")
try:
    compile(sys.stdin.buffer.read(), sys.argv[1], "exec")
except SyntaxError as e:
    print(json.dumps([e.msg, e.lineno, e.offset, e.text, e.end_lineno, e.end_offset]))
except (ValueError, RecursionError, MemoryError):
    pass
"""


class SourceError(msgspec.Struct, frozen=True):
    """Why a file is not Python 3 source."""

    name: str
    line: int | None
    python_2: str | None
    """What it has of Python 2, in words; None for any other syntax error."""
    shown: str
    """The error as Python shows it: file, line, caret."""

    def __str__(self) -> str:
        if self.python_2:
            return (
                f"{self.name}, line {self.line}: this is Python 2 code ({self.python_2}); "
                f"the assignment is in Python 3\n{self.shown}"
            )
        return f"{self.name} has a syntax error, so it can't run:\n{self.shown}"


def find_source_error(data: bytes, name: str, python: str | None = None) -> SourceError | None:
    """Compile a source file, without running it, and return what is wrong with it, if anything.

    ``python`` is the interpreter that will run it (default: the one that runs grader);
    ``name`` is what to call the file.
    """
    name = safe(name)
    other = python is not None and not Path(python).samefile(sys.executable)
    if other or len(data) > _IN_PROCESS:
        found = _compile_with(python or sys.executable, data, name)
    else:
        found = _compile_here(data, name)
    if found is None:
        return None
    message, line, *_ = found
    text = _line(data, line)
    shown = "".join(traceback.format_exception_only(_as_exception(name, found))).rstrip()
    return SourceError(name, line, _python_2(text, message), shown)


def _compile_here(data: bytes, name: str) -> list[Any] | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(data, name, "exec", dont_inherit=True)
    except SyntaxError as e:
        return [e.msg, e.lineno, e.offset, e.text, e.end_lineno, e.end_offset]
    except (ValueError, RecursionError, MemoryError):
        return None  # the interpreter says it better when the program is run
    return None


def _compile_with(python: str, data: bytes, name: str) -> list[Any] | None:
    """Let another interpreter compile it; an interpreter that can't is found out by the run."""
    command = [python, "-I", "-c", _COMPILE, name]
    try:
        done = subprocess.run(
            command,
            input=data,
            capture_output=True,
            check=False,
            timeout=2 * _SECONDS,
        )
        found = json.loads(done.stdout)
    except (OSError, subprocess.TimeoutExpired, ValueError):
        return None
    return found if isinstance(found, list) else None


def _as_exception(name: str, found: list[Any]) -> SyntaxError:
    message, line, offset, text, end_line, end_offset = found
    if text:  # after a string of several lines, it is all of them
        text = text.rstrip("\n").rpartition("\n")[2]
    if text and len(text) > _LINE_MAX:  # the part of the line with the error
        start = min(max((offset or 0) - _LINE_MAX // 2, 0), len(text))
        text = text[start : start + _LINE_MAX]
        offset = min((offset or 1) - start, _LINE_MAX)
        end_offset = min((end_offset or 1) - start, _LINE_MAX)
    message = safe(message, most=_MESSAGE_MAX)
    return SyntaxError(message, (name, line, offset, text, end_line, end_offset))


def _line(data: bytes, line: int | None) -> str:
    lines = data.decode(errors="replace").splitlines()
    return lines[line - 1] if line and line <= len(lines) else ""


def _python_2(text: str, message: str) -> str | None:
    if message.startswith("Missing parentheses in call to 'print'"):
        return "print statement"
    code = re.sub(r"'[^']*'|\"[^\"]*\"", "''", text).split("#")[0]
    return next((words for pattern, words in _PYTHON_2 if pattern.search(code)), None)
