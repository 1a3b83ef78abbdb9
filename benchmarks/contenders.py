"""The ways to run a program that are compared: bare, under strace, in the exact engine."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from unittest import mock

from grader.model import Confinement, Limits, Scenario, Stdio, Trace
from grader.observe import run
from grader.observe.exact import arch
from grader.observe.exact.looks import Looks
from grader.observe.program import environment, python_executable

ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path(tempfile.gettempdir()) / "grader-benchmarks"
"""For what is compiled."""
PROGRAMS = ROOT / "benchmarks" / "programs"
STRACE = ["strace", "-f", "-o", "/dev/null"]
_GENEROUS = Limits(
    seconds=600, cpu_seconds=600, processes=100_000, processes_alive=10_000, events=10_000_000
)


class Missing(Exception):
    """A tool that the comparison needs is not here."""


def compiled(name: str, folder: Path) -> str:
    """Compile one of ``programs/`` into a folder; returns the path of the result."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise Missing("a C compiler")
    folder.mkdir(exist_ok=True)
    target = folder / name
    if not target.exists():
        subprocess.run([compiler, "-O2", "-o", target, PROGRAMS / f"{name}.c"], check=True)
    return str(target)


def strace_filtered() -> list[str]:
    """strace with a seccomp filter of the very calls that the engine's filter has."""
    known = arch.current()
    assert known is not None
    # restart_syscall can't be filtered by name alone, and is not needed here.
    names = ",".join(name for name in known.NUMBERS if name != "restart_syscall")
    return ["strace", "-f", "--seccomp-bpf", "-e", f"trace={names}", "-o", "/dev/null"]


@contextlib.contextmanager
def on_one_processor() -> Iterator[None]:
    """What is started meanwhile stays on one processor, as the engine's runs do."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def _look_at_nothing(*arguments: object) -> None:
    """In place of a look. No mock: those take longer than what is measured."""


@contextlib.contextmanager
def without_looks() -> Iterator[None]:
    """psutil is not asked: what the engine costs by itself. For measuring only."""
    with (
        mock.patch.object(Looks, "at", _look_at_nothing),
        mock.patch.object(Looks, "finally_gone", _look_at_nothing),
    ):
        yield


def own_clock(command: Sequence[str]) -> float:
    """Seconds that a program of ``programs/`` took by its own clock, on one processor."""
    with on_one_processor():
        return own_clock_anywhere(command)


def own_clock_anywhere(command: Sequence[str]) -> float:
    """The same, on whatever processors the kernel chooses."""
    # Without --seccomp-bpf's warnings; the programs themselves say nothing there.
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return _told(done.stdout)


def engine_clock(command: Sequence[str]) -> float:
    """The same in the exact engine, psutil's looks included."""
    return _told(traced(command).text())


def engine_clock_without_looks(command: Sequence[str]) -> float:
    """The same in the exact engine alone."""
    with without_looks():
        return engine_clock(command)


def _told(output: str) -> float:
    return int(output.rsplit(maxsplit=1)[-1]) / 1e9


def traced(command: Sequence[str], stdio: Stdio = "pipe", engine: str = "exact") -> Trace:
    """A run in this process, which is warm: everything is imported."""
    scenario = Scenario(command=list(command), stdio=stdio, limits=_GENEROUS)
    trace = run(scenario, engine)
    if trace.doubts or trace.ended != "exit":
        raise RuntimeError(f"not a clean trace: ended by {trace.ended}; {trace.doubts}")
    return trace


def from_exec_to_end(command: Sequence[str]) -> float:
    """Seconds from a program's exec to the end of the last process that has its terminal.

    What ``Trace.seconds`` measures, of a bare run. posix_spawn(3) returns when the new
    program is in place.
    """
    ours, theirs = os.openpty()
    actions = [(os.POSIX_SPAWN_DUP2, theirs, number) for number in (0, 1, 2)]
    actions += [(os.POSIX_SPAWN_CLOSE, end) for end in (ours, theirs)]
    with on_one_processor():
        pid = os.posix_spawn(
            command[0], list(command), environment(os.environ), file_actions=actions
        )
    began = time.perf_counter()
    os.close(theirs)
    with contextlib.suppress(OSError):  # EIO: nobody has the terminal any more
        while os.read(ours, 1 << 16):
            pass
    seconds = time.perf_counter() - began
    os.waitpid(pid, 0)
    os.close(ours)
    return seconds


def wall(command: Sequence[str]) -> float:
    """Seconds for a command from its start to its end, its output thrown away.

    It gets the environment that the engine gives to a program: PYTHONDONTWRITEBYTECODE,
    say, would have the grader's modules compiled each time.
    """
    variables = environment(os.environ)
    began = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True, cwd=ROOT, env=variables)
    return time.perf_counter() - began


def wall_of_confined_run(script: Path) -> float:
    """Seconds for a run of a Python file, confined, from the call of ``run`` to its trace."""
    scenario = Scenario(
        command=[python_executable(), script.name],
        script=script.name,
        confinement=Confinement(files={script.name: str(script)}),
    )
    began = time.perf_counter()
    run(scenario, "exact")
    return time.perf_counter() - began


def wall_of_run(command: Sequence[str], stdio: Stdio = "terminal") -> float:
    """Seconds for a run in this process, from the call of ``run`` to its trace."""
    began = time.perf_counter()
    traced(command, stdio)
    return time.perf_counter() - began
