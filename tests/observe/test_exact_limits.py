"""Each limit ends a run with its own word, keeps the trace, and leaves nothing behind."""

from __future__ import annotations

import mmap
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from grader.model import Ended, GraderError, Limits, Scenario, Trace
from grader.observe import python_executable, run
from tests.observe.conftest import Compiled
from tests.observe.running import PREAMBLE, run_python


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    """After each test this process has no child more than before, and no process carries the
    test's mark."""
    before = psutil.Process().children(recursive=True)
    yield
    assert [p for p in psutil.Process().children(recursive=True) if p not in before] == []
    assert marked() == []


MARK = f"grader-test-{os.getpid()}"


def marked() -> list[int]:
    """Processes whose command line holds the mark; a zombie has none."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        if process.pid != os.getpid() and MARK in (process.info["cmdline"] or []):
            found.append(process.pid)
    return found


def limited(source: str, **limits: float) -> Trace:
    values = {"seconds": 20.0, **limits}
    return run_python(source, MARK, stdio="pipe", limits=Limits(**values))  # type: ignore[arg-type]


BOMB = "os.write(1, b'begun\\n')\nwhile True:\n    if os.fork(): os.fork()"

CASES: dict[str, tuple[Ended, str, dict[str, float]]] = {
    "hangs": (
        "time-limit",
        "os.write(1, b'begun\\n'); fork(signal.pause); os.wait()",
        {"seconds": 0.5},
    ),
    "deaf": (
        "time-limit",
        """
        for number in signal.valid_signals():
            try: signal.signal(number, signal.SIG_IGN)
            except OSError: pass
        os.write(1, b'begun\\n')
        while True: time.sleep(1)
        """,
        {"seconds": 0.5},
    ),
    "stopped": (
        "time-limit",
        "os.write(1, b'begun\\n'); os.kill(os.getpid(), signal.SIGSTOP)",
        {"seconds": 0.5},
    ),
    "spins": (
        "cpu-limit",
        "os.write(1, b'begun\\n')\nwhile True: pass",
        {"cpu_seconds": 0.3},
    ),
    "children spin": (
        "cpu-limit",
        """
        os.write(1, b'begun\\n')
        def spins():
            while time.process_time() < 0.1: pass
        while True: os.waitpid(fork(spins), 0)
        """,
        {"cpu_seconds": 0.5},
    ),
    "orphans spin": (
        "cpu-limit",
        """
        os.write(1, b'begun\\n')
        def spins():
            while time.process_time() < 0.1: pass
        def middle(): fork(spins)
        for _ in range(200): os.waitpid(fork(middle), 0)
        time.sleep(60)
        """,
        {"cpu_seconds": 0.5},
    ),
    "fork bomb": ("process-limit", BOMB, {"processes": 60}),
    "forks and reaps": (
        "process-limit",
        "os.write(1, b'begun\\n')\nwhile True: os.waitpid(fork(lambda: 0), 0)",
        {"processes": 40},
    ),
    "daemons": (
        "process-limit",
        """
        os.write(1, b'begun\\n')
        def daemon():
            os.setsid()
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
            fork(signal.pause)
        while True: os.waitpid(fork(daemon), 0)
        """,
        {"processes": 30},
    ),
    "floods": (
        "output-limit",
        "os.write(1, b'begun\\n')\nwhile True: os.write(1, b'x' * 999)",
        {"output_bytes": 50_000},
    ),
    "floods a pipe of its own": (
        "output-limit",
        """
        os.write(1, b'begun\\n')
        read, write = os.pipe()
        while True: os.write(write, b'x' * 999), os.read(read, 999)
        """,
        {"output_bytes": 50_000},
    ),
    "polls": (
        "event-limit",
        """
        os.write(1, b'begun\\n')
        pid = fork(signal.pause)
        while True: os.waitpid(pid, os.WNOHANG)
        """,
        {"events": 500},
    ),
    "maps at once": (
        "memory-limit",
        "os.write(1, b'begun\\n'); import mmap; mmap.mmap(-1, 1 << 32); time.sleep(60)",
        {"memory_bytes": 1 << 30},
    ),
    "grows": (
        "memory-limit",
        "os.write(1, b'begun\\n'); hoard = []\nwhile True: hoard.append(b'x' * 65_000)",
        {"memory_bytes": 200 << 20},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_each_limit_has_its_word(name: str) -> None:
    word, source, limits = CASES[name]
    trace = limited(source, **limits)
    assert trace.ended == word
    assert trace.doubts == []
    assert trace.survivors == []
    assert trace.text("P").startswith("begun\n")
    assert all(process.exit is not None for process in trace)
    last = [process for process in trace if process.fate == "killed"]
    assert last or trace.root.exit == trace.exit
    fates = {process.fate for process in trace}
    if "spin" in name:  # its parent may be killed before it collects one that has ended
        fates.discard("unreaped")
    assert fates <= {"root", "killed", "reaped", "orphaned"}


def test_a_limit_keeps_the_trace_so_far() -> None:
    trace = limited("while True: os.waitpid(fork(lambda: 0), 0)", processes=20)
    assert len(trace.processes) == 21
    reaped = [child for child in trace.children() if child.fate == "reaped"]
    assert len(reaped) == 19
    assert len(trace.reap_ledger) == 19
    assert trace.children()[-1].fate == "killed"


def test_output_past_the_limit_is_kept_up_to_it() -> None:
    trace = limited("while True: os.write(1, b'x' * 1000)", output_bytes=10_000)
    assert 10_000 < len(trace.text()) < 100_000


def test_an_orphan_on_the_terminal_is_no_hang() -> None:
    trace = run_python(
        "parent = os.getpid()\n"
        "if os.fork() == 0:\n"
        "    while os.getppid() == parent: pass\n"
        "    time.sleep(0.2); os.write(1, b'late\\n')",
        MARK,
    )
    assert trace.ended == "exit"
    assert 0.2 <= trace.seconds < 5
    assert trace.text("P.1") == "late\n"


# -- the grader's own death --------------------------------------------------------------

HANG = PREAMBLE + textwrap.dedent(
    """
    def hangs():
        os.setsid()
        fork(signal.pause)
        signal.pause()
    fork(hangs)
    print("hanging", flush=True)
    signal.pause()
    """
)

GRADER = """
import sys
from grader.model import Scenario
from grader.observe import run
run(Scenario(command=sys.argv[1:]), "exact")
"""


def hanging_command() -> list[str]:
    return [python_executable(), "-I", "-S", "-c", HANG, MARK]


def wait_until_three_hang() -> list[psutil.Process]:
    """The submission's three processes, once all are there."""
    limit = threading.Event()
    timer = threading.Timer(30, limit.set)
    timer.start()
    try:
        while not limit.is_set():
            pids = [pid for pid in marked() if program_of(pid) != "grader"]
            if len(pids) == 3:
                return [psutil.Process(pid) for pid in pids]
        raise AssertionError("the submission did not start")
    finally:
        timer.cancel()


def program_of(pid: int) -> str:
    """``grader`` for a process that was started to run GRADER, or forked from it."""
    try:
        return "grader" if GRADER in psutil.Process(pid).cmdline() else "submission"
    except psutil.Error:
        return "gone"


def test_when_the_grader_is_killed_nothing_is_left() -> None:
    root = str(Path(__file__).parents[2])
    with subprocess.Popen(
        [sys.executable, "-c", GRADER, *hanging_command()],
        env={**os.environ, "PYTHONPATH": root},
    ) as grader:
        processes = wait_until_three_hang()
        supervisor = psutil.Process(grader.pid).children()
        assert len(supervisor) == 1
        grader.kill()
    gone, alive = psutil.wait_procs([*processes, *supervisor], timeout=10)
    assert alive == []
    assert len(gone) == 4


def test_when_the_supervisor_is_killed_it_is_the_graders_error() -> None:
    processes: list[psutil.Process] = []
    me = psutil.Process()

    def kill_supervisor() -> None:
        processes.extend(wait_until_three_hang())
        for child in me.children():
            os.kill(child.pid, signal.SIGKILL)

    killer = threading.Thread(target=kill_supervisor)
    killer.start()
    with pytest.raises(GraderError, match="killed"):
        run(Scenario(command=hanging_command(), limits=Limits(seconds=40)), "exact")
    killer.join()
    assert psutil.wait_procs(processes, timeout=10)[1] == []


def test_runs_at_the_same_time_do_not_hold_each_other_up(compiled: Compiled) -> None:
    from grader.observe import run_all

    hanging = Scenario(command=hanging_command(), limits=Limits(seconds=6))
    quick = Scenario(command=[compiled("many"), "20"], stdio="pipe")
    began = time.monotonic()
    traces = run_all([hanging, quick, hanging, quick], "exact")
    together = time.monotonic() - began
    assert [trace.ended for trace in traces] == ["time-limit", "exit"] * 2
    assert all(trace.doubts == [] for trace in traces)
    waits, ends, waits_too, ends_too = (trace.seconds for trace in traces)
    assert max(ends, ends_too) < min(waits, waits_too)
    assert together < waits + waits_too, "one after the other"
    assert [len(trace.processes) for trace in traces] == [3, 21, 3, 21]


@pytest.mark.parametrize("engine", ["exact", "sampled"])
def test_the_size_of_the_grader_is_not_the_programs(engine: str) -> None:
    limits = Limits(seconds=20, memory_bytes=300 << 20)
    with mmap.mmap(-1, 1 << 32):  # this process, the grader, is larger than the program may be
        trace = run(Scenario(command=["/bin/echo", "hello"], limits=limits), engine)
    assert trace.ended == "exit"
    assert trace.text() == "hello\n"
