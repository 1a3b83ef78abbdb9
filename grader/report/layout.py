"""From a trace to the layout of its timeline."""

from __future__ import annotations

import signal
from collections import defaultdict
from collections.abc import Collection

from grader.model import (
    ROOT,
    Adopt,
    AnyEvent,
    Continued,
    Delivered,
    Disposition,
    Exec,
    Exit,
    Fork,
    Pipe,
    Process,
    Refused,
    SendSignal,
    Sleep,
    Stopped,
    ThreadStart,
    Trace,
    Wait,
    Write,
)
from grader.report.beginnings import Begin, in_order
from grader.report.folding import Folding, fold
from grader.report.lanes import Lane, Layout, Link, LinkKind, Mark, MarkKind, Moment, Segment, State
from grader.report.repeats import shorten


def lay_out(
    trace: Trace, keep: Collection[str] = (), folding: Folding | None = None
) -> Layout | None:
    """Lay out the timeline of a trace; None for sampled evidence, which has no events.

    ``keep`` names processes that must have a lane, however many there are. Linear in the
    number of events.
    """
    if not trace.events:
        return None
    return shorten(_Drawing(trace, folding or fold(trace, keep)).drawn())


class _Drawing:
    """A walk over the events, with what every lane does at the moment."""

    def __init__(self, trace: Trace, folding: Folding) -> None:
        self.trace = trace
        self.timed = trace.time != "adversarial"
        self.stuck = {stuck.process for stuck in trace.stuck}
        self.processes = {p.id: p for p in trace.processes}
        self.outputs = {o.event for o in trace.output}
        self.moments: list[Moment] = []
        self.lanes = {p.id: Lane(p.id, -1, -1) for p in folding.shown}
        self.folds = folding.folds
        self.links: list[Link] = []
        self.writes: list[list[int]] = []
        self.writing: tuple[str, str, int] | None = None
        """Who wrote last, to which stream, and how many moments there were then."""
        self.states: dict[str, list[tuple[int | None, State]]] = {}
        """What each living process does, innermost last, with the number of the event
        that ends it: a signal handler runs on top of a sleep."""
        self.zombies: set[str] = set()
        self.wards: dict[str, list[str]] = defaultdict(list)
        """The children that each process has now, adopted ones included."""
        self.standstill = -1
        """The moment at which a deadlock was found."""
        self.last: tuple[str, Mark] | None = None
        """The lane and mark of the newest moment, if another one like it may join it."""

    def drawn(self) -> Layout:
        self._moment(0.0)
        self._open(ROOT, "start")
        for event in in_order(self.trace):
            if isinstance(event, Begin):
                self._begin(event)
            else:
                self._event(event)
        self._end()
        lanes = [lane for lane in self.lanes.values() if lane.start >= 0]
        return Layout(self.moments, lanes, self.links, self.folds, self.writes, self.timed)

    # -- moments, states and marks -------------------------------------------------

    def _moment(self, t: float, *events: int) -> int:
        self.moments.append(Moment(t, list(events)))
        self.last = None
        return len(self.moments) - 1

    def _mark(self, lane: str, kind: MarkKind, text: str = "", number: int = 0) -> Mark:
        mark = Mark(len(self.moments) - 1, kind, text, number)
        self.lanes[lane].marks.append(mark)
        return mark

    def _add(
        self, event: AnyEvent, kind: MarkKind, text: str = "", number: int = 0, joins: bool = False
    ) -> Mark | None:
        """A mark at a new moment; or, if it ``joins`` and the newest one is just like it and
        in the same lane, that one once more. None if the process has no lane."""
        lane = event.process
        if lane not in self.lanes:
            return None
        if joins and self.last is not None:
            newest = self.last[1]
            if self.last[0] == lane and (newest.kind, newest.text, newest.number) == (
                kind,
                text,
                number,
            ):
                newest.count += 1
                self.moments[-1].events.append(event.n)
                return newest
        self._moment(event.t, event.n)
        mark = self._mark(lane, kind, text, number)
        if joins:
            self.last = (lane, mark)
        return mark

    def _open(self, process: str, kind: MarkKind) -> None:
        """A process begins."""
        self.states[process] = [(None, "running")]
        lane = self.lanes.get(process)
        if lane is not None:
            lane.start = lane.end = len(self.moments) - 1
            lane.segments.append(Segment("running", lane.start, lane.start))
            self._mark(process, kind)

    def _show(self, process: str, state: State, label: str = "") -> None:
        """The lane of a process goes on in this state from the newest moment."""
        lane, now = self.lanes.get(process), len(self.moments) - 1
        if lane is None or lane.start < 0 or lane.segments[-1].state == state:
            return
        lane.segments[-1].end = now
        lane.segments.append(Segment(state, now, now, label))

    def _close(self, process: str) -> None:
        """The lane ends at the newest moment."""
        self.zombies.discard(process)
        lane = self.lanes.get(process)
        if lane is not None:
            lane.end = lane.segments[-1].end = len(self.moments) - 1

    # -- events --------------------------------------------------------------------

    def _begin(self, begin: Begin) -> None:
        stack = self.states.get(begin.process)
        if not stack:
            return
        stack.append((begin.event, begin.state))
        if begin.process in self.lanes:
            self._moment(begin.t)
            self._show(begin.process, begin.state, begin.label)

    def _returned(self, event: AnyEvent) -> bool:
        """The blocking call that ends with this event is over, and handlers on top of it.

        Tells whether it had been drawn as begun.
        """
        stack = self.states.get(event.process, [])
        depth = next((i for i, (ends, _) in enumerate(stack) if ends == event.n), None)
        if depth is None:
            return False
        del stack[depth:]
        return True

    def _resume(self, event: AnyEvent) -> None:
        stack = self.states.get(event.process)
        if stack:
            self._show(event.process, stack[-1][1])

    def _event(self, event: AnyEvent) -> None:
        match event:
            case Fork():
                self._fork(event)
            case Exec():
                self._exec(event)
            case Exit():
                self._exit(event)
            case Wait():
                self._wait(event)
            case Sleep():
                if self._returned(event) and event.process in self.lanes:
                    self._moment(event.t, event.n)
                    self._resume(event)
            case Write():
                self._write(event)
            case SendSignal():
                self._send(event)
            case Delivered(action="handler"):
                if self._add(event, "handler", event.name) and event.thread == 0:
                    self._interrupted(event.process)
            case Stopped():
                if self._add(event, "stopped", event.name):
                    self._show(event.process, "stopped")
            case Continued():
                if self._add(event, "continued"):
                    self._resume(event)
            case ThreadStart():
                self._add(event, "thread", joins=True)
            case Disposition(name="SIGCHLD"):
                if event.action == "ignored" or "SA_NOCLDWAIT" in event.flags:
                    self._add(event, "ignores", event.name)
            case Refused():
                self._add(event, "refused", event.call, joins=True)
            case Pipe(error=str(error)):
                self._failed(event, error)
            case Adopt():
                if event.by != "outside":
                    self.wards[event.by].append(event.process)
            case _:
                pass

    def _exec(self, event: Exec) -> None:
        started = event.process == ROOT and len(self.moments) == 1
        if started and not self.moments[0].events:  # the program itself, and not a second one
            self.moments[0].events.append(event.n)
        else:
            self._add(event, "exec", event.program[0].rpartition("/")[2] if event.program else "")

    def _fork(self, event: Fork) -> None:
        if event.child is None:
            self._failed(event, event.error)
            return
        if event.process in self.lanes:
            self._add(event, "fork", joins=event.child not in self.lanes)
        elif event.child in self.lanes:
            self._moment(event.t, event.n)
        self.wards[self.processes[event.child].parent or ROOT].append(event.child)
        self._open(event.child, "born")
        if event.child in self.lanes:
            self._link("fork", event.process, event.child)

    def _failed(self, event: AnyEvent, error: str | None, joins: bool = False) -> None:
        """A call failed, by itself or because a fault made it."""
        self._add(event, "fault" if event.injected else "failed", error or "", joins=joins)

    def _link(self, kind: LinkKind, source: str, target: str) -> None:
        if source in self.lanes and target in self.lanes:
            self.links.append(Link(len(self.moments) - 1, kind, source, target))

    def _exit(self, event: Exit) -> None:
        process = self.processes[event.process]
        self.states.pop(event.process, None)
        text = str(event.exit.code) if event.exit.signal is None else str(event.exit)
        kind: MarkKind = "limit" if self._ended_by_grader(process) else "exit"
        if event.injected:
            kind = "fault"
        wards = [ward for ward in self.wards.pop(event.process, ()) if ward in self.lanes]
        if kind == "limit" and process.id in self.stuck:
            self._standstill(event)
        elif not self._add(event, kind, text.removeprefix("killed by ")) and wards:
            self._moment(event.t, event.n)
        if process.reaped is not None or self._stays(process):
            self._show(event.process, "zombie")
            self.zombies.add(event.process)
        else:
            self._close(event.process)
        for ward in wards:
            self._left_alone(ward)

    def _ended_by_grader(self, process: Process) -> bool:
        killed = process.exit is not None and process.exit.signal == signal.SIGKILL
        at_a_limit = self.trace.ended != "exit" and process.fate == "root" and killed
        return process.fate == "killed" or at_a_limit

    def _stays(self, process: Process) -> bool:
        """Whether a process that exits now, and is never collected, is a zombie for a while."""
        guardian = process.adopted_by if process.fate == "orphaned" else process.parent
        return process.fate in ("unreaped", "orphaned") and guardian in self.states

    def _left_alone(self, ward: str) -> None:
        """The process that had this one as a child has ended."""
        if self.processes[ward].fate == "killed":  # at a limit, as its parent was
            return
        if ward in self.states:
            self._mark(ward, "orphaned")
        elif ward in self.zombies:
            if self.processes[ward].reaped is None:
                self._mark(ward, "uncollected")
                self._close(ward)
            else:  # by the subreaper that it has now
                self._mark(ward, "orphaned")

    def _wait(self, event: Wait) -> None:
        self._returned(event)
        match event.outcome:
            case "reaped":
                self._reap(event)
            case "peeked":
                self._add(event, "peek")
            case "nothing":
                self._add(event, "nothing", joins=True)
            case "failed":
                self._failed(event, event.error, joins=True)
            case "stopped" | "continued":
                self._add(event, "peek", event.outcome)
            case "unfinished":
                return
        self._resume(event)

    def _reap(self, event: Wait) -> None:
        child = event.child
        if child in self.lanes and event.process not in self.lanes:
            self._moment(event.t, event.n)
        else:
            self._add(event, "reap", joins=child not in self.lanes)
        if child is not None and child in self.lanes:
            self._mark(child, "reaped")
            self._link("reap", event.process, child)
            self._close(child)

    def _write(self, event: Write) -> None:
        if event.error is not None:
            self._failed(event, event.error, joins=True)
        elif event.n in self.outputs:
            self._write_out(event)
        elif event.stream.startswith("pipe "):
            self._add(event, "pipe", number=int(event.stream.removeprefix("pipe ")), joins=True)

    def _write_out(self, event: Write) -> None:
        if self.writing == (event.process, event.stream, len(self.moments)):
            self.writes[-1].append(event.n)
        else:
            self.writes.append([event.n])
        self._add(event, "write", event.stream, len(self.writes), joins=True)
        self.writing = (event.process, event.stream, len(self.moments))

    def _send(self, event: SendSignal) -> None:
        if event.error is not None:
            self._failed(event, event.error)
        elif self._add(event, "signal", event.name) and event.target != event.process:
            self._link("signal", event.process, event.target)

    def _interrupted(self, process: str) -> None:
        """A handler runs: whatever call the process was in is not what it does now."""
        stack = self.states.get(process)
        if stack and len(stack) > 1:
            stack.append((None, "running"))
            self._show(process, "running")

    def _end(self) -> None:
        """Close the lanes of processes whose end was not seen."""
        living = [*self.states, *self.zombies]
        if any(process in self.lanes for process in living):
            self._moment(self.trace.seconds)
        for process in living:
            if process in self.lanes:
                if process in self.stuck:
                    self._stick(process)
                self._mark(process, "stuck" if process in self.stuck else "limit")
                self._close(process)

    def _standstill(self, event: Exit) -> None:
        """Nothing will ever happen again: every lane ends here, at one moment."""
        if event.process not in self.lanes:
            return
        self._stick(event.process)
        if self.standstill != len(self.moments) - 1:
            self.standstill = self._moment(event.t)
        self.moments[-1].events.append(event.n)
        self._mark(event.process, "stuck")

    def _stick(self, process: str) -> None:
        """From the last thing that it did until now, this process has waited in vain.

        Only calls that wait for children are events; what else it waits in began after that.
        """
        lane = self.lanes.get(process)
        if lane is None or lane.segments[-1].state != "running":
            return
        since = max(lane.marks[-1].moment, lane.segments[-1].start)
        if since < len(self.moments):
            lane.segments[-1].end = since
            lane.segments.append(Segment("stuck", since, since))
