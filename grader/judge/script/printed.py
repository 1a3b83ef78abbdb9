"""What each process printed, line by line, and how that is shown to people."""

from __future__ import annotations

import msgspec

from grader.model import Output, Trace, Unproved
from grader.model.safe import characters, escape

_LONGEST = 160
_MOST_LINES = 20_000
"""Of one process; what comes after is one more line, as if no newline were in it."""


class Printed(msgspec.Struct, frozen=True):
    """One line that a process printed."""

    text: str
    newline: bool
    """False for a last line without one."""
    events: tuple[int, ...] = ()
    """The numbers of the write events that made it, in order; the last one completed it."""


def printed(trace: Trace, stream: str) -> dict[str, list[Printed]]:
    """Return what each process printed on ``stream`` (``stdout`` or ``stderr``).

    Processes that printed nothing are left out. Output that cannot be told apart
    (``terminal``) counts for each stream. Raises Unproved where a writer is unknown.
    """
    writes: dict[str, list[Output]] = {}
    for output in trace.output:
        if output.process is None:
            raise Unproved("sampling cannot tell which process wrote which output")
        if output.stream in (stream, "terminal") and output.data:
            writes.setdefault(output.process, []).append(output)
    return {process: _lines(outputs) for process, outputs in writes.items()}


def _lines(outputs: list[Output]) -> list[Printed]:
    lines: list[Printed] = []
    pending: list[bytes] = []
    events: list[int] = []
    for output in outputs:
        pieces = output.data.split(b"\n", max(_MOST_LINES - len(lines), 0))
        for i, piece in enumerate(pieces):
            last = i == len(pieces) - 1
            if last and not piece:
                continue
            pending.append(piece)
            if output.event is not None:
                events.append(output.event)
            if not last:
                # Decoded by the line: one write may end within a character.
                text = b"".join(pending).decode(errors="replace")
                lines.append(Printed(text, True, tuple(events)))
                pending, events = [], []
    if pending:
        lines.append(Printed(b"".join(pending).decode(errors="replace"), False, tuple(events)))
    return lines


def visible(text: str) -> str:
    """Return ``text`` safe to print, on one line, with nothing in it invisible.

    Tabs, newlines and control characters appear as escapes, a space at either end as
    ``\\ ``; what is very long is cut.
    """
    cut = len(text) - _LONGEST
    shown = text[:_LONGEST] if cut > 0 else text
    out = "".join(
        _NAMED.get(char) or (escape(char) if escaped else char)
        for char, escaped in characters(shown)
    )
    if out.startswith(" "):
        out = "\\" + out
    if out.endswith(" ") and out != "\\ ":
        out = out[:-1] + "\\ "
    return f"{out}... ({cut} more characters)" if cut > 0 else out


_NAMED = {"\t": "\\t", "\n": "\\n", "\r": "\\r", "\x1b": "\\e", "\\": "\\\\"}
