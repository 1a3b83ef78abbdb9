"""psutil's view of the processes, taken while they stand still, against the model.

The model and psutil are two independent witnesses. psutil reads /proc; the model is
built from ptrace's stops. Where they disagree, one of them is wrong, and the trace
says so (``Trace.doubts``).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal, NamedTuple

import psutil

from grader.model import Look
from grader.observe.exact import stops
from grader.observe.exact.tree import OUTSIDE, Node, Tree

EVERY_EVENT_UNTIL = 100
"""Process events at each of which psutil looks; a look is two or three reads
of /proc, 70 us when all is warm, twice that in a run."""
THEN_EVERY = 10

State = Literal["alive", "zombie", "gone"]


class View(NamedTuple):
    """What psutil says of one process."""

    state: State
    parent: int | None


GONE = View("gone", None)


def view(process: psutil.Process) -> View:
    """Ask psutil about a process. Its 'tracing-stop' is a live state: the engine's doing.

    One whose pid has come to another process is gone: psutil's ppid() makes sure of that,
    by the creation time, as it was when ``process`` was made.
    """
    try:
        with process.oneshot():
            status, parent = process.status(), process.ppid()
    except psutil.NoSuchProcess:
        return GONE
    dead = status in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    return View("zombie" if dead else "alive", parent)


class Looks:
    """The looks of one run."""

    def __init__(self, tree: Tree) -> None:
        self.taken: list[Look] = []
        self.skipped = 0
        self._tree = tree
        self._events = 0
        self._engine = os.getpid()
        self._met: dict[Node, psutil.Process] = {}

    def at(self, event: int, *expected: tuple[Node, State]) -> None:
        """A process event happened: compare psutil's view of some processes with what
        the model expects, at every event first, at each tenth in a long run."""
        self._events += 1
        if self._events > EVERY_EVENT_UNTIL and self._events % THEN_EVERY:
            self.skipped += 1
            return
        for node, state in expected:
            self._compare(event, node, state)

    def finally_gone(self, event: int) -> None:
        """At the end: no process of the run is there any more."""
        for node in self._tree.nodes:
            if node.supervisor != OUTSIDE:
                self._compare(event, node, "gone")

    @property
    def met(self) -> list[tuple[str, psutil.Process]]:
        """The processes that psutil has found, by path id."""
        return [(node.id, process) for node, process in self._met.items()]

    def disagreements(self) -> list[str]:
        """What psutil and the model disagree on, in words."""
        return [
            f"psutil saw {look.process} {look.state} under {look.parent}, "
            f"the engine {look.expected} (event {look.event})"
            for look in self.taken
            if not look.agrees
        ]

    def _compare(self, event: int, node: Node, state: State) -> None:
        seen = self._view(node)
        parent = self._name(seen.parent)
        agrees = seen.state == state and (
            state == "gone" or parent == self._expected_parent(node) or self._parent_died(node)
        )
        if not agrees and state == "alive" and seen.state == "zombie":
            # Dead already; or only its first thread is (pthread_exit(3) in main).
            agrees = len(node.tasks) > 1 or stops.ended(node.pid) is not None
        if not agrees and (state, seen.state, parent) == ("gone", "zombie", OUTSIDE):
            # Its parent was dead before it, though that was told later: then it is for the
            # system's init to collect, which takes its time.
            agrees = node.reaped_by is None
        expected = "" if agrees else f"{state} under {self._expected_parent(node)}"
        self.taken.append(
            Look(
                event=event,
                process=node.id,
                parent=parent,
                state=seen.state,
                agrees=agrees,
                expected=expected,
            )
        )

    def _view(self, node: Node) -> View:
        try:
            process = self._met.get(node) or psutil.Process(node.pid)
        except psutil.NoSuchProcess:
            return GONE
        self._met[node] = process
        return view(process)

    def _name(self, pid: int | None) -> str | None:
        if pid is None:
            return None
        if pid == self._engine:
            return "engine"
        node = self._tree.find(pid)
        return node.id if node else OUTSIDE

    def _expected_parent(self, node: Node) -> str:
        return node.supervisor.id if isinstance(node.supervisor, Node) else node.supervisor

    def _parent_died(self, node: Node) -> bool:
        """The parent may be dead already, its threads not yet collected by the engine."""
        parent = node.supervisor
        return isinstance(parent, Node) and all(map(_is_dead, parent.tasks))


def _is_dead(tid: int) -> bool:
    """Whether a thread has ended, as /proc tells: waitid() is silent of a leader whose other
    threads are not collected (wait(2), ptrace(2))."""
    try:
        state = Path(f"/proc/{tid}/stat").read_bytes().rpartition(b") ")[2][:1]
    except OSError:
        return True
    return state in b"ZX"
