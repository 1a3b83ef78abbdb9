"""A run told in words, step by step."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from rich.text import Text

from grader.model import (
    Adopt,
    AnyEvent,
    Continued,
    Delivered,
    Disposition,
    Dup,
    Exec,
    Exit,
    Fork,
    Group,
    Pipe,
    Refused,
    SendSignal,
    Sleep,
    Stopped,
    Subreaper,
    ThreadStart,
    Trace,
    Wait,
    Write,
)
from grader.model.safe import decoded
from grader.report import sections
from grader.report.console import glyphs_of, shown
from grader.report.glyphs import short
from grader.report.wording import ERRORS, asked

_MOST_STEPS = 150
_TEXT_MAX = 40
"""Characters of a write that are shown: the output has them all."""

_ACTIONS = {"handler": "its handler runs", "default": "", "ignored": "it is ignored"}
_REACTIONS = {"handler": "with a handler", "default": "as the system does", "ignored": "not at all"}


def step_lines(trace: Trace, console: Console) -> list[Text]:
    """What each process did, in order, numbered; of a long run, its beginning and end."""
    steps = steps_of(trace)
    head, tail = steps, steps[:0]
    if len(steps) > _MOST_STEPS:
        half = _MOST_STEPS // 2
        head, tail = steps[:half], steps[-half:]
    left_out = len(steps) - len(head) - len(tail)
    width = len(str(len(steps)))
    glyphs = glyphs_of(console)
    rows: list[list[Text | str]] = []
    for number, (process, words, injected) in enumerate(steps, 1):
        if len(head) < number <= len(head) + left_out:
            continue
        about = shown(words, console.encoding)
        if injected:
            about.append(" (a fault)", "bold red")
        rows.append([Text(f"{number:{width}}", "dim"), Text(short(process, glyphs), "bold"), about])
    lines = sections.grid(rows, console)
    if left_out:
        at = len(sections.grid(rows[: len(head)], console))
        lines.insert(at, Text(f"{glyphs.more} {left_out:,} steps left out", "dim"))
    return lines


def steps_of(trace: Trace) -> list[tuple[str, str, bool]]:
    """What each process did, in order: who, what, and whether a fault made it happen."""
    begins: dict[int, list[AnyEvent]] = {}
    for event in trace.events:
        if isinstance(event, Wait | Sleep) and event.after < event.n:
            begins.setdefault(event.after, []).append(event)
    stuck = {each.process: each.waits_in for each in trace.stuck}
    steps: list[tuple[str, str, bool]] = []
    for event in trace.events:
        for call in begins.get(event.n, ()):
            steps.append((call.process, _beginning(call), False))
        words = _words(event, stuck)
        if words:
            steps.append((event.process, words, event.injected))
    return steps


def _beginning(event: AnyEvent) -> str:
    if isinstance(event, Sleep):
        return f"begins to sleep for {asked(event.seconds)}"
    assert isinstance(event, Wait)
    return f"begins to wait: {_call(event)}"


def _call(event: Wait) -> str:
    return f"{event.call}({', '.join([event.target, *event.options])})"


def _words(event: AnyEvent, stuck: Mapping[str, str]) -> str:
    """What the process did, as the rest of a sentence that begins with it; "" to say nothing."""
    match event:
        case Fork(child=str(child)):
            return f"forks {child}"
        case Fork(call=call, error=error):
            return f"can't {call}: {_error(error)}"
        case Exec(program=words):
            begins = event.n == 0
            return f"{'starts as' if begins else 'becomes'} {_program(words)}"
        case Exit(exit=status):
            if event.process in stuck:
                return f"waits for ever: {stuck[event.process]}"
            return (
                "is killed by " + str(status).removeprefix("killed by ")
                if status.signal
                else (f"ends with exit status {status.code}")
            )
        case Adopt(by=by) if event.process not in stuck:
            whose = "" if by == "outside" else f"; {by} takes it over"
            return f"is an orphan now: its parent has ended{whose}"
        case Wait():
            return _waited(event)
        case Sleep(outcome=outcome, seconds=seconds):
            ends = {"slept": "has slept", "interrupted": "is woken from a sleep of"}
            return f"{ends.get(outcome, 'does not come back from a sleep of')} {asked(seconds)}"
        case Write():
            return _wrote(event)
        case SendSignal(name=name, target=target, error=error):
            return f"sends {name} to {target}" + (
                f", which fails: {_error(error)}" if error else ""
            )
        case Delivered(name=name, action=action, sender=sender):
            sent = f" from {sender}" if sender else ""
            return ": ".join(filter(None, [f"gets {name}{sent}", _ACTIONS[action]]))
        case Disposition(name="SIGINT", action="default"):
            return ""  # what Python does when it ends
        case Disposition(name=name, action=action, flags=flags):
            how = f" ({', '.join(flags)})" if flags else ""
            return f"chooses to react to {name} {_REACTIONS[action]}{how}"
        case Pipe(error=str(error)):
            return f"tries to make a pipe, which fails: {_error(error)}"
        case Pipe(pipe=pipe, read=read, write=write):
            return f"makes {pipe}: {read} to read from, {write} to write to"
        case Dup(old=old, new=new, error=error):
            return f"copies descriptor {old}" + (
                f", which fails: {_error(error)}" if error else f" to {new}"
            )
        case Group(call=call, target=target):
            moved = "itself" if target == event.process else target
            return (
                f"moves {moved} to another process group"
                if call == "setpgid"
                else ("begins a session of its own")
            )
        case Subreaper(active=active):
            return "becomes a subreaper" if active else "is a subreaper no more"
        case ThreadStart(started=number):
            return f"starts thread {number}"
        case Stopped(name=name):
            return f"is stopped by {name}"
        case Continued():
            return "goes on"
        case Refused(call=call):
            return f"is refused {call}"
    return ""


def _waited(event: Wait) -> str:
    call = _call(event)
    match event.outcome:
        case "reaped":
            return f"collects {event.child} ({event.status}): {call}"
        case "peeked":
            return f"sees that {event.child} has ended ({event.status}), and leaves it: {call}"
        case "nothing":
            return f"asks, and none has ended: {call}"
        case "failed":
            return f"waits in vain: {call} fails: {_error(event.error)}"
        case "unfinished":
            return f"does not come back from {call}"
    return f"learns that {event.child} was {event.outcome}: {call}"


def _wrote(event: Write) -> str:
    if event.error:
        return f"can't write to {event.stream}: {_error(event.error)}"
    # A character of UTF-8 has four bytes at most.
    text = decoded(event.data[: 4 * _TEXT_MAX + 4])
    short = repr(text[:_TEXT_MAX])[1:-1]
    more = "..." if len(text) > _TEXT_MAX else ""
    to = "" if event.stream == "stdout" else f" to {event.stream}"
    return f'writes "{short}{more}"{to}'


def _program(words: list[str]) -> str:
    name, *arguments = words[: _TEXT_MAX * 2] or ["?"]
    return " ".join([name.rpartition("/")[2] or name, *arguments])[: _TEXT_MAX * 2]


def _error(name: str | None) -> str:
    return f"{name}, {ERRORS[name]}" if name in ERRORS else str(name)
