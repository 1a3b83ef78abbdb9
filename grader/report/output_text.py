"""The output of a run as text, each stretch with its writer beside it."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from grader.model import Trace
from grader.report.console import glyphs_of
from grader.report.glyphs import Glyphs, short
from grader.report.lanes import Layout
from grader.report.rows import rows_of
from grader.report.stretches import Line, Stretch, lines_of

_MOST_LINES = 120


def output_lines(
    trace: Trace, layout: Layout | None, console: Console, most: int = _MOST_LINES
) -> list[Text]:
    """The lines of a run's output; of a long one, ``most`` lines from its beginning and end."""
    lines = lines_of(trace, layout, most)
    if not lines.head:
        return [Text("Nothing was written.", "dim")]
    glyphs = glyphs_of(console)
    gutter = _Gutter([line.stretch for line in [*lines.head, *lines.tail]], glyphs)
    result = [row for line in lines.head for row in _rows(line, gutter, console)]
    if lines.left_out:
        result.append(Text(f"{glyphs.more} {lines.left_out:,} lines left out", "dim"))
    return result + [row for line in lines.tail for row in _rows(line, gutter, console)]


class _Gutter:
    """What stands left of the output: number, writer, and the stream if it is not stdout."""

    def __init__(self, stretches: list[Stretch], glyphs: Glyphs) -> None:
        self.glyphs, self.bar = glyphs, glyphs.bar
        self.numbers = max((len(self._number(s)) for s in stretches), default=0)
        self.names = max((len(self._name(s)) for s in stretches), default=0)
        self.streams = max((len(self._stream(s)) for s in stretches), default=0)

    @staticmethod
    def _number(stretch: Stretch) -> str:
        return f"[{stretch.number}] " if stretch.number else ""

    def _name(self, stretch: Stretch) -> str:
        return short(stretch.process or "", self.glyphs)

    @staticmethod
    def _stream(stretch: Stretch) -> str:
        return " err" if stretch.stream == "stderr" else ""

    @property
    def width(self) -> int:
        return self.numbers + self.names + self.streams + len(self.bar) + 2

    def text(self, stretch: Stretch, first: bool) -> Text:
        number, name = self._number(stretch), self._name(stretch)
        if not first:
            number = name = ""
        return Text.assemble(
            (number.rjust(self.numbers), "bold yellow"),
            (name.ljust(self.names), "bold"),
            (self._stream(stretch).ljust(self.streams), "red"),
            (f" {self.bar} " if self.numbers + self.names else f"{self.bar} ", "dim"),
        )


def _rows(line: Line, gutter: _Gutter, console: Console) -> Iterator[Text]:
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
