"""Words and numbers of reports."""

from __future__ import annotations

from grader.model import Schedules
from grader.report.glyphs import Glyphs
from grader.report.lanes import Fold

ERRORS = {
    "EAGAIN": "no more processes to be had",
    "ECHILD": "no child left to wait for",
    "EINTR": "interrupted by a signal",
    "EINVAL": "an argument was not valid",
    "EMFILE": "too many files open",
    "ENFILE": "too many files open in the system",
    "ENOMEM": "no memory left",
    "ENOSPC": "no room left on the device",
    "EPIPE": "nobody reads any more",
    "ESRCH": "no such process",
}


def clock(seconds: float) -> str:
    """A time on an axis, short: ``0``, ``12ms``, ``1.02s``, ``75s``."""
    if seconds < 0.0005:
        return "0"
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f}ms"
    return f"{seconds:.2f}s" if seconds < 59.995 else f"{seconds:.0f}s"


def duration(seconds: float) -> str:
    """How long something took: ``0.4 ms``, ``12 ms``, ``1.02 s``, ``75 s``."""
    if seconds < 0.0095:
        return f"{seconds * 1000:.1f} ms" if seconds else "0 s"
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.2f} s" if seconds < 59.995 else f"{seconds:.0f} s"


def asked(seconds: float) -> str:
    """What a program asked for: ``2s``, ``0.25s``."""
    return f"{seconds:.3f}".rstrip("0").rstrip(".") + "s"


def counted(number: int, word: str, plural: str = "") -> str:
    """A number with its word: ``1 process``, ``2,000 processes``."""
    return f"{number:,} {word if number == 1 else plural or word + 's'}"


def fold_words(fold: Fold, glyphs: Glyphs) -> str:
    """The line in the place of processes that have none."""
    if fold.like is None:
        return f"{glyphs.more} {fold.count:,} more"
    return f"{glyphs.more} {fold.count:,} more like {fold.like}"


def schedules_words(schedules: Schedules) -> str:
    """How many schedules were run, and whether those were all."""
    runs = schedules.runs
    reason = (schedules.reason or "").removeprefix("not every schedule: ").rstrip(".")
    left = f", and {schedules.pruned:,} more up to where nothing new could come"
    words = f"Ran {counted(runs, 'schedule')}{left if schedules.pruned else ''}"
    if schedules.exhaustive:
        return f"{words}: all that can make a difference." + (f" {reason}." if reason else "")
    return f"{words}, not all of them{f': {reason}' if reason else ''}."
