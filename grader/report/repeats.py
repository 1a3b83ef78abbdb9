"""Shortens loops in a timeline: a poll that is made 200 times is drawn three times."""

from __future__ import annotations

from collections.abc import Hashable

from grader.report.lanes import Lane, Layout, Mark, Moment, Segment

_LONGEST = 8
"""Moments in one round of a loop."""
_FEWEST = 6
"""Rounds that are worth shortening."""
_BEFORE, _AFTER = 2, 1
"""Rounds that are drawn before and after those left out."""


def shorten(layout: Layout) -> Layout:
    """Return the layout with one moment, marked ``repeat``, in the place of the middle rounds
    of each loop. Takes linear time."""
    looks = _looks(layout)
    moments: list[Moment] = []
    places: list[int] = []
    """Where each old moment is in the new layout."""
    repeats: list[tuple[int, int, list[str]]] = []
    at = 0
    while at < len(looks):
        period, rounds = _loop(looks, at)
        if not rounds:
            places.append(len(moments))
            moments.append(layout.moments[at])
            at += 1
            continue
        first = at + _BEFORE * period
        last = at + (rounds - _AFTER) * period
        for old in range(at, first):
            places.append(len(moments))
            moments.append(layout.moments[old])
        busy = sorted({lane for look in looks[at:first] for lane, *_ in look})
        repeats.append((len(moments), rounds - _BEFORE - _AFTER, busy))
        places += [len(moments)] * (last - first)
        left_out = layout.moments[first:last]
        events = [n for moment in left_out for n in moment.events]
        moments.append(Moment(left_out[0].t, events))
        at = last
    if not repeats:
        return layout
    gaps = {place for place, _, _ in repeats}
    lanes = {lane.process: _moved(lane, places, gaps) for lane in layout.lanes}
    for place, count, busy in repeats:
        for process in busy:
            lanes[process].marks.append(Mark(place, "repeat", count=count))
    for link in layout.links:
        link.moment = places[link.moment]
    return Layout(
        moments, list(lanes.values()), layout.links, layout.folds, layout.writes, layout.timed
    )


def _looks(layout: Layout) -> list[tuple[tuple[str, Hashable, str], ...]]:
    """What begins or happens at each moment, in which lane; equal where it looks alike."""
    looks: list[list[tuple[str, Hashable, str]]] = [[] for _ in layout.moments]
    for lane in layout.lanes:
        for segment in lane.segments:
            looks[segment.start].append((lane.process, segment.state, ""))
        for mark in lane.marks:
            looks[mark.moment].append((lane.process, mark.kind, mark.text))
    for number, link in enumerate(layout.links):  # no two of these are alike
        looks[link.moment].append((link.source, number, link.target))
    return [tuple(look) for look in looks]


def _loop(looks: list[tuple[tuple[str, Hashable, str], ...]], at: int) -> tuple[int, int]:
    """The period and the number of rounds of the loop that begins here; 0 rounds for none."""
    for period in range(1, _LONGEST + 1):
        end = at + period
        while end < len(looks) and looks[end] == looks[end - period]:
            end += 1
        rounds = (end - at) // period
        if rounds >= _FEWEST:
            return period, rounds
    return 0, 0


def _moved(lane: Lane, places: list[int], gaps: set[int]) -> Lane:
    """The lane on the new axis."""
    segments = []
    for segment in lane.segments:
        start, end = places[segment.start], places[segment.end]
        if start < end:
            segments.append(Segment(segment.state, start, end, segment.label))
    marks = [mark for mark in lane.marks if places[mark.moment] not in gaps]
    for mark in marks:
        mark.moment = places[mark.moment]
    return Lane(lane.process, places[lane.start], places[lane.end], segments, marks)
