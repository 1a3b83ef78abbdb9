"""Prints reports as a terminal would get them."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from rich.console import Console

from grader.report import make_console


def printed(
    report: Callable[..., None], *what: Any, width: int = 80, encoding: str = "utf-8"
) -> str:
    """What a report prints on something that is no terminal."""
    buffer = io.BytesIO()
    file = io.TextIOWrapper(buffer, encoding, newline="")
    report(*what, make_console(file, width))
    file.flush()
    return buffer.getvalue().decode(encoding)


def on_a_terminal(report: Callable[..., None], *what: Any) -> str:
    """What a report prints on a terminal that has colours."""
    file = io.StringIO()
    console = Console(
        file=file,
        width=80,
        force_terminal=True,
        color_system="standard",
        no_color=False,
        markup=False,
        highlight=False,
        emoji=False,
    )
    report(*what, console)
    return file.getvalue()
