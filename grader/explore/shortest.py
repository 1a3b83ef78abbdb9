"""From a run that fails to the shortest one that does: what people are shown."""

from __future__ import annotations

from collections.abc import Callable

from grader.explore.exploring import scheduled
from grader.explore.straighten import Straighten
from grader.model import Scenario, Schedule, Schedules, Trace, Turn

_MOST_ROUNDS = 3
_MOST_RUNS = 40


def shortest(
    scenario: Scenario,
    trace: Trace,
    fails: Callable[[Trace], bool],
    schedules: Schedules | None = None,
) -> Trace:
    """The run with the fewest preemptions, then the fewest steps, that still fails.

    ``schedules`` is what the search said: it may know a shorter way to where the run ended.
    Then preemptions are taken out one by one, and all at once: the process that could
    have gone on does, and what it does later in the schedule is not done twice. Each
    candidate is run again, at most 40 in all, and counts only if it ``fails``; of those the
    best is tried to improve again. Returns ``trace`` itself when none is better.
    """
    if trace.schedule is None or trace.uncontrolled is not None:
        return trace
    from grader.observe import choose, explore_runs

    if choose("auto") != "exact":
        return trace
    conditions = Schedule.parse(trace.schedule)
    scenario = scheduled(scenario, conditions)
    best, turns, runs = trace, conditions.turns, 0
    others: list[tuple[Turn, ...]] = []
    if schedules is not None and (known := schedules.shortest.get(str(Schedule(turns=turns)))):
        others.append(Schedule.parse(known).turns)
    for _ in range(_MOST_ROUNDS):
        if not turns or runs >= _MOST_RUNS:
            break
        traces, told = explore_runs(scenario, Straighten(turns, others, _MOST_RUNS - runs))
        runs += told.runs
        better = [t for t in traces if t.uncontrolled is None and _length(t) < _length(best)]
        found = next((t for t in sorted(better, key=_length) if fails(t)), None)
        if found is None:
            break
        best, turns, others = found, Schedule.parse(found.schedule or "1:").turns, []
    return best


def _length(trace: Trace) -> tuple[int, int, int]:
    turns = Schedule.parse(trace.schedule).turns if trace.schedule else ()
    return trace.preemptions, trace.steps, len(turns)
