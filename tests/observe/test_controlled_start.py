"""Warm and cold starts, seeds, standard streams: each run begins as the first did."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from grader.model import Scenario
from grader.observe import explore_runs, explore_runs_all, python_executable
from tests.observe.controlled import Every, Following, every, ideal, logical, scenario_of, texts

Compiled = Callable[[str], str]

PROGRAMS = {
    "forks": """
        import os, random, time
        before = random.random()
        child = os.fork()
        if child == 0:
            time.sleep(random.randrange(1, 6))
            print(before, os.getppid(), os.getpid())
            raise SystemExit(3)
        print(before, random.random(), child, time.time(), os.urandom(4))
        print(os.wait())
        """,
    "buffers": """
        import os
        print("once or twice", end="")
        if os.fork() == 0: raise SystemExit
        os.wait()
        """,
    "asks for its pid at once": """
        import os
        me = os.getpid()
        if os.fork() == 0:
            print(os.getppid() == me, me)
            raise SystemExit
        print(os.waitpid(-1, 0)[1])
        """,
    "handles signals": """
        import os, signal
        signal.signal(signal.SIGCHLD, lambda *_: print("a child"))
        if os.fork() == 0: os._exit(0)
        signal.pause()
        os.wait()
        """,
    "has a file open": f"""
        import os
        with open({__file__!r}) as file:
            print(file.readline())
            if os.fork() == 0:
                print(file.readline()); raise SystemExit
            os.wait()
            print(file.readline())
        """,
    "asks who it is": """
        import os, sys
        print(sys.argv[1:], __name__, __file__ == sys.argv[0], sys.stdin.isatty())
        print(sys.flags.isolated, os.getpgrp() == os.getpid(), hash("word"))
        os.fork()
        """,
}


@pytest.mark.parametrize("source", PROGRAMS.values(), ids=PROGRAMS.keys())
@pytest.mark.parametrize("stdio", ["terminal", "pipe"])
def test_warm_and_cold_starts_give_the_same_traces(tmp_path: Path, source: str, stdio: str) -> None:
    warm = every(tmp_path, source, stdio=stdio, start="warm")
    cold = every(tmp_path, source, stdio=stdio, start="cold")
    assert [logical(trace) for trace in warm] == [logical(trace) for trace in cold]


def test_a_c_program_is_copied_too(compiled: Compiled) -> None:
    scenario = Scenario(command=[compiled("double_fork")], time="adversarial")
    warm, schedules = explore_runs(scenario, Every())
    cold, _ = explore_runs(msgspec.structs.replace(scenario, start="cold"), Every())
    assert schedules.runs > 1
    assert [logical(trace) for trace in warm] == [logical(trace) for trace in cold]


def test_the_seed_decides_what_is_random(tmp_path: Path) -> None:
    source = """
        import os, random, time
        print(random.random(), os.urandom(8).hex(), hash("word"))
        print(open("/dev/urandom", "rb").read(8).hex())
        if os.fork() == 0:
            print(os.urandom(8).hex(), time.time())
            raise SystemExit
        os.wait()
        """
    first = ideal(tmp_path, source, seed=1)
    assert logical(ideal(tmp_path, source, seed=1)) == logical(first)
    other = ideal(tmp_path, source, seed=2)
    for one, two in zip(first.text().split(), other.text().split(), strict=True):
        assert one != two


def test_every_run_finds_its_input(tmp_path: Path) -> None:
    source = """
        import os, sys
        print("hello", sys.stdin.readline().strip(), flush=True)
        if os.fork() == 0: os._exit(0)
        print(sys.stdin.read())
        """
    for stdio in ("terminal", "pipe"):
        traces = every(tmp_path, source, stdio=stdio, stdin=b"you\nand the rest")
        assert len(traces) > 1
        assert texts(traces) == {"hello you\nand the rest\n"}


def test_every_run_finds_its_terminal_as_the_first_did(tmp_path: Path) -> None:
    traces = every(
        tmp_path,
        """
        import os, termios
        settings = termios.tcgetattr(0)
        print(bool(settings[3] & termios.ISIG))
        settings[3] &= ~termios.ISIG
        termios.tcsetattr(0, termios.TCSANOW, settings)
        if os.fork() == 0: os._exit(0)
        """,
    )
    assert len(traces) > 1
    assert texts(traces) == {"True\n"}


def test_scenarios_of_one_program_are_run_in_copies_of_one_start(tmp_path: Path) -> None:
    source = """
        import os, time
        began = time.time()
        if os.fork() == 0:
            time.sleep(2)
            os._exit(0)
        os.wait()
        print(time.time() - began)
        """
    adversarial = scenario_of(tmp_path, source)
    jobs = [
        (adversarial, Every()),
        (msgspec.structs.replace(adversarial, time="ideal"), Following()),
        (msgspec.structs.replace(adversarial, stdio="pipe"), Every()),
        (msgspec.structs.replace(adversarial, seed=7), Every()),
    ]
    together = explore_runs_all(jobs)
    apart = [explore_runs(*job) for job in jobs]
    for (one, schedules), (other, same) in zip(together, apart, strict=True):
        assert schedules == same
        assert [logical(trace) for trace in one] == [logical(trace) for trace in other]
    assert {trace.text() for traces, _ in together for trace in traces} == {"2.0\n"}


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("import threading; threading.Thread(target=print).start()", "P starts a thread"),
        (
            "import ctypes; print(ctypes.CDLL(None).timerfd_create(1, 0) > 0)",
            "P uses timerfd_create",
        ),
    ],
)
def test_what_cannot_be_controlled_is_run_freely(tmp_path: Path, source: str, why: str) -> None:
    (trace,), schedules = explore_runs(scenario_of(tmp_path, source), Every())
    assert trace.exit.code == 0
    assert (trace.time, trace.schedule) == ("real", None)
    assert trace.uncontrolled is not None
    assert trace.uncontrolled.startswith(why)
    assert not schedules.exhaustive
    assert schedules.reason == trace.uncontrolled


def test_shared_memory_is_told(tmp_path: Path) -> None:
    trace = ideal(
        tmp_path,
        """
        import mmap, os
        memory = mmap.mmap(-1, 4096)
        if os.fork() == 0:
            memory[0] = 7
            os._exit(0)
        os.wait()
        print(memory[0])
        """,
    )
    assert trace.text() == "7\n"
    assert trace.uncontrolled is not None
    assert "P shares memory" in trace.uncontrolled


def test_a_program_that_is_not_there_is_the_users_to_mend(tmp_path: Path) -> None:
    from grader.model import UsageError

    scenario = Scenario(command=["/no/such/program"], time="adversarial")
    with pytest.raises(UsageError, match="no such file"):
        explore_runs(scenario, Every())
    script = tmp_path / "gone.py"
    missing = Scenario(
        command=[python_executable(), str(script)], script=str(script), time="adversarial"
    )
    (trace,), _ = explore_runs(missing, Every())
    assert trace.exit.code == 2


def test_what_a_process_does_to_files_is_done_in_every_run(tmp_path: Path) -> None:
    """Copies are made before it, and no way to an exit leaves it out."""
    log = tmp_path / "log"
    traces = every(
        tmp_path,
        f"""
        import os
        with open({str(log)!r}, "w") as file: file.write("begun\\n")
        for n in range(2):
            if os.fork() == 0:
                os.write(1, b"%d" % n)
                with open({str(log)!r}, "a") as file: file.write("child\\n")
                os.mkdir({str(tmp_path)!r} + f"/made{{n}}")
                os._exit(0)
        os.wait(), os.wait()
        print(sorted(open({str(log)!r}).read().split()))
        for n in range(2): os.rmdir({str(tmp_path)!r} + f"/made{{n}}")
        """,
        output_order=True,
    )
    assert len(traces) > 2
    assert {text[2:] for text in texts(traces)} == {"['begun', 'child', 'child']\n"}


def test_what_a_process_does_to_shared_memory_is_done_in_every_run(tmp_path: Path) -> None:
    traces = every(
        tmp_path,
        """
        import mmap, os
        memory = mmap.mmap(-1, 4096)
        for n in range(2):
            if os.fork() == 0:
                os.write(1, b"%d" % n)
                memory[n] = 7
                os._exit(0)
        os.wait(), os.wait()
        print(memory[0], memory[1])
        """,
        output_order=True,
    )
    assert len(traces) > 2
    assert {text[2:] for text in texts(traces)} == {"7 7\n"}
