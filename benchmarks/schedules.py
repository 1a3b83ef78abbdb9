"""What it costs to run every schedule of a program."""

from __future__ import annotations

import resource
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import msgspec

from benchmarks.contenders import FOLDER, ROOT, compiled, on_one_processor, wall
from benchmarks.measure import Contender, comparison, interleaved, table
from grader.explore import Budget, Explored, explore
from grader.model import Limits, Scenario
from grader.observe import python_executable

FIG18_03 = str(ROOT / "reference" / "fig18_03.py")
GRADER = [sys.executable, "-m", "grader"]

WITHOUT_SLEEPS = (
    "import sys, time, runpy; time.sleep = lambda seconds: None; "
    "runpy.run_path(sys.argv[1], run_name='__main__')"
)
_STUCK = """\
import os
reader, writer = os.pipe()
if os.fork() == 0:
    os.read(reader, 1)  # its own end of the pipe is open: this never returns
    os._exit(0)
os.close(writer)
os.wait()
"""
_RUNS = 300
"""Schedules of one measurement: the start, which is made once, is in it."""


def schedules(rounds: int) -> str:
    """One schedule of Fig 18.3, and of a C program."""
    python = python_executable()
    figure = Scenario(
        command=[python, FIG18_03], script=FIG18_03, time="adversarial", output_order=True
    )
    program = Scenario(
        command=[compiled("children", FOLDER), "3"], time="adversarial", output_order=True
    )
    rounds = max(rounds // 3, 1)
    return "\n".join(
        _one_schedule(title, bare, scenario, rounds)
        for title, bare, scenario in (
            (
                "Fig 18.3, its sleeps left out where it runs bare",
                [python, "-c", WITHOUT_SLEEPS, FIG18_03],
                figure,
            ),
            ("a C program with three children that write", program.command, program),
        )
    )


def _one_schedule(title: str, bare: Sequence[str], scenario: Scenario, rounds: int) -> str:
    cold = msgspec.structs.replace(scenario, start="cold")
    used: dict[str, list[float]] = {"warm": [], "cold": []}
    contenders: dict[str, Contender] = {
        "bare, from its start to its end": partial(_bare, bare),
        "a schedule, warm": partial(_a_schedule, scenario, _RUNS, used["warm"]),
        "a schedule, cold": partial(_a_schedule, cold, _RUNS // 10, used["cold"]),
    }
    samples = interleaved(contenders, rounds)
    rates = (
        f"{1 / samples[f'a schedule, {how}'].median:.0f} schedules a second {how} "
        f"({statistics.median(used[how]) * 1e3:.1f} ms of processor time each)"
        for how in ("warm", "cold")
    )
    first = next(iter(contenders))
    return (
        f"{comparison(f'One schedule of {title}', samples, 'ms', 1e3, [first])}\n"
        f"{' and '.join(rates)}, on one processor.\n"
    )


def _bare(command: Sequence[str]) -> float:
    with on_one_processor():
        return wall(command)


def _a_schedule(scenario: Scenario, runs: int, used: list[float]) -> float:
    """Seconds for one of so many schedules of a scenario; into ``used`` goes the processor
    time, which others on the machine hardly change."""
    began, before = time.perf_counter(), _processor_time()
    explored = explored_cleanly(scenario, runs)
    seconds, after = time.perf_counter() - began, _processor_time()
    made = explored.schedules.runs + explored.schedules.pruned
    used.append((after - before) / made)
    return seconds / made


def _processor_time() -> float:
    """Of the processes that this one collected, and theirs: the engine, and what it ran."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def explored_cleanly(scenario: Scenario, runs: int) -> Explored:
    """Explore; a run that proves nothing would be measured in vain."""
    explored = explore(scenario, Budget(runs=runs, seconds=600), engine="exact")
    for trace in explored.traces:
        if trace.doubts or trace.uncontrolled:
            raise RuntimeError(f"not a clean run: {trace.doubts or trace.uncontrolled}")
    return explored


def children(rounds: int) -> str:
    """How runs and time grow with the number of children."""
    rows = [["children", "order of output", "runs", "left early", "all", "outputs", "seconds"]]
    for ordered in (True, False):
        for count in range(2, 7):
            scenario = Scenario(
                command=[compiled("children", FOLDER), str(count)],
                time="adversarial",
                output_order=ordered,
                limits=Limits(seconds=60),
            )
            began = time.perf_counter()
            explored = explored_cleanly(scenario, 3000)
            seconds = time.perf_counter() - began
            found = explored.schedules
            outputs = len({trace.text() for trace in explored.traces})
            rows.append(
                [
                    str(count),
                    "matters" if ordered else "does not",
                    f"{found.runs:,}",
                    f"{found.pruned:,}",
                    "yes" if found.exhaustive else "no: the budget of 3,000 runs",
                    f"{outputs:,}" if ordered else "",
                    f"{seconds:.2f}",
                ]
            )
    return (
        "### Growth: a C program whose children each write a line, all waited for\n\n"
        f"{table(rows)}\n"
    )


def check(rounds: int) -> str:
    """``grader check`` of Fig 18.3, beside running it once."""
    python = python_executable()
    samples = interleaved(
        {
            "bare, once, in real time": partial(wall, [python, FIG18_03]),
            "bare, once, its sleeps left out": partial(
                wall, [python, "-c", WITHOUT_SLEEPS, FIG18_03]
            ),
            "grader check": partial(wall, [*GRADER, "check", FIG18_03, "-a", "fig18_03"]),
        },
        max(rounds // 3, 1),
    )
    title = "grader check reference/fig18_03.py: every schedule and every fault"
    return comparison(title, samples, "s", 1, ("bare, once, in real time",))


def deadlock(rounds: int) -> str:
    """How long it takes to be told of a deadlock."""
    stuck = Path(FOLDER) / "stuck.py"
    stuck.parent.mkdir(exist_ok=True)
    stuck.write_text(_STUCK)
    samples = interleaved(
        {
            "python -c pass": partial(wall, [python_executable(), "-c", "pass"]),
            "grader --version": partial(wall, [*GRADER, "--version"]),
            "grader explore": partial(wall, [*GRADER, "explore", str(stuck)]),
        },
        max(rounds // 3, 1),
    )
    return comparison("A deadlock, until it is reported", samples, "s", 1, ("grader --version",))


CASES: dict[str, Callable[[int], str]] = {
    "schedules": schedules,
    "children": children,
    "deadlock": deadlock,
    "check": check,
}
