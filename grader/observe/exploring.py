"""Many controlled runs of programs: a supervising process for each program to start."""

from __future__ import annotations

import contextlib
import fcntl
import os
import selectors
import signal
import sys
import termios
import time
import traceback
from collections.abc import Callable, Sequence
from typing import NamedTuple, NoReturn

import msgspec

from grader.model import GraderError, Scenario, Schedules, Strategy, Trace, UsageError, to_json
from grader.observe.confine import Confined, confine
from grader.observe.forking import fork_deaf
from grader.observe.stdio import Stdio
from grader.observe.supervisor import (
    close_all_but,
    die_with,
    failure_of,
    name_process,
    send,
    shed_inherited_state,
    stay_on_this_processor,
)

_GRACE_SECONDS = 30.0
_MARGIN_BYTES = 1 << 20
_BEAT = b"."
"""Sent after each run: silence for longer than one may take is our failure."""


class Job(NamedTuple):
    """A scenario, and which of its schedules to run."""

    scenario: Scenario
    strategy: Strategy


class Found(msgspec.Struct, frozen=True):
    """What came of one job."""

    traces: list[Trace] = []
    schedules: Schedules | None = None
    uncontrollable: str | None = None
    """Why the program could not be controlled."""


class _Report(msgspec.Struct, frozen=True):
    """What a supervising process sends home."""

    found: list[Found] = []
    usage: str | None = None
    failure: str | None = None


def explore_together(
    jobs: Sequence[Job],
    groups: Sequence[Sequence[int]],
    meanwhile: Callable[[], object] | None = None,
) -> list[Found]:
    """Do jobs; those of a group (numbers of jobs) one after another, in copies of one
    program, and the groups at the same time. Returns what was found, in the jobs' order.
    ``meanwhile`` is called here once all are under way.

    Raises UsageError when a program can't be started, GraderError when the grader fails.
    """
    found: dict[int, Found] = {}
    children: list[_Child] = []
    try:
        for group in groups:
            children.append(_Child([jobs[n] for n in group]))
        if meanwhile is not None:
            meanwhile()
        _listen(children)
        for child, group in zip(children, groups, strict=True):
            found.update(zip(group, child.finish(), strict=True))
    finally:
        for child in children:
            child.end()
    return [found[n] for n in range(len(jobs))]


class _Child:
    """A supervising process, seen from the grader."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._confined = confine(jobs[0].scenario, patient=True)
        self.report_from, report_to = os.pipe()
        self._patience = max(job.scenario.limits.seconds for job in jobs) + _GRACE_SECONDS
        self.deadline = time.monotonic() + self._patience
        self._data = bytearray()
        parent = os.getpid()
        try:
            self._pid = fork_deaf()
        except OSError as error:
            os.close(report_to)
            os.close(self.report_from)
            self._end_confinement()
            raise GraderError(f"the system has no room for another run: {error}") from None
        if self._pid == 0:
            _supervise(jobs, report_to, parent, self._confined)
        os.close(report_to)

    def receive(self) -> bool:
        """Read a part; False when there is no more."""
        part = os.read(self.report_from, 1 << 20)
        self._data += part
        self.deadline = time.monotonic() + self._patience
        return bool(part)

    def finish(self) -> list[Found]:
        """What it found."""
        try:
            report = msgspec.json.decode(bytes(self._data).lstrip(_BEAT), type=_Report)
        except msgspec.DecodeError:
            raise GraderError(
                "the process that supervises the runs ended without a report; it was killed"
            ) from None
        if report.usage is not None:
            raise UsageError(report.usage)
        if report.failure is not None:
            raise GraderError(report.failure)
        if self._confined is None:
            return report.found
        mark = self._confined.mark
        return [msgspec.structs.replace(f, traces=[*map(mark, f.traces)]) for f in report.found]

    def end(self) -> None:
        """Whatever it is doing, it is over."""
        if self._pid:
            os.close(self.report_from)
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self._pid, 0)
            self._pid = 0
            self._end_confinement()

    def _end_confinement(self) -> None:
        if self._confined is not None:
            self._confined.end()


def _listen(children: Sequence[_Child]) -> None:
    with selectors.DefaultSelector() as selector:
        for child in children:
            selector.register(child.report_from, selectors.EVENT_READ, child)
        while selector.get_map():
            for key, _ in selector.select(timeout=1.0):
                if not key.data.receive():
                    selector.unregister(key.fd)
            if any(time.monotonic() > key.data.deadline for key in selector.get_map().values()):
                raise GraderError("the process that supervises the runs fell silent: it was killed")


# -- in the child ------------------------------------------------------------------------


def _supervise(
    jobs: Sequence[Job], report_to: int, parent: int, confined: Confined | None
) -> NoReturn:
    report = _Report(failure="the supervisor did not start")
    try:
        die_with(parent)
        name_process("grader-run")
        shed_inherited_state()
        kept = set() if confined is None else confined.descriptors
        close_all_but({0, 1, 2, report_to, *kept})
        os.setsid()
        stay_on_this_processor()
        report = _Report(found=_explore(jobs, report_to, confined))
    except UsageError as error:
        report = _Report(usage=str(error))
    except BaseException as error:
        report = _Report(failure=failure_of(error))
    finally:
        try:
            send(report_to, to_json(report))
        except BrokenPipeError:  # the grader has ended
            pass
        except BaseException:
            traceback.print_exc(file=sys.stderr)
        os._exit(0)


def _explore(jobs: Sequence[Job], report_to: int, confined: Confined | None) -> list[Found]:
    from grader.observe.exact.controlled import NotStarted, Session, Uncontrollable

    if confined is not None:
        jobs = [job._replace(scenario=confined.within(job.scenario)) for job in jobs]
    first = jobs[0].scenario

    def stdio() -> Stdio:
        streams = Stdio(first, first.limits.output_bytes + _MARGIN_BYTES)
        if streams.terminal is not None:
            fcntl.ioctl(streams.terminal, termios.TIOCSCTTY, 0)
        elif not first.stdin:
            streams.feed()  # the end of file, at once
        return streams

    session = Session(first, stdio, lambda: send(report_to, _BEAT), confined)
    found = []
    try:
        for scenario, strategy in jobs:
            try:
                traces, schedules = session.explore(scenario, strategy)
                found.append(Found(traces, schedules))
            except Uncontrollable as error:
                found.append(Found(uncontrollable=str(error)))
    except NotStarted:
        session.check_start()
    finally:
        session.end()
    return found
