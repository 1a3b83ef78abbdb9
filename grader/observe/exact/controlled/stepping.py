"""Letting one held process go, and dealing with all that it meets until it stands still."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from grader.model import (
    Continued,
    Exec,
    ExitStatus,
    Stopped,
    Wait,
    operation,
)
from grader.model import signal_name as name_of
from grader.observe.confine import CHMOD
from grader.observe.exact import ptrace, stops
from grader.observe.exact.controlled import auxiliary
from grader.observe.exact.controlled.actor import Actor, Tail
from grader.observe.exact.controlled.calls import HANDLINGS, topic_of
from grader.observe.exact.controlled.calls.descriptors import WRITES
from grader.observe.exact.controlled.calls.times import TIMES
from grader.observe.exact.controlled.limited import fails_at_limit
from grader.observe.exact.controlled.lives import Lives
from grader.observe.exact.controlled.state import Uncontrollable
from grader.observe.exact.controlled.tracees import sleeping, wait_for
from grader.observe.exact.guard import Answered, Refused, Verdict, Watched
from grader.observe.exact.proc import command_line
from grader.observe.exact.record.forks import made
from grader.observe.exact.record.recorder import error_name
from grader.observe.exact.record.signals import delivered, refused, tell_refused
from grader.observe.exact.stops import Kind, Stop
from grader.observe.exact.tree import Call

_EINTR = -4
_RESTARTSYS, _RESTARTNOINTR, _RESTART_RESTARTBLOCK = -512, -513, -516
_QUIET_A_STEP = 5


class Stepping(Lives):
    """Steps of processes."""

    def _go(self, actor: Actor) -> None:
        """Let a held process make its operation, and go on to its next."""
        call = actor.call
        self._performed += 1
        if call is None:
            self.resume(actor)
            return
        self.clock.whose = actor
        actor.clock_reads, actor.spin = 0, 0.0
        if call.name not in TIMES:
            actor.naps = 0
        if self.faults.strike(self, actor, call):
            return
        topic = topic_of(call)
        if topic is not None:
            topic.enter(self.recorder, actor.task, call)
            if call.refusal is not None:
                refused(self.recorder, actor.task, call)
                self.arch.skip(actor.tid, actor.registers, -call.refusal[0])
                actor.observed(call.name, call.refusal[0])
                self.resume(actor)
                return
        if fails_at_limit(self, actor, call):
            return
        HANDLINGS[call.name].perform(self, actor, call)

    def run_call(self, actor: Actor, call: Call) -> None:
        """Have the kernel run the call at whose entry a process stands, and follow it."""
        actor.task.call = call
        actor.place = "going"
        ptrace.cont_to_return(actor.tid)
        self._follow(actor)

    def answer(self, actor: Actor, call: Call, result: int) -> None:
        """Give a call's result without running it, and let the process go on."""
        self.arch.skip(actor.tid, actor.registers, result)
        self._finished(actor, call, result)
        self._cut_short(actor)
        if not self._held_behind(actor):
            self.resume(actor)

    def _held_behind(self, actor: Actor) -> bool:
        """Where signals may come at any moment, a process is held when it comes back from a
        call, too: a signal that comes now is delivered before it computes anything, one
        that comes when it has come to its next call, after that."""
        if self.until is not None or not self.at_risk(actor):
            return False
        actor.place, actor.call = "held", None
        actor.own, actor.detail, actor.deadline = True, None, None
        actor.operation = operation("own", actor.node.id, "go on")
        return True

    def resume(self, actor: Actor) -> None:
        """Let a process go on to its next visible operation."""
        actor.place = "going"
        actor.call = None
        if actor.queued:
            actor.signals_known = False
        ptrace.cont(actor.tid)
        self._follow(actor)

    def deliver_first(self, actor: Actor) -> None:
        """Deliver what waits for a process before its operation, which it comes to again."""
        self.clock.whose = actor
        actor.observed("before", actor.call.name if actor.call else "")
        actor.call, actor.place = None, "going"
        actor.signals_known = False
        self.arch.again(actor.tid, actor.registers, at_entry=True)
        ptrace.cont(actor.tid)
        self._follow(actor)

    def _finished(self, actor: Actor, call: Call, result: int) -> None:
        """A call has given its result."""
        self.clock.whose = actor
        n = self.recorder.next
        HANDLINGS[call.name].before_record(self, actor, call, result)
        topic = topic_of(call)
        if topic is not None:
            topic.leave(self.recorder, actor.task, call, result)
            if result < 0:
                self.watch.failed(actor.task, result)
            if self.looking:
                self._look_after_reaping(n)
        key, tail = actor.tail_key, actor.tail
        HANDLINGS[call.name].after(self, actor, call, result)
        if call.name == "rt_sigaction":
            actor.tail_key, actor.tail = key, [*tail, Tail(call, result)]
        else:
            actor.tail_key = self._key(actor)

    def _key(self, actor: Actor) -> bytes:
        """All that what a process does next depends on, signals aside."""
        return actor.history + repr(round(self.clock.of(actor), 6)).encode()

    def _look_after_reaping(self, n: int) -> None:
        for event in self.recorder.events[n:]:
            if isinstance(event, Wait) and event.outcome == "reaped" and event.child:
                self.looks.at(n, (self.tree[event.child], "gone"))

    def _follow(self, actor: Actor, stop: Stop | None = None, resumed: bool = True) -> None:
        """Deal with all that a going process meets, until it stands still."""
        self.clock.whose = actor
        while True:
            if stop is None:
                stop = wait_for(actor.tid, self.check, self._drain_for(actor), resumed)
                resumed = True
            if stop is None:
                actor.place = "kernel"
                if actor.task.call is not None and actor.task.call.name in WRITES:
                    self.caveat(
                        f"{actor.node.id} writes more than a pipe has room for: in which pieces "
                        "the kernel does that is not controlled"
                    )
                return
            try:
                if not self._met(actor, stop):
                    return
            except ProcessLookupError:  # killed meanwhile: its end is told next
                resumed = False
            stop = None

    def _drain_for(self, actor: Actor) -> Callable[[], None] | None:
        call = actor.task.call
        if call is None or call.name not in ("write", "writev", "sendfile", "splice"):
            return None
        return self.drain if call.detail and call.detail.stream in ("stdout", "stderr") else None

    def _met(self, actor: Actor, stop: Stop) -> bool:
        """One stop of a going process; whether it goes on."""
        match stop.kind:
            case Kind.ENTRY:
                return self._entry(actor)
            case Kind.RETURN:
                return self._returned(actor)
            case Kind.FORKED:
                return self._forked(actor)
            case Kind.SIGNAL:
                self._signal(actor, stop.detail)
            case Kind.EXECED:
                self._execed(actor)
            case Kind.GROUP_STOP:
                self._stopped(actor, stop.detail)
                return False
            case Kind.ENDED:
                self.died(actor, stop.status or ExitStatus(), self.pipes_seen)
                return False
            case _:
                ptrace.cont(actor.tid)
        return True

    def _entry(self, actor: Actor) -> bool:
        registers = ptrace.get_registers(actor.tid)
        name = self._names.get(self.arch.number(registers), "")
        arguments = self.arch.arguments(registers)
        interrupted = actor.task.call
        if interrupted is not None:
            if name == "restart_syscall" or (interrupted.name, interrupted.arguments) == (
                name,
                arguments,
            ):
                # Interrupted by a signal that does nothing (an ignored SIGCHLD reaches a traced
                # process all the same): one and the same call.
                interrupted.interrupted = None
                ptrace.cont_to_return(actor.tid)
                return True
            actor.task.call = None
        if self.guard is not None and name not in CHMOD:
            verdict = self.guard.judge(actor.task, name, arguments)
            if verdict is not None:
                self._guarded(actor, registers, name, arguments, verdict)
                return True
        handling = HANDLINGS.get(name)
        if handling is None:
            ptrace.cont(actor.tid)
            return True
        call = Call(name, arguments, round(self.clock.of(actor), 6), self.recorder.next)
        actor.registers, actor.call = registers, call
        actor.own, actor.operation, actor.detail, actor.deadline = True, None, None, None
        if not handling.look(self, actor, call):
            actor.call = None
            self._count_quiet(actor)
            ptrace.cont(actor.tid)
            return True
        if actor.operation is None:
            actor.operation = operation("own", actor.node.id, name)
        actor.place = "held"
        return False

    def _guarded(
        self,
        actor: Actor,
        registers: list[int],
        name: str,
        arguments: tuple[int, ...],
        verdict: Verdict,
    ) -> None:
        """A call that is refused, or might be. Nobody else can notice it."""
        if isinstance(verdict, Watched):
            now, n = round(self.clock.of(actor), 6), self.recorder.next
            actor.registers = registers
            actor.task.call = Call(name, arguments, now, n, detail=verdict.what)
            ptrace.cont_to_return(actor.tid)
            return
        result = self.guard_result(actor, name, verdict)
        self.arch.skip(actor.tid, registers, result)
        actor.observed(name, result)
        self._count_quiet(actor)
        ptrace.cont(actor.tid)

    def guard_result(self, actor: Actor, name: str, verdict: Refused | Answered) -> int:
        """What a call gives that the guard has decided; a refusal is recorded."""
        if isinstance(verdict, Answered):
            return verdict.result
        tell_refused(self.recorder, actor.task, name, error_name(-verdict.errno) or "", verdict.why)
        return -verdict.errno

    def _count_quiet(self, actor: Actor) -> None:
        """A loop of calls that nobody else can notice has to end, too."""
        self._quiet += 1
        if self._quiet > _QUIET_A_STEP * self.scenario.limits.steps:
            self.ended = self.watch.reach("steps", actor.node.id)
        if self._quiet % 500 == 0 or self.ended:
            self.check()

    def _returned(self, actor: Actor) -> bool:
        call = actor.task.call
        if call is None:
            ptrace.cont(actor.tid)
            return True
        result = self.arch.result(ptrace.get_registers(actor.tid))
        if _RESTART_RESTARTBLOCK <= result <= _RESTARTSYS:
            call.interrupted = result
            ptrace.cont(actor.tid)
            return True
        actor.task.call = None
        actor.call = None
        actor.place = "going"
        self._finished(actor, call, result)
        self._cut_short(actor)
        if self._held_behind(actor):
            return False
        ptrace.cont(actor.tid)
        return True

    def _cut_short(self, actor: Actor) -> None:
        """If the process is known to do nothing more but exit, have it do so now."""
        ending = self.knowledge.endings.get(self._key(actor))
        if ending is None or self.looking or self.at_risk(actor) or actor.queued:
            return
        if self.knowledge.shares_memory or actor.in_vfork:
            return
        for call, result in ending.tail:
            self._finished(actor, msgspec.structs.replace(call), result)
        registers = ptrace.get_registers(actor.tid)
        self.arch.next_call(actor.tid, registers, self.arch.NUMBERS["exit_group"], ending.code)

    def _signal(self, actor: Actor, number: int) -> None:
        self.watch.signal(actor.task, number)
        if number in actor.dropped:
            actor.dropped -= {number}
            ptrace.cont(actor.tid)
            return
        actor.signals_known = False
        reaction = actor.node.reaction(number)
        if actor.effective(frozenset({number})):
            n = self.recorder.next
            delivered(self.recorder, actor.task, number)
            if number == actor.struck:
                self.recorder.amend(n, injected=True)
            call = actor.task.call
            # Where it comes makes a difference to what runs next: in a call, or behind one.
            actor.observed("signal", number, call.name if call else None)
            if call is not None and call.interrupted is not None and reaction.action == "handler":
                code = call.interrupted
                actor.task.call = None
                again = code == _RESTARTNOINTR or (code == _RESTARTSYS and reaction.restarts)
                if not again:
                    self._finished(actor, call, _EINTR)
        ptrace.cont(actor.tid, number)

    def _stopped(self, actor: Actor, number: int) -> None:
        actor.place = "stopped"
        if not actor.node.stopped:
            actor.node.stopped = True
            actor.told = "stopped"
            self.recorder.tell(actor.task, Stopped, signal=number, name=name_of(number))
            actor.observed("stopped", number)
            self._tell_parent(actor)
        ptrace.listen(actor.tid)

    def _continued(self, actor: Actor) -> None:
        stop = wait_for(actor.tid, self.check, None)
        if stop is None or stop.kind is not Kind.STARTED:
            if stop is not None:
                self._follow(actor, stop)
            return
        actor.node.stopped = False
        actor.told = "continued"
        self.recorder.tell(actor.task, Continued)
        self._tell_parent(actor)
        actor.place = "going"
        actor.signals_known = False
        ptrace.cont(actor.tid)
        self._follow(actor)

    def _forked(self, actor: Actor) -> bool:
        tid = ptrace.event_message(actor.tid)
        call = actor.task.call
        assert call is not None
        shares = bool(call.detail & 0x4000)  # CLONE_VFORK
        if call.detail & 0x10000:  # CLONE_THREAD
            raise Uncontrollable(f"{actor.node.id} starts a thread")
        node = made(self.recorder, actor.task, tid)
        assert node is not None
        if self.looking:
            self.looks.at(self.recorder.next - 1, (node, "alive"), (actor.node, "alive"))
        child = Actor(
            len(self.actors),
            node.tasks[tid],
            clock=actor.clock,
            history=actor.history,
            program_handlers=actor.program_handlers,
            blocked=actor.blocked,
            masks=actor.masks,
            in_vfork=shares,
        )
        child.observed("child")
        actor.observed("fork", node.id)
        self.actors.append(child)
        self._newborn.append(child)
        actor.call = None
        if not shares and self._held_behind(actor):
            return False
        ptrace.cont(actor.tid)
        if shares:
            actor.place, actor.vfork_child = "vfork", child.index
            return False
        return True

    def _settled(self) -> bool:
        """See to those who were set going by another's step."""
        while True:
            if self._newborn:
                self._born(self._newborn.pop(0))
            elif self._released:
                actor = self._released.pop(0)
                if actor.place == "stopped":
                    self._continued(actor)
                else:
                    self._follow(actor, resumed=False)
            else:
                break
        for actor in self.actors:
            if actor.place == "kernel" and (
                (stop := stops.of(actor.tid)) is not None or sleeping(actor.tid) is None
            ):
                self._follow(actor, stop, resumed=False)
        return True

    def _born(self, actor: Actor) -> None:
        """A new process comes to its first stop, and from there to its first operation."""
        stop = wait_for(actor.tid, self.check, None)
        if stop is not None and stop.kind is Kind.STARTED and self._held_behind(actor):
            return
        self._follow(actor, stop)

    def _execed(self, actor: Actor) -> None:
        former = ptrace.event_message(actor.tid)
        if former != actor.tid:
            raise Uncontrollable(f"{actor.node.id} runs exec in a thread")
        auxiliary.hide_clock(actor.tid, self.arch, self.scenario.seed)
        program = command_line(actor.node.pid)
        self.tree.exec(actor.task, former, program)
        actor.task.call = None
        n = self.recorder.tell(actor.task, Exec, program=program)
        if self.looking:
            self.looks.at(n, (actor.node, "alive"))
        actor.observed("exec", *map(self.canonical, (word.encode() for word in program)))
        self._release_parent(actor)
        actor.in_vfork = False
        ptrace.cont(actor.tid)
