"""Looking at pages with a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def page_of(browser: Any, path: Path, **options: Any) -> Iterator[Any]:
    """Open a page. Whatever it complains of, or asks of a network, fails the test."""
    complaints: list[str] = []
    context = browser.new_context(**{"viewport": {"width": 1200, "height": 900}} | options)
    page = context.new_page()
    page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(f"a dialog: {dialog.message}"))
    page.on("request", lambda r: r.url.startswith("file:") or complaints.append(r.url))
    page.goto(path.as_uri())
    try:
        yield page
        assert complaints == []
    finally:
        context.close()
