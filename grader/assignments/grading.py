"""Judging submissions by their assignments' checks, with results for people and machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import msgspec

from grader.assignments.assignment import Assignment
from grader.assignments.recording import Runs, Stored, TraceSource
from grader.assignments.session import CheckSession
from grader.assignments.submission import Submission
from grader.model import Check, Flag, Result, Schedules, Trace

_Run = tuple[Submission, Runs]


class Judge:
    """Judges submissions to one assignment, one after another, in a pytest session that is
    open meanwhile. Not for several threads, nor several at a time."""

    def __init__(self, assignment: Assignment) -> None:
        """Raises UsageError when the checks can't be collected, GraderError when pytest
        itself fails."""
        self._session = CheckSession(assignment)

    def judge(
        self, submission: Submission, runs: Runs, source: TraceSource | None = None
    ) -> Result:
        """Judge a submission by runs that are at hand, by scenario name.

        Nothing is run, but by ``source``, if given: it looks for the shortest counterexamples.
        Raises GraderError when pytest itself fails.
        """
        stored = Stored({submission.path: runs}, source)
        return _result(submission, self._session.judge(submission, stored), stored)

    def close(self) -> None:
        """End the session."""
        self._session.close()


def judge(submission: Submission, runs: Runs, source: TraceSource | None = None) -> Result:
    """Judge a submission by runs that are at hand, by scenario name. See ``judge_all``."""
    return judge_all([(submission, runs)], source)[0]


def judge_all(runs: Sequence[_Run], source: TraceSource | None = None) -> list[Result]:
    """Judge many submissions, in one pytest session an assignment; results in the order given.
    See ``Judge``."""
    results: dict[int, Result] = {}
    by_folder: dict[Path, list[int]] = {}
    for number, (submission, _) in enumerate(runs):
        by_folder.setdefault(submission.assignment.folder, []).append(number)
    for numbers in by_folder.values():
        with ExitStack() as at_the_end:
            judging = Judge(runs[numbers[0]][0].assignment)
            at_the_end.callback(judging.close)
            for number in numbers:
                results[number] = judging.judge(*runs[number], source)
    return [results[number] for number in range(len(runs))]


def _result(submission: Submission, verdicts: Mapping[str, Check], stored: Stored) -> Result:
    runs = stored.traces(submission)
    checks = list(verdicts.values())
    statuses = {check.status for check in checks}
    failed = statuses & {"fail", "skipped"}
    traces = _shown(submission, checks, stored)
    return Result(
        assignment=submission.assignment.id,
        submission=submission.name,
        evidence="exact" if all(t.evidence == "exact" for t in traces) else "sampled",
        status="error" if "error" in statuses else "fail" if failed else "pass",
        score=sum(check.points for check in checks),
        max_score=sum(check.max_points for check in checks),
        checks=checks,
        flags=_flags(submission, runs),
        schedules=_schedules(runs),
        traces=traces,
    )


def _schedules(runs: Runs) -> dict[str, Schedules]:
    """How many schedules each scenario was run in. Not all when a run was not under control,
    and without the digests, which only the explorer understands."""
    found = {}
    for name, recorded in runs.items():
        schedules = recorded.schedules
        if schedules is None:
            continue
        free = next((t.uncontrolled for t in recorded.traces if t.uncontrolled), None)
        if free:
            reason = schedules.reason or free
            schedules = msgspec.structs.replace(schedules, exhaustive=False, reason=reason)
        found[name] = msgspec.structs.replace(schedules, shortest={})
    return found


def _shown(submission: Submission, checks: Sequence[Check], stored: Stored) -> list[Trace]:
    """One trace of each scenario, and those that decided against the submission."""
    traces = [r.traces[0] for r in stored.traces(submission).values() if r.traces]
    for check in checks:
        if check.status in ("fail", "error") and check.scenario:
            trace = stored.found(submission, check.scenario, check.schedule)
            if trace is not None and not any(trace is other for other in traces):
                traces.append(trace)
    return traces


def _flags(submission: Submission, runs: Runs) -> list[Flag]:
    """The flags of all scenarios; what was seen in several is told once."""
    from grader.judge.flags import flags_of_all

    lingering = submission.assignment.lingering_seconds
    traces = {name: recorded.traces for name, recorded in runs.items()}
    made = {name: recorded.schedules.runs for name, recorded in runs.items() if recorded.schedules}
    return flags_of_all(traces, submission.source, lingering, made)
