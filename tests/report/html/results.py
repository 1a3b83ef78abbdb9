"""Folders of results, told by hand."""

from __future__ import annotations

from pathlib import Path

import msgspec

from grader.batch import Record
from grader.model import (
    Batch,
    Check,
    Deduction,
    Entry,
    Graded,
    Result,
    Student,
    Trace,
    Unplaced,
    to_json,
)
from tests.report.stories import everything, one_wait_only, one_wait_result
from tests.report.telling import Telling, figure_18_3

SOURCE = b"""import os, sys, time

child = os.fork()
if child == 0:
    print("Child1 sleeping for 1 seconds...")
    time.sleep(1)
    sys.exit()
second = os.fork()
os.wait()
print("Parent: Child", child, "finished first, one child left.")
"""


def check(id: str = "reaps", status: str = "fail", **fields: object) -> Check:
    given = {
        "description": f"What the check {id} is about.",
        "points": 2.0 if status == "pass" else 0.0,
        "max_points": 2.0,
        "message": "" if status == "pass" else f"{id} says what happened",
        "scenario": "terminal" if status == "fail" else None,
    }
    return Check(id=id, status=status, **given | fields)  # type: ignore[arg-type]


def result(*checks: Check, traces: tuple[Trace, ...] = (), **fields: object) -> Result:
    failed = any(check.status == "fail" for check in checks)
    given = {
        "assignment": "fig18_03",
        "submission": "fig18_03.py",
        "evidence": "exact",
        "status": "fail" if failed else "pass",
        "score": sum(check.points for check in checks),
        "max_score": sum(check.max_points for check in checks),
        "traces": list(traces),
    }
    return Result(checks=list(checks), **given | fields)  # type: ignore[arg-type]


def entry(id: str, who: str = "", **fields: object) -> Entry:
    given = {
        "student": Student(id="9" + str(len(id)) * 4, name=who or id.title()),
        "name": f"{id}/fig18_03.py",
        "file": "fig18_03.py",
    }
    return Entry(id=id, **given | fields)  # type: ignore[arg-type]


def graded(id: str, result: Result | None = None, who: str = "", **fields: object) -> Graded:
    return Graded(entry=entry(id, who, **fields), result=result)


def store(folder: Path, rows: list[Graded], source: bytes = SOURCE, **fields: object) -> Path:
    """Write a folder of results as a batch does."""
    for row in rows:
        place = folder / row.entry.id
        place.mkdir(parents=True)
        if row.result is not None:
            (place / "result.json").write_bytes(to_json(row.result))
        if row.failure is not None:
            record = Record(inputs={}, failure=row.failure)
            (place / "record.json").write_bytes(msgspec.json.encode(record))
        if row.entry.file:
            (place / "submission").mkdir()
            (place / "submission" / row.entry.file).write_bytes(source)
    entries = sorted((row.entry for row in rows), key=lambda entry: entry.id)
    given = {"assignment": "fig18_03", "title": "Fig. 18.3", "layout": "one folder a student"}
    batch = Batch(entries=entries, **given | fields)  # type: ignore[arg-type]
    folder.mkdir(exist_ok=True)
    (folder / "batch.json").write_bytes(to_json(batch))
    return folder


def right() -> Result:
    return result(
        check("forks", "pass", proof="exhaustive", runs=24),
        check("reaps", "pass", proof="bounded", runs=50),
        traces=(figure_18_3(),),
    )


def with_one_wait(first_pid: int = 4242) -> Result:
    """The verdict on a program that waits once, with pids of its own."""
    told = one_wait_result()
    trace = told.traces[0]
    moved = {p.id: p.pid - 4242 + first_pid for p in trace.processes}
    processes = [msgspec.structs.replace(p, pid=moved[p.id]) for p in trace.processes]
    events = [
        msgspec.structs.replace(e, pid=moved[e.child]) if getattr(e, "pid", None) else e
        for e in trace.events
    ]
    other = msgspec.structs.replace(trace, processes=processes, events=events)
    return msgspec.structs.replace(told, traces=[other])


def many_processes(number: int = 1000) -> Trace:
    """A program that forks this many children, each of which does something else."""
    run = Telling("/usr/bin/python3", "many.py")
    children = [run.fork() for _ in range(number)]
    for at, child in enumerate(children):
        run.write(child, f"{at}\n")
        run.exit(child, at % 7)
    for child in children:
        run.reap("P", child)
    run.exit("P")
    return run.trace(scenario="terminal")


def class_of(folder: Path) -> Path:
    """A small class in which everything happens."""
    late = msgspec.structs.replace(
        right(), deduction=Deduction(points=1, reason="2 hours late: 25% a day that has begun")
    )
    lucky = result(
        check("reaps", schedule="1:b,ideal"),
        traces=(
            msgspec.structs.replace(figure_18_3(), scenario="terminal", schedule="1:"),
            msgspec.structs.replace(one_wait_only(), schedule="1:b,ideal"),
        ),
    )
    odd = result(check("runs", where=[3]), traces=(everything_told(),))
    rows = [
        graded("ana", right(), "Ana López"),
        graded("ben", with_one_wait(), "Ben O'Neill"),
        graded("chloe", with_one_wait(7000), "Chloé Smith"),
        graded("dora", late, "Dora Kim"),
        graded("eve", odd, "Eve Adams"),
        graded("fay", lucky, "Fay Wong"),
        graded("gus", None, "Gus Hill", problem="the file is empty"),
        graded("hal", None, "Hal Ito", name="", file="", problem="nothing was handed in"),
        Graded(entry=entry("ida", "Ida Jones"), failure="the supervising process was killed"),
        graded("jon", None, "Jon Snow"),
    ]
    unplaced = [Unplaced(name="notes.txt", reason="not a Python file")]
    return store(folder, rows, unplaced=unplaced)


def everything_told() -> Trace:
    return msgspec.structs.replace(everything(), scenario="terminal")
