"""Beginning a controlled run: cold, or as a fresh copy of a program that was started once.

A program is started as anyone would start it, with its clock hidden at exec. An
interpreter's own start-up is let go until it opens the script; then the full filter is
put in place, by running seccomp(2) in the program in the place of that very call, which
it makes again afterwards.

Warm: the program goes on under control until just before the first thing that another
process could notice. There it is kept. Each run is a copy, made by running clone(2) in
the place of that call: the copy is a child of this process (CLONE_PARENT) as the program
itself is, stands before the same call, and can tell itself from the first start by its
pid alone. A program that has descriptors open there is started cold for each run: a copy
would share their offsets.
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
from pathlib import Path
from types import ModuleType

import msgspec

from grader.model import ROOT, Exec, Scenario
from grader.observe.confine import Confined
from grader.observe.exact import ptrace, stops
from grader.observe.exact.arch import names
from grader.observe.exact.controlled import auxiliary
from grader.observe.exact.controlled.actor import NONE, Actor, signal_masks
from grader.observe.exact.controlled.calls.chance import random_bytes
from grader.observe.exact.controlled.clock import VirtualClock
from grader.observe.exact.controlled.machine import Machine
from grader.observe.exact.controlled.objects import Standard, descriptors
from grader.observe.exact.controlled.state import Knowledge
from grader.observe.exact.controlled.tracees import no_limit, wait_for
from grader.observe.exact.filter import controlled_filter, opening_filter
from grader.observe.exact.guard import stopped_calls
from grader.observe.exact.proc import command_line
from grader.observe.exact.record.recorder import Recorder, Targets
from grader.observe.exact.stops import Kind, Stop
from grader.observe.exact.tree import Node, Reaction
from grader.observe.launch import Launched, launch
from grader.observe.seccomp import Filter
from grader.observe.stdio import Stdio

# <linux/sched.h>
_CLONE_PARENT, _CHILD_CLEARTID, _CHILD_SETTID = 0x8000, 0x200000, 0x1000000
_SET_MODE_FILTER = 1
_MOST_RANDOM = 4096
_LONGEST_PATH = 4096
_SCRATCH = 8192
"""So far below the stack pointer nothing is kept."""

# What the program may do before the copies are made: of no consequence to anyone else.
_HARMLESS = frozenset(
    (
        "rt_sigaction",
        "rt_sigprocmask",
        "getppid",
        "close",
        "dup",
        "fcntl",
        "nanosleep",
        "clock_nanosleep",
        "setpgid",
    )
)


class NotStarted(Exception):
    """The program ended before it began: what ``Launched.check`` finds out."""


class Starting:
    """How the runs of one scenario begin."""

    def __init__(
        self,
        scenario: Scenario,
        arch: ModuleType,
        stdio: Stdio,
        knowledge: Knowledge,
        confined: Confined | None,
    ) -> None:
        self._scenario = scenario
        self._arch = arch
        self._stdio = stdio
        self._knowledge = knowledge
        self._standard, self._targets = _streams(stdio)
        self._numbers = names(arch)
        self._confined = confined
        self._script = None if scenario.script is None else _path(scenario.script, scenario)
        self._script_name = Path(scenario.script or "").name
        self._filter: Filter = controlled_filter(arch)
        self._first: Filter = self._filter if self._script is None else opening_filter(arch)
        self.program: Launched | None = None
        self._tid_address = 0
        self._random_bytes = 0
        """Taken by an interpreter before its script."""
        self._kept: Machine | None = None
        self.warm = scenario.start == "warm"

    def new(self, scenario: Scenario) -> Machine:
        """A machine whose root stands at the beginning. ``scenario`` differs from the one
        that this was made for in what ``same_start`` allows. Raises NotStarted."""
        self._scenario = scenario
        if not self.warm:
            return self._cold()
        if self._kept is None:
            kept = self._cold()
            try:
                good = self._keep(kept)
            except BaseException:
                kill(kept.actors)
                raise
            if not good:
                self.warm = False
                return kept
        return self._copy()

    @property
    def kept(self) -> list[int]:
        """The pid of the program that copies are made of."""
        return [] if self._kept is None else [self._kept.actors[0].node.pid]

    def end(self) -> None:
        """Let go of the program that copies are made of."""
        if self._kept is not None:
            kill([self._kept.actors[0]])
            self._kept = None
        self._close_program()

    def _close_program(self) -> None:
        if self.program is not None:
            with contextlib.suppress(OSError):
                os.close(self.program.failure)
            self.program = None

    # -- cold ------------------------------------------------------------------------

    def _machine(self) -> Machine:
        scenario = self._scenario
        clock = VirtualClock("ideal" if scenario.time == "ideal" else "adversarial", scenario.seed)
        return Machine(
            scenario,
            self._arch,
            self._stdio,
            self._standard,
            Recorder(self._targets, clock),
            clock,
            self._knowledge,
            self._confined,
        )

    def _cold(self) -> Machine:
        self._close_program()
        self.program = launch(
            self._scenario,
            self._stdio,
            attach=ptrace.seize,
            prepare=self._first.install,
            same_addresses=True,
            confined=self._confined,
            stopped=stopped_calls(self._arch),
        )
        machine = self._machine()
        node = machine.tree.add_root(self.program.pid)
        self._start(node)
        node.program = command_line(node.pid)
        node.reactions = _reactions(node.pid)
        root = Actor(0, node.tasks[node.pid], random_bytes=self._random_bytes)
        root.program_handlers = frozenset(
            n for n, reaction in node.reactions.items() if reaction.action == "handler"
        )
        machine.begin(root)
        machine.clock.whose = root
        n = machine.recorder.tell(root.task, Exec, program=node.program)
        machine.looks.at(n, (node, "alive"))
        ptrace.cont(root.tid)
        return machine

    def _start(self, node: Node) -> None:
        """See the program through its exec, and an interpreter to its script."""
        tid, execed = node.pid, False
        self._random_bytes = 0
        while True:
            stop = wait_for(tid, no_limit, None)
            if stop is None:
                continue
            if stop.kind is Kind.ENDED:
                stops.collect(tid)
                raise NotStarted
            if stop.kind is Kind.EXECED:
                auxiliary.hide_clock(tid, self._arch, self._scenario.seed)
                execed = True
                if self._script is None:
                    return
            elif stop.kind is Kind.ENTRY and execed and self._at_script(tid):
                self._install(tid)
                return
            signal_number = stop.detail if stop.kind is Kind.SIGNAL else 0
            ptrace.cont(tid, signal_number)

    def _at_script(self, tid: int) -> bool:
        registers = ptrace.get_registers(tid)
        name = self._numbers.get(self._arch.number(registers), "")
        arguments = self._arch.arguments(registers)
        if self._confined is not None:  # of what is refused so early nothing is told
            found = self._confined.refuses(name, arguments, lambda pid: pid == tid)
            if found is not None:
                self._arch.skip(tid, registers, -found[0])
                return False
        if name == "getrandom":  # the secret of Python's hashes
            size = min(arguments[1], _MOST_RANDOM)
            data = random_bytes(self._scenario.seed, ROOT, self._random_bytes, size)
            self._random_bytes += size
            ptrace.write_memory(tid, arguments[0], data)
            self._arch.skip(tid, registers, size)
        if name == "set_tid_address":
            self._tid_address = arguments[0]
        if name != "openat":
            return False
        path = ptrace.read_text(tid, arguments[1], _LONGEST_PATH)
        # An interpreter opens its script by the name that it was given: of hundreds of other
        # files the real path need not be found.
        return path.rpartition("/")[2] == self._script_name and (
            _path(path, self._scenario) == self._script
        )

    def _install(self, tid: int) -> None:
        """Put the full filter in place, from within the program."""
        registers = ptrace.get_registers(tid)
        at = registers[self._arch.STACK_POINTER] - _SCRATCH
        ptrace.write_memory(tid, at, self._filter.laid_out(at))
        result = self._instead(tid, registers, self._arch.SECCOMP, _SET_MODE_FILTER, 0, at)
        if result < 0:
            raise OSError(-result, f"seccomp: {os.strerror(-result)}")
        self._arch.again(tid, registers, at_entry=False)
        ptrace.cont(tid)
        _expect(tid, Kind.ENTRY)

    def _instead(self, tid: int, registers: list[int], number: int, *arguments: int) -> int:
        """Run another call at an entry; leaves the task at that call's return."""
        self._arch.instead(tid, registers, number, *arguments)
        ptrace.cont_to_return(tid)
        _expect(tid, Kind.RETURN)
        result: int = self._arch.result(ptrace.get_registers(tid))
        return result

    # -- warm ------------------------------------------------------------------------

    def _keep(self, machine: Machine) -> bool:
        """Go on to where the copies are made. False when none can be made there: then this
        machine's run goes on from there."""
        machine.until = _of_consequence
        machine.run()
        machine.until = None
        root = machine.actors[0]
        if root.place != "held" or machine.ended is not None or len(machine.actors) > 1:
            return False
        if machine.clock.of(root) > 0:  # it has slept, which the policies tell differently
            return False
        if [d for d in descriptors(root.tid) if d > 2] or root.timer is not None:
            return False
        self._kept = machine
        return True

    def _copy(self) -> Machine:
        kept = self._kept
        assert kept is not None
        original = kept.actors[0]
        pid = self._clone(original)
        machine = self._machine()
        node = machine.tree.add_root(pid)
        node.reactions = dict(original.node.reactions)
        node.program = original.node.program
        machine.recorder.events = list(kept.recorder.events)
        machine.recorder.doubts = list(kept.recorder.doubts)
        root = msgspec.structs.replace(
            original,
            task=node.tasks[pid],
            counts=original.counts.copy(),
            place="going",
            call=None,
        )
        machine.caveats = list(kept.caveats)
        machine.clock.jump(kept.clock.of(original))
        machine.begin(root)
        with contextlib.suppress(OSError):
            os.setpgid(pid, pid)
        if self._stdio.terminal is not None:
            with contextlib.suppress(OSError):
                os.tcsetpgrp(self._stdio.terminal, pid)
        ptrace.cont(pid)
        return machine

    def _clone(self, original: Actor) -> int:
        tid, registers = original.tid, original.registers
        flags = _CLONE_PARENT | signal.SIGCHLD
        address = self._tid_address or (self._kept.tid_address if self._kept else 0)
        if address:
            flags |= _CHILD_SETTID | _CHILD_CLEARTID
        last = (0, address) if self._arch.MAKE_PROCESS == 220 else (address, 0)
        self._arch.instead(tid, registers, self._arch.MAKE_PROCESS, flags, 0, 0, *last)
        ptrace.cont_to_return(tid)
        stop = _next(tid)
        if stop.kind is Kind.RETURN:
            result = self._arch.result(ptrace.get_registers(tid))
            self._arch.again(tid, registers, at_entry=False)
            ptrace.cont(tid)
            _expect(tid, Kind.ENTRY)
            raise OSError(-result, os.strerror(-result))
        pid = ptrace.event_message(tid)
        ptrace.cont_to_return(tid)
        _expect(tid, Kind.RETURN)
        self._arch.again(tid, registers, at_entry=False)
        ptrace.cont(tid)
        _expect(tid, Kind.ENTRY)
        _expect(pid, Kind.STARTED)
        self._arch.again(pid, registers, at_entry=False)
        return pid


def same_start(one: Scenario, other: Scenario) -> bool:
    """Whether runs of two scenarios can be copies of the same program."""
    return all(
        getattr(one, name) == getattr(other, name)
        for name in (
            "command",
            "directory",
            "stdio",
            "stdin",
            "seed",
            "script",
            "start",
            "limits",
            "confinement",
        )
    )


def _reactions(pid: int) -> dict[int, Reaction]:
    """What an interpreter has chosen to do about signals before its script."""
    masks = signal_masks(pid)
    return {
        **{number: Reaction("ignored") for number in masks.get("SigIgn", NONE)},
        **{number: Reaction("handler") for number in masks.get("SigCgt", NONE)},
    }


def _of_consequence(root: Actor) -> bool:
    return root.place == "held" and root.call is not None and root.call.name not in _HARMLESS


def _next(tid: int) -> Stop:
    stop = None
    while stop is None:
        stop = wait_for(tid, no_limit, None)
    return stop


def _expect(tid: int, kind: Kind) -> None:
    """Wait for a stop of this kind; others, such as signals that do nothing, pass."""
    while (stop := _next(tid)).kind is not kind:
        if stop.kind is Kind.ENDED:
            raise OSError(errno.ESRCH, "the program was killed while it was prepared")
        ptrace.cont(tid)


def _path(name: str, scenario: Scenario) -> str:
    return os.path.realpath(Path(scenario.directory or ".") / name)


def _streams(stdio: Stdio) -> tuple[Standard, Targets]:
    if stdio.terminal is not None:
        device = os.fstat(stdio.terminal).st_rdev
        return Standard(device, None, frozenset()), Targets(device, {})
    entry, output, errors = (os.fstat(stream).st_ino for stream in stdio.streams)
    standard = Standard(None, entry, frozenset({output, errors}))
    return standard, Targets(None, {output: "stdout", errors: "stderr"})


def kill(actors: list[Actor]) -> None:
    """End processes that may stand anywhere, and collect them, with threads if they have some."""
    left = {actor.tid for actor in actors if actor.place != "gone"}
    for actor in actors:
        if actor.place != "gone":
            with contextlib.suppress(ProcessLookupError):
                os.kill(actor.node.pid, signal.SIGKILL)
            actor.place = "gone"
    while left:
        try:
            # Any of them, as a thread's leader can be collected only after the thread.
            notice = ptrace.wait(ptrace.WEXITED)
        except ChildProcessError:
            return
        if notice is not None and notice.si_code in ptrace.ENDINGS:
            left.discard(notice.si_pid)
