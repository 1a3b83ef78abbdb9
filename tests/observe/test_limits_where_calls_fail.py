"""At some limits calls fail as they do on a full system, and the program may end by itself:
processes, threads, descriptors, the size of a file. Each has programs that reach it, and
right programs just below it; run freely and under control."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.model import ENDED_AT, Ended, ExitStatus, Fork, Limits, Scenario, Trace
from grader.observe import run
from tests.observe.conftest import Compiled
from tests.observe.controlled import ideal
from tests.observe.running import PREAMBLE, run_python

Way = Callable[[Path, str, Limits], Trace]


def freely(folder: Path, source: str, limits: Limits) -> Trace:
    source = f"import errno\nos.chdir({str(folder)!r})\n{source}"
    return run_python(source, limits=limits, stdio="pipe")


def under_control(folder: Path, source: str, limits: Limits) -> Trace:
    source = f"{PREAMBLE}\nimport errno\nos.chdir({str(folder)!r})\n{source}"
    return ideal(folder, source, limits=limits, stdio="pipe")


BOTH = pytest.mark.parametrize("way", [freely, under_control])


REACHED: dict[str, tuple[str, int, str]] = {
    "children that stay": (
        "processes_alive",
        5,
        "for _ in range(9): fork(signal.pause)",
    ),
    "zombies": (
        "processes_alive",
        5,
        "for _ in range(9): fork(lambda: 0)\ntime.sleep(60)",
    ),
    "grandchildren": (
        "processes_alive",
        5,
        "def deeper():\n    fork(deeper)\n    os.wait()\ndeeper()",
    ),
    "tries for ever": (
        "processes_alive",
        5,
        """
while True:
    try: fork(signal.pause)
    except OSError: pass
""",
    ),
    "everyone forks": ("processes_alive", 5, "while True: os.fork()"),
    "duplicates": ("open_files", 20, "while True: os.dup(0)"),
    "pipes": ("open_files", 20, "while True: os.pipe()"),
    "opens": ("open_files", 20, "while True: os.open('/dev/null', os.O_RDONLY)"),
    "opens and does not mind": (
        "open_files",
        20,
        """
try:
    while True: os.open("/dev/null", os.O_RDONLY)
except OSError: pass
""",
    ),
    "a child opens": (
        "open_files",
        20,
        "def opens():\n    while True: os.dup(0)\nfork(opens), os.wait()",
    ),
    "writes a file": (
        "file_bytes",
        10_000,
        """
file = os.open("large", os.O_CREAT | os.O_WRONLY)
while True: os.write(file, b"x" * 999)
""",
    ),
    "makes a hole": (
        "file_bytes",
        10_000,
        "os.truncate(os.open('hole', os.O_CREAT | os.O_WRONLY), 1 << 40)",
    ),
    "a child writes, and dies of it": (
        "file_bytes",
        10_000,
        """
def writes():
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    with open("large", "wb") as file: file.write(b"x" * 99_999)
fork(writes), os.wait()
""",
    ),
}


@BOTH
@pytest.mark.parametrize("name", REACHED)
def test_the_limit_that_is_reached_has_its_word(way: Way, name: str, tmp_path: Path) -> None:
    field, allowed, source = REACHED[name]
    trace = way(tmp_path, source, Limits(**{"seconds": 20, field: allowed}))
    assert trace.doubts == []
    assert trace.ended == ENDED_AT[field]
    assert trace.limit is not None
    assert (trace.limit.name, trace.limit.allowed) == (field, allowed)
    assert trace.limit.process in {process.id for process in trace}
    assert trace.survivors == []
    assert max((file.stat().st_size for file in tmp_path.iterdir()), default=0) <= 10_000


@BOTH
def test_a_fork_beyond_the_cap_fails_as_on_a_full_system(way: Way, tmp_path: Path) -> None:
    source = """
made = 0
try:
    while True: fork(lambda: 0); made += 1
except BlockingIOError as error:
    os.write(1, f"{made} {errno.errorcode[error.errno]}".encode())
for _ in range(made): os.wait()
"""
    trace = way(tmp_path, source, Limits(seconds=20, processes_alive=7))
    assert trace.text("P") == "6 EAGAIN"
    assert trace.exit == ExitStatus(code=0)
    assert {child.fate for child in trace.children()} == {"reaped"}
    (failed,) = [fork for fork in trace.forks() if fork.child is None]
    assert (failed.error, failed.capped, failed.injected) == ("EAGAIN", True, False)
    assert trace.ended == "process-limit"


@BOTH
def test_who_tries_again_and_again_is_ended(way: Way, tmp_path: Path) -> None:
    source = """
while True:
    try: fork(signal.pause)
    except BlockingIOError: pass
"""
    trace = way(tmp_path, source, Limits(seconds=20, processes_alive=10))
    assert len(trace.processes) == 10
    assert {process.fate for process in trace.descendants} == {"killed"}
    refused = [event for event in trace.events if isinstance(event, Fork) and event.capped]
    assert 1 <= len(refused) <= 30


BELOW: dict[str, tuple[str, int, str]] = {
    "as many as may be": (
        "processes_alive",
        5,
        "for _ in range(4): fork(lambda: 0)\nfor _ in range(4): os.wait()",
    ),
    "one after another": (
        "processes_alive",
        2,
        "for _ in range(40): os.waitpid(fork(lambda: 0), 0)",
    ),
    "no zombies": (
        "processes_alive",
        2,
        """
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for _ in range(20):
    fork(lambda: 0)
    try: os.wait()
    except ChildProcessError: pass
""",
    ),
    "as many descriptors as may be": (
        "open_files",
        20,
        "for _ in range(99): os.close(os.open('/dev/null', os.O_RDONLY))\n"
        "for _ in range(15): os.open('/dev/null', os.O_RDONLY)",
    ),
    "the last descriptor": ("open_files", 20, "os.dup2(0, 19); os.write(2, b'well')"),
    "as large a file as may be": (
        "file_bytes",
        10_000,
        "with open('large', 'wb') as file: file.write(b'x' * 10_000)",
    ),
    "much output": ("file_bytes", 10_000, "for _ in range(40): os.write(1, b'x' * 1000)"),
    "the signal alone": (
        "file_bytes",
        10_000,
        "signal.signal(signal.SIGXFSZ, lambda *_: None)\nos.kill(os.getpid(), signal.SIGXFSZ)",
    ),
}


@BOTH
@pytest.mark.parametrize("name", BELOW)
def test_right_programs_do_not_reach_it(way: Way, name: str, tmp_path: Path) -> None:
    field, allowed, source = BELOW[name]
    trace = way(tmp_path, source, Limits(**{"seconds": 20, field: allowed}))
    assert trace.text(stream="stderr") in ("", "well")
    assert (trace.ended, trace.limit, trace.exit) == ("exit", None, ExitStatus(code=0))


# -- threads, which are not controlled ---------------------------------------------------

THREADS = """
import threading
def threads(count, target):
    started = [threading.Thread(target=target) for _ in range(count)]
    for thread in started: thread.start()
    for thread in started: thread.join()
"""


@pytest.mark.parametrize(
    ("ended", "source"),
    [
        ("exit", "gate = threading.Barrier(8)\nthreads(8, gate.wait)"),
        ("exit", "for _ in range(60): threads(1, int)"),
        ("thread-limit", "gate = threading.Event()\nthreads(9, gate.wait)"),
        (
            "thread-limit",
            "def more():\n    while True: threading.Thread(target=more).start()\nmore()",
        ),
        ("thread-limit", "fork(lambda: threads(5, signal.pause))\nthreads(5, signal.pause)"),
    ],
)
def test_threads(ended: Ended, source: str) -> None:
    trace = run_python(THREADS + source, limits=Limits(seconds=20, threads=8), stdio="pipe")
    assert trace.doubts == []
    assert trace.ended == ended
    if ended != "exit":
        assert trace.limit is not None
        assert trace.limit.name == "threads"
        assert any(fork.capped and fork.error == "EAGAIN" for fork in trace.forks())


@pytest.mark.parametrize("name", ["vfork_bomb", "exec_bomb", "handler_bomb", "threads_that_fork"])
def test_fork_bombs_of_every_kind(compiled: Compiled, name: str) -> None:
    limits = Limits(seconds=20, processes_alive=20)
    trace = run(Scenario(command=[compiled(name)], limits=limits), "exact")
    assert trace.ended == "process-limit"
    assert len(trace.processes) < 100
    assert trace.doubts == []
    assert trace.survivors == []
