"""Exploring a scenario, and running one schedule again."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from grader.explore.budget import Budget
from grader.explore.outcomes import distinct, examples, kind, simplest_first, turns_of
from grader.explore.phases import Phases
from grader.explore.replay import Replay
from grader.model import Scenario, Schedule, Schedules, Strategy, Trace, UsageError
from grader.model.trace import DEPARTED


class Explored(msgspec.Struct, frozen=True):
    """What exploring gave."""

    traces: list[Trace]
    """One of each kind of complete run: first the one that is all default, then those to whose
    end the shortest schedule leads."""
    schedules: Schedules


def explore(scenario: Scenario, budget: Budget | None = None, *, engine: str = "auto") -> Explored:
    """Run every schedule of a scenario that makes a difference, as far as the budget goes.

    ``scenario.time`` adversarial: all schedules; ideal: the one run of faithful time.
    ``engine``: where it is (or ``auto`` comes to) sampled, the program is run freely, once.
    What the document shows is run again in the shortest schedule that is known to give it.
    Raises UsageError when the program can't be started, GraderError when the grader fails.
    """
    return _shown_shortest(scenario, *explore_all([(scenario, budget or Budget())], engine=engine))


def _shown_shortest(scenario: Scenario, explored: Explored) -> Explored:
    shortest = explored.schedules.shortest
    better: dict[int, str] = {}
    for trace in examples(explored.traces, scenario.output_order):
        own = turns_of(trace)
        if shortest.get(own, own) != own:
            better[id(trace)] = shortest[own]
    if not better:
        return explored
    from grader.observe import explore_runs

    again, _ = explore_runs(
        scenario, Replay([Schedule.parse(turns).turns for turns in better.values()])
    )
    found = {kind(trace, scenario.output_order): trace for trace in again}
    traces = [
        found.get(kind(trace, scenario.output_order), trace) if id(trace) in better else trace
        for trace in explored.traces
    ]
    return msgspec.structs.replace(explored, traces=traces)


def explore_all(
    jobs: Sequence[tuple[Scenario, Budget]],
    *,
    engine: str = "auto",
    meanwhile: Callable[[], object] | None = None,
) -> list[Explored]:
    """Explore several scenarios, which costs less than one after another when they are of
    one program. ``meanwhile`` is called while they run. See ``explore``."""
    from grader.observe import choose, explore_runs_all, run_all

    if choose(engine) == "sampled":
        scenarios = [msgspec.structs.replace(s, time="real", faults=()) for s, _ in jobs]
        why = "this system has only sampling" if engine == "auto" else "sampling was asked for"
        reason = f"{why}: the program was run freely, once"
        return [
            Explored([trace], Schedules(runs=1, reason=reason))
            for trace in run_all(scenarios, engine)
        ]
    found = explore_runs_all([_with_strategy(*job) for job in jobs], meanwhile)
    return [
        Explored(distinct(simplest_first(traces, schedules), scenario.output_order), schedules)
        for (scenario, _), (traces, schedules) in zip(jobs, found, strict=True)
    ]


def _with_strategy(scenario: Scenario, budget: Budget) -> tuple[Scenario, Strategy]:
    if scenario.time == "ideal":
        return scenario, Replay([()])
    return scenario, Phases(budget, scenario.seed)


def scheduled(scenario: Scenario, schedule: Schedule) -> Scenario:
    """A scenario under the conditions that a schedule names."""
    return msgspec.structs.replace(
        scenario,
        time=schedule.time,
        stdio=schedule.stdio,
        output_order=schedule.output_order,
        seed=schedule.seed,
        faults=schedule.faults,
    )


def replay(scenario: Scenario, schedule: Schedule) -> Trace:
    """Run one schedule again. What the schedule says of time, stdio, seed and faults
    replaces what the scenario says.

    A run that departs from the schedule has ``departed`` set, and says why. Raises
    UsageError where there is no exact engine.
    """
    from grader.observe import choose, explore_runs

    if choose("auto") != "exact":
        raise UsageError("a schedule can be replayed by the exact engine only; see `grader doctor`")
    traces, schedules = explore_runs(scheduled(scenario, schedule), Replay([schedule.turns]))
    trace = traces[0]
    reason = trace.uncontrolled
    if schedules.reason is not None and schedules.reason.startswith(DEPARTED):
        reason = schedules.reason
    elif trace.schedule is None:
        reason = f"{DEPARTED}: {trace.uncontrolled}"
    return msgspec.structs.replace(trace, uncontrolled=reason)
