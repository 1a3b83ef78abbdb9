"""All runs of one exploration, in one supervising process."""

from __future__ import annotations

import contextlib
import copy
import math
import platform
import signal
import termios
from collections.abc import Callable
from typing import Any

import msgspec

from grader.model import (
    ENDED_AT,
    Ended,
    ExitStatus,
    Finish,
    GraderError,
    Point,
    Scenario,
    Schedule,
    Schedules,
    Strategy,
    Trace,
    Turn,
)
from grader.observe.capture import UnfinishedWrite, reconcile
from grader.observe.confine import Confined
from grader.observe.exact import arch
from grader.observe.exact.controlled.machine import Machine
from grader.observe.exact.controlled.start import Starting, kill
from grader.observe.exact.controlled.state import Knowledge, Left
from grader.observe.stdio import Stdio
from grader.observe.survivors import end_survivors

_MOST_RESTARTS = 20
_SHORT_SECONDS = 1.0
_FEW_PROCESSES = 8
# A program that comes to such a limit once does so in most schedules, and each run is long.
_COSTLY = frozenset(ENDED_AT.values())


class Session:
    """Runs the schedules that a strategy asks for."""

    def __init__(
        self,
        scenario: Scenario,
        stdio: Callable[[], Stdio],
        beat: Callable[[], None],
        confined: Confined | None = None,
    ) -> None:
        """``stdio`` opens the standard streams; ``beat`` is called after each run."""
        architecture = arch.current()
        if architecture is None:
            raise GraderError(
                f"the exact engine does not know the architecture {platform.machine()}"
            )
        # Kept until ``stops.rest`` asks for it.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        self._scenario = scenario
        self._open_stdio = stdio
        self._stdio = stdio()
        self._arch = architecture
        self._knowledge = Knowledge()
        self._settings = _settings(self._stdio)
        self._confined = confined
        self._starting = self._new_start()
        self._runs = 0
        self._spent: Ended | None = None
        """The limit that an earlier scenario came to."""
        self._ends: dict[bytes, tuple[float, float]] = {}
        """By final state, the preemptions and steps of the shortest run that came to it. Runs
        with equal final states have equal traces, but for the order of what nobody could
        tell."""
        self._looked = False
        """Whether psutil has had its looks at a run of the scenario."""
        self._beat = beat

    def explore(self, scenario: Scenario, strategy: Strategy) -> tuple[list[Trace], Schedules]:
        """Run until the strategy has enough; a trace for each end that complete runs came to.

        ``scenario`` has the ``same_start`` as the one that the session was made for. When
        a run shows something of the program that makes other schedules matter (that a
        process gets signals from others), the search begins anew with that knowledge.
        Raises Uncontrollable.
        """
        self._scenario = self._shortened(scenario)
        self._looked = False
        for _ in range(_MOST_RESTARTS):
            fresh = copy.deepcopy(strategy)
            self._knowledge.grown = False
            found: list[Trace] = []
            if self._search(fresh, found):
                return found, fresh.summary()
        raise GraderError("the search for all schedules began anew too often")

    def _shortened(self, scenario: Scenario) -> Scenario:
        """A program that ran into the limits of real time, or made too many processes, in one
        scenario is not given as much in the next: it is not the scenario that makes it so."""
        limits = scenario.limits
        if self._spent in ("time-limit", "cpu-limit"):
            limits = msgspec.structs.replace(
                limits,
                seconds=min(limits.seconds, _SHORT_SECONDS),
                cpu_seconds=min(limits.cpu_seconds, _SHORT_SECONDS),
            )
        elif self._spent == "process-limit":
            few = max(limits.processes_alive // 4, _FEW_PROCESSES)
            limits = msgspec.structs.replace(
                limits, processes_alive=min(limits.processes_alive, few)
            )
        return msgspec.structs.replace(scenario, limits=limits)

    def _search(self, strategy: Strategy, found: list[Trace]) -> bool:
        """Whether it came to its end, and was not overtaken by new knowledge."""
        self._ends.clear()
        while strategy.another():
            trace = self._one(strategy)
            if self._knowledge.grown:
                return False
            if trace is not None:
                found.append(trace)
                if trace.ended in _COSTLY:
                    self._spent = trace.ended
                    break
        return True

    def _one(self, strategy: Strategy) -> Trace | None:
        self._refresh_stdio()
        if self._confined is not None and self._runs:
            self._confined.place.restore()
        machine = self._starting.new(self._scenario)
        machine.looking, self._looked = not self._looked, True
        self._runs += 1
        finish: Finish | None = None
        try:
            machine.choose = _Asking(strategy).choose
            machine.every_step = getattr(strategy, "every_step", False)
            machine.run()
        except Left:
            finish = _finish(machine, complete=False)
        except BaseException:
            kill(machine.actors)
            raise
        trace = None
        if finish is None:
            finish = _finish(machine, complete=True)
        effort = finish.preemptions, finish.steps
        if finish.complete and effort < self._ends.get(finish.state, (math.inf, math.inf)):
            self._ends[finish.state] = effort
            trace = self._close(machine)
        else:
            kill(machine.actors)
            machine.drain()
        if trace is not None and trace.ended in _COSTLY:
            reason = f"the {trace.ended} was reached, so no more schedules were run"
            finish = finish._replace(uncontrolled=reason)
        strategy.finished(finish)
        self._beat()
        return trace

    def _close(self, machine: Machine) -> Trace:
        """End what is left of a complete run, and make its trace."""
        seconds = max((e.t for e in machine.recorder.events), default=0.0)
        if machine.ended is not None:
            machine.end_all()
        kill(machine.actors)
        machine.drain()
        if machine.looking:
            machine.looks.finally_gone(len(machine.recorder.events) - 1)
            for words in machine.looks.disagreements():
                machine.recorder.doubt(words)
        survivors = end_survivors(machine.looks.met, self._starting.kept) if machine.looking else []
        tree, scenario = machine.tree, self._scenario
        ended: Ended = machine.watch.at_the_end() or machine.ended or "exit"
        trace = Trace(
            evidence="exact",
            engine=(
                f"ptrace and seccomp, controlled, Linux {platform.release()}, {platform.machine()}"
            ),
            scenario=scenario.name,
            command=scenario.command,
            stdio=scenario.stdio,
            time=scenario.time,
            seed=scenario.seed,
            faults=[str(fault) for fault in machine.faults.struck],
            schedule=str(self._schedule(machine.turns)),
            preemptions=machine.preemptions,
            steps=machine.steps,
            uncontrolled="; ".join(machine.caveats) or None,
            stuck=machine.stuck,
            ended=ended,
            limit=machine.watch.reached,
            exit=tree.root.exit or ExitStatus(signal=9),
            seconds=seconds,
            processes=[node.as_process() for node in tree.nodes],
            events=machine.recorder.events,
            looks=machine.looks.taken,
            looks_skipped=machine.looks.skipped,
            doubts=machine.recorder.doubts,
            survivors=survivors,
        )
        unfinished = [UnfinishedWrite(n, data) for n, data in machine.recorder.unfinished_writes]
        return reconcile(trace, unfinished, self._stdio.captured, self._stdio.most)

    def _schedule(self, turns: list[Turn]) -> Schedule:
        scenario = self._scenario
        return Schedule(
            turns=tuple(turns),
            time="ideal" if scenario.time == "ideal" else "adversarial",
            stdio=scenario.stdio,
            output_order=scenario.output_order,
            seed=scenario.seed,
            faults=scenario.faults,
        )

    def _new_start(self) -> Starting:
        return Starting(self._scenario, self._arch, self._stdio, self._knowledge, self._confined)

    def _refresh_stdio(self) -> None:
        """Every run finds its terminal, or its pipes, as the first did."""
        if self._runs == 0:
            return
        if self._scenario.stdio == "pipe" and self._scenario.stdin:
            # What was read once can't be read again: new pipes, and so a new start.
            self._starting.end()
            self._stdio.close_theirs()
            self._stdio.close_ours()
            self._stdio = self._open_stdio()
            self._starting = self._new_start()
            self._starting.warm = False
            return
        for data in self._stdio.captured.values():
            data.clear()
        terminal = self._stdio.terminal
        if terminal is not None and self._settings is not None:
            termios.tcflush(terminal, termios.TCIFLUSH)
            if termios.tcgetattr(terminal) != self._settings:
                termios.tcsetattr(terminal, termios.TCSANOW, self._settings)
        self._stdio.rewind()

    def check_start(self) -> None:
        """After NotStarted: raises UsageError or GraderError with the reason."""
        program, self._starting.program = self._starting.program, None
        if program is not None:
            program.check(self._scenario.command[0])
        raise GraderError("the program ended before it began")

    def end(self) -> None:
        """Leave nothing behind."""
        self._starting.end()


class _Asking:
    """Between the machine and the strategy."""

    def __init__(self, strategy: Strategy) -> None:
        self._strategy = strategy

    def choose(self, point: Point) -> int:
        index = self._strategy.choose(point)
        if index is None:
            raise Left
        return index


def _finish(machine: Machine, complete: bool) -> Finish:
    return Finish(
        complete=complete,
        state=machine.state() if complete else b"",
        steps=machine.steps,
        preemptions=machine.preemptions,
        turns=tuple(machine.turns),
        uncontrolled="; ".join(machine.caveats) or None,
    )


def _settings(stdio: Stdio) -> list[Any] | None:
    if stdio.terminal is None:
        return None
    with contextlib.suppress(termios.error):
        return termios.tcgetattr(stdio.terminal)
    return None
