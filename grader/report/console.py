"""The console that reports are printed on."""

from __future__ import annotations

import os
from typing import IO

from rich.console import Console
from rich.text import Text

from grader.model.safe import pieces
from grader.report.glyphs import Glyphs, glyphs_for

NARROWEST = 40
"""Columns; a narrower terminal wraps lines itself."""
USUAL = 80
WIDEST = 1000
"""No terminal is wider, whatever COLUMNS says."""

MOST_SHOWN = 4_000
"""Characters of one text: a line of a megabyte tells nobody anything."""

ESCAPED = "reverse"
"""The style of an escape that stands for a character of the program."""


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """The reader has gone. rich would exit with status 1, which says that a check failed;
        grader.cli knows better."""
        raise


def make_console(file: IO[str] | None = None, width: int | None = None) -> Console:
    """Make a console that interprets nothing in what it prints: no markup, no emoji codes.

    ``file`` is standard output by default. ``width`` in columns is the terminal's by default,
    ``COLUMNS`` where that is set, and 80 when unknown. Colours and other escape sequences are
    for terminals only, and not where NO_COLOR is set (https://no-color.org).
    """
    console = _Console(file=file, width=width, markup=False, highlight=False, emoji=False)
    if width is None and not console.is_terminal and not os.environ.get("COLUMNS"):
        console.width = USUAL
    console.width = min(max(console.width, NARROWEST), WIDEST)
    return console


def glyphs_of(console: Console) -> Glyphs:
    """The characters that this console can show."""
    return glyphs_for(console.encoding)


def shown(text: str, encoding: str, style: str = "", most: int = MOST_SHOWN) -> Text:
    """A text of the program's, with escapes set off from what it printed; of a text with more
    than ``most`` characters, the beginning."""
    result = Text()
    for piece, escaped in pieces(text[:most], encoding):
        result.append(piece, f"{style} {ESCAPED}".strip() if escaped else style)
    if len(text) > most:
        result.append(f"... ({len(text) - most:,} characters more)", style)
    return result
