"""Starts graders, ends them in some way, and tells what is left: run as a program of its own.

Each grader is run below a process that adopts every orphan (PR_SET_CHILD_SUBREAPER), so nothing
that it leaves can hide: once that process has no child any more, nothing is there. The grader is
imported once, and each one is a fork that calls ``grader.cli.main``.
"""

from __future__ import annotations

import ctypes
import json
import os
import random
import resource
import select
import signal
import subprocess
import sys
import tempfile
import termios
import threading
import time
import traceback
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60
"""For all that is to be over, on a machine that does much else."""
_PR_SET_CHILD_SUBREAPER = 36


def end_graders(endings: Sequence[dict[str, Any]], at_once: int = 4) -> list[dict[str, Any]]:
    """From a test: do these (see ``_end``), so many at the same time; what came of each."""
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    environment.pop("PYTHONUNBUFFERED", None)
    asked = json.dumps({"endings": endings, "at_once": at_once})
    command = [sys.executable, __file__]
    done = subprocess.run(command, input=asked, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def _all(endings: Sequence[dict[str, Any]], at_once: int) -> None:
    """Each in a process of its own, and a line of JSON for each."""
    import grader.cli.explore
    import grader.cli.trace
    import grader.observe.sampled  # noqa: F401 (once, for all forks)

    waiting, busy = list(enumerate(endings)), {}
    results: dict[int, str] = {}
    while waiting or busy:
        while waiting and len(busy) < at_once:
            number, ending = waiting.pop(0)
            reading, writing = os.pipe()
            pid = os.fork()
            if pid == 0:
                os.close(reading)
                _report(ending, writing)
            os.close(writing)
            busy[reading] = (number, pid)
        for reading in select.select([*busy], [], [])[0]:
            number, pid = busy.pop(reading)
            with os.fdopen(reading) as pipe:
                results[number] = pipe.read() or json.dumps({"left": ["the harness failed"]})
            os.waitpid(pid, 0)
    for number in sorted(results):
        print(results[number])


def _report(ending: dict[str, Any], writing: int) -> None:
    try:
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        os.write(writing, json.dumps(ending | _end(ending)).encode())
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(0)


def _end(ending: dict[str, Any]) -> dict[str, Any]:
    """Run one grader, and end it.

    ``arguments`` are the command line's; ``how`` is ``kill`` (after ``seconds``, the process of
    the grader's that has the name ``whom``), ``^C``, ``hang up``, the name of a signal, ``no
    reader``, ``no room`` (for its output) or ``memory`` (of which it has ``more`` bytes than at
    first).
    """
    how = ending["how"]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        ours, theirs = os.openpty()
        before = termios.tcgetattr(theirs)
        pid = os.fork()
        if pid == 0:
            os.close(ours)
            _become_grader(ending, folder, theirs)
        outcome: dict[str, Any] = {"killed": None}
        if how == "kill":
            time.sleep(ending["seconds"])
            outcome["killed"] = _kill(pid, ending["whom"])
        elif how in ("^C", "hang up") or how.startswith("SIG"):
            _await_program(pid, ending["program"])
            if how == "^C":
                os.write(ours, b"\x03")
            elif how != "hang up":
                os.kill(pid, getattr(signal, how))
        if how == "hang up":
            os.close(ours)
            os.close(theirs)
        said: list[bytes] = []
        reader = threading.Thread(target=_read, args=(ours, said))
        if how != "hang up":
            reader.start()
        outcome |= _outcome(pid)
        if how != "hang up":
            outcome["restored"] = termios.tcgetattr(theirs) == before
            os.close(theirs)
            reader.join()
        outcome["output"] = b"".join(said).decode(errors="replace")
        outcome["folders"] = [str(path) for path in Path(folder).glob("grader-*/*")]
        return outcome


def _become_grader(ending: dict[str, Any], folder: str, terminal: int) -> None:
    how = ending["how"]
    os.environ["TMPDIR"] = folder
    tempfile.tempdir = None
    os.login_tty(terminal)
    weakref.finalize._registry.clear()  # the folder is to be removed by who made it
    if how == "no reader":
        reading, writing = os.pipe()
        os.dup2(writing, 1)
        os.close(writing)
        os.close(reading)
    elif how == "no room":
        os.dup2(os.open(f"{folder}/output", os.O_WRONLY | os.O_CREAT), 1)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    elif how == "memory":
        size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (size + ending["more"],) * 2)
    for name in ("stdin", "stdout", "stderr"):
        mode = "r" if name == "stdin" else "w"
        number = ("stdin", "stdout", "stderr").index(name)
        setattr(sys, name, os.fdopen(number, mode, closefd=False))
        setattr(sys, f"__{name}__", getattr(sys, name))
    from grader.cli import main

    status = 99
    try:
        main(ending["arguments"])
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    finally:
        import atexit

        atexit._run_exitfuncs()
        os._exit(status)


def _below(pid: int) -> list[tuple[int, str]]:
    """The processes below one, and itself: pid and name."""
    found, left = [], [pid]
    while left:
        one = left.pop()
        try:
            found.append((one, Path(f"/proc/{one}/comm").read_text().strip()))
            for thread in Path(f"/proc/{one}/task").iterdir():
                left += map(int, (thread / "children").read_text().split())
        except OSError:
            continue
    return found


def _kill(grader: int, whom: str) -> str | None:
    """Kill one of the grader's processes: the one of this name, if it is there, or another."""
    there = _below(grader)
    own = [(pid, name) for pid, name in there if pid == grader or name.startswith("grader-")]
    own = [(pid, "grader" if pid == grader else name) for pid, name in own]
    chosen = [one for one in own if one[1] == whom] or own
    if not chosen:
        return None
    pid, name = random.Random(whom + str(len(there))).choice(chosen)
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:  # it has just ended
        return None
    return name


def _await_program(grader: int, program: str) -> None:
    """Until the program runs: some of its children are there."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if sum(name == program for _, name in _below(grader)) > 2:
            return
        time.sleep(0.01)


def _outcome(grader: int) -> dict[str, Any]:
    """Wait until nothing is left. The grader's status, and what is left if there is something."""
    status: int | None = None

    def give_up(number: int, frame: object) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(PATIENCE_SECONDS)
    try:
        while True:
            pid, ended = os.waitpid(-1, 0)
            if pid == grader:
                status = os.waitstatus_to_exitcode(ended)
    except ChildProcessError:
        return {"status": status, "left": []}
    except TimeoutError:
        left = _below(os.getpid())[1:]
        for pid, _ in left:
            os.kill(pid, signal.SIGKILL)
        return {"status": status, "left": [name for _, name in left]}
    finally:
        signal.alarm(0)


def _read(terminal: int, said: list[bytes]) -> None:
    """What is written to a terminal, until nobody has it open any more."""
    try:
        while part := os.read(terminal, 1 << 16):
            said.append(part)
    except OSError:  # EIO: the end
        pass
    os.close(terminal)


if __name__ == "__main__":
    _all(**json.load(sys.stdin))
