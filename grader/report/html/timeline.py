"""Draws a layout as SVG: the same lanes, states and marks as the picture in a terminal."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from html import escape

import msgspec

from grader.model.safe import safe
from grader.report.glyphs import Glyphs, short
from grader.report.html.axes import CHARACTER, Axis, Band, break_into_bands
from grader.report.html.marks import look_of, width_of, words_of
from grader.report.lanes import Lane, Layout, Link, LinkKind, Mark, MarkKind, Segment, State
from grader.report.wording import clock, fold_words

_PITCH = 42
"""Pixels from one lane to the next."""
_TOP = 20
"""For the times."""
_LINE = 24
"""Where in its lane a process's line is."""
_BAR = 13
_FOLDED = 16
_PINS = 24
_RIGHT = 14
_MOST_ROWS = 150
"""Lanes in all bands together; a picture of more teaches nothing: its middle is left out."""
_DRAWN = Glyphs(True, "utf-8")


class Picture(msgspec.Struct):
    """The timeline of one run on one axis."""

    bands: list[str | int]
    """SVG documents; a number: so many moments are left out here."""
    states: set[State]
    kinds: set[MarkKind]
    writes: set[int]
    """The numbers of the writes that are in it."""
    arrows: set[LinkKind]
    pinned: bool
    """Whether it shows what a failed check is about."""


def draw(
    layout: Layout,
    axis: Axis,
    run: str,
    pids: Mapping[str, int],
    pins: Mapping[int, list[int]],
) -> Picture:
    """Draw a layout.

    ``run`` is the prefix of the ids of what is linked: ``r1`` has the output ``r1o3`` of its
    write 3. ``pids`` are shown beside the lanes. ``pins`` are the numbers of failed checks, by
    the moments that they are about.
    """
    return _Painter(layout, axis, run, pids, pins).picture()


class _Painter:
    def __init__(
        self,
        layout: Layout,
        axis: Axis,
        run: str,
        pids: Mapping[str, int],
        pins: Mapping[int, list[int]],
    ) -> None:
        self.layout, self.axis, self.run, self.pids, self.pins = layout, axis, run, pids, pins
        self.labels = {lane.process: escape(short(lane.process, _DRAWN)) for lane in layout.lanes}
        longest = max(len(label) for label in self.labels.values())
        self.left = max(longest * 7.5, len(f"pid {max(pids.values(), default=0)}") * 5.6) + 14
        self.marks, self.links = layout.marks_at(), layout.links_at()
        self.folds = list(layout.folds)
        self.states: set[State] = set()
        self.kinds: set[MarkKind] = set()
        self.writes: set[int] = set()
        self.arrows: set[LinkKind] = set()

    def picture(self) -> Picture:
        bands = break_into_bands(
            self.layout, self.axis, lambda mark: width_of(mark, self.axis), words_of
        )
        most = max(_MOST_ROWS // (len(self.layout.lanes) + 1), 4)
        head, tail = most * 2 // 3, len(bands) - most // 3
        drawn: list[str | int] = []
        left_out = 0
        for number, band in enumerate(bands):
            pinned = any(band.first <= moment <= band.last for moment in self.pins)
            if head <= number < tail and not pinned:
                left_out += band.last - band.first + 1
                continue
            if left_out:
                drawn.append(left_out)
                left_out = 0
            drawn.append(self._band(band, number, len(bands)))
        return Picture(drawn, self.states, self.kinds, self.writes, self.arrows, bool(self.pins))

    # -- a band --------------------------------------------------------------------

    def _band(self, band: Band, number: int, bands: int) -> str:
        lanes = [
            lane for lane in self.layout.lanes if lane.start <= band.last and lane.end >= band.first
        ]
        lines, folded, y = {}, [], float(_TOP)
        for lane in lanes:
            lines[lane.process] = y + _LINE
            y += _PITCH
            for fold in [fold for fold in self.folds if fold.after == lane.process]:
                self.folds.remove(fold)
                folded.append(self._text(self.left, y + 6, escape(fold_words(fold, _DRAWN)), "f"))
                y += _FOLDED
        pinned = [m for m in range(band.first, band.last + 1) if m in self.pins]
        bottom = y
        height = bottom + (_PINS if pinned else 6)
        width = self.left + band.width + _RIGHT
        parts = [self._stripes(band, pinned, bottom), *self._ruler(band, bottom)]
        for moment in range(band.first, band.last + 1):
            for link in self.links.get(moment, ()):
                parts.append(self._link(link, self._x(band, moment), lines))
        parts += [self._lane(lane, band, lines[lane.process]) for lane in lanes]
        parts += folded
        parts += [self._pin(band, moment, bottom) for moment in pinned]
        of = f", part {number + 1} of {bands}" if bands > 1 else ""
        how = "in the order of events" if self.axis == "events" else "in time"
        return (
            f'<svg class="tl" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
            f'height="{height:.0f}" role="group" aria-label="Timeline {how}{of}">'
            f"{''.join(parts)}</svg>"
        )

    def _x(self, band: Band, moment: int) -> float:
        return self.left + band.x(moment)

    @staticmethod
    def _text(x: float, y: float, text: str, style: str) -> str:
        return f'<text class="{style}" x="{x:.0f}" y="{y:.0f}">{text}</text>'

    def _stripes(self, band: Band, pinned: list[int], bottom: float) -> str:
        """Behind what failed checks are about."""
        return "".join(
            f'<rect class="pin" x="{self._x(band, m) - 8:.0f}" y="{_TOP - 4}" width="18" '
            f'height="{bottom - _TOP + 6:.0f}"/>'
            for m in pinned
        )

    def _ruler(self, band: Band, bottom: float) -> list[str]:
        """Times above the moments before which time has passed."""
        if not self.layout.timed:
            return []
        total = self.layout.moments[-1].t
        parts, free = [], 0.0
        before = None
        for moment in range(band.first, band.last + 1):
            t = self.layout.moments[moment].t
            passed = before is None or t - before >= max(total / 20, 0.005)
            before = t
            x = self._x(band, moment)
            label = clock(t)
            if passed and x >= free and x + len(label) * CHARACTER <= self.left + band.width + 8:
                parts.append(self._text(x, 12, label, "t"))
                parts.append(f'<path class="g" d="M{x:.0f} 16V{bottom:.0f}"/>')
                free = x + len(label) * CHARACTER + 8
        return parts

    def _link(self, link: Link, x: float, lines: Mapping[str, float]) -> str:
        self.arrows.add(link.kind)
        begin, end = lines[link.source], lines[link.target]
        if link.kind == "reap":  # drawn from whom was collected to whom collects
            begin, end = end, begin
        down = 1 if end > begin else -1
        begin, end = begin + down * 5, end - down * 5
        tip = (
            f"M{x - 4:.0f} {end - down * 6:.0f}L{x:.0f} {end:.0f}L{x + 4:.0f} {end - down * 6:.0f}"
        )
        return (
            f'<g class="l {link.kind}" data-from="{link.source}" data-to="{link.target}">'
            f'<path d="M{x:.0f} {begin:.0f}V{end:.0f}"/><path class="tip" d="{tip}"/></g>'
        )

    # -- a lane --------------------------------------------------------------------

    def _lane(self, lane: Lane, band: Band, y: float) -> str:
        label = self.labels[lane.process]
        parts = [f'<text class="p" x="0" y="{y + 1:.0f}">{label}</text>']
        if lane.process in self.pids:
            parts.append(self._text(0, y + 13, f"pid {self.pids[lane.process]}", "d"))
        for segment in _within(lane, band):
            parts.append(self._segment(segment, lane.process, band, y))
        taken: dict[int, float] = {}
        for mark in lane.marks:
            if band.first <= mark.moment <= band.last:
                x = self._x(band, mark.moment) + taken.get(mark.moment, 0.0)
                parts.append(self._mark(mark, lane.process, x, y))
                width = width_of(mark, self.axis)
                taken[mark.moment] = taken.get(mark.moment, 0.0) + width
        return f'<g class="lane" data-p="{escape(lane.process)}">{"".join(parts)}</g>'

    def _segment(self, segment: Segment, process: str, band: Band, y: float) -> str:
        begin = self._x(band, max(segment.start, band.first))
        end = self._x(band, segment.end if segment.end <= band.last else band.last + 1)
        if end <= begin:
            return ""
        self.states.add(segment.state)
        words = words_of(segment)
        if segment.state == "running":
            return (
                f'<rect class="running" x="{begin:.0f}" y="{y - 1.5:.1f}" '
                f'width="{end - begin:.0f}" height="3"/>'
            )
        bar = (
            f'<rect class="{segment.state}" x="{begin:.0f}" y="{y - _BAR / 2:.1f}" '
            f'width="{end - begin:.0f}" height="{_BAR}"><title>{process} '
            f"{escape(safe(words))}</title></rect>"
        )
        if end - begin >= len(words) * CHARACTER + 6:
            bar += self._text((begin + end) / 2, y + 3.5, escape(safe(words)), "s")
        return bar

    def _mark(self, mark: Mark, process: str, x: float, y: float) -> str:
        self.kinds.add(mark.kind)
        look = look_of(mark)
        if not look.shape and not look.text:
            return ""
        if look.shape == "pill":
            return self._pill(mark, process, x, y)
        title = f"<title>{process}: {escape(look.sentence)}</title>"
        parts = []
        if look.shape:
            parts.append(f'<use href="#g-{look.shape}" x="{x:.0f}" y="{y:.0f}"/>')
        if look.text and (self.axis == "events" or not look.shape):
            right = 7 if mark.kind == "signal" else -4  # beside its arrow
            parts.append(f'<text x="{x + right:.0f}" y="{y - 11:.0f}">{escape(look.text)}</text>')
        style = f" {look.style}" if look.style else ""
        return f'<g class="m {mark.kind}{style}">{title}{"".join(parts)}</g>'

    def _pill(self, mark: Mark, process: str, x: float, y: float) -> str:
        """A number in a box; of a write that is shown in the output, a link to it."""
        look = look_of(mark)
        width = len(look.text) * CHARACTER + 7
        box = (
            f'<rect x="{x - 4:.0f}" y="{y - 8:.0f}" width="{width:.0f}" height="16" rx="4"/>'
            f'<text x="{x - 4 + width / 2:.0f}" y="{y + 4:.0f}">{look.text}</text>'
        )
        if mark.kind != "write":
            title = f"<title>{process} {escape(look.sentence)}</title>"
            return f'<g class="w {look.style}">{title}{box}</g>'
        self.writes.add(mark.number)
        label = f"Write {mark.number}: {process} {escape(look.sentence)}; go to its output"
        name = f' id="{self.run}m{mark.number}"' if self.axis == "events" else ""
        return f'<a class="w"{name} href="#{self.run}o{mark.number}" aria-label="{label}">{box}</a>'

    def _pin(self, band: Band, moment: int, bottom: float) -> str:
        """The numbers of the failed checks that a moment is about."""
        x = self._x(band, moment) + 1
        parts = []
        for at, number in enumerate(self.pins[moment]):
            label = f"Failed check {number}, which is about this moment"
            parts.append(
                f'<a class="n" href="#f{number}" aria-label="{label}">'
                f'<circle cx="{x + at * 18:.0f}" cy="{bottom + 11:.0f}" r="8"/>'
                f'<text x="{x + at * 18:.0f}" y="{bottom + 15:.0f}">{number}</text></a>'
            )
        return "".join(parts)


def _within(lane: Lane, band: Band) -> list[Segment]:
    """The states that a lane has in a band."""
    starts = [segment.start for segment in lane.segments]
    first = max(bisect_right(starts, band.first) - 1, 0)
    return lane.segments[first : bisect_right(starts, band.last)]
