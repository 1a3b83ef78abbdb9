"""Where the moments of a timeline are: columns in pixels, broken into bands like the staves of
a score, so that a long run needs no sideways scrolling and fits on paper."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from grader.report.lanes import Layout, Mark, Segment, band_starts

Axis = Literal["events", "time"]

CHARACTER = 6.1
"""Pixels of a character of the small text in a picture."""
BAND = 930
"""Pixels that a band is wide at most."""

_STEP: dict[Axis, float] = {"events": 24, "time": 4}
"""The least from one moment to the next, where nothing is drawn."""
_TIME_WIDTH = 520
"""Pixels for all the time that passes, beside the steps, at least."""
_TIGHTEST, _LOOSEST = 1.22, 1.5
"""How much a picture is squeezed into one band, and several bands are stretched."""


class Band(msgspec.Struct):
    """The moments from ``first`` to ``last`` and where they are."""

    first: int
    last: int
    columns: list[float]
    """The position of each of them, and where the last one ends."""

    @property
    def width(self) -> float:
        """Where the band ends."""
        return self.columns[-1]

    def x(self, moment: int) -> float:
        """The position of a moment; of one outside, the nearer end of the band."""
        at = min(max(moment - self.first, 0), len(self.columns) - 1)
        return self.columns[at]


def break_into_bands(
    layout: Layout,
    axis: Axis,
    mark_width: Callable[[Mark], float],
    words: Callable[[Segment], str],
) -> list[Band]:
    """Give each moment its place.

    On the axis of events every moment has the room that its marks and the words of the states
    beginning there need. On the axis of time, what is between two moments grows with the time
    that passes between them; moments at one instant stand side by side.
    """
    needs = _needs(layout, axis, mark_width, words)
    total = sum(needs)
    if BAND < total <= BAND * _TIGHTEST:  # one band, a little crowded, is easier to read than two
        return [_band(0, needs, BAND / total)]
    starts = band_starts(needs, BAND)
    if len(starts) > 1:  # rather bands of about one length than a short last one
        for width in range(int(total / len(starts)), BAND, 20):
            even = band_starts(needs, width)
            if len(even) == len(starts):
                starts = even
                break
    ends = [*starts[1:], len(needs)]
    longest = max(sum(needs[first:end]) for first, end in zip(starts, ends, strict=True))
    loose = min(max(BAND / longest, 1.0), _LOOSEST)
    return [_band(first, needs[first:end], loose) for first, end in zip(starts, ends, strict=True)]


def _band(first: int, needs: Sequence[float], scale: float) -> Band:
    columns = [0.0]
    for need in needs:
        columns.append(columns[-1] + need * scale)
    return Band(first, first + len(needs) - 1, columns)


def _needs(
    layout: Layout,
    axis: Axis,
    mark_width: Callable[[Mark], float],
    words: Callable[[Segment], str],
) -> list[float]:
    step = _STEP[axis]
    needs = [step] * len(layout.moments)
    for lane in layout.lanes:
        taken: dict[int, float] = {}
        for mark in lane.marks:
            taken[mark.moment] = taken.get(mark.moment, 0.0) + mark_width(mark)
        for moment, width in taken.items():
            needs[moment] = max(needs[moment], width)
    if axis == "time":
        width = max(_TIME_WIDTH, BAND - sum(needs))
        total = max(moment.t for moment in layout.moments) or 1.0
        for at, need in enumerate(needs[:-1]):
            passed = max(layout.moments[at + 1].t - layout.moments[at].t, 0.0)
            needs[at] = need + passed / total * width
        return needs
    for lane in layout.lanes:
        for segment in lane.segments:
            if 0 < segment.end - segment.start < 4:
                wanted = len(words(segment)) * CHARACTER + 10
                missing = wanted - sum(needs[segment.start : segment.end])
                if segment.state != "running" and missing > 0:
                    needs[segment.end - 1] += missing
    return needs
