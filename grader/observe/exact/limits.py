"""The limits of a run, and whether one is passed."""

from __future__ import annotations

import os
import time
from pathlib import Path

from grader.model import Ended, Limits
from grader.observe.exact.record import Recorder

TICK_SECONDS = 0.05
"""How often the limits that need a look at /proc are looked at."""
_REST = 20
"""How many times the length of such a look it takes to the next, if that is longer."""

_PAGE = os.sysconf("SC_PAGE_SIZE")
_CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


def _cpu_seconds(pid: int) -> float:
    """Processor time of a process and of the children that it collected (proc(5))."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return 0.0
    return sum(int(fields[i]) for i in (11, 12, 13, 14)) / _CLOCK_TICKS


def address_space(pid: int) -> int:
    """The size of a process's address space in bytes (VmSize)."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_bytes().split()[0]) * _PAGE
    except (OSError, IndexError):
        return 0


class Watch:
    """Holds a run against its limits."""

    def __init__(self, limits: Limits, recorder: Recorder) -> None:
        self.limits = limits
        self._recorder = recorder
        self._lost_cpu = 0.0
        """Of processes that ended where no one of ours collected them."""
        self._deadline = time.monotonic() + limits.seconds
        self._next_tick = 0.0

    def passed(self) -> Ended | None:
        """The limit that is passed, if one is. Cheap: for every stop."""
        word = self._counted()
        if word is None and (began := time.monotonic()) >= self._next_tick:
            word = self._ticked()
            now = time.monotonic()
            self._next_tick = now + max(TICK_SECONDS, _REST * (now - began))
        return word

    def _counted(self) -> Ended | None:
        """The limits that the record itself tells of."""
        recorder, limits = self._recorder, self.limits
        if recorder.output_bytes > limits.output_bytes:
            return "output-limit"
        if len(recorder.tree.nodes) > limits.processes:
            return "process-limit"
        if len(recorder.events) > limits.events:
            return "event-limit"
        return None

    def _ticked(self) -> Ended | None:
        """The limits of time and memory, which need a look at /proc."""
        if time.monotonic() >= self._deadline:
            return "time-limit"
        cpu = self._lost_cpu
        for node in self._recorder.tree.nodes:
            if node.state == "gone":
                continue
            cpu += _cpu_seconds(node.pid)
            most = self.limits.memory_bytes
            if most is not None and node.state == "alive" and address_space(node.pid) > most:
                return "memory-limit"
        return "cpu-limit" if cpu > self.limits.cpu_seconds else None

    def mapping(self, pid: int, size: int) -> Ended | None:
        """A process asks for ``size`` more bytes of address space."""
        most = self.limits.memory_bytes
        if most is not None and address_space(pid) + size > most:
            return "memory-limit"
        return None

    def ending(self, pid: int) -> None:
        """A process is about to be collected by no process of the run."""
        self._lost_cpu += _cpu_seconds(pid)
