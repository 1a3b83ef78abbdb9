"""What the pytest plugin does in an assignment's folder: it judges submissions by checks.

One item is one check of one submission. A check that takes ``trace`` is called once for
every trace of its scenarios, as a property is for every example in Hypothesis. Checks
never run a submission: they judge traces, which are recorded once per submission. What
fails in a schedule is run again, to find the shortest schedule that shows it.
"""

from __future__ import annotations

from collections.abc import Generator
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from _pytest.runner import runtestprotocol

from grader.assignments import fixtures
from grader.assignments.assignment import FILE_NAME, Assignment, load
from grader.assignments.checks import CheckSpec, read_check
from grader.assignments.options import backstop_wanted, check_paths
from grader.assignments.over_runs import Judged, Places, judge_over, trusted
from grader.assignments.recording import Recorded, Recorder, Runs, TraceSource
from grader.assignments.submission import Submission, open_submission
from grader.assignments.verdicts import (
    GraderFault,
    call_check,
    in_words,
    verdict,
    verdict_outside,
)
from grader.model import Check, GraderError, Trace, UsageError
from grader.model.safe import safe_text

TRACE_SOURCE = pytest.StashKey[TraceSource]()
"""Put a source here, in ``config.stash``, to judge stored traces instead of running."""
SUBMISSIONS = pytest.StashKey[list[Submission]]()
"""Put submissions here to judge these, and not those that ``--submission`` names."""
SPEC = pytest.StashKey[CheckSpec]()
VERDICT = pytest.StashKey[Check]()
JUDGED = pytest.StashKey[Judged]()

NAME = "grader-judging"
"""Of the plugin."""

BACKSTOP_SECONDS = 60.0
"""What a check may take beside its submission's run, before pytest-timeout ends it."""


def start(config: pytest.Config) -> None:
    """Begin to judge in this pytest session."""
    submissions = config.stash.get(SUBMISSIONS, None)
    if submissions is None:
        check_paths(config)
    config.pluginmanager.register(Judging(config, submissions), NAME)
    config.pluginmanager.register(fixtures, "grader-fixtures")


class Judging:
    """The judging of one pytest session: a plugin, with the verdicts so far."""

    def __init__(self, config: pytest.Config, submissions: list[Submission] | None) -> None:
        self._config = config
        self._given = submissions
        self._assignments: dict[Path, tuple[Assignment, list[str]] | None] = {}
        self._submissions: dict[Path, list[Submission]] = {}
        self._items: dict[tuple[Path, Path, str], list[pytest.Function]] = {}
        self._deciding: list[pytest.Function] = []
        self._trusted: dict[int, Recorded] = {}
        self._concise = config.getoption("tbstyle", "auto") == "auto"  # no wish for tracebacks
        if TRACE_SOURCE not in config.stash:
            config.stash[TRACE_SOURCE] = Recorder(
                config.getoption("grader_engine"), config.getoption("grader_python")
            )

    # -- collecting ----------------------------------------------------------------

    @pytest.hookimpl(wrapper=True)
    def pytest_pycollect_makeitem(self, collector: pytest.Collector) -> Generator[None, Any, Any]:
        """Read what each check says about itself, while its items are made."""
        made = yield
        found = self._assignment_of(collector.path)
        if found is not None and isinstance(made, list):
            for item in made:
                if isinstance(item, pytest.Function):
                    self._prepare(item, *found)
        return made

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Make one item a submission."""
        found = self._assignment_of(metafunc.definition.path)
        if found is None or "submission" not in metafunc.fixturenames:
            return
        submissions = self._submissions_of(found[0])
        if submissions:
            metafunc.parametrize(
                "submission", submissions, indirect=True, scope="session", ids=_ids(submissions)
            )

    def _assignment_of(self, path: Path) -> tuple[Assignment, list[str]] | None:
        folder = path.parent
        if folder not in self._assignments:
            found = None
            if (folder / FILE_NAME).is_file():
                try:
                    assignment = load(folder)
                    found = (assignment, assignment.check_names())
                except UsageError as error:
                    raise pytest.Collector.CollectError(str(error)) from None
            self._assignments[folder] = found
        return self._assignments[folder]

    def _submissions_of(self, assignment: Assignment) -> list[Submission]:
        if self._given is not None:
            return [s for s in self._given if s.assignment.folder == assignment.folder]
        if assignment.folder not in self._submissions:
            try:
                opened = [
                    open_submission(Path(path), assignment)
                    for path in self._config.getoption("grader_submissions")
                ]
            except UsageError as error:
                raise pytest.Collector.CollectError(str(error)) from None
            self._submissions[assignment.folder] = list({s.path: s for s in opened}.values())
        return self._submissions[assignment.folder]

    def _prepare(self, item: pytest.Function, assignment: Assignment, names: list[str]) -> None:
        spec = read_check(item, assignment, names)
        item.stash[SPEC] = spec
        submission = _submission_of(item)
        if submission is None:
            return
        key = (assignment.folder, submission.path, spec.name)
        self._items.setdefault(key, []).append(item)
        plugins = self._config.pluginmanager
        if plugins.has_plugin("xdist"):  # with --dist loadgroup, one worker runs a submission
            item.add_marker(pytest.mark.xdist_group(str(submission.path)))
        if backstop_wanted(item):
            seconds = assignment.limits.seconds + BACKSTOP_SECONDS
            item.add_marker(pytest.mark.timeout(seconds))

    # -- judging -------------------------------------------------------------------

    def turn_to(self, submission: Submission, source: TraceSource) -> None:
        """Put another submission into the place of the one that the items were made for, with
        what ``source`` has of it."""
        self._config.stash[TRACE_SOURCE] = source
        self._trusted = {}
        items, self._items = self._items, {}
        for (folder, _, name), those in items.items():
            self._items[folder, submission.path, name] = those
            for item in those:
                item.callspec.params["submission"] = submission
                if VERDICT in item.stash:
                    del item.stash[VERDICT]
                if JUDGED in item.stash:
                    del item.stash[JUDGED]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> None:
        """Judge the required checks first, if this process has not done so.

        Under xdist another worker may have them; they are cheap to judge again.
        """
        if not isinstance(item, pytest.Function) or _submission_of(item) is None:
            return
        self._deciding.append(item)
        for required in self._required(item):
            if VERDICT not in required.stash and required not in self._deciding:
                self.pytest_runtest_protocol(required, item)
                runtestprotocol(required, log=False, nextitem=item)
        self._deciding.pop()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Skip a check that has nothing to judge, or whose required check failed."""
        spec = item.stash.get(SPEC, None)
        if spec is None or not isinstance(item, pytest.Function):
            return
        if VERDICT in item.stash:
            del item.stash[VERDICT]
        item.stash[JUDGED] = Judged(verdict(spec, "error"))
        if _submission_of(item) is None:
            pytest.skip("nothing to judge: give --submission FILE")
        for required in self._required(item):
            judged = required.stash[JUDGED]
            if judged.check.status in ("fail", "skipped") and judged.wholly:
                reason = f"skipped because {required.stash[SPEC].id} failed"
                _decide(item, Judged(verdict(spec, "skipped", reason), wholly=True))
                pytest.skip(reason)
        if spec.takes_trace:
            runs = self._runs(item)  # here, so that a failure to record is one of the set-up
            left_out = self._left_out(item)
            if all(len(left_out[name]) == len(runs[name].traces) > 0 for name in spec.scenarios):
                reason = f"skipped because {' and '.join(spec.requires)} failed in every run"
                _decide(item, Judged(verdict(spec, "skipped", reason), wholly=True))
                pytest.skip(reason)

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool | None:
        """Call the check for every trace, and turn what it raises into a verdict."""
        spec = pyfuncitem.stash.get(SPEC, None)
        if spec is None:
            return None
        judged = self._judge(pyfuncitem, spec)
        _decide(pyfuncitem, judged)
        check = judged.check
        if check.status in ("fail", "error"):
            if judged.error is not None and not self._concise:
                raise judged.error
            submission = _submission_of(pyfuncitem)
            assert submission is not None
            pytest.fail(in_words(spec, check, submission), pytrace=False)
        if check.status == "unproved":
            pytest.skip(f"unproved: {check.message}")
        return True

    def _judge(self, item: pytest.Function, spec: CheckSpec) -> Judged:
        def call(trace: Trace | None) -> tuple[Check, BaseException | None]:
            if trace is not None:
                item.funcargs["trace"] = trace
            return call_check(
                spec, item.obj, {name: item.funcargs[name] for name in spec.arguments}
            )

        if not spec.takes_trace:
            check, error = call(None)
            return Judged(check, error, wholly=check.status == "fail")
        submission = _submission_of(item)
        assert submission is not None
        shorten = partial(self._config.stash[TRACE_SOURCE].shortest, submission)
        return judge_over(spec, self._runs(item), call, shorten, self._left_out(item))

    def _required(self, item: pytest.Function) -> list[pytest.Function]:
        spec, submission = item.stash[SPEC], _submission_of(item)
        assert submission is not None
        key = (spec.assignment.folder, submission.path)
        return [each for name in spec.requires for each in self._items.get((*key, name), [])]

    def _left_out(self, item: pytest.Function) -> Places:
        """The traces on which a required check failed, or one that this one requires."""
        return {
            name: frozenset[int]().union(
                *(each.stash[JUDGED].failed.get(name, ()) for each in self._required(item))
            )
            for name in item.stash[SPEC].assignment.scenarios
        }

    def _runs(self, item: pytest.Function) -> Runs:
        """The runs of the check's scenarios; GraderFault when they can't be trusted."""
        spec, submission = item.stash[SPEC], _submission_of(item)
        assert submission is not None
        try:
            runs = self._config.stash[TRACE_SOURCE].traces(submission)
            for name in spec.scenarios:
                if id(runs[name]) not in self._trusted:
                    self._trusted[id(runs[name])] = trusted(runs[name])
            return runs
        except (GraderError, UsageError) as error:
            raise GraderFault(f"the submission could not be run: {error}") from error
        except KeyError as error:
            raise GraderFault(f"there is no trace of the scenario {error}") from error

    # -- reporting -----------------------------------------------------------------

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Put the verdict into the report and, for JUnit, into its properties."""
        report = yield
        spec = item.stash.get(SPEC, None)
        if spec is None or not isinstance(item, pytest.Function) or _submission_of(item) is None:
            return report
        if call.excinfo is not None and (VERDICT not in item.stash or report.when == "teardown"):
            _decide(item, Judged(verdict_outside(spec, call.excinfo.value), wholly=True))
        elif VERDICT not in item.stash or report.when == "teardown":
            return report  # a set-up that passed, where the call decides; or a clean teardown
        check = item.stash[VERDICT]
        _set_properties(item, report, check)
        report.grader_check = msgspec.to_builtins(check)  # type: ignore[attr-defined]
        submission = _submission_of(item)
        assert submission is not None
        report.grader_submission = str(submission.path)  # type: ignore[attr-defined]
        if report.failed and self._concise:
            report.longrepr = in_words(spec, check, submission)
        elif report.skipped:
            message = " ".join(check.message.split())
            report.longrepr = (str(item.path), item.location[1] or 0, f"Skipped: {message}")
        elif report.failed and (text := str(report.longrepr)) != safe_text(text):
            report.longrepr = safe_text(text)  # a traceback that quotes more than a message may
        return report

    def pytest_report_teststatus(
        self, report: pytest.CollectReport | pytest.TestReport
    ) -> tuple[str, str, str] | None:
        """Count the grader's own failures as errors, never as failures."""
        status = (getattr(report, "grader_check", None) or {}).get("status")
        if report.failed and status == "error":
            return "error", "E", "ERROR"
        if report.failed and status == "fail":
            return "failed", "F", "FAILED"
        if report.skipped and status == "unproved":
            return "skipped", "u", "UNPROVED"
        return None


def _decide(item: pytest.Function, judged: Judged) -> None:
    item.stash[JUDGED] = judged
    item.stash[VERDICT] = judged.check


def _set_properties(item: pytest.Item, report: pytest.TestReport, check: Check) -> None:
    """Points for JUnit; a check that is judged twice keeps one set."""
    properties: list[tuple[str, object]] = [
        ("status", check.status),
        ("points", check.points),
        ("max_points", check.max_points),
    ]
    if check.hint:
        properties.append(("hint", check.hint))
    others = [(k, v) for k, v in item.user_properties if k not in _PROPERTIES]
    item.user_properties[:] = [*others, *properties]
    report.user_properties = list(item.user_properties)


_PROPERTIES = {"status", "points", "max_points", "hint"}


def _submission_of(item: pytest.Item) -> Submission | None:
    callspec = getattr(item, "callspec", None)
    found = callspec.params.get("submission") if callspec is not None else None
    return found if isinstance(found, Submission) else None


def _ids(submissions: list[Submission]) -> list[str]:
    """File names; with their folder where two are the same."""
    names = [submission.path.name for submission in submissions]
    if len(set(names)) < len(names):
        names = [f"{s.path.parent.name}/{s.path.name}" for s in submissions]
    return names
