"""Where traces come from: running submissions, or a store of runs made before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec

from grader.assignments.submission import Submission
from grader.model import Scenario, Schedules, Trace

if TYPE_CHECKING:
    from grader.explore import Budget


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen of a submission in one scenario."""

    traces: list[Trace]
    """Of each run that differs from the others, the default schedule's first."""
    schedules: Schedules | None = None
    """How many schedules were run, and whether those were all; None where one run was
    asked for."""
    unproved: str | None = None
    """Why there is no trace, where the scenario can't be had here: a sentence without
    capital and full stop."""


Runs = Mapping[str, Recorded]
"""By scenario name, in the order of the assignment."""


class TraceSource(Protocol):
    """Gives the traces of a submission. Stored traces can be judged again by giving these."""

    def traces(self, submission: Submission) -> Runs:
        """Return what was recorded, every scenario of the assignment among it.

        Raises GraderError when it can't be had: that is never the student's fault.
        """
        ...

    def shortest(
        self, submission: Submission, trace: Trace, fails: Callable[[Trace], bool]
    ) -> Trace:
        """Return the run that shows a failure with fewest preemptions, then fewest steps.

        ``trace`` is one that shows it, and ``fails`` tells of others whether they do. Where
        nothing can be run, or nothing shorter is found, that is ``trace`` itself.
        """
        ...


class Recorder:
    """Runs each submission, in all scenarios, the first time that it is asked for."""

    def __init__(
        self,
        engine: str = "auto",
        python: str | None = None,
        seconds: float | None = None,
        budget: int | None = None,
        meanwhile: Callable[[], object] | None = None,
        patience: float | None = None,
    ) -> None:
        """``seconds`` replaces the assignment's limit of real time, ``budget`` the number of
        runs that a scenario may take. ``meanwhile`` is called while controlled runs go on.
        ``patience``: as ``Budget.patience``."""
        self.engine = engine
        self.python = python
        self.seconds = seconds
        self.budget = budget
        self.meanwhile = meanwhile
        self.patience = patience
        self._runs: dict[tuple[Path, Path], Runs] = {}

    def traces(self, submission: Submission) -> Runs:
        """Run the submission, the first time that it is asked for."""
        key = (submission.assignment.folder, submission.path)
        if key not in self._runs:
            self._runs[key] = self._record(submission)
        return self._runs[key]

    def shortest(
        self, submission: Submission, trace: Trace, fails: Callable[[Trace], bool]
    ) -> Trace:
        """Run it again, in shorter and shorter schedules that fail."""
        from grader.explore import shortest

        schedules = self.traces(submission)[trace.scenario].schedules
        for scenario in self._scenarios(submission):
            if scenario.name == trace.scenario:
                return shortest(scenario, trace, fails, schedules)
        return trace

    def _scenarios(self, submission: Submission) -> list[Scenario]:
        from grader.observe import python_executable

        scenarios = submission.assignment.scenarios_for(
            submission.file, submission.files, python_executable(self.python), self.seconds
        )
        return [_named(scenario, submission.key) for scenario in scenarios]

    def _record(self, submission: Submission) -> Runs:
        from grader.explore import Budget
        from grader.observe import choose, run_all

        scenarios = self._scenarios(submission)
        exact = choose(self.engine) == "exact"
        free = [s for s in scenarios if s.time == "real" or not (exact or s.faults)]
        real = [msgspec.structs.replace(s, time="real") for s in free]
        found = dict.fromkeys([s.name for s in scenarios], _NO_FAULTS)
        for trace in run_all(real, self.engine) if real else []:
            found[trace.scenario] = Recorded(traces=[trace])
        if exact:
            settings = submission.assignment.scenarios
            jobs = [
                (s, Budget(runs=self.budget or settings[s.name].budget, patience=self.patience))
                for s in scenarios
                if s.time != "real"
            ]
            found |= _controlled(jobs, self.meanwhile)
        return found


def _named(scenario: Scenario, key: str) -> Scenario:
    """With a private folder whose name does not depend on where the submission lies."""
    if not key or scenario.confinement is None:
        return scenario
    confinement = msgspec.structs.replace(scenario.confinement, name=key)
    return msgspec.structs.replace(scenario, confinement=confinement)


_NO_FAULTS = Recorded(traces=[], unproved="sampling can't make a call fail")


def _controlled(
    jobs: Sequence[tuple[Scenario, Budget]], meanwhile: Callable[[], object] | None
) -> Runs:
    """Run scenarios in virtual time: once, or in every schedule that the budget allows."""
    from grader.explore import explore_all

    found = explore_all(jobs, meanwhile=meanwhile)
    return {
        scenario.name: _recorded(scenario, explored.traces, explored.schedules)
        for (scenario, _), explored in zip(jobs, found, strict=True)
    }


def _recorded(scenario: Scenario, traces: list[Trace], schedules: Schedules) -> Recorded:
    free = next((trace.uncontrolled for trace in traces if trace.uncontrolled), None)
    if scenario.faults and free:
        return Recorded(traces=[], unproved=f"no call could be made to fail: {free}")
    if scenario.time == "ideal":
        return Recorded(traces=traces[:1])
    return Recorded(traces=traces, schedules=schedules)


class Stored:
    """Traces that are at hand already, by submission path and scenario name."""

    def __init__(self, runs: Mapping[Path, Runs], source: TraceSource | None = None) -> None:
        """``source`` can run a submission again, to find a shorter counterexample."""
        self._runs = runs
        self._source = source
        self._shortest: list[tuple[Path, Trace]] = []

    def traces(self, submission: Submission) -> Runs:
        """Return them."""
        return self._runs[submission.path]

    def shortest(
        self, submission: Submission, trace: Trace, fails: Callable[[Trace], bool]
    ) -> Trace:
        """Return ``trace``, or what the source makes of it."""
        if self._source is not None:
            trace = self._source.shortest(submission, trace, fails)
        self._shortest.append((submission.path, trace))
        return trace

    def found(self, submission: Submission, scenario: str, schedule: str | None) -> Trace | None:
        """The trace of a run, by its scenario and schedule, those run again among them."""
        recorded = self._runs[submission.path].get(scenario)
        again = [trace for path, trace in self._shortest if path == submission.path]
        for trace in [*(recorded.traces if recorded else []), *again]:
            if trace.scenario == scenario and trace.schedule == schedule:
                return trace
        return None
