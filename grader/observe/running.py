"""Runs in progress, seen from the grader: start them, keep their streams flowing, finish."""

from __future__ import annotations

import contextlib
import os
import select
import selectors
import signal
import time
from collections.abc import Sequence
from typing import NoReturn

import msgspec

from grader.model import GraderError, Scenario, Trace, UsageError
from grader.observe.capture import reconcile, unattributed
from grader.observe.confine import confine
from grader.observe.forking import fork_deaf
from grader.observe.keeper import END_SIGNAL, keep
from grader.observe.stdio import Stdio
from grader.observe.supervisor import OUTPUT_LIMIT_SIGNAL, Observe, Report, supervise

_GRACE_SECONDS = 20.0
"""How long a supervisor may take beyond the run's own limit to end it and report."""
_KEEPER_SECONDS = 10.0
"""How long a keeper may take to end everything."""
_MARGIN_BYTES = 1 << 20
"""How much more than the limit is captured: what was under way when it was reached."""


class Running:
    """One run: its supervisor, its streams, and the report that is on its way."""

    def __init__(self, scenario: Scenario, observe: Observe, kept: bool) -> None:
        """``kept``: with a keeper between this process and the supervisor."""
        self._kept = kept
        self.stdio = Stdio(scenario, scenario.limits.output_bytes + _MARGIN_BYTES)
        try:
            self._confined = confine(scenario, patient=kept)
        except BaseException:
            self.stdio.close_theirs()
            self.stdio.close_ours()
            raise
        self.scenario = scenario if self._confined is None else self._confined.scenario
        self.report_from, report_to = os.pipe()
        self.deadline = time.monotonic() + scenario.limits.seconds + _GRACE_SECONDS
        self._data = bytearray()
        self._told = False
        parent = os.getpid()
        try:
            self.supervisor = fork_deaf()
        except OSError:
            self.supervisor = 0
            os.close(report_to)
            self._let_go()
            raise
        if self.supervisor == 0:
            os.close(self.report_from)
            if kept:
                locks = set() if self._confined is None else {self._confined.place.lock}
                keeper = keep(parent, {report_to, *locks})
                # By which it sees, stopped or not, that it has no keeper any more.
                self._supervise(observe, report_to, keeper, signal.SIGCONT)
            self._supervise(observe, report_to, parent, signal.SIGKILL)
        os.close(report_to)
        self.stdio.close_theirs()
        self.stdio.feed()

    def _supervise(
        self, observe: Observe, report_to: int, parent: int, at_its_end: signal.Signals
    ) -> NoReturn:
        scenario, stdio, confined = self.scenario, self.stdio, self._confined
        supervise(scenario, stdio, observe, report_to, parent, at_its_end, confined)

    def receive(self) -> bool:
        """Read a part of the report; False when it is whole, or will never be."""
        part = os.read(self.report_from, 1 << 20)
        self._data += part
        return bool(part)

    def finish(self) -> Trace:
        """Collect the supervisor and return the trace.

        Raises UsageError when the program could not be started, GraderError when the
        supervisor failed.
        """
        for descriptor in self.stdio.outputs:
            self.stdio.drain(descriptor)
        self.discard()
        try:
            report = msgspec.json.decode(bytes(self._data), type=Report)
        except msgspec.DecodeError:
            raise GraderError(
                "the process that supervises the run ended without a report; it was killed"
            ) from None
        if report.usage is not None:
            raise UsageError(report.usage)
        if report.trace is None:
            raise GraderError(report.failure or "the engine failed")
        trace = report.trace
        if self._confined is not None:
            trace = self._confined.mark(trace)
        if trace.evidence == "exact":
            return reconcile(trace, report.unfinished, self.stdio.captured, self.stdio.most)
        return unattributed(trace, self.stdio.captured)

    def hold_to_output_limit(self) -> None:
        """Tell the supervisor, once, when more was captured than the limit allows."""
        captured = sum(len(data) for data in self.stdio.captured.values())
        if captured > self.scenario.limits.output_bytes and not self._told and self.supervisor:
            self._told = True
            os.kill(self.supervisor, OUTPUT_LIMIT_SIGNAL)

    def kill(self) -> None:
        """End the supervisor, and with it the run."""
        patient = self._kept and time.monotonic() < self.deadline + _KEEPER_SECONDS
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.supervisor, END_SIGNAL if patient else signal.SIGKILL)

    def discard(self) -> None:
        """End the supervisor if it lives, and with it the run; let go of everything."""
        if self.supervisor:
            self.kill()
            if self._kept:
                self._wait_for_keeper()
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self.supervisor, 0)
            self.supervisor = 0
            self._let_go()

    def _wait_for_keeper(self) -> None:
        """Until everything is gone: then the report, which the keeper holds open too, ends."""
        poll = select.poll()
        poll.register(self.report_from, select.POLLIN)
        for _ in range(2):
            deadline = time.monotonic() + _KEEPER_SECONDS
            while (left := deadline - time.monotonic()) > 0:
                if poll.poll(1000 * left) and not os.read(self.report_from, 1 << 20):
                    return
            os.kill(self.supervisor, signal.SIGKILL)  # the supervisor does its work then

    def _let_go(self) -> None:
        os.close(self.report_from)
        self.stdio.close_theirs()
        self.stdio.close_ours()
        if self._confined is not None:
            self._confined.end()


def run_together(
    scenarios: Sequence[Scenario], observe: Observe, kept: bool = False
) -> list[Trace]:
    """Run scenarios at the same time, in this thread; their traces in the same order.
    ``kept``: each with a keeper, as the engine needs one."""
    runs: list[Running] = []
    try:
        for scenario in scenarios:
            try:
                runs.append(Running(scenario, observe, kept))
            except OSError as error:
                raise GraderError(f"the system has no room for another run: {error}") from None
        _keep_flowing(runs)
        return [run.finish() for run in runs]
    finally:
        for run in runs:
            run.discard()


def _keep_flowing(runs: Sequence[Running]) -> None:
    """Move the streams' bytes until every supervisor has reported."""
    with selectors.DefaultSelector() as selector:
        waiting = set(runs)
        for run in runs:
            selector.register(run.report_from, selectors.EVENT_READ, (run, "report"))
            for descriptor in run.stdio.outputs:
                mask = selectors.EVENT_READ
                if descriptor == run.stdio.hungry:
                    mask |= selectors.EVENT_WRITE
                selector.register(descriptor, mask, (run, "stream"))
            hungry = run.stdio.hungry
            if hungry is not None and hungry not in run.stdio.outputs:
                selector.register(hungry, selectors.EVENT_WRITE, (run, "stream"))
        while waiting:
            for key, mask in selector.select(timeout=1.0):
                run, role = key.data
                if role == "report":
                    if not run.receive():
                        selector.unregister(key.fd)
                        waiting.discard(run)
                    continue
                _stream_ready(selector, run, key, mask)
            now = time.monotonic()
            for run in [r for r in waiting if now > r.deadline]:
                run.kill()


def _stream_ready(
    selector: selectors.BaseSelector, run: Running, key: selectors.SelectorKey, mask: int
) -> None:
    open_still = True
    if mask & selectors.EVENT_READ:
        open_still = run.stdio.drain(key.fd)
        run.hold_to_output_limit()
    if mask & selectors.EVENT_WRITE:
        run.stdio.feed()
        if key.fd not in run.stdio.outputs and run.stdio.hungry is None:
            open_still = False
    if not open_still:
        selector.unregister(key.fd)
    elif key.fd in run.stdio.outputs and run.stdio.hungry is None:
        selector.modify(key.fd, selectors.EVENT_READ, key.data)
