"""The output of a run, each stretch with its writer beside it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import islice

import msgspec
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from grader.model import Output, Trace
from grader.report.console import glyphs_of, shown
from grader.report.lanes import Layout
from grader.model.safe import decoded

_MOST_LINES = 120
_MOST_ROWS_A_LINE = 6
_TAB = 8


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
    stretches = _stretches(trace, layout)
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
    gutter = _Gutter([line.stretch for line in [*head, *tail]], glyphs.bar)
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

    def __init__(self, stretches: list[_Stretch], bar: str) -> None:
        self.bar = bar
        self.numbers = max((len(self._number(s)) for s in stretches), default=0)
        self.names = max((len(s.process or "") for s in stretches), default=0)
        self.streams = max((len(self._stream(s)) for s in stretches), default=0)

    @staticmethod
    def _number(stretch: _Stretch) -> str:
        return f"[{stretch.number}] " if stretch.number else ""

    @staticmethod
    def _stream(stretch: _Stretch) -> str:
        return " err" if stretch.stream == "stderr" else ""

    @property
    def width(self) -> int:
        return self.numbers + self.names + self.streams + len(self.bar) + 2

    def text(self, stretch: _Stretch, first: bool) -> Text:
        number, name = self._number(stretch), stretch.process or ""
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
    most = width * _MOST_ROWS_A_LINE
    text = _expanded(line.text[: most * 2])
    content = shown(text, console.encoding)
    rows = list(_folded(content, width))
    if len(rows) > _MOST_ROWS_A_LINE or len(line.text) > most * 2:
        rows = rows[:_MOST_ROWS_A_LINE]
        more = glyphs_of(console).more
        rows.append(Text(f"{more} ({len(line.text):,} characters in this line)", "dim"))
    if not line.complete or line.ends_another:
        note = Text("(newline)" if line.ends_another else "(no newline)", "dim")
        if rows[-1].cell_len + 1 + note.cell_len <= width:
            rows[-1] = Text.assemble(rows[-1], " ", note) if rows[-1] else note
        else:
            rows.append(note)
    for number, row in enumerate(rows):
        yield gutter.text(line.stretch, line.first and number == 0) + row


def _expanded(text: str) -> str:
    """Tabs as the spaces that a terminal makes of them."""
    return text.expandtabs(_TAB)


def _folded(text: Text, width: int) -> Iterator[Text]:
    """Cut a line into rows of at most ``width`` columns."""
    start = used = 0
    for at, character in enumerate(text.plain):
        size = cell_len(character)
        if used + size > width:
            yield text[start:at]
            start, used = at, 0
        used += size
    yield text[start:]
