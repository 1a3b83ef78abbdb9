"""A pytest session that stays open, and judges one submission after another.

pytest takes longer to start and to collect than to call the checks of a submission. So that is
done once; then each submission in turn takes its place in the items that were made. This does
what pytest's ``wrap_session`` and ``pytest_runtestloop`` do, with a pause between submissions.
"""

from __future__ import annotations

import io
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import msgspec
import pytest
from _pytest.config import ConftestImportFailure, _prepareconfig

from grader.assignments import judging, plugin
from grader.assignments.assignment import Assignment
from grader.assignments.recording import TraceSource
from grader.assignments.submission import Submission
from grader.model import Check, GraderError, UsageError

_FAILURES = (pytest.UsageError, ConftestImportFailure, pytest.exit.Exception, SystemExit)


class CheckSession:
    """The checks of one assignment, collected, and ready for submissions.

    To be used in one thread, and not while another is open: pytest is not made for it.
    """

    def __init__(self, assignment: Assignment) -> None:
        """Collect the checks. Raises UsageError when they can't be, GraderError when
        pytest itself fails."""
        assignment.check_names()  # says in one line that a module is no Python
        if not assignment.test_modules:
            raise UsageError(f"there are no checks in {assignment.folder}: it has no test_*.py")
        self.assignment = assignment
        self._collector = _Collector(_nobody(assignment))
        self._judging: judging.Judging | None = None
        self._open = ExitStack()
        try:
            self._open.enter_context(_quiet_python(assignment.folder))
            with _no_output() as output:
                self._start(output)
        except BaseException:
            self.close()
            raise

    def judge(self, submission: Submission, source: TraceSource) -> dict[str, Check]:
        """Judge a submission of this assignment by the traces that ``source`` gives: the
        verdicts by check id. Raises GraderError when pytest itself fails."""
        assert self._judging is not None
        self._judging.turn_to(submission, source)
        self._collector.checks = {}
        items: list[pytest.Item] = self._session.items
        try:
            with _no_output():
                for item, following in zip(items, [*items[1:], None], strict=True):
                    item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
        except KeyboardInterrupt:
            raise
        except (pytest.exit.Exception, SystemExit) as error:
            raise GraderError(f"the checks could not be run: one ended pytest: {error}") from None
        except Exception as error:
            raise GraderError(
                f"the checks could not be run: {type(error).__name__}: {error}"
            ) from error
        return self._collector.checks

    def close(self) -> None:
        """End the session. Once is enough."""
        with _no_output():
            self._open.close()

    def _start(self, output: io.StringIO) -> None:
        folder = self.assignment.folder
        try:
            config = _prepareconfig(_arguments(self.assignment), [plugin, self._collector])
            self._open.callback(config._ensure_unconfigure)
            self._session = pytest.Session.from_config(config)
            config._do_configure()
            reporter = config.pluginmanager.get_plugin("terminalreporter")
            config.pluginmanager.unregister(reporter)  # it would keep every report
            config.hook.pytest_sessionstart(session=self._session)
            self._open.callback(
                config.hook.pytest_sessionfinish, session=self._session, exitstatus=0
            )
            config.hook.pytest_collection(session=self._session)
        except KeyboardInterrupt:
            raise
        except _FAILURES as error:
            reason = " ".join([str(error), output.getvalue()]).strip()
            raise GraderError(f"the checks could not be run: {reason}") from None
        if self._collector.collect_errors:
            raise UsageError(
                "the checks can't be collected: " + "\n".join(self._collector.collect_errors)
            )
        self._judging = config.pluginmanager.get_plugin(judging.NAME)
        if not self._session.items or self._judging is None:
            raise UsageError(f"there are no checks in {folder}")
        for item in self._session.items:  # pytest's own words take longest, and nobody reads them
            item.repr_failure = _no_words  # type: ignore[assignment,method-assign]


class _Collector:
    """A pytest plugin that has the checks collected for one submission, and gathers verdicts."""

    def __init__(self, nobody: Submission) -> None:
        self._nobody = nobody
        self.checks: dict[str, Check] = {}
        self.collect_errors: list[str] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        config.stash[judging.SUBMISSIONS] = [self._nobody]

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.collect_errors.append(str(report.longrepr))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        verdict: dict[str, Any] | None = getattr(report, "grader_check", None)
        if verdict is not None:
            self.checks[verdict["id"]] = msgspec.convert(verdict, Check)


def _nobody(assignment: Assignment) -> Submission:
    """Holds the place of the submissions to come."""
    path = assignment.folder / assignment.file
    return Submission(assignment=assignment, path=path, name=assignment.file, data=b"")


def _no_words(*_: object) -> str:
    return ""


@contextmanager
def _no_output() -> Iterator[io.StringIO]:
    """What checks print is for no one to read."""
    output = io.StringIO()
    with redirect_stdout(output), redirect_stderr(output):
        yield output


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
        "--capture=no",
        "--quiet",
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
