"""Sleeps: nanosleep, clock_nanosleep, and poll or select on nothing but time."""

from __future__ import annotations

from grader.model import Sleep
from grader.observe.exact import ptrace
from grader.observe.exact.record.recorder import Recorder, Topic, error_name
from grader.observe.exact.tree import Call, Task

_TIMER_ABSTIME = 1

# Where the time-out is, and its unit below the second.
_POINTERS = {
    "nanosleep": (0, 1_000_000_000),
    "select": (4, 1_000_000),
    "pselect6": (4, 1_000_000_000),
    "ppoll": (2, 1_000_000_000),
}


def seconds_at(tid: int, address: int, unit: int) -> float:
    """A struct timespec or timeval in a process's memory; ``unit`` parts make a second."""
    data = ptrace.read_memory(tid, address, 16)
    whole, part = (int.from_bytes(data[at : at + 8], "little", signed=True) for at in (0, 8))
    return whole + part / unit


def requested(recorder: Recorder, task: Task, call: Call) -> float | None:
    """How many seconds a call asks for; None for one without end (until a signal)."""
    match call.name:
        case "clock_nanosleep":
            clock, flags, address = call.arguments[:3]
            seconds = seconds_at(task.tid, address, 1_000_000_000)
            if flags & _TIMER_ABSTIME:  # what time.sleep() uses since Python 3.11
                seconds -= recorder.clock.read(clock)
            return seconds
        case "poll":
            timeout = call.arguments[2] & 0xFFFF_FFFF
            return timeout / 1000 if timeout < 1 << 31 else None
        case name:
            index, unit = _POINTERS[name]
            address = call.arguments[index]
            return seconds_at(task.tid, address, unit) if address else None


def _enter(recorder: Recorder, task: Task, call: Call) -> None:
    call.detail = requested(recorder, task, call)
    if call.detail is None:  # for ever, until a signal: no sleep
        call.wants_return = False


def _add(recorder: Recorder, task: Task, call: Call, outcome: str) -> None:
    recorder.tell(
        task,
        Sleep,
        began=call.began,
        after=call.after,
        call=call.name,
        seconds=round(max(call.detail, 0.0), 6),
        outcome=outcome,
    )


def _leave(recorder: Recorder, task: Task, call: Call, result: int) -> None:
    if call.detail is None:
        return
    match error_name(result):
        case None:
            _add(recorder, task, call, "slept")
        case "EINTR":
            _add(recorder, task, call, "interrupted")
        case _:
            _add(recorder, task, call, "failed")


def _abandon(recorder: Recorder, task: Task, call: Call) -> None:
    _add(recorder, task, call, "unfinished")


SLEEPS = Topic(_enter, _leave, _abandon)
