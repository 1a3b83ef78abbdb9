"""Chrome's trace events, which https://ui.perfetto.dev shows: a track a process.

The format is the Trace Event Format
(https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU), read by
``src/trace_processor/importers/json`` of https://github.com/google/perfetto:

- ``ts`` and ``dur`` are microseconds; slices (``X``) of a track must nest, and here follow each
  other.
- A flow (``s`` to ``f`` with the same ``cat``, ``name`` and ``id``) is bound to the slice that is
  open at its time (``bp: e``), so slices come before it, and marks have a track of their own.

In virtual time nothing takes time but sleeping, and much happens in the same instant. So that it
can be seen, each event comes at least one millisecond after the one before; its true time is
among its arguments. Where each process has a clock of its own there is only the order.
"""

from __future__ import annotations

from typing import Any

from grader.model import Graded, Trace, to_json
from grader.model.safe import safe
from grader.report.exports.options import Made, Options, why_not
from grader.report.lanes import Lane, Layout
from grader.report.layout import lay_out

_STEP = 1_000
"""Microseconds from one moment to the next, at least."""
_PIDS = 10_000
"""Between the numbers of the processes of one run and of the next."""


def document(graded: Graded, options: Options) -> Made:
    """The runs of one submission that may be shown; none where it was never run."""
    names: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    warnings = []
    if graded.result is None:
        warnings.append(f"no runs: {why_not(graded)}")
    else:
        for number, trace in enumerate(options.seen(graded.result).traces):
            layout = lay_out(trace)
            if layout is None:
                warnings.append(f"the run {safe(trace.scenario)} was sampled: it has no events")
                continue
            run = _Run(trace, layout, _PIDS * (number + 1))
            names += run.names()
            events += run.events()
    if not events:
        return Made(b"", warnings or ["no runs that may be shown"])
    # At the same time: slices first, for flows to be bound to, then flows, then marks.
    events.sort(key=lambda event: (event["ts"], "XsfI".index(event["ph"])))
    fields = {"traceEvents": [*names, *events], "displayTimeUnit": "ms"}
    return Made(to_json(fields) + b"\n", warnings)


class _Run:
    """One run: its tracks have numbers from ``first`` on."""

    def __init__(self, trace: Trace, layout: Layout, first: int) -> None:
        self.trace, self.layout, self.first = trace, layout, first
        self.pids = {lane.process: first + 2 * n for n, lane in enumerate(layout.lanes)}
        self.lanes = {lane.process: lane for lane in layout.lanes}
        self.times = _times(layout)

    def events(self) -> list[dict[str, Any]]:
        """Slices, flows and marks."""
        return [*self._slices(), *self._flows(), *self._marks()]

    def names(self) -> list[dict[str, Any]]:
        """What its tracks are called, and their order."""
        names = []
        facts = {process.id: process for process in self.trace.processes}
        run = self.trace.scenario
        if self.trace.schedule:
            run += f" {self.trace.schedule.partition(',')[0]}"
        for lane in self.layout.lanes:
            pid, process = self.pids[lane.process], facts[lane.process]
            about = {
                "process_name": safe(f"{lane.process} (pid {process.pid}), {run}", most=120),
                "process_labels": process.fate or "fate unknown",
            }
            for kind, words in about.items():
                key = "labels" if kind == "process_labels" else "name"
                names.append(_metadata(kind, pid, pid, {key: words}))
            names.append(_metadata("process_sort_index", pid, pid, {"sort_index": pid}))
            names.append(_metadata("thread_name", pid, pid, {"name": "state"}))
            names.append(_metadata("thread_name", pid, pid + 1, {"name": "what it did"}))
        return names

    def _slices(self) -> list[dict[str, Any]]:
        slices = []
        for lane in self.layout.lanes:
            for segment in lane.segments:
                if segment.end <= segment.start:
                    continue
                start, end = self.times[segment.start], self.times[segment.end]
                name = f"{segment.state} {safe(segment.label)}".rstrip()
                event = self._event("X", name, lane.process, segment.start)
                slices.append({**event, "ts": start, "dur": end - start})
        return slices

    def _flows(self) -> list[dict[str, Any]]:
        flows = []
        for n, link in enumerate(self.layout.links):
            source, target = self.lanes.get(link.source), self.lanes.get(link.target)
            if source is None or target is None:
                continue
            begins, ends = link.moment, link.moment
            if link.kind == "fork":
                ends = max(ends, target.start)
            elif link.kind == "reap":  # from the end of the child to the wait call
                source, target = target, source
                begins = min(link.moment, _end_of(source))
            name = {"fork": "fork", "reap": "exit and wait", "signal": "signal"}[link.kind]
            common = {"cat": link.kind, "name": name, "id": self.first + n}
            for phase, lane, moment in (("s", source, begins), ("f", target, ends)):
                flow = {**self._event(phase, name, lane.process, moment), **common}
                flows.append({**flow, "bp": "e"} if phase == "f" else flow)
        return flows

    def _marks(self) -> list[dict[str, Any]]:
        marks = []
        for lane in self.layout.lanes:
            for mark in lane.marks:
                times = f" ({mark.count} times)" if mark.count > 1 else ""
                name = f"{mark.kind} {safe(mark.text, most=200)}".rstrip() + times
                event = self._event("I", name, lane.process, mark.moment)
                event["tid"] += 1
                if mark.number and mark.kind == "write":
                    event["args"]["output"] = self._written(mark.number)
                marks.append({**event, "s": "t"})
        return marks

    def _written(self, number: int) -> str:
        wanted = set(self.layout.writes[number - 1]) if number <= len(self.layout.writes) else set()
        return safe("".join(o.text for o in self.trace.output if o.event in wanted), most=2_000)

    def _event(self, phase: str, name: str, process: str, moment: int) -> dict[str, Any]:
        at = self.layout.moments[moment]
        pid = self.pids[process]
        return {
            "ph": phase,
            "name": name,
            "cat": "process",
            "pid": pid,
            "tid": pid,
            "ts": self.times[moment],
            "args": {"seconds": round(at.t, 6), "events": at.events},
        }


def _metadata(kind: str, pid: int, tid: int, arguments: dict[str, object]) -> dict[str, Any]:
    return {"ph": "M", "name": kind, "pid": pid, "tid": tid, "args": arguments}


def _end_of(lane: Lane) -> int:
    """The moment at which a process became a zombie, or its last."""
    zombie = [segment.start for segment in lane.segments if segment.state == "zombie"]
    return zombie[-1] if zombie else max(lane.start, lane.end - 1)


def _times(layout: Layout) -> list[int]:
    """The time of each moment on the axis, in microseconds: they rise."""
    times: list[int] = []
    for moment in layout.moments:
        earliest = times[-1] + _STEP if times else 0
        times.append(max(earliest, round(moment.t * 1e6)) if layout.timed else earliest)
    return times
