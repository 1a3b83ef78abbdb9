"""What the kernel could do, and nothing else: small programs with known sets of outcomes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader.model import Delivered, Schedule, Turn, Wait
from grader.observe import explore_runs
from tests.observe.consistency import assert_consistent
from tests.observe.controlled import Every, Following, every, logical, scenario_of, texts


def test_every_trace_agrees_with_itself_and_with_psutil(tmp_path: Path) -> None:
    source = """
        import os
        read, write = os.pipe()
        for n in range(2):
            if os.fork() == 0:
                os.write(write, b"x")
                os._exit(n)
        os.read(read, 1)
        os.wait()
        """
    traces, _ = explore_runs(scenario_of(tmp_path, source), Every(200))
    assert len(traces) > 1
    for trace in traces:
        assert_consistent(trace)
    assert len(traces[0].looks) > 5


def test_a_wait_takes_the_child_that_was_forked_first(tmp_path: Path) -> None:
    traces = every(
        tmp_path,
        """
        import os
        for n in range(2):
            if os.fork() == 0: os._exit(n)
        for _ in range(2): print(os.wait()[0])
        """,
    )
    assert texts(traces) == {"<P.1>\n<P.2>\n", "<P.2>\n<P.1>\n"}


def test_an_orphan_sees_its_parent_or_not(tmp_path: Path) -> None:
    traces = every(
        tmp_path,
        """
        import os
        parent = os.getpid()
        if os.fork() == 0: print(os.getppid() == parent)
        """,
    )
    assert texts(traces) == {"True\n", "False\n"}


def test_the_end_of_a_pipe_comes_before_the_end_of_the_process_can_be_seen(
    tmp_path: Path,
) -> None:
    """exit_files() comes before exit_notify(): a reader may be faster than wait."""
    traces = every(
        tmp_path,
        """
        import os
        read, write = os.pipe()
        if os.fork() == 0: os._exit(0)
        os.close(write)
        os.read(read, 1)
        print("reaped" if os.waitpid(-1, os.WNOHANG)[0] else "not yet")
        """,
    )
    assert texts(traces) == {"reaped\n", "not yet\n"}


def test_signals_of_several_children_may_be_one(tmp_path: Path) -> None:
    traces = every(
        tmp_path,
        """
        import os, signal
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for _ in range(2):
            if os.fork() == 0: os._exit(0)
        os.wait(), os.wait()
        """,
    )
    counts = {len([e for e in trace.of(Delivered) if e.name == "SIGCHLD"]) for trace in traces}
    assert counts == {1, 2}


def test_a_signal_that_is_ignored_when_it_is_sent_never_arrives(tmp_path: Path) -> None:
    traces = every(
        tmp_path,
        """
        import os, signal
        read, write = os.pipe()
        if os.fork() == 0:
            os._exit(0)
        os.close(write)
        os.read(read, 1)
        signal.signal(signal.SIGCHLD, lambda *_: print("handler"))
        os.wait()
        """,
    )
    assert texts(traces) == {"", "handler\n"}


def test_a_blocked_signal_is_kept(tmp_path: Path) -> None:
    traces = every(
        tmp_path,
        """
        import os, signal
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
        if os.fork() == 0: os._exit(0)
        print(signal.sigwait([signal.SIGCHLD]) == signal.SIGCHLD, os.wait()[1])
        """,
    )
    assert {trace.ended for trace in traces} == {"exit"}
    assert texts(traces) == {"True 0\n"}


def test_a_signal_kills_a_child_anywhere(tmp_path: Path) -> None:
    traces = every(
        tmp_path,
        """
        import os, signal
        child = os.fork()
        if child == 0:
            os.write(1, b"a"); os.write(1, b"b")
            os._exit(0)
        os.kill(child, signal.SIGTERM)
        print(os.wait()[1])
        """,
    )
    assert texts(traces) == {"15\n", "a15\n", "ab15\n", "ab0\n"}


def test_an_ignored_sigchld_leaves_no_trace_in_other_calls(tmp_path: Path) -> None:
    """A tracer makes an ignored signal interrupt calls, which it would not otherwise."""
    traces = every(
        tmp_path,
        """
        import os, signal
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        for n in range(3):
            if os.fork() == 0: os._exit(0)
            os.write(1, b"%d" % n)
        try: os.wait()
        except ChildProcessError: os.write(1, b" none")
        """,
    )
    assert texts(traces) == {"012 none"}
    assert {p.fate for trace in traces for p in trace.descendants} == {"auto-reaped"}
    assert {len(trace.processes) for trace in traces} == {4}


def test_when_the_input_arrives_is_scheduled_too(tmp_path: Path) -> None:
    source = """
        import os, select, sys
        print("there" if select.select([0], [], [], 1.0)[0] else "not yet", flush=True)
        print(sys.stdin.readline().strip())
        """
    for stdio in ("terminal", "pipe"):
        traces = every(tmp_path, source, stdio=stdio, stdin=b"a line\n")
        assert texts(traces) == {"there\na line\n", "not yet\na line\n"}
        assert {trace.schedule for trace in traces if "there" in trace.text()} != {"1:"}


def test_job_control_is_seen_by_wait(tmp_path: Path) -> None:
    traces = every(
        tmp_path,
        """
        import os, signal
        child = os.fork()
        if child == 0:
            os.kill(os.getpid(), signal.SIGSTOP)
            os._exit(5)
        print(os.WIFSTOPPED(os.waitpid(child, os.WUNTRACED)[1]))
        os.kill(child, signal.SIGCONT)
        print(os.WIFCONTINUED(os.waitpid(child, os.WCONTINUED)[1]))
        print(os.waitpid(child, 0)[1])
        """,
    )
    outcomes = {tuple(w.outcome for w in trace.of(Wait)) for trace in traces}
    assert ("stopped", "continued", "reaped") in outcomes
    assert "True\nTrue\n1280\n" in texts(traces)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (
            """
            import fcntl, os, tempfile
            path = tempfile.mktemp()
            one = open(path, "w")
            if os.fork() == 0:
                other = open(path, "w")
                fcntl.flock(other, fcntl.LOCK_EX)
                os.write(1, b"c"); os.write(1, b"c")
                os._exit(0)
            fcntl.flock(one, fcntl.LOCK_EX)
            os.write(1, b"p"); os.write(1, b"p")
            fcntl.flock(one, fcntl.LOCK_UN)
            os.wait()
            os.unlink(path)
            """,
            {"ccpp", "ppcc"},
        ),
        (
            """
            import os, tempfile
            path = tempfile.mktemp()
            os.mkfifo(path)
            if os.fork() == 0:
                with open(path, "w") as end: end.write("through")
                os._exit(0)
            with open(path) as end: print(end.read())
            os.wait()
            os.unlink(path)
            """,
            {"through\n"},
        ),
        (
            """
            import os, socket
            a, b = socket.socketpair()
            if os.fork() == 0:
                a.close()
                b.send(b"ping"); print(b.recv(9)); raise SystemExit
            b.close()
            print(a.recv(9)); a.send(b"pong")
            os.wait()
            """,
            {"b'ping'\nb'pong'\n"},
        ),
        (
            """
            import subprocess
            print(subprocess.run(["/bin/echo", "spawned"], capture_output=True).stdout)
            """,
            {"b'spawned\\n'\n"},
        ),
    ],
    ids=["flock", "fifo", "socketpair", "vfork and exec"],
)
def test_what_the_engine_has_no_model_of(tmp_path: Path, source: str, text: set[str]) -> None:
    if "subprocess" in source:
        traces, _ = explore_runs(scenario_of(tmp_path, source), Following())
    else:
        traces = every(tmp_path, source, output_order=True)
    assert {trace.ended for trace in traces} == {"exit"}
    assert texts(traces) == text


def test_a_schedule_that_is_followed_gives_the_same_run(tmp_path: Path) -> None:
    source = """
        import os
        for n in range(2):
            if os.fork() == 0:
                os.write(1, b"%d" % n)
                os._exit(n)
        print(os.wait()[1], os.wait()[1])
        """
    scenario = scenario_of(tmp_path, source, output_order=True)
    for trace in every(tmp_path, source, output_order=True):
        turns: tuple[Turn, ...] = Schedule.parse(trace.schedule or "").turns
        (again,), _ = explore_runs(scenario, Following(*turns))
        assert logical(again) == logical(trace)


def test_a_number_that_is_a_pid_by_chance_is_a_number(tmp_path: Path) -> None:
    """A program prints the pid that a process of one of the next runs is going to have."""
    soon = os.posix_spawn("/bin/true", ["true"], {}) + 1  # most systems count pids up
    os.waitpid(soon - 1, 0)
    source = f"""
        import os
        for n in range(2):
            if os.fork() == 0: os._exit(n)
        print(" ".join(map(str, range({soon}, {soon} + 2000))), flush=True)
        os.wait(), os.wait()
        print(os.getpid())
        """
    from grader.explore import Budget, explore

    explored = explore(scenario_of(tmp_path, source), Budget(runs=200))
    assert explored.schedules.exhaustive, explored.schedules.reason


def test_a_write_that_the_kernel_does_in_pieces_is_told(tmp_path: Path) -> None:
    source = """
        import os
        read, write = os.pipe()
        if os.fork() == 0:
            os.close(read)
            os.write(write, b"x" * 200_000)
            os._exit(0)
        os.close(write)
        count = 0
        while data := os.read(read, 70_000): count += len(data)
        print(count)
        os.wait()
        """
    traces = every(tmp_path, source)
    assert texts(traces) == {"200000\n"}
    assert "more than a pipe has room for" in (traces[0].uncontrolled or "")
