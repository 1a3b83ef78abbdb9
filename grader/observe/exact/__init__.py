"""The exact engine: every event of a run from the kernel, by ptrace and seccomp, on Linux."""

from __future__ import annotations

import os
import platform

from grader.model import GraderError, Scenario, Trace
from grader.observe.capture import UnfinishedWrite
from grader.observe.confine import Confined
from grader.observe.exact import arch, ptrace
from grader.observe.exact.engine import Engine
from grader.observe.exact.filter import filter_for
from grader.observe.exact.guard import stopped_calls
from grader.observe.exact.pilot import FreeRunning
from grader.observe.exact.record.recorder import RealClock, Recorder, Targets
from grader.observe.launch import launch
from grader.observe.stdio import Stdio
from grader.observe.supervisor import Report
from grader.observe.survivors import end_survivors


def observe(scenario: Scenario, stdio: Stdio, confined: Confined | None) -> Report:
    """Run a scenario in this process (a supervisor) and report what every process did."""
    architecture = arch.current()
    if architecture is None:
        raise GraderError(f"the exact engine does not know the architecture {platform.machine()}")
    clock = RealClock()
    recorder = Recorder(_targets(stdio), clock)
    engine = Engine(recorder, scenario.limits, architecture, FreeRunning(), clock, confined)
    # The filter comes after the seizing: one that traces gives ENOSYS while there is no
    # tracer (seccomp(2)).
    filter = filter_for(architecture)
    program = launch(
        scenario,
        stdio,
        attach=ptrace.seize,
        prepare=filter.install,
        confined=confined,
        stopped=stopped_calls(architecture),
    )
    engine.run(program.pid)
    program.check(scenario.command[0])
    if engine.tree.root.exit is None:
        raise GraderError("the program's root process was never seen to end")
    survivors = end_survivors(engine.looks.met)
    trace = Trace(
        evidence="exact",
        engine=f"ptrace and seccomp, Linux {platform.release()}, {platform.machine()}",
        scenario=scenario.name,
        command=scenario.command,
        stdio=scenario.stdio,
        ended=engine.ended or engine.watch.at_the_end() or "exit",
        limit=engine.watch.reached,
        exit=engine.tree.root.exit,
        seconds=engine.seconds,
        processes=[node.as_process() for node in engine.tree.nodes],
        events=recorder.events,
        looks=engine.looks.taken,
        looks_skipped=engine.looks.skipped,
        doubts=recorder.doubts,
        survivors=survivors,
    )
    unfinished = [UnfinishedWrite(n, offered) for n, offered in recorder.unfinished_writes]
    return Report(trace=trace, unfinished=unfinished)


def _targets(stdio: Stdio) -> Targets:
    if stdio.terminal is not None:
        return Targets(os.fstat(stdio.terminal).st_rdev, {})
    _, output, errors = (os.fstat(stream).st_ino for stream in stdio.streams)
    return Targets(None, {output: "stdout", errors: "stderr"})
