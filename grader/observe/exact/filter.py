"""The seccomp filters that stop a tracee at the calls that matter, and at no other.

A call on the list stops, some only for certain arguments; every other runs at full speed.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping
from types import ModuleType
from typing import Final

from grader.observe.seccomp import TRACE, Condition, Filter, Instruction, Rule, assemble

F_DUPFD: Final = 0
F_DUPFD_CLOEXEC: Final = 1030
PR_SET_PDEATHSIG: Final = 1
PR_SET_DUMPABLE: Final = 4
PR_SET_SECCOMP: Final = 22
PR_SET_CHILD_SUBREAPER: Final = 36

LARGE_MAPPING: Final = 64 << 20
"""A mapping of this many bytes stops, so that the memory limit is held at once."""

Conditions = dict[str, tuple[Condition, ...]]
"""The calls that stop only for some arguments: when one of these holds."""

_CONDITIONS: Final[Conditions] = {
    "rt_sigaction": (Condition(1, "nonzero"),),  # setting an action, not reading one
    "fcntl": (Condition(1, "equals", (F_DUPFD, F_DUPFD_CLOEXEC)),),
    "prctl": (Condition(0, "equals", (PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_CHILD_SUBREAPER)),),
    # poll and select on nothing are sleeps
    "poll": (Condition(1, "equals", (0,)),),
    "ppoll": (Condition(1, "equals", (0,)),),
    "select": (Condition(0, "equals", (0,)),),
    "pselect6": (Condition(0, "equals", (0,)),),
    "mmap": (Condition(1, "at least", (LARGE_MAPPING,)),),
    "mremap": (Condition(2, "at least", (LARGE_MAPPING,)),),
}

F_SETLKW, F_OFD_SETLKW = 7, 38
MAP_SHARED: Final = 1
OPENS_TO_CHANGE: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC

CONTROLLED_CONDITIONS: Final[Conditions] = {
    "rt_sigaction": _CONDITIONS["rt_sigaction"],
    "rt_sigprocmask": (Condition(1, "nonzero"),),
    "fcntl": (Condition(1, "equals", (F_DUPFD, F_DUPFD_CLOEXEC, F_SETLKW, F_OFD_SETLKW)),),
    "prctl": (Condition(0, "equals", (PR_SET_PDEATHSIG, *_CONDITIONS["prctl"][0].values)),),
    "mmap": (Condition(3, "has bit", (MAP_SHARED,)), *_CONDITIONS["mmap"]),
    "mremap": _CONDITIONS["mremap"],
    "open": (Condition(1, "has bit", (OPENS_TO_CHANGE,)),),
    "openat": (Condition(2, "has bit", (OPENS_TO_CHANGE,)),),
}
"""The same for a controlled run, which has to see more."""


def build(
    arch: ModuleType,
    numbers: Mapping[str, int] | None = None,
    conditions: Conditions = _CONDITIONS,
) -> list[Instruction]:
    """The filter for one architecture (a module of ``exact.arch``), and the calls that it is
    to stop at, by default those of a free-running run."""
    calls = arch.NUMBERS if numbers is None else numbers
    return assemble(
        arch,
        [Rule(number, TRACE, conditions.get(name, ())) for name, number in calls.items()],
    )


@functools.cache
def filter_for(arch: ModuleType) -> Filter:
    """The filter for one architecture; made once, by preference before the first fork."""
    return Filter(build(arch))


@functools.cache
def controlled_filter(arch: ModuleType) -> Filter:
    """What a controlled run needs."""
    numbers = {**arch.NUMBERS, **arch.CONTROLLED_NUMBERS, **arch.EFFECTS}
    return Filter(build(arch, numbers, CONTROLLED_CONDITIONS))


@functools.cache
def opening_filter(arch: ModuleType) -> Filter:
    """For an interpreter's start-up: stops where it opens the script that it is to run, and
    where it says where its thread id is kept or asks for random bytes."""
    names = ("openat", "set_tid_address", "getrandom")
    return Filter(build(arch, {name: arch.CONTROLLED_NUMBERS[name] for name in names}, {}))
