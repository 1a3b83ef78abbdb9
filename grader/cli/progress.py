"""Says on the terminal what takes so long."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

_MOST = 50
"""Characters of what is told, so that it fits on one line of nearly any terminal."""


@contextmanager
def progress(words: str) -> Iterator[None]:
    """Tell what goes on and for how long, once it takes longer than a second.

    On standard error, and only where that is a terminal. By a timer signal and not by a
    thread: runs fork, and a fork copies only one thread.
    """
    main = threading.current_thread() is threading.main_thread()
    if not (main and sys.stderr.isatty() and hasattr(signal, "setitimer")):
        yield
        return
    from grader.model.safe import safe

    stream, began = sys.stderr, time.monotonic()
    words = safe(words, stream.encoding, most=_MOST)

    def tell(*_: Any) -> None:
        with suppress(OSError):  # the terminal was closed
            stream.write(f"\rgrader: {words}, {time.monotonic() - began:.0f} s ")
            stream.flush()

    before = signal.signal(signal.SIGALRM, tell)
    signal.setitimer(signal.ITIMER_REAL, 1.0, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        if time.monotonic() - began >= 1:
            with suppress(OSError):
                stream.write("\r\x1b[K")
                stream.flush()
