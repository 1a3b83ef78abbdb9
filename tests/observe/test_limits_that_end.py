"""Limits that end a run at once, with programs that reach them and right ones that don't;
run freely and under control."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.model import ENDED_AT, Confinement, ExitStatus, Limits, Stdio, Trace
from grader.observe import explore_runs
from tests.observe.controlled import Following, ideal, scenario_of
from tests.observe.running import PREAMBLE, run_python

Way = Callable[..., Trace]


def freely(folder: Path, source: str, limits: Limits, stdio: Stdio = "pipe") -> Trace:
    return run_python(source, limits=limits, stdio=stdio)


def under_control(folder: Path, source: str, limits: Limits, stdio: Stdio = "pipe") -> Trace:
    return ideal(folder, f"{PREAMBLE}\n{source}", limits=limits, stdio=stdio)


BOTH = pytest.mark.parametrize("way", [freely, under_control])

EACH_ITS_OWN = """
read, write = os.pipe()
def hoards():
    hoard = bytearray(60_000_000)
    os.write(write, b"x")
    signal.pause()
for _ in range(4): fork(hoards)
while True: os.read(read, 1)
"""
SHARED = """
hoard = bytearray(60_000_000)
def waits():
    os.write(write, b"x")
    signal.pause()
read, write = os.pipe()
pids = [fork(waits) for _ in range(6)]
for _ in pids: os.read(read, 1)
until = time.monotonic() + 0.3
while time.monotonic() < until: pass
for pid in pids: os.kill(pid, signal.SIGTERM); os.waitpid(pid, 0)
"""
DEAF_SPIN = """
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
while True: pass
"""


@BOTH
@pytest.mark.parametrize(
    ("field", "allowed", "source"),
    [
        ("tree_memory_bytes", 150_000_000, EACH_ITS_OWN),
        ("memory_bytes", 300_000_000, "bytearray(1_000_000_000)"),
        ("cpu_seconds", 0.3, DEAF_SPIN),
        ("processes", 6, "for _ in range(9): os.waitpid(fork(lambda: 0), 0)"),
        ("output_bytes", 10_000, "while True: os.write(1, b'x' * 999)"),
    ],
)
def test_the_limit_that_is_reached_has_its_word(
    way: Way, field: str, allowed: float, source: str, tmp_path: Path
) -> None:
    trace = way(tmp_path, source, Limits(**{"seconds": 20, field: allowed}))
    assert trace.doubts == []
    assert trace.ended == ENDED_AT[field]
    assert trace.limit is not None
    assert (trace.limit.name, trace.limit.allowed) == (field, allowed)
    assert trace.exit == ExitStatus(signal=9)
    assert trace.survivors == []


@BOTH
@pytest.mark.parametrize(
    ("field", "allowed", "source"),
    [
        ("tree_memory_bytes", 150_000_000, SHARED),
        ("memory_bytes", 300_000_000, "bytearray(100_000_000)"),
        ("processes", 6, "for _ in range(5): os.waitpid(fork(lambda: 0), 0)"),
    ],
)
def test_right_programs_do_not_reach_it(
    way: Way, field: str, allowed: float, source: str, tmp_path: Path
) -> None:
    trace = way(tmp_path, source, Limits(**{"seconds": 20, field: allowed}))
    assert (trace.ended, trace.limit, trace.exit) == ("exit", None, ExitStatus(code=0))


@BOTH
@pytest.mark.parametrize("stdio", ["pipe", "terminal"])
@pytest.mark.parametrize(
    "write",
    [
        "os.write(1, b'x' * 20_000_000)",
        "os.write(1, b'x' * 90_000), os.write(1, b'x' * 90_000)",
        "print('line\\n' * 4_000_000)",
        "os.writev(1, [b'x' * 9_000_000, b'y' * 9_000_000])",
    ],
)
def test_a_write_of_far_too_much_is_cut_short(
    way: Way, write: str, stdio: Stdio, tmp_path: Path
) -> None:
    source = f"os.write(1, b'begun')\n{write}\nos.write(1, b'done')"
    trace = way(tmp_path, source, Limits(seconds=20, output_bytes=100_000), stdio)
    assert trace.ended == "output-limit"
    assert trace.doubts == []
    assert trace.text().startswith("begun")
    assert len(trace.text()) <= 100_001
    assert "done" not in trace.text()


@BOTH
@pytest.mark.parametrize("size", [1_000, 2_000_000, 30_000_000])
def test_memory_that_is_taken_in_pieces(way: Way, size: int, tmp_path: Path) -> None:
    """Whether a look finds it growing, or it comes to the kernel's limit first."""
    source = f"hoard = []\nwhile True: hoard.append(bytearray({size}))"
    trace = way(tmp_path, source, Limits(seconds=20, memory_bytes=150_000_000))
    assert trace.doubts == []
    assert trace.ended == "memory-limit"
    assert trace.limit is not None
    assert trace.limit.process == "P"


# -- virtual time ------------------------------------------------------------------------

SLEEPS_FOR_AGES = "import time\ntime.sleep(10**9)"
TICKS_FOR_EVER = """
import signal
signal.signal(signal.SIGALRM, lambda *_: None)
signal.setitimer(signal.ITIMER_REAL, 1000, 1000)
while True: signal.pause()
"""


@pytest.mark.parametrize("time", ["ideal", "adversarial"])
@pytest.mark.parametrize("source", [SLEEPS_FOR_AGES, TICKS_FOR_EVER])
def test_virtual_time_has_an_end(time: str, source: str, tmp_path: Path) -> None:
    limits = Limits(seconds=20, virtual_seconds=100_000)
    scenario = scenario_of(tmp_path, source, time=time, limits=limits)
    (trace,), _ = explore_runs(scenario, Following())
    assert trace.ended == "virtual-time-limit"
    assert trace.limit is not None
    assert (trace.limit.name, trace.limit.process) == ("virtual_seconds", "P")


@pytest.mark.parametrize("time", ["ideal", "adversarial"])
def test_a_day_is_not_too_long(time: str, tmp_path: Path) -> None:
    scenario = scenario_of(tmp_path, "import time\ntime.sleep(86_400)", time=time)
    (trace,), _ = explore_runs(scenario, Following())
    assert (trace.ended, trace.limit) == ("exit", None)


# -- the private folder ------------------------------------------------------------------

MANY_FILES = """
for n in range(100):
    with open(f"file{n}", "wb") as file: file.write(b"x" * 50_000)
"""
WITHOUT_NAMES = """
import tempfile
hoard = []
for n in range(40):
    hoard.append(tempfile.TemporaryFile(dir="."))
    hoard[-1].write(b"x" * 50_000)
    hoard[-1].flush()
until = time.monotonic() + 5
while time.monotonic() < until: pass
"""


@pytest.mark.parametrize("source", [MANY_FILES, WITHOUT_NAMES])
def test_what_is_in_the_private_folder_has_a_limit(source: str) -> None:
    limits = Limits(seconds=20, folder_bytes=1_000_000)
    trace = run_python(source, limits=limits, stdio="pipe", confinement=Confinement())
    assert trace.ended == "folder-limit"
    assert trace.limit is not None
    assert trace.limit.name == "folder_bytes"


def test_a_few_files_are_well() -> None:
    limits = Limits(seconds=20, folder_bytes=10_000_000)
    trace = run_python(MANY_FILES, limits=limits, stdio="pipe", confinement=Confinement())
    assert (trace.ended, trace.limit, trace.exit) == ("exit", None, ExitStatus(code=0))
