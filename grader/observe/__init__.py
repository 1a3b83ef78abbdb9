"""Runs one program once and returns a Trace. The only room that touches the kernel.

Two engines behind one protocol: ``exact`` sees every event by ptrace (Linux),
``sampled`` polls psutil (any POSIX system).
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from grader.model import Scenario, Schedules, Strategy, Trace, UsageError
from grader.observe.exploring import explore_in_child
from grader.observe.probe import EngineName, Fact, Probe, exact_works, probe
from grader.observe.program import python_executable
from grader.observe.running import run_together
from grader.observe.supervisor import Observe

__all__ = [
    "Fact",
    "Probe",
    "choose",
    "explore_runs",
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
    traces = run_together(scenarios, _observer(chosen))
    if engine == "auto" and chosen == "sampled":
        _, reason = exact_works()
        return [
            msgspec.structs.replace(trace, blind_spots=[reason, *trace.blind_spots])
            for trace in traces
        ]
    return traces


def explore_runs(scenario: Scenario, strategy: Strategy) -> tuple[list[Trace], Schedules]:
    """Run a scenario under control, in the schedules that a strategy asks for.

    Needs the exact engine, and ``scenario.time`` ideal or adversarial. Returns the traces
    of the complete runs, and what the strategy says of them all. The strategy is asked in
    another process, and this one's copy of it is left as it was. A program that can't be
    controlled (it starts threads, say) is run freely, once, and its trace says why.

    Raises UsageError when the program can't be started, GraderError when the grader fails.
    """
    explored = explore_in_child(scenario, strategy)
    if explored.uncontrollable is None and explored.schedules is not None:
        return explored.traces, explored.schedules
    reason = f"{explored.uncontrollable}, which can't be controlled: it was run freely, once"
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
