"""One controlled run: every process held at its next visible operation, one going at a time.

What can proceed is modelled, never guessed by letting a process block; who proceeds is
the strategy's choice (``choose``), asked wherever more than one thing can happen next.
"""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
import time
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import msgspec

from grader.model import (
    Adopt,
    Continued,
    Ended,
    Exec,
    Exit,
    ExitStatus,
    Operation,
    Option,
    Point,
    Scenario,
    Stopped,
    Stuck,
    Turn,
    Wait,
    operation,
)
from grader.model import signal_name as name_of
from grader.observe.exact import ptrace, stops
from grader.observe.exact.controlled import auxiliary
from grader.observe.exact.controlled.actor import Actor, Ending, Tail
from grader.observe.exact.controlled.calls import HANDLINGS, asks_for_input, topic_of
from grader.observe.exact.controlled.clock import VirtualClock
from grader.observe.exact.controlled.deadlock import explain
from grader.observe.exact.controlled.faults import Faults
from grader.observe.exact.controlled.objects import Standard, flags_of, object_of, ready
from grader.observe.exact.controlled.tracees import Outside, sleeping, wait_for, wait_for_end
from grader.observe.exact.limits import Watch
from grader.observe.exact.looks import Looks
from grader.observe.exact.record import Recorder
from grader.observe.exact.record.forks import made
from grader.observe.exact.record.signals import delivered, refused
from grader.observe.exact.stops import Kind, Stop
from grader.observe.exact.tree import Call, Node
from grader.observe.stdio import Stdio

_EINTR = -4
_RESTARTSYS, _RESTARTNOINTR, _RESTART_RESTARTBLOCK = -512, -513, -516
MOST_POLLS = 3
"""After so many questions in a row without news, a process has to let others go first."""
MOST_STREAK = 300
"""After so many operations of its own in a row, too."""
MOST_FIRES = 3
"""After going off so often, a repeating timer of adversarial time waits until nothing else
can happen."""
_KERNEL_PATIENCE = 0.5
_QUIET_A_STEP = 5
_NUMBER = re.compile(rb"\d{2,}")


class Uncontrollable(Exception):
    """The program does something that can't be controlled; says what."""


class Left(Exception):
    """The strategy has no more interest in this run."""


class Knowledge(msgspec.Struct):
    """What earlier runs have shown of the program. When it grows, the search begins anew."""

    signalled: set[str] = set()
    """Processes that others send signals to: all that they do depends on when."""
    asks_pipes: bool = False
    """It asks whether a pipe is ready, without waiting: then the moment at which a write end
    closes can be noticed. Who waits for the end of file can't tell it from being slow."""
    grown: bool = False
    endings: dict[bytes, Ending] = {}
    """By history: how a process went to its exit from there. It is as deterministic as all
    of the search takes it to be, so what comes between (an interpreter's clearing up, five
    milliseconds of a Python process) need not be run each time."""


class Written(NamedTuple):
    """A write that is in a pipe."""

    writer: str
    data: bytes
    """With pids named."""
    size: int
    taken: int
    """How much of it was read."""


class Machine:
    """One run, and what is known of it so far."""

    def __init__(
        self,
        scenario: Scenario,
        arch: ModuleType,
        stdio: Stdio,
        standard: Standard,
        recorder: Recorder,
        clock: VirtualClock,
        knowledge: Knowledge,
    ) -> None:
        self.scenario = scenario
        self.arch = arch
        self.stdio = stdio
        self.standard = standard
        self.recorder = recorder
        self.tree = recorder.tree
        self.clock = clock
        self.knowledge = knowledge
        self.looks = Looks(self.tree)
        self.looking = True
        """psutil looks at each event, and nothing is cut short."""
        self.watch = Watch(scenario.limits, recorder)
        self.faults = Faults(scenario.faults)
        self.actors: list[Actor] = []
        self.choose: Callable[[Point], int] = lambda point: 0
        self.every_step = False
        """Whether to ask even where only one thing can happen."""
        self.until: Callable[[Actor], bool] | None = None
        """Stop before what an actor is held at (for the start)."""
        self.ended: Ended | None = None
        self.turns: list[Turn] = []
        """What was chosen so far, up to the last choice that was not the default."""
        self._chosen: list[Turn] = []
        self.steps = self.preemptions = 0
        self.caveats: list[str] = []
        """Why this run can't stand for all schedules, or is not controlled in everything."""
        self.things: dict[str, bytes] = {}
        """Digests of what happened to each shared thing."""
        self.names: dict[tuple[int, int], str] = {}
        self.pipes_seen = False
        self.input_fed = False
        self.tid_address = 0
        """Where the C library keeps the root's thread id (set_tid_address(2))."""
        self.short_write: int | None = None
        self.affected: list[Actor] = []
        """To whom the signal goes that is being sent."""
        self._streams: dict[str, list[Written]] = {}
        """By pipe, what is in it. Who has it open follows from what the processes did."""
        self.written_at: dict[str, float] = {}
        """By pipe: how late its last writer was."""
        self.stuck: list[Stuck] = []
        self.news = 0
        self._performed = self._quiet = 0
        self._last: Actor | None = None
        self._newborn: list[Actor] = []
        self._released: list[Actor] = []
        self._names = {
            number: name for name, number in {**arch.NUMBERS, **arch.CONTROLLED_NUMBERS}.items()
        }

    # -- the run ---------------------------------------------------------------------

    def begin(self, root: Actor) -> None:
        """Take the root, which has been let go."""
        self.actors.append(root)
        self._newborn.append(root)

    def run(self) -> None:
        """Run until every process has ended, or nothing can go on, or a limit is passed.

        Raises Left when ``choose`` does, Uncontrollable when the program is.
        """
        try:
            while self._settled() and self._step():
                if self.watch_counted():
                    break
        except Outside:
            pass

    def watch_counted(self) -> bool:
        """Whether a limit is passed; cheap."""
        if self.ended is None:
            if self._performed > self.scenario.limits.steps:
                self.ended = "step-limit"
            else:
                self.ended = self.watch.passed()
        return self.ended is not None

    def check(self) -> None:
        """Called while a process runs long; raises Outside when a limit is passed."""
        if self.watch_counted():
            raise Outside

    def _step(self) -> bool:
        """Let one thing happen; False when nothing can."""
        actor = self._next_own()
        if actor is not None:
            actor.streak += 1
            self._go(actor)
            return True
        if self.until is not None and self.until(self.actors[0]):
            return False
        options = self._options()
        if not options:
            return self._pass_time() or self._await_kernel() or self._nothing_goes()
        index = 0
        if len(options) > 1 or self.every_step:
            last = self._last.index if self._last is not None and self._last.alive else None
            point = Point(self.steps, tuple(options), self.state(), last)
            index = self.choose(point)
            if len(options) > 1:
                self._chosen.append(options[index].turn)
            if index:
                self.turns = list(self._chosen)
        self._take(options[index])
        return True

    def _take(self, option: Option) -> None:
        actor = self.actors[option.turn.actor]
        self.steps += 1
        self.preemptions += option.preempts
        self.news += 1
        for other in self.actors:
            other.streak = 0
        match option.turn.action:
            case "go":
                self._last = actor
                self._go(actor)
            case "appear":
                self.appear(actor)
            case "signal":
                self._last = actor
                self.deliver_first(actor)
            case "timer":
                self.fire(actor)
            case "input":
                self.feed()

    # -- what can happen next --------------------------------------------------------

    def _next_own(self) -> Actor | None:
        """A process whose operation makes no difference to others: it need not wait."""
        if self.until is not None and self.until(self.actors[0]):
            return None
        chosen: Actor | None = None
        for actor in self.actors:
            if (
                actor.place == "held"
                and actor.own
                and (chosen is None or actor.streak < chosen.streak)
                and actor.streak < MOST_STREAK
                and not self.at_risk(actor)
                and self.ready(actor)
            ):
                chosen = actor
        return chosen

    def at_risk(self, actor: Actor) -> bool:
        """Whether something may interrupt the process at any moment."""
        if actor.timer is not None or actor.node.id in self.knowledge.signalled:
            return True
        if actor.queued and actor.deliverable():
            return True
        reaction = actor.node.reaction(signal.SIGCHLD)
        return reaction.action == "handler" and any(
            child.state == "alive" for child in actor.node.children
        )

    def ready(self, actor: Actor) -> bool:
        """Whether the held call can proceed now."""
        if actor.call is None:
            return True
        return HANDLINGS[actor.call.name].ready(self, actor)

    def _options(self) -> list[Option]:
        first, later, exhausted = [], [], []
        last = self._last
        order = self.actors
        if last is not None and last.place == "held":
            order = [last, *(actor for actor in self.actors if actor is not last)]
        last_goes = False
        for actor in order:
            found = self._options_of(actor)
            if not found:
                continue
            yielding = actor.place == "held" and (actor.polls > 0 or actor.streak >= MOST_STREAK)
            if actor is last and not yielding and any(t.action == "go" for t, _ in found):
                last_goes = True
            options = [
                Option(turn, what, preempts=last_goes and actor is not last) for turn, what in found
            ]
            if actor.timer is not None and actor.timer.fired >= MOST_FIRES:
                again = [option for option in options if option.turn.action == "timer"]
                exhausted += again
                options = [option for option in options if option not in again]
            if not yielding:
                first += options
            elif actor.polls > MOST_POLLS and actor.news_seen == self.news:
                exhausted += options
            else:
                later += options
        options = first + later
        if not self.input_fed and any(
            actor.place == "held" and asks_for_input(self, actor) for actor in self.actors
        ):
            words = "standard input arrives"
            arrival = operation("use", self.tree.root.id, words, object="input")
            options.append(Option(Turn(0, "input"), arrival, preempts=False))
        if exhausted and options:
            self.caveat(
                "a process does the same again and again (a loop around WNOHANG, getppid or the "
                f"like, or a repeating timer): after {MOST_POLLS} times without news it is made "
                "to let others go"
            )
        if exhausted and not options and self.clock.ideal and self._deadlines():
            return []
        return options or exhausted

    def _options_of(self, actor: Actor) -> list[tuple[Turn, Operation]]:
        index, id = actor.index, actor.node.id
        if actor.place == "ended":
            return [(Turn(index, "appear"), self.appearing(actor))]
        found: list[tuple[Turn, Operation]] = []
        if actor.place == "held":
            assert actor.operation is not None
            deliverable = actor.deliverable()
            handled = any(actor.node.reaction(n).action == "handler" for n in deliverable)
            if self.ready(actor) or handled:
                found.append((Turn(index), actor.operation))
            if deliverable and actor.call is not None:
                words = "take " + ", ".join(map(name_of, deliverable))
                found.append((Turn(index, "signal"), operation("take signal", id, words)))
        if self._due(actor):
            found.append((Turn(index, "timer"), operation("timer", id, "alarm")))
        return found

    def _due(self, actor: Actor) -> bool:
        """Whether an alarm of the process may go off now; one that is pending already would
        not be noticed."""
        timer = actor.timer
        if timer is None or not actor.alive:
            return False
        if self.clock.ideal:
            return self.clock.of(actor) >= timer.at
        actor.learn_signals()
        return signal.SIGALRM not in actor.queued

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

    # -- when nothing can ------------------------------------------------------------

    def _deadlines(self) -> list[float]:
        if not self.clock.ideal:
            return []
        found = [a.deadline for a in self.actors if a.place == "held" and a.deadline is not None]
        found += [a.timer.at for a in self.actors if a.timer is not None and a.alive]
        now = self.clock.of(self.actors[0])
        return [deadline for deadline in found if deadline > now]

    def _pass_time(self) -> bool:
        deadlines = self._deadlines()
        if not deadlines:
            return False
        self.clock.jump(min(deadlines))
        self.news += 1
        return True

    def _await_kernel(self) -> bool:
        """Whether a process that is blocked in a call without a model came back."""
        floating = [actor for actor in self.actors if actor.place == "kernel"]
        if not floating:
            return False
        until = time.monotonic() + _KERNEL_PATIENCE
        while time.monotonic() < until:
            for actor in floating:
                stop = stops.of(actor.tid)
                if stop is not None:
                    self._follow(actor, stop)
                    return True
            stops.rest(0.02)
            self.check()
        return False

    def _nothing_goes(self) -> bool:
        if any(actor.alive for actor in self.actors) and self.ended is None:
            self.ended = "deadlock"
            self.stuck = explain(self)
        return False

    # -- one operation ---------------------------------------------------------------

    def _go(self, actor: Actor) -> None:
        """Let a held process make its operation, and go on to its next."""
        call = actor.call
        self._performed += 1
        if call is None:
            self.resume(actor)
            return
        self.clock.whose = actor
        actor.clock_reads, actor.spin = 0, 0.0
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

    # -- following a process that goes -------------------------------------------------

    def _follow(self, actor: Actor, stop: Stop | None = None, resumed: bool = True) -> None:
        """Deal with all that a going process meets, until it stands still."""
        self.clock.whose = actor
        while True:
            if stop is None:
                stop = wait_for(actor.tid, self.check, self._drain_for(actor), resumed)
                resumed = True
            if stop is None:
                actor.place = "kernel"
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
        handling = HANDLINGS.get(name)
        if handling is None:
            ptrace.cont(actor.tid)
            return True
        call = Call(name, arguments, round(self.clock.of(actor), 6), self.recorder.next)
        actor.registers, actor.call = registers, call
        actor.own, actor.operation, actor.detail, actor.deadline = True, None, None, None
        if not handling.look(self, actor, call):
            actor.call = None
            self._count_quiet()
            ptrace.cont(actor.tid)
            return True
        if actor.operation is None:
            actor.operation = operation("own", actor.node.id, name)
        actor.place = "held"
        return False

    def _count_quiet(self) -> None:
        """A loop of calls that nobody else can notice has to end, too."""
        self._quiet += 1
        if self._quiet > _QUIET_A_STEP * self.scenario.limits.steps:
            self.ended = "step-limit"
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
        for call, result in ending.tail:
            self._finished(actor, msgspec.structs.replace(call), result)
        registers = ptrace.get_registers(actor.tid)
        self.arch.next_call(actor.tid, registers, self.arch.NUMBERS["exit_group"], ending.code)

    def learn_ending(self, actor: Actor, code: int) -> None:
        """A process has come to its exit."""
        if actor.tail_key:
            self.knowledge.endings.setdefault(actor.tail_key, Ending(tuple(actor.tail), code))

    def _signal(self, actor: Actor, number: int) -> None:
        if number in actor.dropped:
            actor.dropped -= {number}
            ptrace.cont(actor.tid)
            return
        actor.signals_known = False
        reaction = actor.node.reaction(number)
        if actor.effective(frozenset({number})):
            delivered(self.recorder, actor.task, number)
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

    def continued_later(self, actor: Actor) -> None:
        """SIGCONT was sent to a stopped process, which goes on when the sender stands still."""
        self._released.append(actor)

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

    def _tell_parent(self, actor: Actor) -> None:
        parent = self.find(actor.node.supervisor)
        if parent is not None:
            parent.signals_known = False  # SIGCHLD, unless SA_NOCLDSTOP

    # -- processes come and go -------------------------------------------------------

    def find(self, node: object) -> Actor | None:
        """The actor of a process."""
        return next((actor for actor in self.actors if actor.node is node), None)

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
        ptrace.cont(actor.tid)

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
        self.recorder.tell(task, Exit, exit=status)
        self.tree.end_task(task)
        for child in self.tree.exit(node, status, n, self.recorder.events[n].t):
            thread = next(iter(child.tasks.values()), task)
            self.recorder.tell(thread, Adopt, by=child.adopted_by)
        if node.fate == "auto-reaped" and self.looking:
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
            stop = wait_for_end(actor.tid, _nothing)
            self.died(actor, stop.status or ExitStatus(), had_pipes=True)
        for actor in self.actors:
            if actor.place == "ended":
                self.appear(actor)

    def kill_now(self, actor: Actor) -> None:
        """SIGKILL was sent to a process: see it die."""
        if actor.alive:
            stop = wait_for_end(actor.tid, self.check)
            self.died(actor, stop.status or ExitStatus(), self.pipes_seen)

    # -- time, input, output -----------------------------------------------------------

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

    def feed(self) -> None:
        """The scenario's standard input arrives."""
        self.input_fed = True
        self.stdio.feed()

    def drain(self) -> None:
        """Take what was written to the terminal or the standard pipes."""
        for descriptor in self.stdio.outputs:
            self.stdio.drain(descriptor)
        if self.input_fed and self.stdio.hungry is not None:
            self.stdio.feed()

    # -- what is known -----------------------------------------------------------------

    def caveat(self, words: str) -> None:
        """Say, once, why this run does not stand for all."""
        if words not in self.caveats:
            self.caveats.append(words)

    def canonical(self, data: bytes) -> bytes:
        """Bytes with the pids of this run written as path ids, as pids differ between runs."""
        if not data:
            return data

        def path(match: re.Match[bytes]) -> bytes:
            number = int(match[0][:12])
            node = self.tree.find(number)
            return f"<{node.id}>".encode() if node else match[0]

        return _NUMBER.sub(path, data)

    def name_of(self, device: int, inode: int) -> str:
        """A shared object's name: the same in every run."""
        known = self.recorder.pipe_names.get(inode)
        if known:
            return known
        return self.names.setdefault((device, inode), f"object {len(self.names) + 1}")

    def happened_to(self, thing: str, *what: object) -> None:
        """Add to a shared thing's history."""
        text = repr(what).encode()
        self.things[thing] = blake2b(self.things.get(thing, b"") + text, digest_size=12).digest()

    def put(self, pipe: str, writer: str, data: bytes, size: int) -> None:
        """Bytes were written to a pipe."""
        if size:
            self._streams.setdefault(pipe, []).append(Written(writer, data, size, 0))

    def taken(self, pipe: str, size: int) -> list[Written]:
        """Bytes were read from a pipe: of which writes, and up to where. A read may end in
        the middle of a pid, so what it got can't be told by the bytes themselves."""
        parts, stream = [], self._streams.get(pipe, [])
        while size > 0 and stream:
            first = stream[0]
            part = min(size, first.size - first.taken)
            size -= part
            stream[0] = first._replace(taken=first.taken + part)
            parts.append(stream[0])
            if stream[0].taken == first.size:
                stream.pop(0)
        return parts

    def state(self) -> bytes:
        """A digest of all that the rest of the run depends on."""
        parts = []
        for actor in self.actors:
            actor.learn_signals()
            waiting = actor.polls > MOST_POLLS and actor.news_seen == self.news
            parts.append(
                (
                    actor.history,
                    actor.place,
                    actor.place == "held" and actor.call is None,
                    round(self.clock.of(actor), 6),
                    actor.effective(actor.queued),
                    actor.timer and (actor.timer.at, actor.timer.interval),
                    actor.told,
                    waiting,
                    actor.node.fate,
                    actor.node.state,
                    actor.node.adopted_by,
                )
            )
        pipes = [(name, held, self.written_at.get(name)) for name, held in self._streams.items()]
        text = repr((parts, sorted(self.things.items()), sorted(pipes), self.input_fed)).encode()
        return blake2b(text, digest_size=16).digest()

    def polled(self, actor: Actor) -> None:
        """A process asked, and was told nothing new."""
        actor.polls += 1
        actor.news_seen = self.news

    def uncontrollable(self, words: str) -> None:
        """Give this program up."""
        raise Uncontrollable(words)

    def learn_signalled(self, node: Node) -> None:
        """Another process sends signals to this one."""
        if node.id not in self.knowledge.signalled:
            self.knowledge.signalled.add(node.id)
            self.knowledge.grown = True

    def learn_asks_pipes(self) -> None:
        """A process asks whether a pipe is ready."""
        if not self.knowledge.asks_pipes:
            self.knowledge.asks_pipes = self.knowledge.grown = True

    def closing_shows(self, tid: int, descriptor: int) -> str | None:
        """The pipe or socket of which it could be noticed when this descriptor closes."""
        what = object_of(tid, descriptor, self.standard)
        if not what.shared:
            return None
        writes = flags_of(tid, descriptor) & os.O_ACCMODE == os.O_WRONLY
        if what.kind == "pipe" and writes and not self.knowledge.asks_pipes:
            return None
        return self.name_of(what.device, what.inode)

    def poll(self, actor: Actor, descriptor: int, events: int) -> bool:
        """Whether a descriptor is ready; one that can't be asked counts as ready."""
        answer = ready(actor.tid, descriptor, events)
        return answer is None or bool(answer & (events | select.POLLERR | select.POLLHUP))


def _nothing() -> None:
    """No limit holds any more."""


def command_line(pid: int) -> list[str]:
    """The argument vector of a process."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return []
    return [word.decode(errors="replace") for word in words[:-1]]
