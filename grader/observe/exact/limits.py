"""The limits of a run, and whether one is reached.

Some end the run at once. At others calls fail, as they do on a system that is full: fork
with EAGAIN at the cap on processes, which the engine holds; a write at the largest size of a
file and pipe at the most descriptors, which the kernel holds. There the program has a
moment to end by itself, so that the trace shows what it makes of that.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Sequence

from grader.model import ENDED_AT, Ended, Limits, Reached, SendSignal
from grader.observe import usage
from grader.observe.confine import Confined
from grader.observe.exact import ptrace, stops
from grader.observe.exact.record import Recorder
from grader.observe.exact.record.forks import forking, makes_thread
from grader.observe.exact.tree import Call, Node, Task

TICK_SECONDS = 0.05
"""How often the limits that need a look at /proc are looked at."""
_REST = 20
"""How many times the length of such a look it takes to the next, if that is longer."""
_GRACE_SECONDS = 0.3
"""How long a program may go on after a call failed at a limit."""
_SIGXFSZ = 25


class Watch:
    """Holds a run against its limits."""

    def __init__(
        self, limits: Limits, recorder: Recorder, confined: Confined | None = None
    ) -> None:
        """``confined`` tells which folders are the run's own, and of its control group."""
        self.limits = limits
        self.reached: Reached | None = None
        """The first limit that was reached."""
        self._recorder = recorder
        self._folders = () if confined is None else confined.place.folders
        self._confined = confined
        self._lost_cpu = 0.0
        """Of processes that ended where no one of ours collected them."""
        now = time.monotonic()
        self._deadline = now + limits.seconds
        self._next_tick = now + TICK_SECONDS
        self._next_walk = now + TICK_SECONDS
        self._grace_ends: float | None = None
        self._refusals = 0

    # -- what is reached ---------------------------------------------------------------

    def reach(self, name: str, process: str | None = None) -> Ended:
        """The limit of this name is passed: which word tells of it. Of several, the first
        does."""
        if self.reached is None:
            self.reached = Reached(name=name, allowed=getattr(self.limits, name), process=process)
        return ENDED_AT[self.reached.name]

    def _fails(self, name: str, process: str) -> None:
        """A call fails at a limit, and the program learns of that."""
        if self._grace_ends is None:
            self._grace_ends = time.monotonic() + _GRACE_SECONDS
        self.reach(name, process)

    @property
    def word(self) -> Ended | None:
        """What tells of the limit that was reached, if one was."""
        return ENDED_AT[self.reached.name] if self.reached else None

    def passed(self) -> Ended | None:
        """The limit at which the run is to end now, if there is one. Cheap: for every stop."""
        word = self._counted()
        if word is None and (began := time.monotonic()) >= self._next_tick:
            word = self._ticked(began)
            now = time.monotonic()
            self._next_tick = now + max(TICK_SECONDS, _REST * (now - began))
        return word

    def _counted(self) -> Ended | None:
        """The limits that the record itself tells of."""
        recorder, limits = self._recorder, self.limits
        if recorder.output_bytes > limits.output_bytes:
            return self.reach("output_bytes")
        if len(recorder.tree.nodes) > limits.processes:
            return self.reach("processes")
        if len(recorder.events) > limits.events:
            return self.reach("events")
        if self._grace_ends is not None and (
            self._refusals > self._cap() or time.monotonic() > self._grace_ends
        ):
            return self.word
        return None

    def _cap(self) -> int:
        """How many calls may fail at the cap before the program is taken to try for ever."""
        return self.limits.threads if self.word == "thread-limit" else self.limits.processes_alive

    def _ticked(self, now: float) -> Ended | None:
        """The limits of time, memory and files, which need a look."""
        limits = self.limits
        if now >= self._deadline:
            return self.reach("seconds")
        if self._confined is not None and self._confined.out_of_memory():
            return self.reach("tree_memory_bytes")
        cpu, resident, living = self._lost_cpu, 0, self._recorder.tree.alive()
        for node in self._recorder.tree.nodes:
            if node.state != "gone":
                cpu += usage.cpu_seconds(node.pid)
        if cpu > limits.cpu_seconds:
            return self.reach("cpu_seconds")
        for node in living:
            memory = usage.memory(node.pid)
            resident += memory.resident
            if limits.memory_bytes is not None and memory.space > limits.memory_bytes:
                return self.reach("memory_bytes", node.id)
            self.count_descriptors(node)
        pids = [node.pid for node in living]
        most = limits.tree_memory_bytes
        # What is shared is counted often in the one, and once in the other, which is slow.
        if resident > most and usage.shares_of_memory(pids) > most:
            return self.reach("tree_memory_bytes")
        return self._walked(now, pids)

    def _walked(self, now: float, pids: Sequence[int]) -> Ended | None:
        """The limit on all that is in the run's folders."""
        if not self._folders or now < self._next_walk:
            return None
        most = self.limits.folder_bytes
        began = time.monotonic()
        total = usage.nameless_bytes(pids)
        for folder in self._folders:
            total += usage.folder_bytes(folder, most)
        now = time.monotonic()
        self._next_walk = now + _REST * (now - began)
        return self.reach("folder_bytes") if total > most else None

    def last_look(self) -> Ended | None:
        """As ``passed``, without waiting for the next look: nothing can happen any more."""
        self._next_tick = 0.0
        return self.passed()

    def at_the_end(self) -> Ended | None:
        """The limit that was reached by the run's end."""
        if self.reached is None and self._confined is not None:
            if self._confined.out_of_memory():
                return self.reach("tree_memory_bytes")
            self._walked(float("inf"), ())
        return self.word

    @property
    def room(self) -> int:
        """How many bytes more end the run for its output."""
        return max(self.limits.output_bytes - self._recorder.output_bytes, 0) + 1

    # -- at calls ----------------------------------------------------------------------

    def mapping(self, node: Node, size: int) -> Ended | None:
        """A process asks for ``size`` more bytes of address space."""
        most = self.limits.memory_bytes
        if most is not None and usage.memory(node.pid).space + size > most:
            return self.reach("memory_bytes", node.id)
        return None

    def caps(self, task: Task, call: Call) -> bool:
        """Whether the process or thread that a call is about to make is one too many. Then
        the call is to fail."""
        thread = makes_thread(call)
        name = "threads" if thread else "processes_alive"
        there = self._threads() if thread else self._processes()
        if there < getattr(self.limits, name):
            return False
        self._refusals += 1
        self._fails(name, task.node.id)
        return True

    def _processes(self) -> int:
        """How many processes there are, those in the making and zombies among them."""
        tree, limit = self._recorder.tree, self.limits.processes_alive
        if len(tree.nodes) + len(tree.tasks) < limit:
            return 0  # few, however they are counted
        there = [node for node in tree.nodes if node.state != "gone"]
        making = sum(forking(task) for task in tree.tasks.values())
        if len(there) + making < limit:
            return len(there) + making
        # Of some that are dead already nobody was told yet, and nobody would be.
        return making + sum(not _vanishes(node) for node in there)

    def _threads(self) -> int:
        """How many threads there are, those in the making among them."""
        tree, limit = self._recorder.tree, self.limits.threads
        if len(tree.tasks) < limit:
            return 0
        threads = [task for task in tree.tasks.values() if task.tid != task.node.pid]
        making = sum(
            task.call is not None and makes_thread(task.call) for task in tree.tasks.values()
        )
        if len(threads) + making < limit:
            return len(threads) + making
        return making + sum(stops.ended(task.tid) is None for task in threads)

    def failed(self, task: Task, result: int) -> None:
        """A call has failed with this negative errno."""
        if result == -errno.EMFILE:
            self.count_descriptors(task.node, 1)  # for a pipe one that is left is too few

    def look_at(self, node: Node) -> None:
        """A process says something on standard error, or leaves: see whether that is because it
        could not have more. Most calls that take descriptors or memory are not watched, and a
        tick may come too late."""
        self.count_descriptors(node)
        most = self.limits.memory_bytes
        if most is not None and self.reached is None and usage.peak_space(node.pid) > most:
            self._fails("memory_bytes", node.id)

    def count_descriptors(self, node: Node, left: int = 0) -> None:
        """See whether a process has as many descriptors as it may, or so many less."""
        most = self.limits.open_files - left
        if self.reached is None and usage.out_of_descriptors(node.pid, most):
            self._fails("open_files", node.id)

    def signal(self, task: Task, number: int) -> None:
        """A signal is about to reach a process: the kernel tells so that a file would grow too
        large (setrlimit(2), RLIMIT_FSIZE), even one that ignores it."""
        if number != _SIGXFSZ:
            return
        info = ptrace.signal_info(task.tid)
        itself = info.code == 0 and info.pid == task.node.pid
        sent = any(
            isinstance(event, SendSignal) and event.signal == number
            for event in self._recorder.events
        )
        if itself and not sent:
            self._fails("file_bytes", task.node.id)

    def ending(self, pid: int) -> None:
        """A process is about to be collected by no process of the run."""
        self._lost_cpu += usage.cpu_seconds(pid)


def _vanishes(node: Node) -> bool:
    """Whether a process is dead, and leaves no zombie."""
    keeper = node.supervisor
    keeps = isinstance(keeper, Node) and not keeper.discards_children
    return not keeps and stops.ended(node.pid) is not None
