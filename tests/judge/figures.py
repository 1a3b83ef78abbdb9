"""The figures' scripts and the textbook's sample outputs of them."""

from pathlib import Path

from grader.judge import Script

TEXTBOOK = Path(__file__).parents[1] / "textbook"

FIG_18_02 = Script.parse(r"""
    P:  Program executing
    P:  \tpid: {P.pid}, processName: parent
    P:  Parent executing
    P:  \tpid: {P.pid}, forkPID: {C.pid}, processName: parent
    P:  Process finishing
    P:  \tpid: {P.pid}, processName: parent

    C:  Child executing
    C:  \tpid: {C.pid}, forkPID: 0, processName: child
    C:  Process finishing
    C:  \tpid: {C.pid}, processName: child
""")

FIG_18_03 = Script.parse(r"""
    P:   Parent waiting for child processes...
    P:   \tpid: {P.pid}, forkPID1: {C1.pid}, forkPID2: {C2.pid}
    P:   Parent: Child {first:C1|C2} finished first, one child left.
    P:   Parent: Child {second:C1|C2} finished second, no children left.

    C1:  Child1 sleeping for {s1:d} seconds...
    C1:  \tpid: {C1.pid}, forkPID1: 0

    C2:  Child2 sleeping for {s2:d} seconds...
    C2:  \tpid: {C2.pid}, forkPID1: {C1.pid}, forkPID2: 0
""")

SAMPLES = [
    (script, (TEXTBOOK / f"{figure}_{i}.txt").read_text())
    for figure, script in (("fig18_02", FIG_18_02), ("fig18_03", FIG_18_03))
    for i in (1, 2, 3)
]
NAMES = [f"{figure}_{i}" for figure in ("fig18_02", "fig18_03") for i in (1, 2, 3)]
