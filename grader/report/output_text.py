"""The output of a run, each stretch with its writer beside it."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from itertools import islice

import msgspec
from rich.console import Console
from rich.text import Text

from grader.model import Output, Trace
from grader.model.safe import decoded
from grader.report.console import glyphs_of
from grader.report.glyphs import Glyphs, short
from grader.report.lanes import Layout
from grader.report.rows import rows_of

_MOST_LINES = 120


class _Stretch(msgspec.Struct):
    """Output of one process to one stream with nothing in between."""

    number: int | None
    """The number that its write has in the timeline."""
    process: str | None
    stream: str
    data: bytes


class _Line(msgspec.Struct):
    stretch: _Stretch
    text: str
    first: bool
    """Whether it begins its stretch."""
    complete: bool
    """Whether a newline ends it."""
    ends_another: bool = False
    """Whether it is only the newline that its process's line before lacked."""


def output_lines(
    trace: Trace, layout: Layout | None, console: Console, most: int = _MOST_LINES
) -> list[Text]:
    """The lines of a run's output; of a long one, ``most`` lines from its beginning and end."""
    stretches = [_without_folder(stretch, trace) for stretch in _stretches(trace, layout)]
    if not stretches:
        return [Text("Nothing was written.", "dim")]
    glyphs = glyphs_of(console)
    lines = _lines(stretches)
    head = list(islice(lines, most * 2 // 3))
    tail: deque[_Line] = deque(maxlen=most - len(head))
    left_out = 0
    for line in lines:
        left_out += len(tail) == tail.maxlen
        tail.append(line)
    gutter = _Gutter([line.stretch for line in [*head, *tail]], glyphs)
    result = [row for line in head for row in _rows(line, gutter, console)]
    if left_out:
        result.append(Text(f"{glyphs.more} {left_out:,} lines left out", "dim"))
    if tail and left_out:
        tail[0].first = True  # its writer is not to be guessed
    return result + [row for line in tail for row in _rows(line, gutter, console)]


def _stretches(trace: Trace, layout: Layout | None) -> list[_Stretch]:
    if layout is None:
        return [_Stretch(None, o.process, o.stream, o.data) for o in trace.output]
    outputs: dict[int | None, Output] = {o.event: o for o in trace.output}
    found = []
    for number, events in enumerate(layout.writes, 1):
        first = outputs[events[0]]
        data = b"".join(outputs[n].data for n in events)
        found.append(_Stretch(number, first.process, first.stream, data))
    return found


def _without_folder(stretch: _Stretch, trace: Trace) -> _Stretch:
    """Paths in the private folder, which is no more, as they are within it."""
    if trace.folder is None:
        return stretch
    folder = os.fsencode(trace.folder) + b"/"
    return msgspec.structs.replace(stretch, data=stretch.data.replace(folder, b""))


def _lines(stretches: list[_Stretch]) -> Iterator[_Line]:
    unfinished_by: set[str | None] = set()
    for stretch in stretches:
        parts = decoded(stretch.data).split("\n")
        unfinished = parts.pop()
        for number, part in enumerate(parts):
            ends = number == 0 and not part and stretch.process in unfinished_by
            yield _Line(stretch, part, number == 0, True, ends)
        if unfinished or not parts:
            yield _Line(stretch, unfinished, not parts, False)
        if parts:
            unfinished_by.discard(stretch.process)
        if unfinished:
            unfinished_by.add(stretch.process)


class _Gutter:
    """What stands left of the output: number, writer, and the stream if it is not stdout."""

    def __init__(self, stretches: list[_Stretch], glyphs: Glyphs) -> None:
        self.glyphs, self.bar = glyphs, glyphs.bar
        self.numbers = max((len(self._number(s)) for s in stretches), default=0)
        self.names = max((len(self._name(s)) for s in stretches), default=0)
        self.streams = max((len(self._stream(s)) for s in stretches), default=0)

    @staticmethod
    def _number(stretch: _Stretch) -> str:
        return f"[{stretch.number}] " if stretch.number else ""

    def _name(self, stretch: _Stretch) -> str:
        return short(stretch.process or "", self.glyphs)

    @staticmethod
    def _stream(stretch: _Stretch) -> str:
        return " err" if stretch.stream == "stderr" else ""

    @property
    def width(self) -> int:
        return self.numbers + self.names + self.streams + len(self.bar) + 2

    def text(self, stretch: _Stretch, first: bool) -> Text:
        number, name = self._number(stretch), self._name(stretch)
        if not first:
            number = name = ""
        return Text.assemble(
            (number.rjust(self.numbers), "bold yellow"),
            (name.ljust(self.names), "bold"),
            (self._stream(stretch).ljust(self.streams), "red"),
            (f" {self.bar} " if self.numbers + self.names else f"{self.bar} ", "dim"),
        )


def _rows(line: _Line, gutter: _Gutter, console: Console) -> Iterator[Text]:
    """One line of output, folded to the width."""
    width = max(console.width - gutter.width, 10)
    rows = rows_of(line.text, width, console)
    if not line.complete or line.ends_another:
        note = Text("(newline)" if line.ends_another else "(no newline)", "dim")
        if rows[-1].cell_len + 1 + note.cell_len <= width:
            rows[-1] = Text.assemble(rows[-1], " ", note) if rows[-1] else note
        else:
            rows.append(note)
    for number, row in enumerate(rows):
        yield gutter.text(line.stretch, line.first and number == 0) + row
