"""The engine's model of the process tree: what the kernel must think, and psutil must see.

Pure bookkeeping, no kernel calls. The rules are those of fork(2), wait(2), _exit(2),
sigaction(2) and prctl(2) (PR_SET_CHILD_SUBREAPER).
"""

from __future__ import annotations

import signal
from typing import Any, Final, Literal

import msgspec

from grader.model import ROOT, ExitStatus, Fate, Process, child_id

Action = Literal["handler", "default", "ignored"]
OUTSIDE: Final = "outside"
"""The adopter that is none of ours: init, or the system's subreaper."""


class Reaction(msgspec.Struct, frozen=True):
    """What a signal does to a process."""

    action: Action = "default"
    restarts: bool = False
    """SA_RESTART: a call that the handler interrupts is begun again."""
    discards_children: bool = False
    """For SIGCHLD, SA_NOCLDWAIT: children leave no zombie."""


DEFAULT = Reaction()


class Call(msgspec.Struct, eq=False):
    """A system call on its way: begun, not yet returned."""

    name: str
    arguments: tuple[int, ...]
    began: float
    after: int
    detail: Any = None
    """What the topic that records it wants to remember."""
    wants_return: bool = True
    """Whether its result has to be seen."""
    refusal: tuple[int, str] | None = None
    """An errno to give instead of running it, and why."""
    exclusive: object = None
    """Calls with equal values run one at a time, so that their order is known."""
    interrupted: int | None = None
    """The restart code that the kernel gave (-ERESTARTSYS or kin): not done, and unless a
    handler makes it fail with EINTR, begun again as the same call."""


class Task(msgspec.Struct, eq=False):
    """A thread: what ptrace stops. ``ordinal`` 0 is the process's first."""

    tid: int
    node: Node
    ordinal: int = 0
    call: Call | None = None
    suspended: list[Call] = []
    """Interrupted calls that a signal handler runs on top of."""


class Node(msgspec.Struct, eq=False):
    """One process as the model knows it."""

    id: str
    pid: int
    parent: Node | None
    """The process that forked it."""
    supervisor: Node | Literal["outside", "engine"]
    """Who would collect it now: its parent, then whoever adopted it."""
    children: list[Node] = []
    """Those it may wait for now, adopted ones included."""
    forks: int = 0
    reactions: dict[int, Reaction] = {}
    tasks: dict[int, Task] = {}
    threads: int = 0
    state: Literal["alive", "zombie", "gone"] = "alive"
    stopped: bool = False
    subreaper: bool = False
    program: list[str] = []
    fate: Fate | None = None
    exit: ExitStatus | None = None
    reaped_by: str | None = None
    adopted_by: str | None = None
    zombie_seconds: float | None = None
    forked_at: int | None = None
    exited_at: int | None = None
    exit_time: float = 0.0
    leaving: float | None = None
    """When it was let go into its exit, by exit_group(2) or a deadly signal."""
    reaped_at: int | None = None

    def reaction(self, number: int) -> Reaction:
        """What a signal does to this process."""
        return self.reactions.get(number, DEFAULT)

    @property
    def discards_children(self) -> bool:
        """Whether its children leave no zombie (wait(2), NOTES)."""
        reaction = self.reaction(signal.SIGCHLD)
        return reaction.action == "ignored" or reaction.discards_children

    def as_process(self) -> Process:
        """The record for the trace."""
        return Process(
            id=self.id,
            pid=self.pid,
            parent=self.parent.id if self.parent else None,
            fate=self.fate,
            exit=self.exit,
            reaped_by=self.reaped_by,
            adopted_by=self.adopted_by,
            zombie_seconds=self.zombie_seconds,
            program=self.program,
            threads=self.threads,
            forked=self.forked_at,
            exited=self.exited_at,
            reaped=self.reaped_at,
        )


class Tree:
    """All processes of a run, and all tasks that are alive."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.tasks: dict[int, Task] = {}
        self._by_pid: dict[int, Node] = {}
        self._by_id: dict[str, Node] = {}

    def __getitem__(self, id: str) -> Node:
        return self._by_id[id]

    @property
    def root(self) -> Node:
        """The program itself."""
        return self.nodes[0]

    def find(self, pid: int) -> Node | None:
        """The process that has this pid, or had it last."""
        return self._by_pid.get(pid)

    def alive(self) -> list[Node]:
        """The processes that have not ended."""
        return [n for n in self.nodes if n.state == "alive"]

    def _add(self, node: Node) -> Node:
        self.nodes.append(node)
        self._by_pid[node.pid] = node
        self._by_id[node.id] = node
        task = Task(node.pid, node)
        node.tasks[node.pid] = self.tasks[node.pid] = task
        return node

    def add_root(self, pid: int) -> Node:
        """The first process, a child of the engine."""
        node = Node(ROOT, pid, None, "engine", fate="root")
        return self._add(node)

    def fork(self, parent: Node, pid: int, event: int) -> Node:
        """``parent`` has a new child. It inherits how signals are handled (fork(2))."""
        parent.forks += 1
        child = Node(child_id(parent.id, parent.forks), pid, parent, parent, forked_at=event)
        child.program = parent.program
        child.reactions = dict(parent.reactions)
        parent.children.append(child)
        return self._add(child)

    def start_thread(self, node: Node, tid: int) -> Task:
        """``node`` has a new thread."""
        node.threads += 1
        task = Task(tid, node, node.threads)
        node.tasks[tid] = self.tasks[tid] = task
        return task

    def end_task(self, task: Task) -> None:
        """A thread is no more."""
        task.node.tasks.pop(task.tid, None)
        if self.tasks.get(task.tid) is task:
            del self.tasks[task.tid]

    def exec(self, task: Task, former_tid: int, program: list[str]) -> Task:
        """A process runs a new program; its thread ``former_tid`` lives on as the leader,
        and handlers become defaults (execve(2)). Returns the task that lives on."""
        node = task.node
        survivor = self.tasks.get(former_tid, task)
        for other in list(node.tasks.values()):
            self.end_task(other)
        survivor.tid, survivor.ordinal = node.pid, 0
        node.tasks[node.pid] = self.tasks[node.pid] = survivor
        node.program = program
        node.reactions = {s: r for s, r in node.reactions.items() if r.action == "ignored"}
        return survivor

    def exit(self, node: Node, status: ExitStatus, event: int, time: float) -> list[Node]:
        """``node`` has ended, and whoever would collect it can see that.

        Its living children are orphans now, its zombies stay unreaped, and both go to
        the nearest subreaper, or outside. Returns the children that were adopted alive.
        """
        node.exit, node.exited_at, node.exit_time = status, event, time
        node.state = "zombie"
        adopter = self._adopter(node)
        adopted = []
        for child in node.children:
            if child.supervisor is not node:
                continue
            own = child.parent is node
            if child.state == "alive":
                adopted.append(child)
                if own and child.fate is None:
                    child.fate = "orphaned"
            elif child.state == "zombie" and own and child.fate is None:
                child.fate = "unreaped"
                child.zombie_seconds = round(time - child.exit_time, 6)
            if child.state != "gone":
                self._adopt(child, adopter)
        node.children = []
        collector = node.supervisor
        if isinstance(collector, Node):
            if collector.discards_children:
                node.state = "gone"
                node.zombie_seconds = 0.0
                if collector is node.parent and node.fate is None:
                    node.fate = "auto-reaped"
        else:  # init and the engine collect at once
            node.state = "gone"
        return adopted

    def _adopter(self, node: Node) -> Node | Literal["outside"]:
        """Who gets the children of ``node``: find_new_reaper() in kernel/exit.c."""
        ancestor = node.supervisor
        while isinstance(ancestor, Node):
            if ancestor.subreaper and ancestor.state == "alive":
                return ancestor
            ancestor = ancestor.supervisor
        return OUTSIDE

    def _adopt(self, child: Node, adopter: Node | Literal["outside"]) -> None:
        child.supervisor = adopter
        child.adopted_by = adopter.id if isinstance(adopter, Node) else OUTSIDE
        if isinstance(adopter, Node):
            adopter.children.append(child)
            if child.state == "zombie" and adopter.discards_children:
                child.state = "gone"
        elif child.state == "zombie":
            child.state = "gone"

    def reap(self, child: Node, by: Node, event: int, time: float) -> None:
        """``by`` has collected ``child`` with a wait call."""
        child.state = "gone"
        child.reaped_by, child.reaped_at = by.id, event
        if child.fate is None:
            child.fate = "reaped"
            child.zombie_seconds = round(time - child.exit_time, 6)
        if child in by.children:
            by.children.remove(child)
