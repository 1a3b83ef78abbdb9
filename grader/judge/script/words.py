"""Lines, roles and processes in words."""

from __future__ import annotations

from collections.abc import Sequence

from grader.judge.script.fields import Bindings
from grader.judge.script.language import Cast, Field, Line
from grader.judge.script.printed import visible
from grader.model import ROOT, Process

_PLACEHOLDERS = {"pid": "a pid", "number": "a number", "word": "a word", "text": "some text"}


def expected(cast: Cast, line: Line, bindings: Bindings) -> str:
    """Return a line as it should have been printed, its fields filled in where known."""
    text = "".join(
        part if isinstance(part, str) else bindings.get(part.key) or blank(cast, part, bindings)
        for part in line.parts
    )
    return visible(text) if line.newline else f"{visible(text)} (and no newline)"


def blank(cast: Cast, field: Field, bindings: Bindings) -> str:
    """Return what stands for a field whose value is not known: ``<a number>``."""
    if field.kind != "choice":
        return f"<{_PLACEHOLDERS[field.kind]}>"
    pids = [bindings.get(f"{role}.pid") for role in left(cast, field, bindings)]
    if not pids or None in pids or len(pids) > 5:
        return f"<the pid of {either(field.roles)}>"
    known = [pid for pid in pids if pid is not None]
    return f"<{either(known)}>" if len(known) > 1 else known[0]


def left(cast: Cast, choice: Field, bindings: Bindings) -> list[str]:
    """The roles whose pid a choice may be, without those that others have named already."""
    named = {bindings.get(other.key) for other in cast.choices if other.key != choice.key}
    named.discard(None)
    return [role for role in choice.roles if bindings.get(f"{role}.pid") not in named]


def either(names: Sequence[str]) -> str:
    """``A``, ``A or B``, ``A, B or C``; shortened when there are many."""
    if len(names) > 6:
        names = [*names[:2], "...", names[-1]]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def who(role: str | None, process: Process) -> str:
    """Return a role and its process: ``C1 (process P.1, pid 4243)``."""
    if process.id == ROOT:
        return f"{ROOT} (the program itself, pid {process.pid})"
    if role is None:
        return f"process {process.id} (pid {process.pid})"
    return f"{role} (process {process.id}, pid {process.pid})"


def stream_name(stream: str) -> str:
    """``stdout`` is standard output."""
    return {"stdout": "standard output", "stderr": "standard error"}.get(stream, stream)
