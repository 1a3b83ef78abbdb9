"""Lines of a program's, folded into rows of a box: never wider, and never many."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from grader.report.console import glyphs_of, shown

_MOST_ROWS_A_LINE = 6
_TAB = 8


def rows_of(line: str, width: int, console: Console) -> list[Text]:
    """One line of output as rows of at most ``width`` columns; of a very long one, the first."""
    most = width * _MOST_ROWS_A_LINE
    text = line[: most * 2].expandtabs(_TAB)  # as a terminal would
    rows = list(_folded(shown(text, console.encoding), width))
    if len(rows) > _MOST_ROWS_A_LINE or len(line) > most * 2:
        more = Text(f"{glyphs_of(console).more} ({len(line):,} characters in this line)", "dim")
        rows = [*rows[:_MOST_ROWS_A_LINE], more]
    return rows


def _folded(text: Text, width: int) -> Iterator[Text]:
    start = used = 0
    for at, character in enumerate(text.plain):
        size = _columns(character)
        if used + size > width:
            yield text[start:at]
            start, used = at, 0
        used += size
    yield text[start:]


def _columns(character: str) -> int:
    """How many columns a character may take: a terminal that draws it wider than thought would
    break the row, and go on outside the box."""
    if character.isascii():
        return 1
    size = cell_len(character)
    if size == 1 and (
        unicodedata.east_asian_width(character) == "A" or unicodedata.category(character) == "So"
    ):
        return 2
    return size
