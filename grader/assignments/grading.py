"""Judging submissions by their assignments' checks, with results for people and machines."""

from __future__ import annotations

import io
import os
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import msgspec
import pytest

from grader.assignments import judging, plugin
from grader.assignments.assignment import Assignment
from grader.assignments.recording import Runs, Stored, TraceSource
from grader.assignments.submission import Submission
from grader.model import Check, Flag, GraderError, Result, Schedules, Trace, UsageError

_Run = tuple[Submission, Runs]


def judge(submission: Submission, runs: Runs, source: TraceSource | None = None) -> Result:
    """Judge a submission by runs that are at hand, by scenario name. See ``judge_all``."""
    return judge_all([(submission, runs)], source)[0]


def judge_all(runs: Sequence[_Run], source: TraceSource | None = None) -> list[Result]:
    """Judge many submissions in one pytest session; results in the order given.

    Nothing is run, but by ``source``, if given: it looks for the shortest counterexamples.
    Not for several threads at a time: pytest is not made for it.
    Raises UsageError when an assignment's checks can't be collected, GraderError when
    pytest itself fails.
    """
    by_folder: dict[Path, list[_Run]] = {}
    for run in runs:
        by_folder.setdefault(run[0].assignment.folder, []).append(run)
    stored = {folder: _stored(those, source) for folder, those in by_folder.items()}
    verdicts = {f: _run_checks(f, those, stored[f]) for f, those in by_folder.items()}
    return [
        _result(submission, verdicts[folder][submission.path], stored[folder])
        for submission, folder in ((each, each.assignment.folder) for each, _ in runs)
    ]


def _stored(runs: Sequence[_Run], source: TraceSource | None) -> Stored:
    return Stored({submission.path: those for submission, those in runs}, source)


def _run_checks(folder: Path, runs: Sequence[_Run], stored: Stored) -> dict[Path, dict[str, Check]]:
    """Run one assignment's checks in pytest: the verdicts by submission and check id."""
    assignment = runs[0][0].assignment
    assignment.check_names()  # says in one line that a module is no Python
    if not assignment.test_modules:
        raise UsageError(f"there are no checks in {folder}: it has no test_*.py")
    collector = _Collector([submission for submission, _ in runs], stored)
    output = io.StringIO()
    with _quiet_python(folder), redirect_stdout(output), redirect_stderr(output):
        status = pytest.main(_arguments(assignment), plugins=[plugin, collector])
    if collector.collect_errors:
        raise UsageError("the checks can't be collected: " + "\n".join(collector.collect_errors))
    if status == pytest.ExitCode.NO_TESTS_COLLECTED:
        raise UsageError(f"there are no checks in {folder}")
    if status == pytest.ExitCode.INTERRUPTED:
        raise KeyboardInterrupt
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        reason = collector.internal_error or output.getvalue().strip()
        raise GraderError(f"the checks could not be run: {reason or status}")
    return collector.checks


class _Collector:
    """A pytest plugin that hands over submissions and traces, and gathers the verdicts."""

    def __init__(self, submissions: list[Submission], source: TraceSource) -> None:
        self._submissions = submissions
        self._source = source
        self.checks: dict[Path, dict[str, Check]] = {}
        self.collect_errors: list[str] = []
        self.internal_error = ""

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        config.stash[judging.SUBMISSIONS] = self._submissions
        config.stash[judging.TRACE_SOURCE] = self._source

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.collect_errors.append(str(report.longrepr))

    def pytest_internalerror(self, excrepr: object) -> None:
        self.internal_error = str(excrepr)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        verdict: dict[str, Any] | None = getattr(report, "grader_check", None)
        if verdict is not None:
            path = Path(report.grader_submission)
            verdicts = self.checks.setdefault(path, {})
            verdicts[verdict["id"]] = msgspec.convert(verdict, Check)


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


def _arguments(assignment: Assignment) -> list[str]:
    """Options that keep pytest to the checks: no settings, plugins or files of others."""
    folder = assignment.folder
    arguments = [
        *(str(module) for module in assignment.test_modules),
        f"--config-file={os.devnull}",
        f"--rootdir={folder}",
        f"--confcutdir={folder}",
        "--import-mode=importlib",
        "--disable-plugin-autoload",
        "--capture=sys",
        "--quiet",
        "--no-summary",
        "--override-ini=verbosity_assertions=2",  # values in full; messages.py keeps them short
        *(f"-pno:{name}" for name in _UNUSED),
    ]
    if threading.current_thread() is threading.main_thread():
        arguments.append("-ppytest_timeout")  # in another thread it would end the whole process
    return arguments


_UNUSED = (
    *("cacheprovider", "doctest", "faulthandler", "junitxml", "logging", "pastebin"),
    *("setuponly", "setupplan", "stepwise", "unittest"),
    *("threadexception", "unraisableexception"),  # which collect garbage, thoroughly
)


@contextmanager
def _quiet_python(folder: Path) -> Iterator[None]:
    """Leave nothing behind: no byte code beside the checks, no modules; hear no environment."""
    names = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_TIMEOUT", "PYTEST_CURRENT_TEST")
    kept = {name: os.environ.pop(name) for name in names if name in os.environ}
    writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    before = set(sys.modules)
    try:
        yield
    finally:
        sys.dont_write_bytecode = writes
        os.environ.update(kept)
        for name in set(sys.modules) - before:  # or the next run would judge by stale checks
            file = getattr(sys.modules[name], "__file__", None)
            if file and folder in Path(file).parents:
                del sys.modules[name]
