"""Draws a layout as lines of characters, in bands like the staves of a score."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping

import msgspec
from rich.text import Text

from grader.report.glyphs import ID_MAX, MARK_WORDS, STATE_WORDS, Glyphs, short
from grader.report.lanes import Lane, Layout, Link, MarkKind, Segment, State, band_starts
from grader.report.wording import clock, fold_words

STATE_STYLES: dict[State, str] = {
    "running": "",
    "waiting": "blue",
    "sleeping": "cyan",
    "stopped": "yellow",
    "zombie": "magenta",
    "stuck": "red",
}
_MARK_STYLES: dict[MarkKind, str] = {
    "write": "bold yellow",
    "reap": "bold green",
    "reaped": "green",
    "exit": "bold",
    "limit": "bold red",
    "failed": "bold red",
    "fault": "bold red",
    "stuck": "bold red",
    "refused": "bold red",
    "orphaned": "bold red",
    "uncollected": "bold red",
    "signal": "bold magenta",
    "handler": "bold magenta",
    "repeat": "bold cyan",
}
_MOST_LINES = 120
"""A picture of more lines teaches nothing; its middle is left out."""
_LOOSEST = 3
"""How many columns a moment may be given beyond what it needs."""


class _Band(msgspec.Struct):
    """The moments from ``first`` to ``last`` and the columns where they are."""

    first: int
    last: int
    columns: list[int]
    width: int

    def x(self, moment: int) -> int:
        return self.columns[moment - self.first]


def draw(
    layout: Layout, glyphs: Glyphs, width: int, pins: Mapping[str, list[int]] | None = None
) -> list[Text]:
    """Draw a layout, at most ``width`` columns wide.

    ``pins`` are short labels, each with the numbers of events; they are drawn below these,
    or below what comes next where an event is not drawn.
    """
    return _Painter(layout, glyphs, width, pins or {}).lines()


class _Painter:
    def __init__(
        self, layout: Layout, glyphs: Glyphs, width: int, pins: Mapping[str, list[int]]
    ) -> None:
        self.layout, self.glyphs = layout, glyphs
        self.label_width = min(max(len(lane.process) for lane in layout.lanes), ID_MAX)
        self.width = width - self.label_width - 2
        self.marks, self.links = layout.marks_at(), layout.links_at()
        self.pins: dict[int, list[str]] = defaultdict(list)
        for label, events in pins.items():
            for moment in layout.places(events):
                self.pins[moment].append(label)
        self.states: set[State] = set()
        self.kinds: set[MarkKind] = set()
        self.folds = list(layout.folds)

    def lines(self) -> list[Text]:
        bands = self._bands()
        most = max(_MOST_LINES // (len(self.layout.lanes) + 2), 2)
        head, tail = most // 2, len(bands) - most // 2
        lines: list[Text] = []
        left_out = 0
        for number, band in enumerate(bands):
            here = range(band.first, band.last + 1)
            pinned = any(moment in self.pins for moment in here)
            if head <= number < tail and not pinned:
                left_out += len(here)
                continue
            if left_out:
                lines += [Text(f"{self.glyphs.more} {left_out:,} moments left out", "dim"), Text()]
                left_out = 0
            lines += [*self._band(band), Text()]
        return [*lines, *self._legend()]

    # -- columns -------------------------------------------------------------------

    def _need(self, moment: int) -> int:
        """The columns that a moment needs: its longest mark, and some of the state after."""
        marks = [len(self.glyphs.mark(mark)) for _, mark in self.marks.get(moment, ())]
        pins = len(",".join(self.pins.get(moment, ())))
        return min(max([*marks, 1, pins]) + (1 if marks else 2), self.width)

    def _bands(self) -> list[_Band]:
        needs = [self._need(moment) for moment in range(len(self.layout.moments))]
        starts = band_starts(needs, self.width)
        if 1 < len(starts) <= 20:  # rather bands of about one length than a short last one
            widths = range(sum(needs) // len(starts), self.width)
            even = (band_starts(needs, width) for width in widths)
            starts = next((s for s in even if len(s) == len(starts)), starts)
        return [
            self._spread(first, needs[first:end])
            for first, end in zip(starts, [*starts[1:], len(needs)], strict=True)
        ]

    def _spread(self, first: int, needs: list[int]) -> _Band:
        """Give the moments of a band what is left of the width."""
        loose = min((self.width - sum(needs)) // len(needs), _LOOSEST)
        columns, x = [], 0
        for need in needs:
            columns.append(x)
            x += need + loose
        return _Band(first, first + len(needs) - 1, columns, x)

    # -- rows ----------------------------------------------------------------------

    def _band(self, band: _Band) -> list[Text]:
        lanes = [
            lane for lane in self.layout.lanes if lane.start <= band.last and lane.end >= band.first
        ]
        rows = {lane.process: _Row(band.width) for lane in lanes}
        order = list(rows)
        for lane in lanes:
            self._fill(rows[lane.process], lane, band)
        for moment in range(band.first, band.last + 1):
            x = band.x(moment)
            for link in self.links.get(moment, ()):
                self._link(link, x, rows, order)
            for process, mark in self.marks.get(moment, ()):
                self.kinds.add(mark.kind)
                style = _MARK_STYLES.get(mark.kind, "")
                rows[process].put(x, self.glyphs.mark(mark), style)
        lines = [self._ruler(band)] if self.layout.timed else []
        for lane in lanes:
            self._tell_sleeps(rows[lane.process], lane, band)
            label = (self._label(lane.process), "bold")
            lines.append(Text.assemble(label, rows[lane.process].text()))
            lines += self._folded(lane.process)
        return [*lines, *self._pin_row(band)]

    def _label(self, process: str) -> str:
        return short(process, self.glyphs).ljust(self.label_width + 2)

    def _fill(self, row: _Row, lane: Lane, band: _Band) -> None:
        """The states of a lane in a band."""
        for segment in _within(lane, band):
            begin = band.x(max(segment.start, band.first))
            end = band.x(segment.end) if segment.end <= band.last else band.width
            if end > begin:
                self.states.add(segment.state)
                fill = self.glyphs.states[segment.state] * (end - begin)
                row.put(begin, fill, STATE_STYLES[segment.state])

    def _link(self, link: Link, x: int, rows: dict[str, _Row], order: list[str]) -> None:
        top, bottom = sorted((order.index(link.source), order.index(link.target)))
        for process in order[top + 1 : bottom]:
            row = rows[process]
            running = row.characters[x] == self.glyphs.states["running"]
            row.put(x, self.glyphs.cross if running else self.glyphs.bar, "")
        if link.kind == "signal":
            down = order.index(link.target) == bottom
            arrow = self.glyphs.choose("↓", "v") if down else self.glyphs.choose("↑", "^")
            rows[link.target].put(x, arrow, _MARK_STYLES["signal"])

    def _tell_sleeps(self, row: _Row, lane: Lane, band: _Band) -> None:
        """Write into a sleep how long it is, where there is room."""
        for segment in _within(lane, band):
            if segment.label and band.first <= segment.start and segment.end <= band.last:
                fill = self.glyphs.states[segment.state]
                row.inscribe(band.x(segment.start), band.x(segment.end), fill, segment.label)

    def _folded(self, process: str) -> list[Text]:
        here = [fold for fold in self.folds if fold.after == process]
        self.folds = [fold for fold in self.folds if fold.after != process]
        indent = " " * (self.label_width + 2)
        return [Text(indent + fold_words(fold, self.glyphs), "dim") for fold in here]

    def _pin_row(self, band: _Band) -> list[Text]:
        row = _Row(band.width)
        for moment in range(band.first, band.last + 1):
            if moment in self.pins:
                row.put(band.x(moment), ",".join(self.pins[moment]), "bold red")
        if not any(character != " " for character in row.characters):
            return []
        return [Text.assemble((self._label("see"), "dim"), row.text())]

    def _ruler(self, band: _Band) -> Text:
        """Times above the moments before which time has passed."""
        total = self.layout.moments[-1].t
        row, free = _Row(band.width), 0
        before = None
        for moment in range(band.first, band.last + 1):
            t = self.layout.moments[moment].t
            label = clock(t)
            passed = before is None or t - before >= max(total / 20, 0.005)
            before = t
            x = band.x(moment)
            if passed and x >= free and x + len(label) <= band.width:
                row.put(x, label, "dim")
                free = x + len(label) + 1
        return Text.assemble(self._label(""), row.text())

    # -- legend --------------------------------------------------------------------

    def _legend(self) -> list[Text]:
        """What each character means, of those in the picture."""
        entries = [
            (self.glyphs.states[state] * 3, words, STATE_STYLES[state])
            for state, words in STATE_WORDS.items()
            if state in self.states
        ]
        entries += [
            (self.glyphs.sign(kind), words, _MARK_STYLES.get(kind, ""))
            for kind, words in MARK_WORDS.items()
            if kind in self.kinds
        ]
        lines, line = [], Text()
        for sign, words, style in entries:
            entry = Text.assemble((sign, style), (f" {words}", "dim"))
            if line and line.cell_len + 3 + entry.cell_len > self.width + self.label_width + 2:
                lines.append(line)
                line = Text()
            if line:
                line.append("   ")
            line.append_text(entry)
        return [*lines, line]


def _within(lane: Lane, band: _Band) -> list[Segment]:
    """The states that a lane has in a band."""
    starts = [segment.start for segment in lane.segments]
    first = max(bisect_right(starts, band.first) - 1, 0)
    return lane.segments[first : bisect_right(starts, band.last)]


class _Row:
    """One row of characters, each with a style."""

    def __init__(self, width: int) -> None:
        self.characters = [" "] * width
        self.styles = [""] * width

    def put(self, x: int, text: str, style: str) -> None:
        for at, character in enumerate(text[: len(self.characters) - x], x):
            self.characters[at], self.styles[at] = character, style

    def inscribe(self, begin: int, end: int, fill: str, label: str) -> None:
        """Write a label in the first long enough stretch of nothing but ``fill``."""
        stretch = "".join(self.characters[begin:end])
        text = f" {label} "
        at = stretch.find(fill * (len(text) + 2))
        if at >= 0:
            run = len(stretch[at:]) - len(stretch[at:].lstrip(fill))
            self.put(begin + at + (run - len(text)) // 2, text, self.styles[begin + at])

    def text(self) -> Text:
        text = Text()
        start = 0
        for at in range(1, len(self.characters) + 1):
            if at == len(self.characters) or self.styles[at] != self.styles[start]:
                text.append("".join(self.characters[start:at]), self.styles[start])
                start = at
        text.rstrip()
        return text
