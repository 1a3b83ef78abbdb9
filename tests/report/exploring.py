"""Controlled runs, and what exploring gave, made by hand."""

from __future__ import annotations

from grader.model import (
    ExitStatus,
    Exploration,
    FoundOutcome,
    FoundOutput,
    Pipe,
    Schedules,
    Stuck,
    Trace,
)
from tests.report.telling import Telling

CONTROLLED = {"time": "adversarial", "engine": "ptrace and seccomp, controlled"}


def two_runs() -> list[Trace]:
    """A parent and a child that both write: either may be first."""
    traces = []
    for first, schedule in (("P", "1:,ordered"), ("P.1", "1:b,ordered")):
        run = Telling("python3", "race.py")
        child = run.fork()
        for process in (first, {"P": child, child: "P"}[first]):
            text = "parent\n" if process == "P" else f"child {run.processes[child]['pid']}\n"
            run.write(process, text)
        run.exit(child)
        run.reap("P", child)
        run.exit("P")
        traces.append(run.trace(**CONTROLLED, schedule=schedule))
    return traces


def lost_wakeup() -> Trace:
    """A deadlock, under adversarial time, with a fault; clocks that go each its own way."""
    run = Telling("python3", "lost.py")
    child = run.at(3.0).fork()
    run.begin(child)
    run.at(1.0).slept(child, 2)
    run.tell_fault(child)
    run.exit(child, 1)
    run.at(3.0).handler("P", 17)
    run.write("P", "the child's signal came, and now I wait for it\n")
    return run.trace(
        **CONTROLLED,
        ended="deadlock",
        schedule="1:ab-a+,ordered,fork:EAGAIN@P.1#1",
        faults=["fork:EAGAIN@P.1#1"],
        stuck=[
            Stuck(
                process="P",
                waits_in="pause",
                because="P waits for a signal, and nobody can send it one any more",
                holds=["read end of pipe 1 (fd 3)"],
            )
        ],
    )


def pipe_left_open() -> Trace:
    """A child that waits for the end of what it could write itself, as the engine tells it."""
    run = Telling("python3", "stuck.py")
    run.tell(Pipe, "P", pipe="pipe 1", read=3, write=4)
    child = run.fork()
    run.exit("P", signal=9)
    run.exit(child, signal=9)
    run.processes[child]["fate"] = "killed"
    return run.trace(
        **CONTROLLED,
        ended="deadlock",
        schedule="1:,ordered",
        stuck=[
            Stuck(
                process="P",
                waits_in="wait any",
                because="P waits for a child to end, and P.1 never does",
            ),
            Stuck(
                process="P.1",
                waits_in="read pipe 1",
                because="P.1 reads from pipe 1, which is empty, and holds the only open write end"
                " itself (fd 4): while that is open, read does not come to the end of file",
                holds=["read end of pipe 1 (fd 3)", "write end of pipe 1 (fd 4)"],
            ),
        ],
    )


def asked_too_early() -> Trace:
    """A parent that asks once whether its child has ended."""
    run = Telling("python3", "poll.py")
    child = run.fork()
    run.slept("P", 1)
    run.wait("P", "nothing", child, options=["WNOHANG"])
    run.exit(child, 3)
    run.write("P", "its status: none yet\n")
    run.exit("P")
    return run.trace(**CONTROLLED, schedule="1:,ordered")


def many_outputs(count: int) -> Exploration:
    """So many outputs, and outcomes of every kind."""
    ok, bad = ExitStatus(code=0), ExitStatus(code=1)

    def outcome(n: int, ended: str, exit: ExitStatus, **fates: str) -> FoundOutcome:
        return FoundOutcome(
            ended=ended,
            exit=exit,
            fates={name.replace("_", "."): fate for name, fate in fates.items()},
            exits={"P": exit, "P.1": bad},
            schedule=f"1:a{n + 2}b,ordered",
        )

    return Exploration(
        command=["./a.out", "a file"],
        schedules=Schedules(runs=1500, pruned=12, reason="the budget of 1,500 runs was used up"),
        outputs=[
            FoundOutput(text=f"line of run {n}\n" * 30, schedule=f"1:b{n + 2},ordered")
            for n in range(count)
        ],
        outcomes=[
            outcome(1, "deadlock", ExitStatus(signal=9), P_1="killed"),
            outcome(2, "step-limit", ExitStatus(signal=9), P_1="killed"),
            outcome(3, "exit", bad, P_1="reaped"),
            outcome(4, "exit", ok, P_1="orphaned", P_2="unreaped"),
            outcome(5, "exit", ok, P_1="reaped", P_2="reaped"),
        ],
    )
