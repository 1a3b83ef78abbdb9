"""Limits that the kernel itself holds, for one process each (setrlimit(2)).

They are inherited by all that a program makes, and an unprivileged program can't raise
them. Where a limit of the run says the same, the engine says it first, with its own word;
some the kernel alone can hold: how large a file grows, and how many descriptors there are.
"""

from __future__ import annotations

import contextlib
import math
import resource

from grader.model import Limits

_MOST = (1 << 63) - 1
"""What is more than that can't be told to setrlimit(2), and limits nothing."""
_LATER_SECONDS = 2
"""So much longer than a run may use the processor may one process of it: the engine, which adds
up what all use, comes first. This holds what the engine overlooks."""
_LOCKED_BYTES = 1 << 16
_QUEUE_BYTES = 819_200
"""What Linux gives by default (mq_overview(7))."""


def set_rlimits(limits: Limits) -> None:
    """In the child, just before it becomes the program: take on the limits that the kernel
    holds.

    An inherited limit that is lower is kept. The address space comes last, as this process,
    a copy of the grader, may be larger than the program may be.
    """
    # With a core_pattern that is a pipe the kernel does not hold 0, but 1 makes it write
    # no dump at all (core(5); do_coredump() in fs/coredump.c).
    _set("RLIMIT_CORE", 1)
    _set("RLIMIT_FSIZE", limits.file_bytes)
    _set("RLIMIT_NOFILE", limits.open_files)
    _set("RLIMIT_CPU", math.ceil(min(limits.cpu_seconds, _MOST)) + _LATER_SECONDS)
    _set("RLIMIT_MEMLOCK", _LOCKED_BYTES)
    _set("RLIMIT_MSGQUEUE", _QUEUE_BYTES)
    _set("RLIMIT_NICE", 0)
    _set("RLIMIT_RTPRIO", 0)
    if limits.memory_bytes is not None:
        # The engine's look at the limit comes first; this holds whatever slips through.
        _set("RLIMIT_AS", 2 * limits.memory_bytes)


def _set(name: str, most: int) -> None:
    number = getattr(resource, name, None)  # some are Linux's alone
    if number is None:
        return
    most = min(most, _MOST)
    # Not permitted, or not known to this kernel: then the engine's own limits have to do.
    with contextlib.suppress(ValueError, OSError):
        _, hard = resource.getrlimit(number)
        if hard != resource.RLIM_INFINITY:
            most = min(most, hard)
        resource.setrlimit(number, (most, most))
