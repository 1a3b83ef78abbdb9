"""What is known of one controlled run: its processes, its shared things, its caveats.

Nothing here lets a process go; ``stepping`` does.
"""

from __future__ import annotations

import os
import re
import select
import signal
from collections.abc import Callable
from hashlib import blake2b
from types import ModuleType
from typing import NamedTuple

import msgspec

from grader.model import (
    Ended,
    Point,
    Scenario,
    Stuck,
    Turn,
)
from grader.observe.confine import Confined
from grader.observe.exact.arch import names
from grader.observe.exact.controlled.actor import Actor, Ending
from grader.observe.exact.controlled.clock import VirtualClock
from grader.observe.exact.controlled.faults import Faults
from grader.observe.exact.controlled.objects import Standard, flags_of, object_of, ready
from grader.observe.exact.controlled.tracees import Outside
from grader.observe.exact.guard import Guard
from grader.observe.exact.limits import Watch
from grader.observe.exact.looks import Looks
from grader.observe.exact.record import Recorder
from grader.observe.exact.tree import Node
from grader.observe.stdio import Stdio

MOST_POLLS = 3
"""After so many questions in a row without news, a process has to let others go first."""
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
    shares_memory: bool = False
    """Its processes share memory: what they do in it can't be seen, nor left out."""
    numbers: set[int] = set()
    """What the program writes, or reads, and is no pid: the same number is none in a run in
    which it happens to be a process's."""
    pids: set[int] = set()
    """What was taken for pids."""
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


class RunState:
    """One run, as far as it has come."""

    def __init__(
        self,
        scenario: Scenario,
        arch: ModuleType,
        stdio: Stdio,
        standard: Standard,
        recorder: Recorder,
        clock: VirtualClock,
        knowledge: Knowledge,
        confined: Confined | None = None,
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
        self.watch = Watch(scenario.limits, recorder, confined)
        self.guard = None if confined is None else Guard(confined, recorder, begun=True)
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
        self._names = names(arch)
        if confined is not None:
            self._names |= confined.names

    def watch_counted(self) -> bool:
        """Whether a limit is passed; cheap."""
        if self.ended is None:
            limits = self.scenario.limits
            if self._performed > limits.steps:
                self.ended = self.watch.reach("steps")
            elif self.clock.now() > limits.virtual_seconds:
                whose = self.clock.whose
                self.ended = self.watch.reach("virtual_seconds", whose.node.id if whose else None)
            else:
                self.ended = self.watch.passed()
        return self.ended is not None

    def check(self) -> None:
        """Called while a process runs long; raises Outside when a limit is passed."""
        if self.watch_counted():
            raise Outside

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

    def find(self, node: object) -> Actor | None:
        """The actor of a process."""
        return next((actor for actor in self.actors if actor.node is node), None)

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
            if node is None:
                if number in self.knowledge.pids and number not in self.knowledge.numbers:
                    self.knowledge.grown = True  # it was taken for a pid by mistake
                self.knowledge.numbers.add(number)
            elif number not in self.knowledge.numbers:
                self.knowledge.pids.add(number)
                return f"<{node.id}>".encode()
            return match[0]

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
            if blocks := actor.alive and actor.may_block():
                # What it blocks may have changed unseen: a handler's end (sigreturn(2)) does that.
                actor.signals_known = False
            actor.learn_signals()
            waiting = actor.polls > MOST_POLLS and actor.news_seen == self.news
            parts.append(
                (
                    actor.history,
                    actor.place,
                    actor.place == "held" and actor.call is None,
                    round(self.clock.of(actor), 6),
                    actor.effective(actor.queued),
                    sorted(actor.blocked) if blocks else (),
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

    def shares_memory(self, actor: Actor) -> None:
        """A process makes memory that its children will share."""
        self.knowledge.shares_memory = True
        self.caveat(
            f"{actor.node.id} shares memory with other processes: in which order they use it is "
            "not controlled"
        )

    def learn_asks_pipes(self) -> None:
        """A process asks whether a pipe is ready."""
        if not self.knowledge.asks_pipes:
            self.knowledge.asks_pipes = self.knowledge.grown = True

    def learn_ending(self, actor: Actor, code: int) -> None:
        """A process has come to its exit."""
        if actor.tail_key and not self.knowledge.shares_memory:
            self.knowledge.endings.setdefault(actor.tail_key, Ending(tuple(actor.tail), code))

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
