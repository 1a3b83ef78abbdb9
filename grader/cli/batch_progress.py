"""Says how a batch goes: a live view on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from grader.batch.run import Watcher
from grader.model import Batch, Entry, GradedStatus
from grader.model.safe import safe
from grader.report.batch_text import batch_words, how_long, print_batch
from grader.report.wording import counted

if TYPE_CHECKING:
    from rich.live import Live
    from rich.table import Table

_LINE_SECONDS = 10.0
"""Plain lines come so often."""


@contextmanager
def watching() -> Iterator[Watcher]:
    """Somebody who watches a batch, and tells on standard error."""
    if not sys.stderr.isatty():
        yield Lines()
        return
    from rich.console import Console
    from rich.live import Live

    # Not refreshed by a thread: workers are forked, and a fork copies only one thread.
    live = Live(console=Console(stderr=True), auto_refresh=False, transient=True)
    watcher = View(live)
    try:
        with live:
            yield watcher
    finally:
        live.stop()


class _Tally:
    """How far it is."""

    def __init__(self) -> None:
        self.counts: Counter[GradedStatus] = Counter()
        self.done = 0
        self.left = 0
        self.began = time.monotonic()

    def begins(self, done: Mapping[GradedStatus, int], left: int) -> None:
        self.counts.update(done)
        self.left = left
        self.began = time.monotonic()

    def graded(self, status: GradedStatus) -> None:
        self.counts[status] += 1
        self.done += 1
        self.left -= 1

    @property
    def a_minute(self) -> float:
        return 60 * self.done / max(time.monotonic() - self.began, 0.001)

    @property
    def seconds_left(self) -> float | None:
        return 60 * self.left / self.a_minute if self.done else None

    def words(self) -> str:
        """In one line."""
        counts = self.counts
        graded = counts["pass"] + counts["fail"] + counts["error"]
        left = self.seconds_left
        parts = [
            f"{graded:,} of {graded + self.left:,} graded",
            f"{counts['pass']:,} pass",
            f"{counts['fail']:,} fail",
            *([counted(counts["error"], "error")] if counts["error"] else []),
            f"{self.a_minute:,.0f} a minute",
            *([f"{how_long(left)} left"] if left is not None and self.left else []),
        ]
        return ", ".join(parts)


class Lines:
    """Plain lines, now and then."""

    def __init__(self) -> None:
        self._tally = _Tally()
        self._told = time.monotonic()

    def begins(self, batch: Batch, done: Mapping[GradedStatus, int], left: int) -> None:
        """See ``Watcher``."""
        print_batch(batch)
        self._tally.begins(done, left)
        if left and (done.get("pass") or done.get("fail")):
            click.echo(f"grader: {left:,} left to grade", err=True)

    def graded(self, entry: Entry, status: GradedStatus, failure: str | None) -> None:
        """See ``Watcher``."""
        self._tally.graded(status)
        if failure is not None:
            click.echo(f"grader: {entry.id} failed: {safe(failure, most=300)}", err=True)

    def again(self, entry: Entry, failure: str) -> None:
        """See ``Watcher``."""
        click.echo(
            f"grader: {entry.id} is tried again, as grader failed: {safe(failure, most=300)}",
            err=True,
        )

    def turns(self) -> None:
        """See ``Watcher``."""
        now = time.monotonic()
        if now - self._told >= _LINE_SECONDS:
            self._told = now
            click.echo(f"grader: {self._tally.words()}", err=True)


class View:
    """A live view."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._tally = _Tally()
        self._last = ""
        self._shown = 0.0

    def begins(self, batch: Batch, done: Mapping[GradedStatus, int], left: int) -> None:
        """See ``Watcher``."""
        self._say(safe(batch_words(batch)))
        self._tally.begins(done, left)
        self._show()

    def graded(self, entry: Entry, status: GradedStatus, failure: str | None) -> None:
        """See ``Watcher``."""
        self._tally.graded(status)
        self._last = f"{entry.id}: {status}"
        if failure is not None:
            self._say(f"{entry.id} failed: {safe(failure, most=300)}")
        self.turns()

    def again(self, entry: Entry, failure: str) -> None:
        """See ``Watcher``."""
        self._say(f"{entry.id} is tried again, as grader failed: {safe(failure, most=300)}")

    def turns(self) -> None:
        """See ``Watcher``."""
        if time.monotonic() - self._shown > 0.1:
            self._show()

    def _say(self, words: str) -> None:
        self._live.console.print(words, markup=False, highlight=False)

    def _show(self) -> None:
        self._shown = time.monotonic()
        self._live.update(self._page(), refresh=True)

    def _page(self) -> Table:
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        tally = self._tally
        page = Table.grid(padding=(0, 1))
        total = tally.done + tally.left
        page.add_row(ProgressBar(total=max(total, 1), completed=tally.done, width=40))
        page.add_row(Text(tally.words(), overflow="fold"))
        page.add_row(Text(self._last, style="dim", overflow="ellipsis", no_wrap=True))
        return page
