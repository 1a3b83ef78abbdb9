"""The sampled engine: psutil polling, for any POSIX system. Its evidence is weak, and says so."""

from grader.observe.sampled.engine import observe

__all__ = ["observe"]
