"""Many controlled runs of one program, in a process that supervises them all."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import sys
import termios
import time
import traceback
import warnings
from typing import NoReturn

import msgspec

from grader.model import GraderError, Scenario, Schedules, Strategy, Trace, UsageError
from grader.observe.stdio import Stdio
from grader.observe.supervisor import (
    close_all_but,
    die_with,
    send,
    shed_inherited_state,
    stay_on_this_processor,
)

_GRACE_SECONDS = 30.0
_MARGIN_BYTES = 1 << 20


class Explored(msgspec.Struct, frozen=True):
    """What the supervising process sends home."""

    traces: list[Trace] = []
    schedules: Schedules | None = None
    uncontrollable: str | None = None
    """Why the program could not be controlled."""
    usage: str | None = None
    failure: str | None = None


def explore_in_child(scenario: Scenario, strategy: Strategy) -> Explored:
    """Run the schedules that a strategy asks for; see ``observe.explore_runs``.

    Raises UsageError when the program can't be started, GraderError when the grader fails.
    """
    report_from, report_to = os.pipe()
    parent = os.getpid()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # as in running.py
        child = os.fork()
    if child == 0:
        os.close(report_from)
        _supervise(scenario, strategy, report_to, parent)
    os.close(report_to)
    data = bytearray()
    try:
        # A byte comes with each run: silence for longer than one may take is our failure.
        patience = scenario.limits.seconds + _GRACE_SECONDS
        deadline = time.monotonic() + patience
        while True:
            readable, _, _ = select.select([report_from], [], [], 1.0)
            if readable:
                part = os.read(report_from, 1 << 20)
                if not part:
                    break
                data += part
                deadline = time.monotonic() + patience
            elif time.monotonic() > deadline:
                raise GraderError("the process that supervises the runs fell silent; was killed")
    finally:
        os.close(report_from)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    try:
        report = msgspec.json.decode(bytes(data).lstrip(_BEAT), type=Explored)
    except msgspec.DecodeError:
        raise GraderError(
            "the process that supervises the runs ended without a report; it was killed"
        ) from None
    if report.usage is not None:
        raise UsageError(report.usage)
    if report.failure is not None:
        raise GraderError(f"the engine failed:\n{report.failure}")
    return report


_BEAT = b"."


def _supervise(scenario: Scenario, strategy: Strategy, report_to: int, parent: int) -> NoReturn:
    report = Explored(failure="the supervisor did not start")
    try:
        die_with(parent)
        shed_inherited_state()
        close_all_but({0, 1, 2, report_to})
        os.setsid()
        stay_on_this_processor()
        report = _explore(scenario, strategy, report_to)
    except UsageError as error:
        report = Explored(usage=str(error))
    except BaseException:
        report = Explored(failure=traceback.format_exc())
    finally:
        try:
            send(report_to, msgspec.json.encode(report))
        except BaseException:
            traceback.print_exc(file=sys.stderr)
        os._exit(0)


def _explore(scenario: Scenario, strategy: Strategy, report_to: int) -> Explored:
    from grader.observe.exact.controlled import NotStarted, Session, Uncontrollable

    def stdio() -> Stdio:
        streams = Stdio(scenario, scenario.limits.output_bytes + _MARGIN_BYTES)
        if streams.terminal is not None:
            fcntl.ioctl(streams.terminal, termios.TIOCSCTTY, 0)
        elif not scenario.stdin:
            streams.feed()  # the end of file, at once
        return streams

    session = Session(scenario, stdio, lambda: send(report_to, _BEAT))
    traces: list[Trace] = []
    try:
        schedules = session.explore(strategy, traces.append)
    except Uncontrollable as error:
        return Explored(uncontrollable=str(error))
    except NotStarted:
        session.check_start()
        raise
    finally:
        session.end()
    return Explored(traces=traces, schedules=schedules)
