"""The limits of a run that is sampled: which are held by looking, and how the kernel helps."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from grader.model import ENDED_AT, Ended, ExitStatus, Limits, Reached
from grader.observe import usage
from grader.observe.confine import Confined

_TICK_SECONDS = 0.05
"""How often what takes longer is looked at."""
_REST = 20
"""How many times the length of such a look it takes to the next, if that is longer."""
_SPARE_TASKS = 1024
"""How many more processes and threads its user may have than there are and the run may make:
others begin and end meanwhile, other runs among them. It is for what is made faster than one
can look."""
_SIGXFSZ = getattr(signal, "SIGXFSZ", None)


def most_tasks(limits: Limits, confined: Confined | None) -> int:
    """How many processes and threads the program's user may have, all in all."""
    own = os.getuid()
    if confined is not None and confined.user is not None:
        own = confined.user.uid
    return _tasks_of(own) + limits.processes_alive + limits.threads + _SPARE_TASKS


def hold_number_of_tasks(most: int) -> None:
    """In the child: have the kernel refuse the forks of a program that makes them without end
    (setrlimit(2), RLIMIT_NPROC; root is not held by it)."""
    number = getattr(resource, "RLIMIT_NPROC", None)
    if number is None:
        return
    with contextlib.suppress(ValueError, OSError):
        _, hard = resource.getrlimit(number)
        if hard != resource.RLIM_INFINITY:
            most = min(most, hard)
        resource.setrlimit(number, (most, most))


def count_below(enough: int) -> int:
    """How many processes are below this one, not counted further than one more than ``enough``.

    By lists of children, which the kernel gives fast even of processes that are in exec(2) or
    exiting, and where it does so (proc_tid_children(5)); else 0.
    """
    count, left = 0, [os.getpid()]
    while left and count <= enough:
        pid = left.pop()
        with contextlib.suppress(OSError):
            for thread in os.scandir(f"/proc/{pid}/task"):
                with contextlib.suppress(OSError):
                    children = Path(f"{thread.path}/children").read_bytes().split()
                    count += len(children)
                    left += map(int, children)
    return count


def _tasks_of(user: int) -> int:
    """How many processes and threads a user has."""
    if sys.platform != "linux":
        return sum(p.info["uids"] is not None and p.info["uids"].real == user for p in _everyone())
    count = 0
    for entry in os.scandir("/proc"):
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):
                if entry.stat().st_uid == user:
                    count += Path(f"{entry.path}/task").stat().st_nlink - 2
    return count


def _everyone() -> list[psutil.Process]:
    return list(psutil.process_iter(["uids"]))


class Watch:
    """Holds a run against its limits."""

    def __init__(self, limits: Limits, confined: Confined | None) -> None:
        self.limits = limits
        self.reached: Reached | None = None
        """The first limit that was reached."""
        self._confined = confined
        self._collected_cpu = 0.0
        now = time.monotonic()
        self._deadline = now + limits.seconds
        self._next_tick = self._next_walk = now + _TICK_SECONDS
        self._grader = psutil.Process().cmdline()
        self._execed = False
        self.root: psutil.Process | None = None
        """The program's first process."""

    @property
    def word(self) -> Ended | None:
        """What tells of the limit that was reached, if one was."""
        return ENDED_AT[self.reached.name] if self.reached else None

    def reach(self, name: str) -> None:
        """The limit of this name is passed. Of several, the first counts."""
        if self.reached is None:
            self.reached = Reached(name=name, allowed=getattr(self.limits, name))

    def count(self, there: int, made: int) -> None:
        """So many processes are there, and so many were seen in all."""
        if there > self.limits.processes_alive:
            self.reach("processes_alive")
        if made > self.limits.processes:
            self.reach("processes")

    def overflows(self) -> bool:
        """Whether more is there than may be, found out without a look at each process."""
        group = self._confined.group if self._confined is not None else None
        limits = self.limits
        if group is not None and group.tasks() > 1 + limits.processes_alive + limits.threads:
            self.reach("processes_alive")
        elif group is None or not group.tasks():
            self.count(count_below(limits.processes_alive), 0)
        return self.reached is not None

    def collected(self, used: resource.struct_rusage, exit: ExitStatus) -> None:
        """A process was collected by the grader; ``used`` holds what its children used, too."""
        self._collected_cpu += used.ru_utime + used.ru_stime
        if exit.signal is not None and exit.signal == _SIGXFSZ:
            self.reach("file_bytes")

    def look(self, present: Sequence[psutil.Process]) -> None:
        """Look at what these processes use, when it is time to."""
        began = time.monotonic()
        if began >= self._deadline:
            self.reach("seconds")
        if self.reached is None and began >= self._next_tick:
            self._tick(present)
            self._walk(present)
            now = time.monotonic()
            self._next_tick = now + max(_TICK_SECONDS, _REST * (now - began))

    def at_the_end(self) -> Ended | None:
        """The limit that was reached by the run's end."""
        if self.reached is None:
            self._next_walk = 0.0
            self._walk(())
        if self.reached is None and self._confined is not None and self._confined.out_of_memory():
            self.reach("tree_memory_bytes")
        return self.word

    def _tick(self, present: Sequence[psutil.Process]) -> None:
        limits, cpu, resident, threads = self.limits, self._collected_cpu, 0, 0
        if self._confined is not None and self._confined.out_of_memory():
            self.reach("tree_memory_bytes")
        for process in present:
            with contextlib.suppress(psutil.Error), process.oneshot():
                if not self._begun():
                    continue
                cpu += sum(process.cpu_times()[:4])  # its own, and of children that it collected
                memory = process.memory_info()
                threads += process.num_threads() - 1
                if usage.out_of_descriptors(process.pid, limits.open_files):
                    self.reach("open_files")
                resident += memory.rss
                if limits.memory_bytes is not None and memory.vms > limits.memory_bytes:
                    self.reach("memory_bytes")
        if cpu > limits.cpu_seconds:
            self.reach("cpu_seconds")
        if threads > limits.threads:
            self.reach("threads")
        most = limits.tree_memory_bytes
        if resident > most and (
            sys.platform != "linux" or usage.shares_of_memory(p.pid for p in present) > most
        ):
            self.reach("tree_memory_bytes")

    def _begun(self) -> bool:
        """Whether the program has begun: before its exec it is a copy of the grader, and as
        large."""
        if not self._execed and self.root is not None:
            with contextlib.suppress(psutil.Error):
                self._execed = self.root.cmdline() != self._grader
        return self._execed

    def _walk(self, present: Sequence[psutil.Process]) -> None:
        """The limit on all that is in the run's folders."""
        began = time.monotonic()
        if self._confined is None or began < self._next_walk:
            return
        most = self.limits.folder_bytes
        total = usage.nameless_bytes(process.pid for process in present)
        for folder in self._confined.place.folders:
            total += usage.folder_bytes(folder, most)
        if total > most:
            self.reach("folder_bytes")
        now = time.monotonic()
        self._next_walk = now + _REST * (now - began)
