"""Where traces come from: running submissions, or a store of runs made before."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from grader.assignments.submission import Submission
from grader.model import Trace


class TraceSource(Protocol):
    """Gives the traces of a submission. Stored traces can be judged again by giving these."""

    def traces(self, submission: Submission) -> Mapping[str, Trace]:
        """Return the traces by scenario name, every scenario of the assignment among them.

        Raises GraderError when they can't be had: that is never the student's fault.
        """
        ...


class Recorder:
    """Runs each submission once, in all scenarios at the same time, and keeps the traces."""

    def __init__(
        self, engine: str = "auto", python: str | None = None, seconds: float | None = None
    ) -> None:
        """``seconds`` replaces the assignment's limit of real time."""
        self.engine = engine
        self.python = python
        self.seconds = seconds
        self._traces: dict[tuple[Path, Path], Mapping[str, Trace]] = {}

    def traces(self, submission: Submission) -> Mapping[str, Trace]:
        """Run the submission, the first time that it is asked for."""
        key = (submission.assignment.folder, submission.path)
        if key not in self._traces:
            self._traces[key] = self._record(submission)
        return self._traces[key]

    def _record(self, submission: Submission) -> Mapping[str, Trace]:
        from grader.observe import python_executable, run_all

        scenarios = submission.assignment.scenarios_for(
            submission.path, python_executable(self.python), self.seconds
        )
        traces = run_all(scenarios, self.engine)
        return {scenario.name: trace for scenario, trace in zip(scenarios, traces, strict=True)}


class Stored:
    """Traces that are at hand already, by submission path and scenario name."""

    def __init__(self, traces: Mapping[Path, Mapping[str, Trace]]) -> None:
        self._traces = traces

    def traces(self, submission: Submission) -> Mapping[str, Trace]:
        """Return them."""
        return self._traces[submission.path]
