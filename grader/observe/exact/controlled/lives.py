"""How the processes of a controlled run end, and what that changes for others.

Sources: _exit(2), wait(2), exit_notify() in kernel/exit.c.
"""

from __future__ import annotations

import contextlib
import os
import signal

from grader.model import (
    Adopt,
    Exit,
    ExitStatus,
    Operation,
    operation,
)
from grader.observe.exact import stops
from grader.observe.exact.controlled.actor import Actor
from grader.observe.exact.controlled.calls import HANDLINGS
from grader.observe.exact.controlled.state import RunState
from grader.observe.exact.controlled.tracees import no_limit, wait_for_end
from grader.observe.exact.tree import OUTSIDE, Node


class Lives(RunState):
    """Ends of processes."""

    def appearing(self, actor: Actor) -> Operation:
        """The operation by which a process's end becomes visible."""
        supervisor = actor.node.supervisor
        parent = supervisor.id if isinstance(supervisor, Node) else str(supervisor)
        kind = "appear"
        if isinstance(supervisor, Node) and (
            supervisor.reaction(signal.SIGCHLD).action == "handler"
        ):
            kind = "appear to a handler"
        return operation(kind, actor.node.id, "its end can be seen", parent=parent)

    def _tell_parent(self, actor: Actor) -> None:
        parent = self.find(actor.node.supervisor)
        if parent is not None:
            parent.signals_known = False  # SIGCHLD, unless SA_NOCLDSTOP

    def _release_parent(self, actor: Actor) -> None:
        """The parent of a vfork goes on when its child has run exec or ended."""
        for other in self.actors:
            if other.place == "vfork" and other.vfork_child == actor.index:
                other.vfork_child = None
                other.place = "going"
                self._released.append(other)

    def died(self, actor: Actor, status: ExitStatus, had_pipes: bool) -> None:
        """A process is dead. Where it had pipes, their closing comes before its end can be
        seen: exit_files() and exit_notify() in kernel/exit.c."""
        actor.place = "ended"
        actor.call = None
        actor.detail = status
        self._release_parent(actor)
        actor.observed("end", str(status))
        if not had_pipes:
            self.appear(actor)

    def appear(self, actor: Actor) -> None:
        """A process has ended: from now on its parent can see that."""
        node, task = actor.node, actor.task
        self.clock.whose = actor
        n = self.recorder.next
        if self.looking:
            self.looks.at(n, (node, "zombie"))
        parent = self.find(node.supervisor)
        if parent is not None and parent.alive:
            parent.about_to_be_sent(signal.SIGCHLD)
        if parent is None or node.supervisor.discards_children:  # type: ignore[union-attr]
            self.watch.ending(node.pid)
        stops.collect(task.tid)
        status: ExitStatus = actor.detail
        injected = status.signal is not None and status.signal == actor.struck
        self.recorder.tell(task, Exit, exit=status, injected=injected)
        self.tree.end_task(task)
        for child in self.tree.exit(node, status, n, self.recorder.events[n].t):
            thread = next(iter(child.tasks.values()), task)
            self.recorder.tell(thread, Adopt, by=child.adopted_by)
        if parent is not None and parent.place == "ended" and node.state == "gone":
            # For the kernel the parent is dead already: there init collects the child.
            node.supervisor = OUTSIDE
        elif node.fate == "auto-reaped" and self.looking:
            self.looks.at(n, (node, "gone"))
        actor.place = "gone"
        if parent is not None and parent.node.discards_children:
            self.clock.join(parent, actor.clock)
        for other in self.actors:
            if other.place == "held" and other.call is not None:
                look_again = HANDLINGS[other.call.name].look_again
                if look_again is not None:
                    look_again(self, other, other.call)

    def end_all(self) -> None:
        """The run is over at a limit or in a deadlock: kill every process, and record that."""
        living = [actor for actor in self.actors if actor.alive]
        for actor in living:
            if actor.node.fate is None:
                actor.node.fate = "killed"
            with contextlib.suppress(ProcessLookupError):
                os.kill(actor.node.pid, signal.SIGKILL)
        for actor in living:
            stop = wait_for_end(actor.tid, no_limit)
            self.died(actor, stop.status or ExitStatus(), had_pipes=True)
        for actor in self.actors:
            if actor.place == "ended":
                self.appear(actor)

    def kill_now(self, actor: Actor) -> None:
        """SIGKILL was sent to a process: see it die."""
        if actor.alive:
            stop = wait_for_end(actor.tid, self.check)
            self.died(actor, stop.status or ExitStatus(), self.pipes_seen)

    def fire(self, actor: Actor) -> None:
        """An alarm goes off."""
        timer = actor.timer
        assert timer is not None
        if timer.interval > 0:
            timer.fired += 1
            at, timer.at = timer.at, timer.at + timer.interval
        else:
            at, actor.timer = timer.at, None
        self.clock.join(actor, at)
        actor.about_to_be_sent(signal.SIGALRM)
        with contextlib.suppress(ProcessLookupError):
            os.kill(actor.node.pid, signal.SIGALRM)
        actor.signals_known = False

    def continued_later(self, actor: Actor) -> None:
        """SIGCONT was sent to a stopped process, which goes on when the sender stands still."""
        self._released.append(actor)
