"""Runs one program once and returns a Trace. The only room that touches the kernel.

Two engines behind one protocol: ``exact`` sees every event by ptrace (Linux),
``sampled`` polls psutil (any POSIX system).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

import msgspec

from grader.model import Scenario, Schedules, Strategy, Trace, UsageError
from grader.observe.exploring import Job, explore_together
from grader.observe.probe import EngineName, Fact, Probe, exact_works, probe
from grader.observe.program import python_executable
from grader.observe.running import run_together
from grader.observe.supervisor import Observe

__all__ = [
    "Fact",
    "Probe",
    "choose",
    "explore_runs",
    "explore_runs_all",
    "probe",
    "python_executable",
    "run",
    "run_all",
]


def choose(engine: str = "auto") -> EngineName:
    """Which engine a wish means here: ``auto`` is exact where that works, else sampled.

    Raises UsageError for a name that is none, and when exact is asked for in vain.
    """
    if engine == "sampled":
        return "sampled"
    if engine not in ("auto", "exact"):
        raise UsageError(f"there is no engine {engine!r}; choose auto, exact or sampled")
    works, reason = exact_works()
    if works:
        return "exact"
    if engine == "exact":
        raise UsageError(f"the exact engine does not work here: {reason}; see `grader doctor`")
    return "sampled"


def run(scenario: Scenario, engine: str = "auto") -> Trace:
    """Run one scenario. See ``run_all``."""
    return run_all([scenario], engine)[0]


def run_all(scenarios: Sequence[Scenario], engine: str = "auto") -> list[Trace]:
    """Run scenarios, all at the same time, and return their traces in the same order.

    ``engine`` is ``exact``, ``sampled``, or ``auto``: exact where it works.

    Raises UsageError when a program cannot be started, or an engine is asked for that
    does not work here; GraderError when the grader itself fails.
    """
    chosen = choose(engine)
    kept = chosen == "sampled" and sys.platform == "linux"
    traces = run_together(scenarios, _observer(chosen), kept)
    if engine == "auto" and chosen == "sampled":
        _, reason = exact_works()
        return [
            msgspec.structs.replace(trace, blind_spots=[reason, *trace.blind_spots])
            for trace in traces
        ]
    return traces


def explore_runs(scenario: Scenario, strategy: Strategy) -> tuple[list[Trace], Schedules]:
    """Run a scenario under control. See ``explore_runs_all``."""
    return explore_runs_all([(scenario, strategy)])[0]


def explore_runs_all(
    jobs: Sequence[tuple[Scenario, Strategy]], meanwhile: Callable[[], object] | None = None
) -> list[tuple[list[Trace], Schedules]]:
    """Run scenarios under control, each in the schedules that its strategy asks for; those
    of one program in copies of it, different ones at the same time.

    Needs the exact engine, and ``scenario.time`` ideal or adversarial. Returns for each,
    in the same order, a trace for each state that its complete runs ended in, and what the
    strategy says of them all. Strategies are asked in another process, and this one's
    copies of them stay as they were. A program that can't be controlled (it starts threads,
    say) is run freely, once, and its trace says why. ``meanwhile`` is called in this
    process while they run.

    Raises UsageError when a program can't be started, GraderError when the grader fails.
    """
    from grader.observe.exact.controlled.start import same_start

    groups: list[list[int]] = []
    for n, (scenario, _) in enumerate(jobs):
        for group in groups:
            if same_start(jobs[group[0]][0], scenario):
                group.append(n)
                break
        else:
            groups.append([n])
    explored = explore_together([Job(*job) for job in jobs], groups, meanwhile)
    return [
        (found.traces, found.schedules)
        if found.schedules is not None
        else _freely(scenario, found.uncontrollable or "")
        for (scenario, _), found in zip(jobs, explored, strict=True)
    ]


def _freely(scenario: Scenario, why: str) -> tuple[list[Trace], Schedules]:
    reason = f"{why}, which can't be controlled: it was run freely, once"
    free = msgspec.structs.replace(scenario, time="real", faults=())
    trace = msgspec.structs.replace(run(free, "exact"), uncontrolled=reason)
    return [trace], Schedules(runs=1, exhaustive=False, reason=reason)


def _observer(engine: EngineName) -> Observe:
    # Imported when chosen: the exact engine's modules need Linux.
    if engine == "exact":
        from grader.observe.exact import observe as observe_exactly

        return observe_exactly
    from grader.observe.sampled import observe as observe_by_sampling

    return observe_by_sampling
