"""What is measured. Each case returns its section of the report, in Markdown."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import partial

from benchmarks import batches, schedules
from benchmarks.contenders import (
    FOLDER,
    ROOT,
    STRACE,
    compiled,
    engine_clock,
    engine_clock_without_looks,
    from_exec_to_end,
    own_clock,
    own_clock_anywhere,
    strace_filtered,
    traced,
    wall,
    wall_of_confined_run,
    wall_of_run,
    without_looks,
)
from benchmarks.measure import Contender, Sample, comparison, interleaved, table
from benchmarks.schedules import GRADER
from grader.observe import python_executable

FIG18_02 = str(ROOT / "reference" / "fig18_02.py")

BARE = "bare"


def _program(name: str) -> str:
    return compiled(name, FOLDER)


def _all_ways(command: Sequence[str]) -> dict[str, Contender]:
    """One command, timed by itself, in every way."""
    return {
        BARE: partial(own_clock, command),
        "strace -f": partial(own_clock, [*STRACE, *command]),
        "strace -f, not pinned": partial(own_clock_anywhere, [*STRACE, *command]),
        "strace -f --seccomp-bpf": partial(own_clock, [*strace_filtered(), *command]),
        "engine without looks": partial(engine_clock_without_looks, command),
        "engine": partial(engine_clock, command),
    }


def processes(rounds: int) -> str:
    """A child that is forked, exits and is waited for, 300 times."""
    n = 300
    samples = interleaved(_all_ways([_program("fork_wait"), str(n)]), rounds)
    title = f"One process: fork, exit, wait (of {n} one after another)"
    text = comparison(title, samples, "us a process", 1e6 / n, (BARE, "strace -f"))
    trace = traced([_program("fork_wait"), str(n)])
    looks = len(trace.looks)
    spent = samples["engine"].median - samples["engine without looks"].median
    # Those at the very end, one a process, come after the program's own clock.
    during = looks - len(trace.processes)
    return (
        f"{text}\nThe engine alone adds {_added(samples, 'engine without looks', n)} us a process "
        f"to bare, for {len(trace.events) / n:.0f} events. psutil looked {during} times in the "
        f"loop ({trace.looks_skipped} process events were skipped), {spent / during * 1e6:.0f} us "
        "a look.\n"
    )


def stops(rounds: int) -> str:
    """One system call at which the engine stops a program."""
    n = 2000
    parts = []
    for kind, title in (
        ("entry", "One stop: a call whose result is of no interest (prctl)"),
        ("return", "Two stops and an event: a call whose result is recorded (dup2)"),
        ("write", "A write of 41 bytes to a pipe, recorded with its bytes"),
    ):
        ways = _all_ways([_program("calls"), str(n), kind])
        del ways["engine without looks"]  # there is nothing to look at
        samples = interleaved(ways, rounds)
        parts.append(comparison(title, samples, "us a call", 1e6 / n, (BARE, "strace -f")))
    return "\n".join(parts)


def _added(samples: dict[str, Sample], name: str, n: int) -> str:
    return f"{(samples[name].median - samples[BARE].median) / n * 1e6:.0f}"


def figure(rounds: int) -> str:
    """Fig 18.2 in Python."""
    command = [python_executable(), FIG18_02]

    def alone() -> float:
        with without_looks():
            return traced(command, "terminal").seconds

    inside = interleaved(
        {
            BARE: partial(from_exec_to_end, command),
            "engine without looks": alone,
            "engine": lambda: traced(command, "terminal").seconds,
        },
        rounds,
    )
    around = interleaved(
        {
            BARE: partial(wall, command),
            "strace -f": partial(wall, [*STRACE, *command]),
            "strace -f --seccomp-bpf": partial(wall, [*strace_filtered(), *command]),
            "engine, in a process that is warm": partial(wall_of_run, command),
            "grader trace": partial(wall, [*GRADER, "trace", FIG18_02]),
        },
        rounds,
    )
    return "\n".join(
        [
            comparison("Fig 18.2, from its exec to its end", inside, "ms", 1e3, (BARE,)),
            comparison("Fig 18.2, with everything around", around, "ms", 1e3, (BARE, "strace -f")),
        ]
    )


def fixed(rounds: int) -> str:
    """What a run costs however short its program is."""
    command = ["/bin/true"]
    samples = interleaved(
        {
            BARE: partial(wall, command),
            "strace -f": partial(wall, [*STRACE, *command]),
            "engine, in a process that is warm": partial(wall_of_run, command),
        },
        rounds,
    )
    return comparison("The shortest program", samples, "ms", 1e3, (BARE, "strace -f"))


def confinement(rounds: int) -> str:
    """What it costs that a program is confined: a Python file that does nothing."""
    FOLDER.mkdir(exist_ok=True)
    script = FOLDER / "nothing.py"
    script.write_text("")
    command = [python_executable(), str(script)]
    samples = interleaved(
        {
            BARE: partial(wall, command),
            "engine": partial(wall_of_run, command),
            "engine, confined": partial(wall_of_confined_run, script),
        },
        rounds,
    )
    return comparison("A Python file that does nothing", samples, "ms", 1e3, (BARE, "engine"))


def growth(rounds: int) -> str:
    """Whether a process costs the same in a small run and in a large one."""
    program = _program("fork_wait")
    rows = [["children", "", "engine", "without looks"]]
    # A system gives one user so many processes, not more: 3000 are not alive at a time.
    for words, counts in (((), (100, 300, 1000, 3000)), (("together",), (100, 300, 1000))):
        smallest: dict[str, float] = {}
        for n in counts:
            command = [program, str(n), *words]
            samples = interleaved(
                {
                    "engine": partial(engine_clock, command),
                    "without looks": partial(engine_clock_without_looks, command),
                },
                max(rounds // 4, 1),
            )
            row = [str(n), "all alive together" if words else "one after another"]
            for name, sample in samples.items():
                cost = sample.median / n * 1e6
                row.append(f"{cost:.0f} us, x {cost / smallest.setdefault(name, cost):.2f}")
            rows.append(row)
    return (
        "### Growth: the time for one process, and against that in the run of 100\n\n"
        f"{table(rows)}\n"
    )


def engines(rounds: int) -> str:
    """How many of 300 children that exit at once each engine sees."""
    n, command = 300, [_program("fork_wait"), "300"]
    rows = [["engine", "seen, median", "min to max"]]
    for engine in ("exact", "sampled"):
        seen = [len(traced(command, engine=engine).descendants) for _ in range(max(rounds // 2, 1))]
        seen.sort()
        rows.append([engine, f"{seen[len(seen) // 2]} of {n}", f"{seen[0]} to {seen[-1]}"])
    return f"### Children seen, of {n} that exit at once\n\n{table(rows)}\n"


def startup(rounds: int) -> str:
    """The grader's own start."""
    python = [sys.executable, "-c"]
    samples = interleaved(
        {
            "python -c pass": partial(wall, [*python, "pass"]),
            "import grader.observe": partial(wall, [*python, "import grader.observe"]),
            "import its exact engine": partial(wall, [*python, "import grader.observe.exact"]),
            "grader check --help": partial(wall, [*GRADER, "check", "--help"]),
            "grader list": partial(wall, [*GRADER, "list"]),
        },
        rounds,
    )
    return comparison("Start-up", samples, "ms", 1e3, ("python -c pass",))


CASES: dict[str, Callable[[int], str]] = {
    "processes": processes,
    "stops": stops,
    "figure": figure,
    "fixed": fixed,
    "confinement": confinement,
    "growth": growth,
    "engines": engines,
    "startup": startup,
    **schedules.CASES,
    **batches.CASES,
}
