"""What marks look like: a shape, a word or number, and a sentence when the pointer is on it."""

from __future__ import annotations

from functools import lru_cache

import msgspec

from grader.model.safe import safe
from grader.report.glyphs import MARK_WORDS, STATE_WORDS
from grader.report.html.axes import CHARACTER, Axis
from grader.report.lanes import Mark, MarkKind, Segment

_TEXT_MAX = 14

_SHAPES: dict[MarkKind, str] = {
    "start": "ring",
    "fork": "dot",
    "exec": "play",
    "signal": "bolt",
    "refused": "cross",
    "reap": "dot",
    "peek": "hollow",
    "nothing": "ask",
    "failed": "cross",
    "fault": "fault",
    "exit": "square",
    "limit": "square",
    "stuck": "stop",
    "orphaned": "diamond",
    "uncollected": "cross",
    "repeat": "again",
}
"""The id of each shape in the page's definitions, without its ``g-``."""

_BAD: frozenset[MarkKind] = frozenset(
    ("refused", "failed", "fault", "limit", "stuck", "orphaned", "uncollected")
)

_BARE: frozenset[MarkKind] = frozenset(("born", "reaped"))
"""Arrows begin or end there; nothing else is drawn."""
_TOLD_BY_ARROWS: frozenset[MarkKind] = _BARE | frozenset(("fork", "reap"))


class Look(msgspec.Struct, frozen=True):
    """How a mark is drawn."""

    shape: str
    """"" for none; ``pill`` for a number in a box."""
    text: str
    """Safe to show."""
    style: str
    """A class: ``bad``, ``good`` or nothing."""
    sentence: str
    """What it says, with the process before it."""


def look_of(mark: Mark) -> Look:
    """Say how to draw a mark."""
    return _look(mark.kind, mark.text, mark.number, mark.count)


@lru_cache(maxsize=500)
def _look(kind: MarkKind, about: str, number: int, count: int) -> Look:
    text = safe(about)
    if len(text) > _TEXT_MAX:
        text = text[: _TEXT_MAX - 1] + "…"
    short = text.removeprefix("SIG")
    times = f" ×{count}" if count > 1 else ""  # noqa: RUF001
    style = "bad" if kind in _BAD else ""
    words = {
        "exec": text,
        "thread": f"+{count} thread{'s' if count > 1 else ''}",
        "signal": short,
        "handler": f"handles {short}",
        "stopped": "stopped",
        "continued": "goes on",
        "ignores": f"ignores {short}",
        "refused": text,
        "failed": text,
        "fault": text,
        "exit": text,
        "limit": "limit",
        "stuck": "deadlock",
        "orphaned": "orphan",
        "uncollected": "never collected",
        "repeat": "",
    }.get(kind, "")
    if kind == "write":
        return Look("pill", str(number), "", f"writes to {text or 'its output'}")
    if kind == "pipe":
        return Look("pill", f"p{number}", "hollow", f"writes to pipe {number}")
    if kind in _BARE:
        return Look("", "", "", "")
    if kind == "exit" and text not in ("0", ""):
        style = "bad"
    if kind != "thread":
        words += times
    more = f": {text}" if text else ""
    sentence = MARK_WORDS.get(kind, "begins") + more + times
    return Look(_SHAPES.get(kind, ""), words.strip(), style, sentence)


def width_of(mark: Mark, axis: Axis) -> float:
    """The pixels that a mark needs."""
    look = look_of(mark)
    if not look.shape and not look.text:
        return 0.0
    if look.shape == "pill":
        return len(look.text) * CHARACTER + 14
    if axis == "time":
        return 15.0
    return max(24.0, len(look.text) * CHARACTER + 10)


def words_of(segment: Segment) -> str:
    """The word in a state's bar, where there is room for it."""
    if segment.state == "running":
        return ""
    words = {"waiting": "waits", "stuck": "waits for ever"}.get(
        segment.state, STATE_WORDS[segment.state]
    )
    return f"{words} {segment.label}".strip()


def legend_of(kinds: set[MarkKind]) -> list[tuple[str, str, str, str]]:
    """Shape, text, style and meaning of the marks in a picture, in the usual order."""
    entries = []
    for kind, words in MARK_WORDS.items():
        if kind in kinds and kind not in _TOLD_BY_ARROWS:
            look = look_of(Mark(0, kind))
            example = {"write": "1", "pipe": "p1"}.get(kind, "")
            entries.append((look.shape, example, look.style, words))
    return entries
