"""Runs programs under control, in a few schedules of a test's choice."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import Any

import msgspec

from grader.model import Exec, Fault, Finish, Limits, Point, Scenario, Schedules, Trace, Turn
from grader.observe import explore_runs, python_executable


class Following:
    """One run: these turns, then the default."""

    every_step = False

    def __init__(self, *turns: Turn) -> None:
        self._turns = list(turns)
        self._ran = False

    def another(self) -> bool:
        first, self._ran = not self._ran, True
        return first

    def choose(self, point: Point) -> int | None:
        if not self._turns:
            return 0
        turn = self._turns.pop(0)
        return [option.turn for option in point.options].index(turn)

    def finished(self, finish: Finish) -> None:
        pass

    def summary(self) -> Schedules:
        return Schedules(runs=1)


class Every:
    """Each way to choose, without any pruning: for programs with few."""

    every_step = False

    def __init__(self, most: int = 400) -> None:
        self._path: list[list[int]] = []
        self._depth = 0
        self._runs = 0
        self._most = most

    def another(self) -> bool:
        if self._runs:
            while self._path and self._path[-1][0] + 1 == self._path[-1][1]:
                self._path.pop()
            if not self._path or self._runs >= self._most:
                return False
            self._path[-1][0] += 1
        self._runs += 1
        self._depth = 0
        return True

    def choose(self, point: Point) -> int | None:
        if self._depth == len(self._path):
            self._path.append([0, len(point.options)])
        self._depth += 1
        assert self._path[self._depth - 1][1] == len(point.options), "it is not deterministic"
        return self._path[self._depth - 1][0]

    def finished(self, finish: Finish) -> None:
        pass

    def summary(self) -> Schedules:
        return Schedules(runs=self._runs, exhaustive=not self._path)


def scenario_of(folder: Path, source: str, *faults: str, **options: Any) -> Scenario:
    """A scenario that runs Python source under control, in adversarial time."""
    path = folder / "program.py"
    path.write_text(textwrap.dedent(source))
    options.setdefault("time", "adversarial")
    options.setdefault("limits", Limits(seconds=30))
    return Scenario(
        # No site, so that it starts at once.
        command=[python_executable(), "-I", "-S", str(path)],
        script=str(path),
        faults=tuple(Fault.parse(fault) for fault in faults),
        **options,
    )


def ideal(folder: Path, source: str, *faults: str, **options: Any) -> Trace:
    """One run in ideal time."""
    scenario = scenario_of(folder, source, *faults, time="ideal", **options)
    (trace,), _ = explore_runs(scenario, Following())
    assert trace.doubts == []
    return trace


def every(folder: Path, source: str, *faults: str, **options: Any) -> list[Trace]:
    """A run for each schedule in adversarial time."""
    traces, schedules = explore_runs(scenario_of(folder, source, *faults, **options), Every())
    assert schedules.exhaustive, "more schedules than this is for"
    assert [trace.doubts for trace in traces if trace.doubts] == []
    return traces


def texts(traces: list[Trace]) -> set[str]:
    """The distinct outputs, pids as path ids."""
    return {named(trace, trace.text()) for trace in traces}


def named(trace: Trace, text: str) -> str:
    """A text with the run's pids as path ids."""
    names = {str(p.pid): f"<{p.id}>" for p in trace.processes}
    return re.sub(r"\d+", lambda match: names.get(match[0], match[0]), text)


def logical(trace: Trace) -> str:
    """All that a trace says, but for pids, psutil's looks, and what has numbers of its own
    that might be those of pids: paths, and the kernel's version."""
    bare = msgspec.structs.replace(
        trace,
        looks=[],
        looks_skipped=0,
        engine="",
        command=[],
        processes=[msgspec.structs.replace(p, program=[]) for p in trace.processes],
        events=[
            msgspec.structs.replace(e, program=[]) if isinstance(e, Exec) else e
            for e in trace.events
        ],
    )
    return named(trace, msgspec.json.encode(bare).decode())
