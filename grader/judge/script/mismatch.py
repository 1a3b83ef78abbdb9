"""Output that is not as the script says, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

Tag = Literal["GOOD", "MISSING", "UNEXPECTED"]


class Remark(msgspec.Struct, frozen=True):
    """One line near the difference."""

    tag: Tag
    """``GOOD``: as it should be. ``MISSING``: it should have come. ``UNEXPECTED``: it
    should not."""
    text: str
    """Safe to print."""


class Mismatch(AssertionError):
    """The output is not as the script says; tells the deepest partial match."""

    def __init__(
        self,
        headline: str,
        *,
        process: str | None = None,
        role: str | None = None,
        line: int | None = None,
        expected: str | None = None,
        got: str | None = None,
        column: int | None = None,
        events: Sequence[int] = (),
        notes: Sequence[str] = (),
        around: Sequence[Remark] = (),
    ) -> None:
        super().__init__(headline)
        self.headline = headline
        """Where it is, in words."""
        self.process = process
        """The path id of the process concerned; None where the writers are unknown."""
        self.role = role
        """The role that it was expected to play."""
        self.line = line
        """The line of its output (of the text, where the writers are unknown), from 1."""
        self.expected = expected
        """The line that should have come, its fields filled in; None: nothing more."""
        self.got = got
        """The line that came; None: nothing more came."""
        self.column = column
        """Where in ``got`` the first difference is, in characters from 0."""
        self.events = list(events)
        """The numbers of the write events concerned."""
        self.notes = list(notes)
        """What else helps to understand it, in sentences."""
        self.around = list(around)
        """A few lines before and after the place."""

    def __str__(self) -> str:
        lines = [self.headline]
        if self.expected is not None or self.got is not None:
            nothing = "nothing" if self.line in (None, 1) else "nothing more"
            lines.append(f"  expected:  {nothing if self.expected is None else self.expected}")
            lines.append(f"  got:       {nothing if self.got is None else self.got}")
            if self.column is not None:
                lines.append(" " * (13 + self.column) + "^")
        lines += [f"  {note}" for note in self.notes]
        if self.around:
            width = max(len(remark.tag) for remark in self.around)
            lines += [f"  {r.tag:<{width}}  {r.text}".rstrip() for r in self.around]
        return "\n".join(lines)
