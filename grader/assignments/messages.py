"""What a failed check tells its reader: words, no Python internals, no paths."""

from __future__ import annotations

import ast
import linecache
from pathlib import Path
from types import TracebackType
from typing import Any

from grader.model import Event, Process
from grader.model.safe import safe_text

MAX_CHARACTERS = 4_000
MAX_LINES = 60
MAX_VALUES = 400


def failure_message(error: BaseException, folder: Path) -> str:
    """Return what went wrong, for an AssertionError that a check of ``folder`` raised.

    A message that the author gave is taken as it is. A bare assert is told by its source
    and the values that pytest's rewriting found.
    """
    text = str(error)
    if type(error) is AssertionError:
        given, found, _ = text.partition("\nassert ")
        if found:
            text = given.replace("\n  ", "\n")  # pytest indents the lines of a given message
        elif not text or text.startswith("assert "):
            text = _bare_assert(error, text.removeprefix("assert "), folder)
    return visible(text.strip())


def visible(text: str) -> str:
    """Return the text with what a terminal might obey made visible, and not too long.

    Messages quote what submissions print. Tabs are shown as ``\\t``, newlines stay.
    """
    if len(text) > MAX_CHARACTERS:
        text = text[:MAX_CHARACTERS] + f" ... ({len(text) - MAX_CHARACTERS:,} characters more)"
    lines = text.split("\n")
    if len(lines) > MAX_LINES:
        text = "\n".join([*lines[:MAX_LINES], f"... ({len(lines) - MAX_LINES} lines more)"])
    return safe_text(text)


def process_of(error: BaseException) -> str | None:
    """The path id of the process that an error tells of, if it names one."""
    process = getattr(error, "process", None)
    if isinstance(process, Process):
        return process.id
    return process if isinstance(process, str) else None


def events_of(error: BaseException) -> list[int]:
    """The numbers of the events that an error tells of."""
    events: Any = getattr(error, "events", None)
    if not isinstance(events, list | tuple):
        return []
    numbers = [event.n if isinstance(event, Event) else event for event in events]
    return [number for number in numbers if isinstance(number, int)]


def _bare_assert(error: BaseException, values: str, folder: Path) -> str:
    condition = _condition(error.__traceback__, folder)
    found = values.split("\n")[0].strip()
    if len(found) > MAX_VALUES:
        found = found[:MAX_VALUES] + " ..."
    if condition is None:
        return f"This does not hold: {found}" if found else "This does not hold."
    if not found or found in ("False", "None", condition):
        return f"This does not hold: {condition}"
    return f"This does not hold: {condition}\nHere it is: {found}"


def _condition(traceback: TracebackType | None, folder: Path) -> str | None:
    """The source of the failed assert, from the innermost frame in the assignment's modules."""
    found = None
    while traceback is not None:
        path = traceback.tb_frame.f_code.co_filename
        if Path(path).parent == folder:
            found = (path, traceback.tb_lineno)
        traceback = traceback.tb_next
    if found is None:
        return None
    path, line = found
    try:
        tree = ast.parse("".join(linecache.getlines(path)))
    except SyntaxError:
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert) and node.lineno <= line <= (node.end_lineno or line):
            return ast.unparse(node.test)
    return None
