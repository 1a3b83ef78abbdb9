"""The lines of a program that a failed check is about.

Events do not say which line made them. What they are about is found in the text: the line that
a message or a traceback names, and the calls that make such events: for a fork, those of
``os.fork``; for a write, the ``print`` whose words are in it.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from collections.abc import Sequence
from pathlib import PurePath

import msgspec

from grader.model import (
    ROOT,
    AnyEvent,
    Check,
    Exec,
    Exit,
    Fork,
    Pipe,
    SendSignal,
    Sleep,
    Trace,
    Wait,
)
from grader.model import Write as WriteEvent
from grader.model.safe import decoded

_MOST_PARSED = 200_000
"""Bytes of a program that are looked into."""
_MOST_HITS = 8
"""Lines of one check; more of them point at nothing."""

_CALLS: dict[type[AnyEvent], frozenset[str]] = {
    Fork: frozenset(("fork", "forkpty", "Process", "Popen", "run", "Thread", "system")),
    Wait: frozenset(("wait", "waitpid", "wait3", "wait4", "waitid", "waitstatus_to_exitcode")),
    Sleep: frozenset(("sleep",)),
    Exit: frozenset(("exit", "_exit", "abort", "quit")),
    SendSignal: frozenset(("kill", "killpg", "raise_signal")),
    Pipe: frozenset(("pipe", "pipe2")),
    Exec: frozenset(("execv", "execve", "execl", "execlp", "execvp", "execle", "execvpe")),
}
_PLACEHOLDER = re.compile(r"%[-+ #0]*\d*\.?\d*[a-zA-Z%]|\{[^{}]*\}|[\s:,.()']+")


class Program:
    """A submitted program as text, and where its calls are."""

    def __init__(self, data: bytes, name: str) -> None:
        """Read it. ``name`` is its file's, as tracebacks have it."""
        self.name = PurePath(name).name
        self.text = _text(data)
        self.lines = self.text.splitlines() or [""]
        self._small = len(data) <= _MOST_PARSED
        self._found: list[_Call] | None = None

    def lines_of(self, check: Check, run: Trace | None) -> list[int]:
        """The numbers, from 1, of the lines that a failed check is about, the likeliest first;
        none where nothing tells.

        ``run`` is the one that decided it, where there is one.
        """
        if self._found is None:
            self._found = _calls(self.text) if self._small else []
        lines = _concerned(check, run, self.name, self._found)
        return [line for line in lines if 1 <= line <= len(self.lines)]


def _text(data: bytes) -> str:
    """As Python decodes it; bytes that it would not take stay bytes."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data[:2000]).readline)
        return data.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError):
        return decoded(data)


class _Call(msgspec.Struct):
    name: str
    line: int
    words: list[str]
    """What it prints for certain, of a ``print`` or ``write``."""


def _calls(text: str) -> list[_Call]:
    """The calls of a program, by the name of the function; none when it can't be parsed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            match node.func:
                case ast.Name(id=name) | ast.Attribute(attr=name):
                    words = _literals(node) if name in ("print", "write") else []
                    found.append(_Call(name, node.lineno, words))
    return found


def _literals(call: ast.Call) -> list[str]:
    texts = [
        node.value
        for argument in call.args
        for node in ast.walk(argument)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    return [word for text in texts for word in _PLACEHOLDER.split(text) if len(word) > 1]


def _concerned(check: Check, run: Trace | None, name: str, calls: Sequence[_Call]) -> list[int]:
    named = re.findall(r"\bline (\d{1,6})\b", check.message)
    if named:
        return [*dict.fromkeys(int(number) for number in named)][:_MOST_HITS]
    if run is None:
        return []
    failing = _traceback(check, run, name)
    if failing:
        return [failing]
    lines: dict[int, None] = {}
    for n in check.where:
        if n < len(run.events):
            event = run.events[n]
            made = _fork_of(check.process or "", run, calls) if isinstance(event, Exit) else []
            lines |= dict.fromkeys(made or _of_event(event, run, calls))
    if not lines:
        lines |= dict.fromkeys(_of_process(check, run, calls))
    return [*lines][:_MOST_HITS]


def _of_event(event: AnyEvent, run: Trace, calls: Sequence[_Call]) -> list[int]:
    if isinstance(event, WriteEvent):
        scored = [
            (sum(map(len, call.words)), call.line)
            for call in calls
            if call.words and all(word in event.text for word in call.words)
        ]
        best = max(scored, default=(0, 0))[0]
        return [line for score, line in scored if score == best]
    if isinstance(event, Exit):  # nothing tells which of the calls that end a process it was
        shown = _fork_of(event.process, run, calls) or _last_print(event.process, run, calls)
        if shown:
            return shown
    names = _CALLS.get(type(event), frozenset())
    lines = sorted(call.line for call in calls if call.name in names)
    if event.process != ROOT or type(event) not in (Fork, Wait, Sleep) or not lines:
        return lines
    before = sum(1 for e in run.events[: event.n] if e.process == ROOT and type(e) is type(event))
    return [lines[min(before, len(lines) - 1)]]  # the program comes to them in their order


def _fork_of(process: str, run: Trace, calls: Sequence[_Call]) -> list[int]:
    """The line at which a process was made."""
    for each in run.processes:
        if each.id == process and each.forked is not None and each.forked < len(run.events):
            return _of_event(run.events[each.forked], run, calls)
    return []


def _of_process(check: Check, run: Trace, calls: Sequence[_Call]) -> list[int]:
    """Where the process concerned was made; of the program itself, what it printed last."""
    match = re.match(r"(P(?:\.\d+)*) \(", check.message)
    process = check.process or (match[1] if match else ROOT)
    return _fork_of(process, run, calls) or _last_print(process, run, calls)


def _last_print(process: str, run: Trace, calls: Sequence[_Call]) -> list[int]:
    """The line of what a process printed last."""
    for event in reversed(run.events):
        if isinstance(event, WriteEvent) and event.process == process:
            found = _of_event(event, run, calls)
            if found:
                return found[:1]
    return []


def _traceback(check: Check, run: Trace, name: str) -> int | None:
    """The line of the program that a traceback of the process concerned ends at."""
    base = re.escape(name)
    pattern = re.compile(rf'File "[^"\n]*{base}", line (\d{{1,6}})')
    found = None
    for output in run.output:
        if check.process is None or output.process in (None, check.process):
            for match in pattern.finditer(output.text):
                found = int(match[1])
    return found
