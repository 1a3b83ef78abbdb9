"""The exact engine: the loop from stops to events.

Three things are kept apart: what stopped (``stops``), what happened (``record``), and
what to do next (``pilot``). The engine itself only carries out.
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
from collections.abc import Callable
from types import ModuleType

from grader.model import Adopt, Continued, Ended, Exec, Exit, ExitStatus, Limits, Stopped, Wait
from grader.model import signal_name as name_of
from grader.observe.confine import Confined
from grader.observe.exact import ptrace, stops, strays
from grader.observe.exact.arch import names
from grader.observe.exact.guard import FILES, Answered, Guard, Refused, Watched
from grader.observe.exact.limits import TICK_SECONDS, Watch
from grader.observe.exact.looks import Looks
from grader.observe.exact.pilot import FreeRunning, Step
from grader.observe.exact.proc import command_line
from grader.observe.exact.record import TOPICS, RealClock, Recorder
from grader.observe.exact.record.forks import CALLS, capped, forking, made
from grader.observe.exact.record.recorder import error_name
from grader.observe.exact.record.signals import delivered, refused, tell_refused
from grader.observe.exact.record.writes import offered
from grader.observe.exact.stops import Gatherer, Kind, Stop
from grader.observe.exact.strays import Stray
from grader.observe.exact.tree import Call, Node, Task

_TOPICS = {**TOPICS, **FILES}

# What a call returns at its exit stop when the kernel will begin it again, or give
# EINTR, once signals are dealt with (include/linux/errno.h).
_RESTARTSYS, _RESTARTNOINTR, _RESTART_RESTARTBLOCK = -512, -513, -516


class Engine:
    """Traces one run, from the seized program to the death of its last process."""

    def __init__(
        self,
        recorder: Recorder,
        limits: Limits,
        arch: ModuleType,
        pilot: FreeRunning,
        clock: RealClock,
        confined: Confined | None = None,
    ) -> None:
        self.recorder = recorder
        self._clock = clock
        self.tree = recorder.tree
        self.looks = Looks(self.tree)
        self.watch = Watch(limits, recorder, confined)
        self.ended: Ended | None = None
        self.seconds = 0.0
        """How long the run took; psutil's last looks come after that."""
        self._arch = arch
        self._pilot = pilot
        self._guard = None if confined is None else Guard(confined, recorder, begun=False)
        self._names = names(arch)
        if confined is not None:
            self._names |= confined.names
        self._early: set[int] = set()
        """New tasks that stopped before the call that made them was told of."""
        self._running = False
        self._handlers: dict[Kind, Callable[[Task, Stop], None]] = {
            Kind.ENTRY: self._entry,
            Kind.RETURN: self._return,
            Kind.FORKED: self._forked,
            Kind.EXECED: self._execed,
            Kind.STARTED: self._started,
            Kind.SIGNAL: self._signal,
            Kind.GROUP_STOP: self._group_stop,
            Kind.OTHER: self._other,
        }

    def run(self, pid: int) -> None:
        """Trace the program, which has been seized, until every process has ended."""
        self.tree.add_root(pid)
        gatherer = Gatherer()
        while self.tree.tasks:
            try:
                batch = gatherer.next(TICK_SECONDS)
            except ChildProcessError:
                self.recorder.doubt("processes vanished that the engine still held")
                break
            for stop in batch:
                self._handle(stop)
            self._check_limits()
        self.seconds = self.recorder.now()
        if self._early and not self.ended:
            self.recorder.doubt("a process was there that no one was seen to make")
        self.looks.finally_gone(len(self.recorder.events) - 1)
        for words in self.looks.disagreements():
            self.recorder.doubt(words)

    def _check_limits(self) -> None:
        # Before its exec the process is a copy of the grader, whose size is not the program's.
        if self._running and self.ended is None and (word := self.watch.passed()):
            self._end(word)

    def _end(self, word: Ended) -> None:
        """A limit is passed: kill everything. The loop goes on until all are dead."""
        self.ended = word
        for node in self.tree.alive():
            if node.fate is None:
                node.fate = "killed"
        for pid in [*(node.pid for node in self.tree.alive()), *self._early]:
            self._kill(pid)

    def _kill(self, pid: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    # -- what stopped ----------------------------------------------------------------

    def _handle(self, stop: Stop) -> None:
        task = self.tree.tasks.get(stop.tid)
        if task is None:
            self._unknown(stop)
            return
        if stop.kind is Kind.ENDED:
            self._ended(task, stop)
            return
        # A request to a task that was killed meanwhile gives ESRCH: its end is told next.
        try:  # noqa: SIM105 (suppress() takes a microsecond, and this is for every stop)
            self._handlers[stop.kind](task, stop)
        except ProcessLookupError:
            pass

    def _started(self, task: Task, stop: Stop) -> None:
        if task.node.stopped:
            task.node.stopped = False
            self.recorder.tell(task, Continued)
        ptrace.cont(task.tid)

    def _other(self, task: Task, stop: Stop) -> None:
        ptrace.cont(task.tid)

    def _entry(self, task: Task, stop: Stop) -> None:
        if self.ended:
            return  # it is being killed, and goes nowhere
        if not self._running:
            ptrace.cont(task.tid)
            return
        registers = ptrace.get_registers(task.tid)
        name = self._names.get(self._arch.number(registers), "")
        arguments = self._arch.arguments(registers)
        call = self._resumed(task, name, arguments)
        if call is None:
            if self._guard is not None and self._guarded(task, name, arguments, registers):
                return
            if name not in TOPICS or name in FILES:  # or restart_syscall of one not watched
                ptrace.cont(task.tid)
                return
            call = Call(name, arguments, self.recorder.now(), self.recorder.next)
            _TOPICS[name].enter(self.recorder, task, call)
            if self._fails_at_limit(task, call):
                self._arch.skip(task.tid, registers, -errno.EAGAIN)
                ptrace.cont(task.tid)
                return
            if offered(call) > self.watch.room and self._too_long(task, call, registers):
                return
        if call.refusal is not None:
            refused(self.recorder, task, call)
            self._arch.skip(task.tid, registers, -call.refusal[0])
            ptrace.cont(task.tid)
            return
        if name in ("mmap", "mremap"):
            word = self.watch.mapping(task.node, arguments[1 if name == "mmap" else 2])
            if word:
                self._end(word)
                return
        match self._pilot.entry(task, call):
            case Step.RUN:
                ptrace.cont(task.tid)
            case Step.RUN_TO_RETURN:
                task.call = call
                ptrace.cont_to_return(task.tid)
            case Step.HOLD:
                task.call = call

    def _guarded(
        self, task: Task, name: str, arguments: tuple[int, ...], registers: list[int]
    ) -> bool:
        """Whether the guard has dealt with a call."""
        assert self._guard is not None
        match self._guard.judge(task, name, arguments):
            case Refused(number, why):
                if self._guard.tells:
                    tell_refused(self.recorder, task, name, error_name(-number) or "", why)
                self._arch.skip(task.tid, registers, -number)
            case Answered(result):
                self._arch.skip(task.tid, registers, result)
            case Watched(what):
                now, n = self.recorder.now(), self.recorder.next
                task.call = Call(name, arguments, now, n, detail=what)
                ptrace.cont_to_return(task.tid)
                return True
            case None:
                return False
        ptrace.cont(task.tid)
        return True

    def _fails_at_limit(self, task: Task, call: Call) -> bool:
        """Whether a call that has just begun is to fail as it would on a full system."""
        if call.name in CALLS:
            if call.refusal is not None or not self.watch.caps(task, call):
                return False
            capped(self.recorder, task, call)
            return True
        if call.name == "exit_group" or (call.name == "write" and call.arguments[0] == 2):
            self.watch.look_at(task.node)
        return False

    def _too_long(self, task: Task, call: Call, registers: list[int]) -> bool:
        """A write offers more than the program may print: it writes what it may, and one byte
        more, at which the run ends. Where it can't be made to, the run ends at once."""
        if call.name != "write":
            self._end(self.watch.reach("output_bytes", task.node.id))
            return True
        call.arguments = (*call.arguments[:2], self.watch.room)
        number = self._arch.number(registers)
        self._arch.instead(task.tid, registers, number, *call.arguments)
        return False

    def _resumed(self, task: Task, name: str, arguments: tuple[int, ...]) -> Call | None:
        """The interrupted call that this one is again, if it is.

        An ignored SIGCHLD interrupts a traced task, though without a tracer the kernel
        would drop it: the call that is begun again is one and the same.
        """
        suspended = task.suspended[-1] if task.suspended else None
        for call in (task.call, suspended):
            if (
                call
                and call.interrupted is not None
                and (name == "restart_syscall" or (call.name, call.arguments) == (name, arguments))
            ):
                if call is suspended:
                    task.suspended.pop()
                call.interrupted = None
                return call
        if task.call is not None:
            if task.call.interrupted is None:
                self.recorder.doubt(f"the return of {task.call.name} in {task.node.id} was missed")
            self._interrupted(task, task.call)  # it did not come back: it had failed
        return None

    def _return(self, task: Task, stop: Stop) -> None:
        call = task.call
        if call is None:
            ptrace.cont(task.tid)
            return
        result = self._arch.result(ptrace.get_registers(task.tid))
        if _RESTART_RESTARTBLOCK <= result <= _RESTARTSYS:
            call.interrupted = result
        else:
            task.call = None
            n = self.recorder.next
            _TOPICS[call.name].leave(self.recorder, task, call, result)
            self._look_after_reaping(n)
            if result < 0:
                self.watch.failed(task, result)
        self._release(task, call)
        ptrace.cont(task.tid)

    def _look_after_reaping(self, n: int) -> None:
        """If event ``n`` collected a process, psutil must not find it any more."""
        for event in self.recorder.events[n:]:
            if isinstance(event, Wait) and event.outcome == "reaped" and event.child:
                self.looks.at(n, (self.tree[event.child], "gone"))

    def _release(self, task: Task, call: Call) -> None:
        """Let the task go on that waited for this one to leave its call."""
        following = self._pilot.left(task, call)
        if following is not None:
            with contextlib.suppress(ProcessLookupError):
                ptrace.cont_to_return(following.tid)

    def _interrupted(self, task: Task, call: Call) -> None:
        """An interrupted call gave EINTR."""
        task.call = None
        _TOPICS[call.name].leave(self.recorder, task, call, -4)

    def _signal(self, task: Task, stop: Stop) -> None:
        number = stop.detail
        if self._running and not self.ended:
            self.watch.signal(task, number)
            delivered(self.recorder, task, number)
            call, reaction = task.call, task.node.reaction(number)
            if call is not None and call.interrupted is not None and reaction.action == "handler":
                code = call.interrupted
                if code == _RESTARTNOINTR or (code == _RESTARTSYS and reaction.restarts):
                    task.suspended.append(call)
                    task.call = None
                else:
                    self._interrupted(task, call)
        ptrace.cont(task.tid, number)

    def _group_stop(self, task: Task, stop: Stop) -> None:
        if self.ended:
            ptrace.cont(task.tid)
            return
        if not task.node.stopped:
            task.node.stopped = True
            self.recorder.tell(task, Stopped, signal=stop.detail, name=name_of(stop.detail))
        ptrace.listen(task.tid)

    # -- processes come and go -------------------------------------------------------

    def _forked(self, task: Task, stop: Stop) -> None:
        self._made(task, ptrace.event_message(task.tid))
        ptrace.cont(task.tid)

    def _made(self, task: Task, tid: int) -> None:
        child = made(self.recorder, task, tid)
        if child is not None:
            self.looks.at(self.recorder.next - 1, (child, "alive"), (task.node, "alive"))
        if self.ended:
            if child is not None:
                child.fate = "killed"
            self._kill(tid)
        if tid in self._early:
            self._early.discard(tid)
            with contextlib.suppress(ProcessLookupError):
                ptrace.cont(tid)

    def _unknown(self, stop: Stop) -> None:
        """A task stopped or ended before the one that made it told of it."""
        if self.ended:  # nobody tells of anything any more
            self._kill(stop.tid)
            if stop.kind is Kind.ENDED:
                stops.collect(stop.tid)
            return
        if stop.kind is not Kind.ENDED:
            self._early.add(stop.tid)
            return
        makers = [task for task in self.tree.tasks.values() if forking(task)]
        dead = [task for task in makers if stops.ended(task.node.pid)]
        if strays.is_thread(stop.tid):
            self._early.discard(stop.tid)
            stops.collect(stop.tid)
        elif not makers:
            self._early.add(stop.tid)
            stops.collect(stop.tid)
        elif dead:  # killed together, in the act
            self._claimed(dead[0], len(dead), stop.tid)
            self._handle(stop)
        # else it is told of at its maker's next stop

    def _claim(self, maker: Task) -> None:
        """A process was killed while it forked: its child may be there all the same."""
        found = [stray for stray in strays.find(self.tree.tasks) if not self._expected(stray)]
        if found:
            self._claimed(maker, len(found), found[0].pid)

    def _claimed(self, maker: Task, candidates: int, pid: int) -> None:
        if candidates > 1:
            self.recorder.doubt("which of several killed processes made which child is a guess")
        self._made(maker, pid)

    def _expected(self, stray: Stray) -> bool:
        """Whether a living parent is about to tell of it."""
        parent = self.tree.find(stray.parent)
        return (
            parent is not None
            and any(forking(task) for task in parent.tasks.values())
            and stops.ended(parent.pid) is None
        )

    def _execed(self, task: Task, stop: Stop) -> None:
        former = ptrace.event_message(task.tid)
        program = command_line(task.node.pid)
        for other in list(task.node.tasks.values()):
            if other.tid != former:
                self._abandon(other)
        task = self.tree.exec(task, former, program)
        if not self._running:
            self._running = True
            self._clock.start()
        if task.call is not None:  # exec is not watched, so this one was interrupted
            self._abandon(task)
        n = self.recorder.tell(task, Exec, program=program)
        self.looks.at(n, (task.node, "alive"))
        ptrace.cont(task.tid)

    def _abandon(self, task: Task) -> None:
        """The calls that a task is in will never return."""
        calls = [*task.suspended, *([task.call] if task.call else [])]
        task.suspended, task.call = [], None
        for call in calls:
            _TOPICS[call.name].abandon(self.recorder, task, call)
            self._release(task, call)

    def _ended(self, task: Task, stop: Stop) -> None:
        node = task.node
        self._parent_first(node)
        if forking(task) and not self.ended:
            self._claim(task)
        if self._running:
            self._abandon(task)
        if len(node.tasks) > 1:  # a thread; or a leader that another thread's exec replaces
            stops.collect(task.tid)
            self.tree.end_task(task)
            return
        n = self.recorder.next
        # The engine's collecting is what lets the parent see the exit: look before that.
        self.looks.at(n, (node, "zombie"))
        if not isinstance(node.supervisor, type(node)) or node.supervisor.discards_children:
            self.watch.ending(node.pid)
        stops.collect(task.tid)
        status = stop.status or ExitStatus()
        self.recorder.tell(task, Exit, exit=status)
        self.tree.end_task(task)
        for child in self.tree.exit(node, status, n, self.recorder.events[n].t):
            thread = next(iter(child.tasks.values()), Task(child.pid, child))
            self.recorder.tell(thread, Adopt, by=child.adopted_by)
        if node.fate == "auto-reaped":
            self.looks.at(n, (node, "gone"))

    def _parent_first(self, node: Node) -> None:
        """If a process's parent is dead too, and left before it, tell of the parent first.

        The kernel names the dead in no useful order. A child that saw its parent's end
        (getppid(2), the end of a pipe) and exited is an orphan, not a zombie of that parent.
        """
        parent = node.supervisor
        if not isinstance(parent, Node) or None in (parent.leaving, node.leaving):
            return
        assert parent.leaving is not None
        assert node.leaving is not None
        if parent.leaving > node.leaving:
            return
        # The death of a leader is only told of once its other threads are collected.
        for task in sorted(parent.tasks.values(), key=lambda task: task.tid == parent.pid):
            stop = stops.ended(task.tid)
            if stop is not None:
                self._ended(task, stop)
