"""The characters of a report: drawn ones, or plain ASCII where the terminal has no others.

States and marks differ by character and not by colour alone: for the colour-blind, for
paper, and for a text that somebody pastes into a mail.
"""

from __future__ import annotations

import msgspec

from grader.model.safe import safe
from grader.report.lanes import Mark, MarkKind, State

_DRAWN_STATES: dict[State, str] = {
    "running": "─",
    "waiting": "·",
    "sleeping": "z",
    "stopped": "=",
    "zombie": "▒",
    "stuck": "┄",
}
_ASCII_STATES: dict[State, str] = _DRAWN_STATES | {
    "running": "-",
    "waiting": ".",
    "zombie": "x",
    "stuck": ":",
}

_DRAWN_MARKS: dict[MarkKind, str] = {
    "start": "●",
    "fork": "┬",
    "born": "└",
    "exec": "▸",
    "thread": "+t",
    "signal": "!",
    "refused": "✗",
    "reap": "▲",
    "reaped": "┘",
    "peek": "△",
    "nothing": "?",
    "failed": "✗",
    "fault": "⊗",
    "exit": "■",
    "limit": "■limit",
    "stuck": "∞",
    "orphaned": "◇",
    "uncollected": "╳",  # noqa: RUF001
    "repeat": "↻",
}
_ASCII_MARKS: dict[MarkKind, str] = {
    "start": "o",
    "fork": "+",
    "born": "\\",
    "exec": ">",
    "thread": "+t",
    "signal": "!",
    "refused": "*",
    "reap": "^",
    "reaped": "/",
    "peek": "~",
    "nothing": "?",
    "failed": "*",
    "fault": "**",
    "exit": "#",
    "limit": "#limit",
    "stuck": "&",
    "orphaned": "@",
    "uncollected": "X",
    "repeat": "%",
}

STATE_WORDS: dict[State, str] = {
    "running": "runs",
    "waiting": "in a wait call",
    "sleeping": "sleeps",
    "stopped": "stopped",
    "zombie": "zombie",
    "stuck": "waits for what never comes",
}
MARK_WORDS: dict[MarkKind, str] = {
    "fork": "forks",
    "reap": "collects a child",
    "exit": "ends, with its status",
    "limit": "ended by grader",
    "stuck": "deadlock",
    "write": "writes (see Output)",
    "pipe": "writes to a pipe",
    "exec": "becomes another program",
    "thread": "starts a thread",
    "signal": "sends a signal",
    "handler": "runs a signal handler",
    "ignores": "ignores SIGCHLD: its children leave no zombies",
    "refused": "not allowed",
    "peek": "asks, takes nothing",
    "nothing": "asks, none has ended",
    "failed": "a call fails",
    "fault": "made to fail, by a fault",
    "orphaned": "orphan: its parent has ended",
    "uncollected": "never collected",
    "repeat": "the same again, so many times",
}
_EXAMPLES: dict[MarkKind, str] = {
    "write": "[1]",
    "pipe": "[p1]",
    "handler": "(CHLD)",
    "ignores": "ignCHLD",
}
"""How the legend shows marks that have no glyph of their own."""

_NAME_MAX = 12

ID_MAX = 12
"""Columns for a process id path beside a lane or a line."""


class Glyphs(msgspec.Struct, frozen=True):
    """One set of characters."""

    drawn: bool
    """Whether the terminal has more than ASCII."""
    encoding: str

    @property
    def states(self) -> dict[State, str]:
        """The character that fills a lane in each state."""
        return _DRAWN_STATES if self.drawn else _ASCII_STATES

    def mark(self, mark: Mark) -> str:
        """What a mark looks like, with what it is about."""
        text = safe(mark.text, "ascii")
        if len(text) > _NAME_MAX:
            text = text[: _NAME_MAX - 1] + "~"
        match mark.kind:
            case "write":
                return f"[{mark.number}]"
            case "pipe":
                return f"[p{mark.number}]"
            case "ignores":
                return f"ign{text.removeprefix('SIG')}"
            case "handler":
                return f"({text.removeprefix('SIG')})"
            case "stopped":
                return "stop"
            case "continued":
                return "cont"
            case "limit":
                text = ""
            case "signal":
                text = text.removeprefix("SIG")
        times = f"{self.times}{mark.count}" if mark.count > 1 and mark.kind != "thread" else ""
        return self.sign(mark.kind) + text + times

    def sign(self, kind: MarkKind) -> str:
        """The character of a kind of mark, or an example of it."""
        signs = _DRAWN_MARKS if self.drawn else _ASCII_MARKS
        return signs.get(kind) or _EXAMPLES[kind]

    def choose(self, drawn: str, ascii: str) -> str:
        """One of two, whichever the terminal can show."""
        return drawn if self.drawn else ascii

    @property
    def times(self) -> str:
        """The sign between a thing and how often."""
        return self.choose("×", "*")  # noqa: RUF001

    @property
    def more(self) -> str:
        """For what is left out."""
        return self.choose("…", "...")

    @property
    def bar(self) -> str:
        """A vertical line."""
        return self.choose("│", "|")

    @property
    def cross(self) -> str:
        """A vertical line over a running process's."""
        return self.choose("┼", "|")

    @property
    def dash(self) -> str:
        """For nothing."""
        return self.choose("–", "-")  # noqa: RUF001


def short(process: str, glyphs: Glyphs, most: int = ID_MAX) -> str:
    """A process id path of at most ``most`` characters; where it was longer, one sees that."""
    if len(process) <= most:
        return process
    return process[:2] + glyphs.more + process[-(most - 2 - len(glyphs.more)) :]


def glyphs_for(encoding: str) -> Glyphs:
    """Choose the characters for a terminal of this encoding."""
    everything = "".join([*_DRAWN_STATES.values(), *_DRAWN_MARKS.values(), "×…│┼–✓├↓↑"])  # noqa: RUF001
    try:
        everything.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return Glyphs(False, encoding)
    return Glyphs(True, encoding)
