"""Which lines of a program a check is about: a good guess, for annotations.

A trace knows what the processes did, not from which line. But calls of the same kind come in the
order of their lines in most programs that students write, and what was printed has parts that
stand in the source.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Sequence
from contextlib import suppress

from grader.model import ROOT, AnyEvent, Check, Fork, Result, Sleep, Trace, Wait, Write

_LONGEST = 200_000
"""Characters: the tree of a longer text, made to be large, would take all memory."""

_CALLS: dict[type[AnyEvent], tuple[str, ...]] = {
    Fork: ("fork", "forkpty"),
    Wait: ("wait", "waitpid", "wait3", "wait4", "waitid"),
    Sleep: ("sleep",),
}
_SHORTEST = 3
"""Characters of a literal that can tell a line of output from others."""


def lines_of(check: Check, result: Result, source: bytes) -> list[int]:
    """The lines that a failed check is about, from 1, the one to look at first; empty where
    nothing tells."""
    text = source.decode(errors="replace")
    total = max(1, text.count("\n") + (not text.endswith("\n")))
    trace = _trace(check, result)
    found = _named(check.message)
    if trace is not None:
        found += _of_traceback(check, trace)
        calls = _Calls(text)
        for n in check.where:
            if n < len(trace.events):
                found += _of_event(trace.events[n], trace, calls)
        if not found:
            found += _of_process(check, trace, calls)
    return [line for line in dict.fromkeys(found) if 1 <= line <= total]


def _trace(check: Check, result: Result) -> Trace | None:
    for trace in result.traces:
        if trace.scenario == check.scenario and check.schedule in (None, trace.schedule):
            return trace
    return None


def _named(message: str) -> list[int]:
    """``Line 7 uses ...``, as checks of the source say."""
    match = re.match(r"Line (\d{1,6})\b", message)
    return [int(match[1])] if match else []


def _of_traceback(check: Check, trace: Trace) -> list[int]:
    """The innermost line of the program in a traceback of the process, if there is one."""
    name = trace.command[1].rpartition("/")[2] if len(trace.command) > 1 else ""
    written = "".join(
        o.text
        for o in trace.output
        if o.stream != "stdout" and (check.process is None or o.process in (None, check.process))
    )
    at = written.rfind("Traceback (most recent call last)")
    if at < 0 or not name:
        return []
    lines = re.findall(rf'File "[^"\n]*{re.escape(name)}", line (\d{{1,6}})', written[at:])
    return [int(lines[-1])] if lines else []


class _Calls:
    """The calls of a program, and what it prints, by their lines."""

    def __init__(self, text: str) -> None:
        self.named: dict[str, list[int]] = {}
        self.printed: list[tuple[str, int]] = []
        if len(text) > _LONGEST:
            return
        with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(text)
            for node in ast.walk(tree):
                self._add(node)
        for lines in self.named.values():
            lines.sort()

    def _add(self, node: ast.AST) -> None:
        if not isinstance(node, ast.Call):
            return
        function = node.func
        name = getattr(function, "attr", None) or getattr(function, "id", "")
        self.named.setdefault(str(name), []).append(node.lineno)
        if name in ("print", "write"):
            for part in ast.walk(node):
                if isinstance(part, ast.Constant) and isinstance(part.value, str | bytes):
                    value = part.value
                    literal = value if isinstance(value, str) else value.decode(errors="replace")
                    self.printed.append((literal, part.lineno))


def _of_event(event: AnyEvent, trace: Trace, calls: _Calls) -> list[int]:
    if isinstance(event, Write):
        return _of_text(event, trace, calls)
    for kind, names in _CALLS.items():
        if isinstance(event, kind):
            lines = sorted(line for name in names for line in calls.named.get(name, ()))
            return _nth(lines, event, trace, kind)
    return []


def _nth(lines: Sequence[int], event: AnyEvent, trace: Trace, kind: type[AnyEvent]) -> list[int]:
    """The line of the nth such call of its process; the last line for what comes after that.

    None for a process that was forked, unless there is but one such line: to which of them it
    comes is anybody's guess.
    """
    if not lines or (len(lines) > 1 and event.process != ROOT):
        return []
    before = sum(
        1 for e in trace.events[: event.n] if e.process == event.process and isinstance(e, kind)
    )
    return [lines[min(before, len(lines) - 1)]]


def _of_text(event: Write, trace: Trace, calls: _Calls) -> list[int]:
    text = next((o.text for o in trace.output if o.event == event.n), "")
    parts = [(len(p.strip()), line) for p, line in calls.printed if p.strip() and p.strip() in text]
    best = max(parts, default=(0, 0), key=lambda part: part[0])
    return [best[1]] if best[0] >= _SHORTEST else []


def _of_process(check: Check, trace: Trace, calls: _Calls) -> list[int]:
    """Where a process was made; of the program itself, where it wrote last."""
    match = re.match(r"(P(?:\.\d+)*) \(", check.message)
    process = check.process or (match[1] if match else "")
    for each in trace.processes:
        if each.id == process and each.forked is not None and each.forked < len(trace.events):
            return _of_event(trace.events[each.forked], trace, calls)
    writes = [e for e in trace.events if isinstance(e, Write) and e.process == process]
    lines = [line for write in reversed(writes) for line in _of_text(write, trace, calls)]
    return lines[:1]
