"""Programs that exist only in the mind, run step by step in front of a strategy as the engine
does: what strategies need to be tried on, without a kernel."""

from __future__ import annotations

import copy
import heapq
from collections.abc import Callable
from hashlib import blake2b
from typing import NamedTuple

from grader.model import (
    Finish,
    Operation,
    Option,
    Point,
    Schedules,
    Strategy,
    Turn,
    operation,
)
from grader.model.operation import together


class Fork(NamedTuple):
    """Make a child with this body."""

    body: Body


class Wait(NamedTuple):
    """Wait for any child, or for the nth."""

    child: int | None = None


class Poll(NamedTuple):
    """Ask for any child again and again, until one has ended or there is none."""


class Write(NamedTuple):
    """Write a text."""

    text: str


class Take(NamedTuple):
    """Take a lock, as soon as it is free."""

    lock: str


class Give(NamedTuple):
    """Give a lock back, or do nothing if somebody else has it."""

    lock: str


class Parent(NamedTuple):
    """Look whether the parent is still there."""


class Spin(NamedTuple):
    """Do something for ever, with others watching."""


class Exit(NamedTuple):
    """End; the order of that matters to others."""


Op = Fork | Wait | Poll | Write | Take | Give | Parent | Spin | Exit
Body = tuple[Op, ...]


class Process:
    """One process of a run."""

    def __init__(self, index: int, name: str, parent: int | None, body: Body) -> None:
        self.index, self.name, self.parent = index, name, parent
        self.body = [*body, Exit()]
        self.at = 0
        self.history: tuple[object, ...] = ()
        self.place = "held"
        self.fate = ""
        self.children: list[int] = []
        self.has_locks = any(isinstance(op, Take | Give) for op in body)

    @property
    def op(self) -> Op:
        return self.body[self.at]


class Run:
    """A program on its way. ``noise`` is mixed into what processes observe: for programs that
    don't do the same twice."""

    def __init__(self, program: Body, *, ordered: bool = True, noise: object = None) -> None:
        self.processes = [Process(0, "P", None, program)]
        self.ordered = ordered
        self.output: list[str] = []
        self.locks: dict[str, str] = {}
        self.last: int | None = None
        self.steps = self.preemptions = 0
        self.noise = noise
        self.settle()

    # -- what can happen -----------------------------------------------------------------

    def options(self) -> list[Option]:
        processes = list(self.processes)
        if self.last is not None and self.processes[self.last].place == "held":
            processes.remove(self.processes[self.last])
            processes.insert(0, self.processes[self.last])
        first: list[Option] = []
        later: list[Option] = []
        goes = False
        for process in processes:
            if process.place == "ended":
                turn = Turn(process.index, "appear")
            elif process.place == "held" and self.ready(process):
                turn = Turn(process.index)
            else:
                continue
            mine = process.index == self.last
            yields = process.place == "held" and isinstance(process.op, Poll | Spin)
            goes = goes or (mine and turn.action == "go" and not yields)
            option = Option(turn, self.operation(process), goes and not mine)
            (later if yields else first).append(option)
        return first + later

    def ready(self, process: Process) -> bool:
        op = process.op
        if isinstance(op, Wait):
            waited = self.waited(process)
            return not waited or any(child.place == "zombie" for child in waited)
        return not isinstance(op, Take) or op.lock not in self.locks

    def waited(self, process: Process) -> list[Process]:
        children = [self.processes[n] for n in process.children]
        if isinstance(process.op, Wait) and process.op.child is not None:
            children = children[process.op.child :][:1]
        return [child for child in children if child.place != "gone"]

    def operation(self, process: Process) -> Operation:
        name, op = process.name, process.op
        if process.place == "ended":
            return self.appearing(process)
        match op:
            case Wait():
                parts = []
                for child in self.waited(process):
                    parts.append(operation("look at", name, "wait", object="end of " + child.name))
                    if child.place == "zombie":
                        break
                return together("wait", parts) if parts else operation("own", name, "wait")
            case Poll():
                return operation("wait", name, "wait")
            case Write():
                return operation("write to output", name, f"write {op.text}")
            case Take() | Give():
                return operation("use", name, f"use {op.lock}", object=op.lock)
            case Parent():
                return operation("getppid", name, "getppid", parent=self.parent_of(process))
            case Exit():
                parts = [operation("exit", name, "exit")]
                if not process.has_locks:
                    parts.append(self.appearing(process))
                return together("exit", parts)
            case _:
                return operation("own", name, "nothing")

    def appearing(self, process: Process) -> Operation:
        return together(
            "appear",
            [
                operation("appear", process.name, "appear", parent=self.parent_of(process)),
                operation("use", process.name, "", object="end of " + process.name),
            ],
        )

    def parent_of(self, process: Process) -> str:
        return "outside" if process.parent is None else self.processes[process.parent].name

    # -- one step ------------------------------------------------------------------------

    def take(self, option: Option) -> None:
        self.steps += 1
        self.preemptions += option.preempts
        process = self.processes[option.turn.actor]
        if option.turn.action == "appear":
            self.appear(process)
        else:
            self.last = process.index
            self.perform(process)
        self.settle()

    def settle(self) -> None:
        """What makes no difference to others is done at once."""
        for process in self.processes:
            while process.place == "held" and self.own(process):
                self.perform(process)

    def own(self, process: Process) -> bool:
        op = process.op
        if isinstance(op, Wait):
            return all(child.place == "zombie" for child in self.waited(process))
        if isinstance(op, Parent):
            return process.parent is None
        return isinstance(op, Fork) or (isinstance(op, Write) and not self.ordered)

    def perform(self, process: Process) -> None:
        op, seen = process.op, self.noise
        if isinstance(op, Spin):
            return
        if isinstance(op, Exit):
            process.place = "ended"
            if not process.has_locks:
                self.appear(process)
            return
        match op:
            case Fork():
                index = len(self.processes)
                process.children.append(index)
                name = f"{process.name}.{len(process.children)}"
                self.processes.append(Process(index, name, process.index, op.body))
            case Wait() | Poll():
                zombies = [child for child in self.waited(process) if child.place == "zombie"]
                if zombies:
                    zombies[0].place, zombies[0].fate = "gone", "reaped"
                    seen = zombies[0].name
                elif isinstance(op, Poll) and self.waited(process):
                    return
            case Write():
                self.output.append(f"{process.name} {op.text}")
            case Take():
                self.locks[op.lock] = process.name
            case Give():
                if self.locks.get(op.lock) == process.name:
                    del self.locks[op.lock]
            case Parent():
                seen = self.parent_of(process)
        process.history = (*process.history, seen)
        process.at += 1

    def appear(self, process: Process) -> None:
        process.place = "gone" if process.parent is None else "zombie"
        for child in (self.processes[n] for n in process.children):
            if child.place == "zombie":
                child.place, child.fate = "gone", "unreaped"
            elif child.place != "gone":
                child.parent, child.fate = None, "orphaned"

    # -- what is asked -------------------------------------------------------------------

    def state(self) -> bytes:
        parts = [(p.name, p.at, p.history, p.place, p.fate, p.parent) for p in self.processes]
        output = self.output if self.ordered else sorted(self.output)
        text = repr((parts, sorted(self.locks.items()), output))
        return blake2b(text.encode(), digest_size=16).digest()

    @property
    def whose(self) -> int | None:
        """Who went last, if it is alive."""
        alive = self.last is not None and self.processes[self.last].place == "held"
        return self.last if alive else None

    def end(self, limited: bool) -> End:
        stuck = any(process.place == "held" for process in self.processes)
        ended = "step-limit" if limited else "deadlock" if stuck else "exit"
        fates = tuple(p.fate for p in self.processes[1:])
        return End(ended, fates, tuple(self.output) if self.ordered else ())


class End(NamedTuple):
    """What a run came to."""

    ended: str
    fates: tuple[str, ...]
    output: tuple[str, ...]


class Made(NamedTuple):
    """A complete run."""

    end: End
    finish: Finish


class Left(Exception):
    """The strategy has no more interest in a run."""


def drive(
    strategy: Strategy,
    program: Body,
    *,
    ordered: bool = True,
    steps: int = 200,
    noise: Callable[[int], object] = lambda n: None,
) -> tuple[list[Made], Schedules]:
    """Run a program in the schedules that a strategy asks for, as the engine does."""
    made: list[Made] = []
    count = 0
    while strategy.another():
        count += 1
        assert count < 50_000
        run = Run(program, ordered=ordered, noise=noise(count))
        chosen: list[Turn] = []
        turns: tuple[Turn, ...] = ()
        complete = True
        while run.steps < steps and (options := run.options()):
            number: int | None = 0
            if len(options) > 1 or strategy.every_step:
                number = strategy.choose(
                    Point(run.steps, (*options,), run.state(), run.whose, len(run.processes))
                )
                if number is None:
                    complete = False
                    break
                if len(options) > 1:
                    chosen.append(options[number].turn)
                if number:
                    turns = (*chosen,)
            run.take(options[number])
        state = run.state() if complete else b""
        finish = Finish(complete, state, run.steps, run.preemptions, turns)
        if complete:
            made.append(Made(run.end(run.steps >= steps), finish))
        strategy.finished(finish)
    return made, strategy.summary()


class TooMany(Exception):
    """A program has more states than a test has patience for."""


def every_end(
    program: Body, *, ordered: bool = True, most: int = 20_000
) -> dict[bytes, tuple[End, int, int]]:
    """By final state: how each end of a program looks, and the fewest preemptions, and then the
    fewest steps, that lead there. Found without schedules, strategies or replays: all runs go on
    side by side, the cheapest first. For programs that always end."""
    queue: list[tuple[int, int, int, Run]] = [(0, 0, 0, Run(program, ordered=ordered))]
    done: set[tuple[bytes, int | None]] = set()
    ends: dict[bytes, tuple[End, int, int]] = {}
    number = 0
    while queue:
        preemptions, steps, _, run = heapq.heappop(queue)
        place = run.state(), run.last
        if place in done:
            continue
        done.add(place)
        if len(done) > most:
            raise TooMany
        options = run.options()
        if not options:
            ends.setdefault(place[0], (run.end(False), preemptions, steps))
        for option in options:
            after = copy.deepcopy(run)
            after.take(option)
            number += 1
            heapq.heappush(queue, (after.preemptions, after.steps, number, after))
    return ends
