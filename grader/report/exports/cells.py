"""CSV that a spreadsheet shows and does not run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from grader.model.safe import safe
from grader.report.exports.options import number

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""A cell that begins so is a formula to Excel or LibreOffice, or becomes one: the full-width
signs too, where a spreadsheet folds them.
https://owasp.org/www-community/attacks/CSV_Injection"""

_MOST = 32_000
"""Characters: Excel cuts a cell at 32,767."""

Cell = str | float | int | None


def guarded(text: str) -> str:
    """A text as one line that is no formula: an apostrophe is put before what would be one, as
    a person does who types it. Control characters, line ends among them, are shown as escapes."""
    text = safe(text, most=_MOST)
    formula = text != "-" and text.lstrip(" ").startswith(FORMULA)  # alone it says: nothing
    return f"'{text}" if formula else text


def written(rows: Iterable[Sequence[Cell]], bom: bool = False) -> bytes:
    """Rows as CSV: UTF-8, commas, CRLF, quotes where needed (RFC 4180). Texts are guarded;
    numbers are written with a point and without trailing zeros; None is an empty cell."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    for row in rows:
        writer.writerow([_cell(cell) for cell in row])
    return stream.getvalue().encode("utf-8-sig" if bom else "utf-8", errors="replace")


def _cell(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case str():
            return guarded(cell)
    return str(number(cell))
