"""Traces told by hand: a story, event by event, whose processes follow from it."""

from __future__ import annotations

from typing import Any

from grader.model import (
    Adopt,
    AnyEvent,
    Delivered,
    Exec,
    Exit,
    ExitStatus,
    Fork,
    Output,
    Process,
    SendSignal,
    Sleep,
    Trace,
    Wait,
    Write,
    child_id,
    signal_name,
    text_and_raw,
)


class Telling:
    """Tells a run. Time passes only when ``at`` says so, and a little at each event."""

    def __init__(self, *command: str) -> None:
        self.command = list(command or ("python3", "story.py"))
        self.t = 0.0
        self.events: list[AnyEvent] = []
        self.output: list[Output] = []
        self.processes: dict[str, dict[str, Any]] = {}
        self.begun: dict[str, tuple[float, int]] = {}
        self._born("P", None)
        self.tell(Exec, "P", program=self.command)

    def tell(self, kind: type[Any], process: str, **fields: Any) -> int:
        event = kind(n=len(self.events), t=round(self.t, 6), process=process, **fields)
        self.events.append(event)
        self.t += 0.0001
        return event.n

    def at(self, t: float) -> Telling:
        """What follows happens at this second."""
        self.t = t
        return self

    def begin(self, process: str) -> None:
        """A blocking call of the process begins here, and ends when it is told of."""
        self.begun[process] = (self.t, len(self.events))

    def _blocking(self, process: str) -> dict[str, Any]:
        began, after = self.begun.pop(process, (self.t, len(self.events)))
        return {"began": round(began, 6), "after": after}

    def _born(self, id: str, parent: str | None) -> None:
        self.processes[id] = {
            "id": id,
            "pid": 4242 + len(self.processes),
            "parent": parent,
            "fate": "root" if parent is None else None,
            "program": self.command,
        }

    def fork(self, process: str = "P") -> str:
        children = [p for p in self.processes.values() if p["parent"] == process]
        child = child_id(process, len(children) + 1)
        self._born(child, process)
        record = self.processes[child]
        record["forked"] = self.tell(Fork, process, call="fork", child=child, pid=record["pid"])
        return child

    def fork_fails(self, process: str = "P", error: str = "EAGAIN") -> int:
        return self.tell(Fork, process, call="fork", error=error)

    def tell_fault(self, process: str) -> int:
        """A fork that the scenario makes fail."""
        return self.tell(Fork, process, call="fork", error="EAGAIN", injected=True)

    def exec(self, process: str, *program: str) -> int:
        self.processes[process]["program"] = list(program)
        return self.tell(Exec, process, program=list(program))

    def write(
        self, process: str, text: str | bytes, stream: str = "stdout", raw: bytes | None = None
    ) -> int:
        if isinstance(text, bytes):
            text, raw = text_and_raw(text)
        n = self.tell(
            Write,
            process,
            **self._blocking(process),
            call="write",
            fd=1 if stream == "stdout" else 2,
            stream=stream,
            size=len(raw or text.encode()),
            text=text,
            raw=raw,
        )
        if stream in ("stdout", "stderr"):
            self.output.append(Output(process=process, stream=stream, text=text, event=n, raw=raw))
        return n

    def slept(self, process: str, seconds: float) -> int:
        return self.tell(
            Sleep,
            process,
            **self._blocking(process),
            call="clock_nanosleep",
            seconds=seconds,
            outcome="slept",
        )

    def wait(self, process: str, outcome: str, target: str = "any", **fields: Any) -> int:
        return self.tell(
            Wait,
            process,
            **self._blocking(process),
            call="wait4",
            target=target,
            outcome=outcome,
            **fields,
        )

    def reap(
        self, process: str, child: str, target: str = "any", options: tuple[str, ...] = ()
    ) -> int:
        record = self.processes[child]
        n = self.wait(
            process, "reaped", target, child=child, status=record["exit"], options=list(options)
        )
        exited = self.events[record["exited"]].t
        record |= {"reaped": n, "reaped_by": process}
        record["zombie_seconds"] = round(self.events[n].t - exited, 6)
        if record["fate"] is None:
            record["fate"] = "reaped"
        return n

    def kill(self, process: str, target: str, number: int) -> int:
        return self.tell(
            SendSignal, process, call="kill", target=target, signal=number, name=signal_name(number)
        )

    def handler(self, process: str, number: int, sender: str | None = None) -> int:
        return self.tell(
            Delivered,
            process,
            signal=number,
            name=signal_name(number),
            action="handler",
            sender=sender,
        )

    def exit(self, process: str, code: int = 0, signal: int | None = None) -> int:
        status = ExitStatus(signal=signal) if signal else ExitStatus(code=code)
        record = self.processes[process]
        n = record["exited"] = self.tell(Exit, process, exit=status)
        record["exit"] = status
        for child in self.processes.values():
            if child["parent"] == process and child["fate"] is None:
                alive = "exit" not in child
                child |= {"fate": "orphaned" if alive else "unreaped", "adopted_by": "outside"}
                if alive:
                    self.tell(Adopt, child["id"], by="outside")
                else:
                    child["zombie_seconds"] = self.events[n].t - self.events[child["exited"]].t
        return n

    def trace(self, **fields: Any) -> Trace:
        given: dict[str, Any] = {
            "evidence": "exact",
            "engine": "ptrace on Linux x86-64",
            "command": self.command,
            "ended": "exit",
            "exit": self.processes["P"].get("exit", ExitStatus(signal=9)),
            "seconds": round(self.t, 6),
            "processes": [Process(**record) for record in self.processes.values()],
            "events": self.events,
            "output": self.output,
        }
        return Trace(**given | fields)


def figure_18_3() -> Trace:
    """A run of Fig. 18.3: two children that sleep, and a parent that waits for both."""
    run = Telling("/usr/bin/python3", "fig18_03.py")
    first = run.at(0.011).fork()
    second = run.fork()
    run.write(
        "P", "Parent waiting for child processes...\n\tpid: 4242, forkPID1: 4243, forkPID2: 4244\n"
    )
    run.begin("P")
    run.write(first, "Child1 sleeping for 3 seconds...\n\tpid: 4243, forkPID1: 0\n")
    run.begin(first)
    run.write(
        second, "Child2 sleeping for 1 seconds...\n\tpid: 4244, forkPID1: 4243, forkPID2: 0\n"
    )
    run.begin(second)
    run.at(1.012).slept(second, 1)
    run.exit(second)
    run.reap("P", second)
    run.write("P", "Parent: Child 4244 finished first, one child left.\n")
    run.begin("P")
    run.at(3.013).slept(first, 3)
    run.exit(first)
    run.reap("P", first)
    run.write("P", "Parent: Child 4243 finished second, no children left.\n")
    run.exit("P")
    return run.trace()
