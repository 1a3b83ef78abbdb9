"""strace sees the same: two tracers that share no code must tell the same story.

Each program is run under ``strace -f`` and under the exact engine. What each process
forked, ran, waited for (with which result), which signals reached it and how it ended
must be equal; where the order within a process is a matter of luck, as a multiset.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from grader.model import Scenario
from grader.observe import run
from grader.observe.program import environment
from tests.observe.conftest import PROGRAMS, Compiled
from tests.observe.strace_log import Facts, of_log, of_trace

BOMBS = {"exec_bomb", "handler_bomb", "threads_that_fork", "vfork_bomb"}
ALONE = {"hydra", "interpreter", "interrupted", "many", *BOMBS}
"""Used by other tests only."""
IN_C = sorted(source.stem for source in PROGRAMS.glob("*.c") if source.stem not in ALONE)
IN_ANY_ORDER = {"clone_without_signal", "groups", "handler_reaps"}
"""Programs whose processes may do the same things in another order."""

COMMANDS = {
    "shell": ["sh", "-c", "true; (exit 3); sh -c 'exit 4' || /bin/true; exit 5"],
    "pipeline": ["sh", "-c", "seq 5 | sort -r | head -n 2 | cat >/dev/null"],
    "background": ["sh", "-c", "sleep 0.01 & false & wait $!; wait; kill -9 $$"],
    "bash": ["bash", "-c", "x=$(echo a | tr a b); cat <(echo $x) >/dev/null; wait"],
}
PYTHON = {
    "subprocess": """
        import subprocess, sys
        subprocess.run(["true"], check=True)
        subprocess.run("exit 3", shell=True)
        p = subprocess.Popen(["cat"], stdin=subprocess.PIPE, start_new_session=True)
        p.communicate(b"x")
        try: subprocess.run(["sleep", "9"], timeout=0.01)
        except subprocess.TimeoutExpired: pass
        """,
    "multiprocessing": """
        import multiprocessing as m
        c = m.get_context("fork")
        pool = c.Pool(2)
        assert pool.map(abs, [-1, 2]) == [1, 2]
        pool.close(); pool.join()  # terminate() kills those that have not left by then
        p = c.Process(target=abs, args=(1,)); p.start(); p.join()
        """,
    "spawn": """
        import multiprocessing as m
        if __name__ == "__main__":
            p = m.get_context("spawn").Process(target=abs, args=(1,)); p.start(); p.join()
        """,
    "os": """
        import os, signal, threading
        def fork():
            if os.fork() == 0: os._exit(3)
        t = threading.Thread(target=fork); t.start(); t.join(); os.wait()
        pid = os.posix_spawn("/bin/true", ["true"], {}); os.waitpid(pid, 0)
        pid = os.forkpty()[0]
        if pid == 0: os._exit(1)
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT); os.wait3(0)
        os.system("exit 1"); os.popen("exit 2").close()
        """,
}

strace = shutil.which("strace")


@pytest.fixture(scope="session", autouse=True)
def _strace_works() -> None:
    if strace is None:
        pytest.skip("there is no strace here")
    tried = subprocess.run([strace, "-f", "-o", os.devnull, "true"], capture_output=True)
    if tried.returncode:
        pytest.skip(f"strace does not work here: {tried.stderr.decode()}")


def by_strace(command: list[str], folder: Path) -> Facts:
    assert strace is not None
    log = folder / "strace.log"
    calls = "--trace=fork,vfork,clone,clone3,execve,wait4,waitid"
    subprocess.run(
        [strace, "-f", "-q", "-s", "4096", "-o", log, calls, *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment(os.environ),
        timeout=60,
        # Else, where nobody leads the session (a job of a service, say), SIGTSTP would stop
        # nothing: a process group without a parent outside it is orphaned (setpgid(2)).
        process_group=0,
    )
    return of_log(log.read_text())


def by_grader(command: list[str]) -> Facts:
    trace = run(Scenario(command=command, stdio="pipe"), "exact")
    assert (trace.ended, trace.doubts, trace.survivors) == ("exit", [], [])
    assert all(look.agrees for look in trace.looks)
    return of_trace(trace)


def unordered(facts: Facts) -> dict[str, Counter[object]]:
    """Without waits that found nobody: shells and handlers look as often as SIGCHLD comes."""
    return {
        process: Counter(fact for fact in told if fact[1] != "ECHILD")
        for process, told in facts.items()
    }


@pytest.mark.parametrize("name", IN_C)
def test_programs_in_c(name: str, compiled: Compiled, tmp_path: Path) -> None:
    command = [compiled(name)]
    ours, theirs = by_grader(command), by_strace(command, tmp_path)
    if name in IN_ANY_ORDER:
        assert unordered(ours) == unordered(theirs)
    else:
        assert ours == theirs


@pytest.mark.parametrize("name", COMMANDS)
def test_shells(name: str, tmp_path: Path) -> None:
    command = COMMANDS[name]
    if shutil.which(command[0]) is None:
        pytest.skip(f"there is no {command[0]} here")
    assert unordered(by_grader(command)) == unordered(by_strace(command, tmp_path))


@pytest.mark.parametrize("name", PYTHON)
def test_python(name: str, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("if 1:" + PYTHON[name])
    command = [os.path.realpath(sys.executable), str(program)]
    assert unordered(by_grader(command)) == unordered(by_strace(command, tmp_path))
