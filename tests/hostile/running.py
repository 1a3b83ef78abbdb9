"""Runs hostile programs in every way, and says what is not as it should be."""

from __future__ import annotations

import functools
import os
import platform
import re
import shutil
import subprocess
from pathlib import Path

import msgspec

from grader.assignments import Assignment, Recorder, find, judge_all, open_submission
from grader.explore import Budget
from grader.explore.exploring import explore_all
from grader.judge.flags import flags
from grader.model import Confinement, Result, Scenario, Stdio, Trace
from grader.observe import python_executable, run_all

from .heads import Engine, Program
from .surroundings import Surroundings

STDIO: dict[Engine, tuple[Stdio, ...]] = {
    "free": ("terminal", "pipe"),
    "controlled": ("terminal",),
    "sampled": ("pipe",),
}
"""In which stdio modes a program is run; every engine in both with ``GRADER_HOSTILE=all``."""
if os.environ.get("GRADER_HOSTILE") == "all":
    STDIO = dict.fromkeys(STDIO, ("terminal", "pipe"))
RUNS = Budget(runs=2, seconds=10)
"""How many schedules of each program: attacks are as good in one as in another."""
DOORS = Path(__file__).parent / "doors.py"
_DOORS = ("signals", "files", "network")
NOT_COMPARED = {"nothing-forked", "not-fork"}
"""Flags that say what is plain to see."""


def unsuitable(program: Program, engine: Engine) -> str | None:
    """Why a program can't be tried here; None when it can."""
    needed = set(program.listed("needs"))
    if needed and (missing := needed & open_doors(engine)):
        return f"here nothing holds {' and '.join(sorted(missing))} in {engine} runs"
    machine = program.said("machine")
    if machine and machine != platform.machine():
        return f"it is for {machine}"
    if program.in_c and compiler() is None:
        return "there is no C compiler"
    return None


@functools.cache
def open_doors(engine: Engine) -> set[str]:
    """What is not confined here in runs of an engine: a program that needs it to be would do
    harm, and is not run. Found out by a harmless one."""
    around = Surroundings()
    try:
        program = Program(DOORS, ())
        data, _ = around.watch(lambda: msgspec.json.encode(run_in_each(program, engine, around)))
        if not data:
            return set(_DOORS)
        traces = msgspec.json.decode(data, type=dict[Stdio, list[Trace]])
        told = [trace.text() for found in traces.values() for trace in found]
        return set(_DOORS) - {
            door for door in _DOORS if all(f"shut: {door}" in text for text in told)
        }
    finally:
        around.end()


def compiler() -> str | None:
    return shutil.which("cc") or shutil.which("gcc")


def place(program: Program, around: Surroundings) -> Path:
    """Have a program where it can be run, in a folder of its own: compiled, or copied."""
    folder = around.sources / program.name
    made = folder / (program.name if program.in_c else program.path.name)
    if not made.exists():
        folder.mkdir()
        if program.in_c:
            command = [compiler() or "", "-w", "-O1", "-pthread", "-o", made, program.path]
            subprocess.run(command, check=True, capture_output=True)
        else:
            shutil.copyfile(program.path, made)
        for name in program.listed("beside"):
            (folder / name).write_text(_POISON)
    return made


_POISON = """import os
open(os.path.join(os.path.dirname(__file__), "poisoned"), "w").close()
print("REACHED: what lies beside the program was run")
"""
"""What lies beside a program and may not be run by anyone."""


def scenario(program: Program, engine: Engine, stdio: Stdio, around: Surroundings) -> Scenario:
    """How a program is run in one way."""
    made = place(program, around)
    if program.in_c:
        command, script = [f"./{made.name}", *around.arguments], None
    else:
        command, script = [python_executable(), made.name, *around.arguments], made.name
    return Scenario(
        command=command,
        name=f"{program.name} {engine} {stdio}",
        stdio=stdio,
        time="adversarial" if engine == "controlled" else "real",
        script=script,
        limits=program.limits(engine, stdio),
        confinement=Confinement(files={made.name: str(made)}),
    )


def run_in_each(program: Program, engine: Engine, around: Surroundings) -> dict[Stdio, list[Trace]]:
    """Run a program on a terminal and on pipes, at the same time."""
    ways = program.stdio(STDIO[engine])
    scenarios = [scenario(program, engine, stdio, around) for stdio in ways]
    if engine == "controlled":
        found = explore_all([(each, RUNS) for each in scenarios], engine="exact")
        return dict(zip(ways, [explored.traces for explored in found], strict=True))
    traces = run_all(scenarios, "sampled" if engine == "sampled" else "exact")
    return dict(zip(ways, [[trace] for trace in traces], strict=True))


def findings(program: Program, engine: Engine, around: Surroundings) -> list[str]:
    """Run a program in one of the engines' ways; what was not as its head says, and what it
    has left behind or got hold of."""
    place(program, around)
    data, wrong = around.watch(lambda: msgspec.json.encode(run_in_each(program, engine, around)))
    wrong = [f"{engine}: {each}" for each in wrong]
    runs = msgspec.json.decode(data, type=dict[Stdio, list[Trace]]) if data else {}
    for stdio, traces in runs.items():
        for trace in traces:
            problems = [*held(trace, around.token), *expected(program, engine, stdio, trace)]
            wrong += [f"{engine}, {stdio}: {problem}" for problem in problems]
    return wrong


def held(trace: Trace, token: str) -> list[str]:
    """What is wrong with a run, whatever the program is."""
    wrong = [f"doubt: {doubt}" for doubt in trace.doubts]
    text = trace.text()
    for word in ("REACHED", token):
        if word in text:
            line = next(line for line in text.splitlines() if word in line)
            wrong.append(f"it got through: {line[:200]!r}")
    if trace.evidence == "exact":
        wrong += [f"it survived: {name}" for name in trace.survivors]
    if trace.folder is None:
        wrong.append("it had no private folder")
    elif Path(trace.folder).exists():
        wrong.append(f"its folder is still there: {trace.folder}")
    return wrong


def graded(programs: list[Program], around: Surroundings) -> list[str]:
    """Have programs graded as submissions to their assignments; where a verdict is not what the
    head says, and what is left."""
    places = [place(program, around) for program in programs]

    def grade() -> bytes:
        recorder = Recorder(budget=4)
        submissions = [
            open_submission(path, _told(find(program.assignment), program, around.arguments))
            for program, path in zip(programs, places, strict=True)
        ]
        runs = [(submission, recorder.traces(submission)) for submission in submissions]
        return msgspec.json.encode(judge_all(runs, recorder))

    data, wrong = around.watch(grade)
    results = msgspec.json.decode(data, type=list[Result]) if data else []
    for program, result in zip(programs, results, strict=bool(data)):
        if result.status != program.verdict:
            why = [c.message for c in result.checks if c.status not in ("pass", "skipped")]
            wrong.append(f"{program}: {result.status}, not {program.verdict}: {why[:2]}")
        for trace in result.traces:
            wrong += [f"{program}, {trace.scenario}: {each}" for each in held(trace, around.token)]
    return wrong


def _told(assignment: Assignment, program: Program, arguments: list[str]) -> Assignment:
    """An assignment whose submissions are told what they may aim at, within the limits here."""
    scenarios = {
        name: msgspec.structs.replace(scenario, args=arguments)
        for name, scenario in assignment.scenarios.items()
    }
    limits = program.limits("controlled")
    return msgspec.structs.replace(assignment, scenarios=scenarios, limits=limits)


def expected(program: Program, engine: Engine, stdio: Stdio, trace: Trace) -> list[str]:
    """Where a run is not what the program's head says."""
    wrong = []
    ways = (engine, stdio)
    if trace.ended not in program.ended(*ways):
        wrong.append(f"ended {trace.ended}, not {' or '.join(program.ended(*ways))}")
    status = program.said("exit", *ways)
    told = str(trace.exit).removeprefix("exit ").removeprefix("killed by ")
    if status not in (None, "any", told):
        wrong.append(f"exit {told}, not {status}")
    says = program.says(*ways)
    if says and not re.search(says, trace.text(), re.M):
        wrong.append(f"it does not say {says!r} but {trace.text()[-300:]!r}")
    if engine != "sampled":
        must, may = program.flags(*ways)
        found = {flag.kind for flag in flags(trace)} - NOT_COMPARED
        if missing := must - found:
            wrong.append(f"no flag {', '.join(sorted(missing))}")
        if more := found - must - may:
            told = "; ".join(f.detail for f in flags(trace) if f.kind in more)
            wrong.append(f"flag {', '.join(sorted(more))}: {told[:300]}")
    return wrong
