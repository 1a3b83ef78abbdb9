"""Traces made by hand: say what happens, event by event, and take the trace."""

from __future__ import annotations

from typing import Any

import msgspec

from grader.model import (
    ROOT,
    Adopt,
    AnyEvent,
    Ended,
    Exec,
    Exit,
    ExitStatus,
    Fate,
    Fork,
    Output,
    Process,
    Sleep,
    Stdio,
    Trace,
    Wait,
    Write,
    child_id,
    text_and_raw,
)


class Story:
    """What a run does, told in order; ``trace()`` gives it as exact or sampled evidence.

    ::

        s = Story()
        child = s.fork("P")
        s.write(child, "hello\\n")
        s.exit(child, 0)
        s.wait("P", child)
        s.exit("P")
        trace = s.trace()
    """

    def __init__(self, *, pid: int = 100, stdio: Stdio = "terminal") -> None:
        self.stdio = stdio
        self.events: list[AnyEvent] = []
        self.output: list[Output] = []
        self.now = 0.0
        self._next_pid = pid + 1
        self._parents: dict[str, str | None] = {ROOT: None}
        self._pids = {ROOT: pid}
        self._facts: dict[str, dict[str, Any]] = {ROOT: {"fate": "root"}}
        self._exited_at: dict[str, float] = {}

    def add(self, kind: type[AnyEvent], process: str, **fields: Any) -> int:
        """Record an event of any kind; returns its number."""
        n = len(self.events)
        if kind in (Wait, Sleep, Write):
            fields.setdefault("began", self.now)
            fields.setdefault("after", n)
        self.events.append(kind(n=n, t=self.now, process=process, **fields))
        return n

    def pid(self, process: str) -> int:
        return self._pids[process]

    def exec(self, process: str, *program: str) -> int:
        self._facts[process]["program"] = list(program)
        return self.add(Exec, process, program=list(program))

    def fork(self, parent: str = ROOT, *, pid: int | None = None, call: str = "fork") -> str:
        """Fork a child; returns its path id."""
        child = child_id(parent, 1 + sum(p == parent for p in self._parents.values()))
        if pid is None:
            pid, self._next_pid = self._next_pid, self._next_pid + 1
        self._parents[child], self._pids[child] = parent, pid
        n = self.add(Fork, parent, call=call, child=child, pid=pid)
        self._facts[child] = {"forked": n, "fate": "orphaned"}
        return child

    def write(self, process: str, text: str | bytes, stream: str = "stdout") -> int:
        """Write in one system call."""
        data = text.encode() if isinstance(text, str) else text
        shown, raw = text_and_raw(data)
        fd = {"stdout": 1, "stderr": 2}.get(stream, 3)
        n = self.add(
            Write, process, call="write", fd=fd, stream=stream, size=len(data), text=shown, raw=raw
        )
        if stream in ("stdout", "stderr"):
            self.output.append(Output(process=process, stream=stream, text=shown, event=n, raw=raw))
        return n

    def print(self, process: str, *lines: str) -> int:
        """Print lines as Python does on a terminal: the text, then the newline."""
        for line in lines:
            self.write(process, line)
            n = self.write(process, "\n")
        return n

    def sleep(self, process: str, seconds: float) -> int:
        """Sleep; the clock goes on."""
        began, after = self.now, len(self.events)
        self.now += seconds
        return self.add(
            Sleep, process, call="clock_nanosleep", seconds=seconds, outcome="slept",
            began=began, after=after,
        )  # fmt: skip

    def exit(self, process: str = ROOT, code: int | None = 0, signal: int | None = None) -> int:
        """End; its children that are alive become orphans, the dead ones stay unreaped."""
        status = ExitStatus(None if signal else code, signal)
        n = self.add(Exit, process, exit=status)
        self._facts[process] |= {"exit": status, "exited": n}
        self._exited_at[process] = self.now
        if process != ROOT:
            self._facts[process]["fate"] = "unreaped"
        for child, parent in self._parents.items():
            if parent == process and "exit" not in self._facts[child]:
                self._facts[child] |= {"fate": "orphaned", "adopted_by": "outside"}
                self.add(Adopt, child, by="outside")
        return n

    def wait(self, process: str, child: str, *, target: str = "any", **fields: Any) -> int:
        """Collect a child that has exited."""
        facts = self._facts[child]
        n = self.add(
            Wait, process, call="wait4", target=target, outcome="reaped", child=child,
            status=facts["exit"], **fields,
        )  # fmt: skip
        facts |= {
            "fate": "reaped",
            "reaped": n,
            "reaped_by": process,
            "zombie_seconds": self.now - self._exited_at[child],
        }
        return n

    def fate(self, process: str, fate: Fate) -> None:
        """Set a fate that the story cannot tell (auto-reaped, killed)."""
        self._facts[process]["fate"] = fate

    def trace(self, *, ended: Ended = "exit", **fields: Any) -> Trace:
        """The trace, as exact evidence."""
        processes = []
        for id, parent in self._parents.items():
            facts = dict(self._facts[id])
            # An orphan keeps its fate, whenever it ends.
            if facts.get("adopted_by") and facts["fate"] == "unreaped":
                facts["fate"] = "orphaned"
            processes.append(Process(id=id, pid=self._pids[id], parent=parent, **facts))
        return Trace(
            evidence="exact",
            engine="made by hand",
            command=["program"],
            stdio=self.stdio,
            ended=ended,
            exit=self._facts[ROOT].get("exit", ExitStatus(0)),
            seconds=self.now,
            processes=processes,
            events=list(self.events),
            output=list(self.output),
            **fields,
        )

    def sampled(self) -> Trace:
        """The same as sampled evidence: no events, no writers."""
        trace = self.trace()
        return msgspec.structs.replace(
            trace,
            evidence="sampled",
            events=[],
            output=[Output(process=None, stream="terminal", text=trace.text())],
            processes=[
                msgspec.structs.replace(p, forked=None, exited=None, reaped=None, fate=None)
                for p in trace.processes
            ],
            blind_spots=["who wrote what"],
        )


def _in_order_of_birth(process: str) -> tuple[int, list[int]]:
    numbers = [int(n) for n in process.split(".")[1:]]
    return len(numbers), numbers


def make_trace(
    *writes: tuple[str, str | bytes],
    parents: dict[str, str] | None = None,
    pids: dict[str, int] | None = None,
    exits: dict[str, int] | None = None,
    stderr: dict[str, str] | None = None,
) -> Trace:
    """Make a trace from writes alone: ``make_trace(("P", "a\\n"), ("P.1", "b\\n"))``.

    Every process that is named is forked first (P has pid 100, then in order of
    mention 101, 102, ...), writes in the given order, and ends; the parent collects it.
    """
    story = Story(pid=(pids or {}).get(ROOT, 100))
    named = [p for p, _ in writes] + list(pids or {}) + list(exits or {})
    for process in sorted({*named} - {ROOT}, key=_in_order_of_birth):
        made = story.fork(process.rpartition(".")[0], pid=(pids or {}).get(process))
        assert made == process, f"name {made} before {process}"
    for process, text in writes:
        story.write(process, text)
    for process, text in (stderr or {}).items():
        story.write(process, text, "stderr")
    known = [p.id for p in story.trace().processes]
    for process in sorted(known, key=lambda p: -p.count(".")):
        if process != ROOT:
            story.exit(process, (exits or {}).get(process, 0))
            story.wait(process.rpartition(".")[0], process)
    story.exit(ROOT, (exits or {}).get(ROOT, 0))
    return story.trace()
