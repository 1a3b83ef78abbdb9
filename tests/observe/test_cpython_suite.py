"""CPython's own tests of processes pass under the exact engine as they pass without it.

They are a large body of programs that nobody here wrote, and that check what the
kernel tells them: wait statuses, signals, interrupted calls, process groups, terminals.
They belong to the interpreter that runs this; Debian and some others leave them out.
"""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from grader.model import Limits, Refused, Scenario
from grader.observe import python_executable, run
from grader.observe.program import environment
from tests.observe.consistency import assert_consistent
from tests.sizes import size

QUICK = ["test_fork1", "test_wait3", "test_wait4", "test_posix", "test_pty"]
SLOW = ["test_eintr", "test_signal", "test_subprocess", "test_multiprocessing_fork"]

# What each run of the tests takes of the long ones; the rest does the same again, over threads,
# through a manager, or with the selectors' poll turned off.
PART = {
    "test_subprocess": ["*.ProcessTestCase.*", "*.POSIXProcessTestCase.*", "*.RunFunc*"],
    "test_multiprocessing_fork": ["*.WithProcesses*"],
}

# The module itself only makes its tests by this call; since 3.12 it is a package. One of
# them hangs without a tracer too, when the interpreter has a single processor.
MULTIPROCESSING = """
import test._test_multiprocessing
test._test_multiprocessing.install_tests_in_module_dict(globals(), "fork")
WithThreadsTestPool.test_terminate = None
"""

GENEROUS = Limits(
    seconds=600,
    cpu_seconds=600,
    processes=50_000,
    processes_alive=1000,
    threads=1000,
    events=10_000_000,
    output_bytes=100_000_000,
    file_bytes=10_000_000_000,
    open_files=4096,
)


class Outcome(NamedTuple):
    """What unittest says at its end."""

    ran: int
    verdict: str
    details: str
    """Failures, errors and skipped tests, with their numbers."""


def outcome(report: str) -> Outcome:
    found = re.search(r"^Ran (\d+) tests? in .*?\n\n(OK|FAILED)(?: \((.*?)\))?$", report, re.M)
    assert found, report
    return Outcome(int(found[1]), found[2], found[3] or "")


def module(name: str, folder: Path) -> str:
    """What to name to unittest, or skip: the interpreter has no such tests."""
    multiprocessing = name == "test_multiprocessing_fork"
    needed = "_test_multiprocessing" if multiprocessing else name
    if importlib.util.find_spec(f"test.{needed}") is None:
        pytest.skip(f"this Python has no test.{needed}")
    if multiprocessing:
        (folder / "multiprocessing_fork.py").write_text(MULTIPROCESSING)
        return "multiprocessing_fork"
    return f"test.{name}"


def passes_as_bare(name: str, folder: Path) -> None:
    """Run a module's tests both ways, at the same time: most of them only wait."""
    patterns = size(PART.get(name, []), [])
    chosen = [word for pattern in patterns for word in ("-k", pattern)]
    command = [python_executable(), "-m", "unittest", "-v", *chosen]
    folders = [folder / "bare", folder / "traced"]
    for each in folders:
        each.mkdir()
    commands = [[*command, module(name, each)] for each in folders]
    report = folder / "report"
    with report.open("w") as file:
        bare = subprocess.Popen(
            commands[0],
            cwd=folders[0],
            env=environment(os.environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=file,
        )
    with bare:
        trace = run(
            Scenario(command=commands[1], directory=str(folders[1]), stdio="pipe", limits=GENEROUS),
            "exact",
        )
    assert trace.ended == "exit"
    expected = outcome(report.read_text(errors="replace"))
    assert outcome(trace.text(stream="stderr")) == expected
    assert trace.exit.code == bare.returncode
    assert trace.of(Refused) == []
    assert_consistent(trace)


@pytest.mark.parametrize("name", QUICK)
def test_quick(name: str, tmp_path: Path) -> None:
    passes_as_bare(name, tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", SLOW)
def test_slow(name: str, tmp_path: Path) -> None:
    passes_as_bare(name, tmp_path)
