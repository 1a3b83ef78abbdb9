"""Runs whose reports are kept as golden texts."""

from __future__ import annotations

from grader.model import Check, Flag, Result, Trace
from tests.report.telling import Telling


def one_wait_only() -> Trace:
    """Fig. 18.3 with one wait call: the slower child is an orphan."""
    run = Telling("/usr/bin/python3", "fig18_03.py")
    first, second = run.at(0.011).fork(), run.fork()
    run.write("P", "Parent waiting for child processes...\n")
    run.begin("P")
    run.write(first, "Child1 sleeping for 1 seconds...\n")
    run.begin(first)
    run.write(second, "Child2 sleeping for 3 seconds...\n")
    run.begin(second)
    run.at(1.012).slept(first, 1)
    run.exit(first)
    run.reap("P", first)
    run.write("P", "Parent: Child 4243 finished first, one child left.\n")
    run.exit("P")
    run.at(3.013).slept(second, 3)
    run.exit(second)
    return run.trace(scenario="terminal")


def zombie() -> Trace:
    """A parent that is busy while its child is a zombie, and collects it at last."""
    run = Telling("/usr/bin/python3", "zombie.py")
    child = run.at(0.012).fork()
    run.write(child, "child: I end with status 3\n")
    run.exit(child, 3)
    run.begin("P")
    run.at(2.013).slept("P", 2)
    run.reap("P", child, child)
    run.write("P", "parent: my child ended with status 3\n")
    run.wait("P", "failed", error="ECHILD")
    run.exit("P")
    return run.trace()


def everything() -> Trace:
    """A run with a mark of nearly every kind."""
    run = Telling("sh", "-c", "all sorts of things")
    worker, zombie = run.fork(), run.fork()
    grandchild = run.fork(worker)
    run.exec(grandchild, "/bin/ls", "-l", "a file")
    run.fork_fails()
    run.write(worker, "no newline")
    run.write(grandchild, "complaint\n", "stderr")
    run.write(worker, "\n")
    run.exit(zombie, signal=11)
    run.wait("P", "nothing", options=["WNOHANG"])
    run.wait("P", "peeked", child=zombie, status=run.processes[zombie]["exit"], options=["WNOWAIT"])
    run.exit(grandchild, 2)
    run.reap(worker, grandchild, "P.1.1", ("WNOHANG", "WUNTRACED"))
    run.begin("P")
    run.kill(worker, "P", 10)
    run.handler("P", 10, worker)
    run.at(0.5).wait("P", "failed", error="EINTR")
    run.exit("P", 1)
    run.at(2.0).exit(worker)
    return run.trace(
        stdio="pipe",
        survivors=["P.1"],
        blind_spots=["what a process does inside a virtual machine"],
        doubts=["two events came in an order that can't be"],
    )


def one_wait_result() -> Result:
    """The verdict on ``one_wait_only``."""
    trace = one_wait_only()
    end, reap = trace.root.exited, trace.process("P.1").reaped
    assert end is not None
    assert reap is not None
    return Result(
        assignment="fig18_03",
        submission="fig18_03.py",
        evidence="exact",
        status="fail",
        score=3,
        max_score=10,
        checks=[
            Check(
                id="forks_twice",
                description="Both children are forked by the parent, not one by the other.",
                status="pass",
                points=2,
                max_points=2,
            ),
            Check(
                id="every_child_is_reaped",
                description="The parent collects each of its children with a wait call.",
                status="fail",
                points=0,
                max_points=3,
                message="the second child (P.2) was still running when its parent exited.",
                hint="One os.wait() collects one child, so two children need two.",
                scenario="terminal",
                where=[end],
                process="P.2",
            ),
            Check(
                id="parent_reports",
                description="The parent prints which child finished first and which second.",
                status="fail",
                points=0,
                max_points=2,
                message="P printed:\n  expected:  Parent: Child 4244 finished second\n"
                "  got:       nothing more",
                scenario="terminal",
                where=[reap, end],
                process="P",
            ),
            Check(
                id="in_order",
                description="The parent names its children in the order in which they ended.",
                status="skipped",
                points=0,
                max_points=2,
                message="skipped because parent_reports failed",
            ),
            Check(
                id="ends_last",
                description="The parent does not end before its children.",
                status="unproved",
                points=1,
                max_points=1,
                message="sampling does not see exit events",
            ),
        ],
        flags=[
            Flag(
                kind="orphan",
                process="P.2",
                detail="The second child (P.2) was still running when the parent (P) exited: "
                "an orphan now, it was adopted by the system.",
            )
        ],
        traces=[trace],
    )
