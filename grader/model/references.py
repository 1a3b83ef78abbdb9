"""Whether what a document says of itself hangs together.

A document that was read may come from anywhere. Whoever judges or draws a trace relies on what
every recorder keeps: events are numbered without gaps, each is of a process that is there and
alive, and numbers of events are those of events. What does not keep it is refused here, once.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator

from grader.model.batch import FOLDER_NAME, Batch
from grader.model.errors import UsageError
from grader.model.events import Adopt, AnyEvent, Blocking, Exit, Fork, Wait, Write
from grader.model.exploration import Exploration
from grader.model.fault import Fault
from grader.model.process import ROOT, ExitStatus, Process
from grader.model.schedule import Schedule
from grader.model.trace import Trace
from grader.model.verdict import Result

_ID = re.compile(rf"{ROOT}(?:\.[1-9][0-9]{{0,8}})*")
_STREAM = re.compile(r"stdout|stderr|terminal|pipe [0-9]{1,9}")
_MOST_SECONDS = 1e9
_MOST = 1 << 62
"""No number of a trace is larger: they are counts, pids, descriptors."""


def problem_of(document: Trace | Result | Exploration | Batch) -> str | None:
    """What can't be in a document, in words; None when there is nothing."""
    if isinstance(document, Trace):
        return next(_in_trace(document), None)
    if isinstance(document, Exploration):
        return next(_in_exploration(document), None)
    if isinstance(document, Batch):
        return next(_in_batch(document), None)
    return next(_in_result(document), None)


def _in_batch(batch: Batch) -> Iterator[str]:
    """Ids are names of folders: none may lead elsewhere, or be another's."""
    seen: set[str] = set()
    for entry in batch.entries:
        if not FOLDER_NAME.fullmatch(entry.id):
            yield f"the id {entry.id!r} is no name of a folder"
        if entry.id.casefold() in seen:
            yield f"the id {entry.id!r} is there twice"
        seen.add(entry.id.casefold())
        if entry.file.startswith("/") or ".." in entry.file.split("/"):
            yield f"the file {entry.file!r} of {entry.id} is not inside of what was handed in"


def _in_result(result: Result) -> Iterator[str]:
    for trace in result.traces:
        yield from _in_trace(trace)
    for number in (result.score, result.max_score):
        yield from _number(number, "the score")
    for check in result.checks:
        for number in (check.points, check.max_points):
            yield from _number(number, f"the points of {check.id}")
        if any(n < 0 for n in check.where):
            yield f"the check {check.id} names an event with a negative number"
        yield from _schedule(check.schedule)


def _in_exploration(exploration: Exploration) -> Iterator[str]:
    for outcome in exploration.outcomes:
        for process in [*outcome.fates, *outcome.exits]:
            if not _ID.fullmatch(process):
                yield f"{process!r} is no process"
        for status in [outcome.exit, *outcome.exits.values()]:
            yield from _status(status)
    schedules = [outcome.schedule for outcome in exploration.outcomes]
    for schedule in [*schedules, *(output.schedule for output in exploration.outputs)]:
        yield from _schedule(schedule)


def _in_trace(trace: Trace) -> Iterator[str]:
    yield from _number(trace.seconds, "the length of the run")
    yield from _status(trace.exit)
    yield from _schedule(trace.schedule)
    for fault in trace.faults:
        yield from _readable(Fault, fault)
    known: dict[str, Process] = {}
    for process in trace.processes:
        yield from _process(process, known)
        known[process.id] = process
    if ROOT not in known:
        yield "it has no process P"
    yield from _events(trace, known)
    for output in trace.output:
        if not _STREAM.fullmatch(output.stream):
            yield f"there is output to {output.stream!r}"
        yield from _names([output.process], known)
        if output.event is not None:
            event = _at(trace.events, output.event)
            if not isinstance(event, Write) or event.process != output.process:
                yield f"output names the event {output.event}, which is no such write"
    for look in trace.looks:
        if _at(trace.events, look.event) is None:
            yield f"psutil looked at the event {look.event}, which is none"
        yield from _names([look.process], known)
    for stuck in trace.stuck:
        yield from _names([stuck.process], known)


def _process(process: Process, known: dict[str, Process]) -> Iterator[str]:
    if not _ID.fullmatch(process.id) or process.id in known:
        yield f"{process.id!r} is no process, or is there twice"
    if process.parent != (process.id.rpartition(".")[0] or None):
        yield f"{process.parent!r} is not the parent of {process.id}"
    if process.parent is not None and process.parent not in known:
        yield f"{process.id} comes before its parent"
    if (process.fate == "root") != (process.id == ROOT) and process.fate is not None:
        yield f"the fate of {process.id} is {process.fate}"
    yield from _numbers([process.pid, process.threads])
    yield from _status(process.exit)
    if process.zombie_seconds is not None:
        yield from _number(process.zombie_seconds, f"how long {process.id} was a zombie")


def _events(trace: Trace, known: dict[str, Process]) -> Iterator[str]:
    """Events are in order, and of processes that have been made and have not ended."""
    alive = {ROOT}
    forked: dict[str, int] = {}
    exited: dict[str, int] = {}
    for n, event in enumerate(trace.events):
        if event.n != n:
            yield f"the event {n} has the number {event.n}"
        yield from _number(event.t, f"the time of the event {n}")
        yield from _names([event.process], known)
        if event.process not in alive and not isinstance(event, Adopt):
            yield f"the event {n} is of {event.process}, which is not alive then"
        yield from _numbers(_integers(event))
        match event:
            case Fork(child=str(child)):
                yield from _names([child], known)
                if child in forked or child == ROOT:
                    yield f"the event {n} is no fork of {child}"
                forked[child] = n
                alive.add(child)
            case Exit(exit=status):
                yield from _status(status)
                alive.discard(event.process)
                exited[event.process] = n
            case Wait(child=child, status=status, outcome=outcome):
                yield from _names([child], known)
                yield from _status(status)
                if outcome == "reaped" and (child is None or child in alive):
                    yield f"the event {n} collects {child}, which has not ended"
            case Adopt(by=by) if by != "outside":
                yield from _names([by], known)
            case Write(stream=stream) if not _STREAM.fullmatch(stream):
                yield f"the event {n} writes to {stream!r}"
            case _:
                pass
        if isinstance(event, Blocking):
            yield from _number(event.began, f"when the event {n} began")
            if not 0 <= event.after <= n:
                yield f"the event {n} began after the event {event.after}"
    for process in known.values() if trace.events else ():
        if process.id != ROOT and process.id not in forked:
            yield f"no event makes {process.id}"
        for field, found in (("forked", forked), ("exited", exited)):
            number = getattr(process, field)
            if number is not None and found.get(process.id) != number:
                yield f"the event {number} is not where {process.id} {field}"
        if process.reaped is not None:
            event_there = _at(trace.events, process.reaped)
            if not isinstance(event_there, Wait) or event_there.child != process.id:
                yield f"the event {process.reaped} does not collect {process.id}"
        yield from _names([process.reaped_by], known)
        if process.adopted_by != "outside":
            yield from _names([process.adopted_by], known)
    if not trace.events:
        yield from (
            f"{process.id} names events, and there are none"
            for process in known.values()
            if (process.forked, process.exited, process.reaped) != (None, None, None)
        )


def _at(events: list[AnyEvent], number: int) -> AnyEvent | None:
    return events[number] if 0 <= number < len(events) else None


def _names(processes: Iterable[str | None], known: dict[str, Process]) -> Iterator[str]:
    for process in processes:
        if process is not None and process not in known:
            yield f"{process!r} is none of its processes"


def _integers(event: AnyEvent) -> Iterator[int]:
    for field in event.__struct_fields__:
        value = getattr(event, field)
        if isinstance(value, int):
            yield value


def _numbers(numbers: Iterable[int]) -> Iterator[str]:
    for number in numbers:
        if not -_MOST < number < _MOST:
            yield "a number in it is too large"


def _number(number: float, what: str) -> Iterator[str]:
    if not math.isfinite(number) or not -_MOST_SECONDS < number < _MOST_SECONDS:
        yield f"{what} is no number that can be"


def _status(status: ExitStatus | None) -> Iterator[str]:
    if status is None:
        return
    if (status.code is None) == (status.signal is None):
        yield "an exit status is neither a code nor a signal, or both"
    if not 0 <= (status.code or 0) <= 255 or not 0 <= (status.signal or 0) <= 255:
        yield "an exit status is out of range"


def _schedule(text: str | None) -> Iterator[str]:
    if text:
        yield from _readable(Schedule, text)


def _readable(kind: type[Schedule] | type[Fault], text: str) -> Iterator[str]:
    try:
        kind.parse(text)
    except UsageError as error:
        yield str(error)
