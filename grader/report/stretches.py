"""The output of a run in stretches and lines, each with its writer, without how it looks."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice

import msgspec

from grader.model import Output, Trace
from grader.model.safe import decoded
from grader.report.lanes import Layout


class Stretch(msgspec.Struct):
    """Output of one process to one stream with nothing in between."""

    number: int | None
    """The number that its write has in the timeline."""
    process: str | None
    stream: str
    data: bytes


class Line(msgspec.Struct):
    """A line of a stretch."""

    stretch: Stretch
    text: str
    first: bool
    """Whether it begins its stretch."""
    complete: bool
    """Whether a newline ends it."""
    ends_another: bool = False
    """Whether it is only the newline that its process's line before lacked."""


class Lines(msgspec.Struct):
    """The lines of an output; of a long one, its beginning and end."""

    head: list[Line]
    left_out: int
    tail: list[Line]


def lines_of(trace: Trace, layout: Layout | None, most: int) -> Lines:
    """The lines of a run's output; of more than ``most``, some from its beginning and end."""
    lines = _lines(_without_folder(stretch, trace) for stretch in _stretches(trace, layout))
    head = list(islice(lines, most * 2 // 3))
    tail: deque[Line] = deque(maxlen=most - len(head))
    left_out = 0
    for line in lines:
        left_out += len(tail) == tail.maxlen
        tail.append(line)
    if tail and left_out:
        tail[0].first = True  # its writer is not to be guessed
    return Lines(head, left_out, list(tail))


def _stretches(trace: Trace, layout: Layout | None) -> list[Stretch]:
    if layout is None:
        return [Stretch(None, o.process, o.stream, o.data) for o in trace.output]
    outputs: dict[int | None, Output] = {o.event: o for o in trace.output}
    found = []
    for number, events in enumerate(layout.writes, 1):
        first = outputs[events[0]]
        data = b"".join(outputs[n].data for n in events)
        found.append(Stretch(number, first.process, first.stream, data))
    return found


def _without_folder(stretch: Stretch, trace: Trace) -> Stretch:
    """Paths in the private folder, which is no more, as they are within it."""
    if trace.folder is None:
        return stretch
    folder = os.fsencode(trace.folder) + b"/"
    return msgspec.structs.replace(stretch, data=stretch.data.replace(folder, b""))


def _lines(stretches: Iterable[Stretch]) -> Iterator[Line]:
    unfinished_by: set[str | None] = set()
    for stretch in stretches:
        parts = decoded(stretch.data).split("\n")
        unfinished = parts.pop()
        for number, part in enumerate(parts):
            ends = number == 0 and not part and stretch.process in unfinished_by
            yield Line(stretch, part, number == 0, True, ends)
        if unfinished or not parts:
            yield Line(stretch, unfinished, not parts, False)
        if parts:
            unfinished_by.discard(stretch.process)
        if unfinished:
            unfinished_by.add(stretch.process)
