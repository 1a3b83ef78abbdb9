"""fork(2), as the grader needs it."""

from __future__ import annotations

import os
import signal
import warnings


def fork_deaf() -> int:
    """fork(2); in the child every signal is blocked, until it has put its own handlers in the
    place of the grader's, which would have it do what the grader does at its end."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    pid = -1
    try:
        with warnings.catch_warnings():
            # Python 3.12 warns of fork in a process with threads (of a test runner, say).
            # The child runs only code that is imported already, and takes no lock of theirs.
            warnings.simplefilter("ignore", DeprecationWarning)
            pid = os.fork()
    finally:
        if pid != 0:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return pid
