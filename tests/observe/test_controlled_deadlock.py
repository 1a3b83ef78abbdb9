"""A deadlock is known the moment nothing can go on, with who waits for what."""

from __future__ import annotations

from pathlib import Path

from grader.model import Exit, Limits
from tests.observe.controlled import every, ideal, texts


def test_a_reader_that_holds_the_write_end_itself(tmp_path: Path) -> None:
    trace = ideal(
        tmp_path,
        """
        import os
        read, write = os.pipe()
        if os.fork() == 0:
            os.write(write, b"x")
            os._exit(0)
        while os.read(read, 10): pass
        """,
    )
    assert trace.ended == "deadlock"
    (stuck,) = trace.stuck
    assert (stuck.process, stuck.waits_in, stuck.waits_for) == ("P", "read pipe 1", ["P"])
    assert "holds the only open write end itself (fd 4)" in stuck.because
    assert stuck.holds == ["read end of pipe 1 (fd 3)", "write end of pipe 1 (fd 4)"]
    assert (trace.root.fate, trace.process("P.1").fate) == ("root", "unreaped")
    assert trace.root.exit is not None
    assert trace.root.exit.signal == 9
    assert [event.process for event in trace.of(Exit)] == ["P.1", "P"]


def test_two_that_wait_for_each_other(tmp_path: Path) -> None:
    trace = ideal(
        tmp_path,
        """
        import os
        down, up = os.pipe(), os.pipe()
        if os.fork() == 0:
            os.close(down[1]); os.close(up[0])
            os.read(down[0], 1)
            os._exit(0)
        os.close(down[0]); os.close(up[1])
        os.read(up[0], 1)
        """,
    )
    assert trace.ended == "deadlock"
    assert [(s.process, s.waits_in, s.waits_for) for s in trace.stuck] == [
        ("P", "read pipe 2", ["P.1"]),
        ("P.1", "read pipe 1", ["P"]),
    ]
    assert "its write end is open in P.1, and nobody writes" in trace.stuck[0].because
    assert trace.process("P.1").fate == "killed"


def test_a_parent_that_waits_for_a_child_that_never_ends(tmp_path: Path) -> None:
    trace = ideal(
        tmp_path,
        """
        import os, signal
        if os.fork() == 0: signal.pause()
        os.wait()
        """,
    )
    assert trace.ended == "deadlock"
    parent, child = trace.stuck
    assert (parent.waits_in, parent.waits_for) == ("wait for any child", ["P.1"])
    assert "waits for a child to end, and P.1 never does" in parent.because
    assert "waits for a signal, and nobody is left to send one" in child.because


def test_a_writer_whose_pipe_is_full(tmp_path: Path) -> None:
    trace = ideal(
        tmp_path,
        """
        import os
        read, write = os.pipe()
        for _ in range(100): os.write(write, b"x" * 4096)
        """,
    )
    assert trace.ended == "deadlock"
    assert trace.stuck[0].waits_in == "write pipe 1"
    assert "which is full" in trace.stuck[0].because


def test_a_stopped_child_that_nobody_continues(tmp_path: Path) -> None:
    trace = ideal(
        tmp_path,
        """
        import os, signal
        if os.fork() == 0: os.kill(os.getpid(), signal.SIGSTOP)
        os.wait()
        """,
    )
    assert trace.ended == "deadlock"
    assert "was stopped by a signal" in trace.stuck[1].because


def test_a_lock_that_is_never_let_go(tmp_path: Path) -> None:
    """The kernel blocks it: the engine has no model of flock."""
    lock = tmp_path / "lock"
    trace = ideal(
        tmp_path,
        f"""
        import fcntl, os
        held = open({str(lock)!r}, "w")
        fcntl.flock(held, fcntl.LOCK_EX)
        if os.fork() == 0:
            other = open({str(lock)!r}, "w")
            fcntl.flock(other, fcntl.LOCK_EX)
            os._exit(0)
        os.wait()
        """,
    )
    assert trace.ended == "deadlock"
    assert [stuck.process for stuck in trace.stuck] == ["P", "P.1"]


def test_a_lost_wake_up_shows_in_some_schedules_only(tmp_path: Path) -> None:
    traces = every(
        tmp_path,
        """
        import os, signal
        signal.signal(signal.SIGUSR1, lambda *_: print("woken"))
        parent = os.getpid()
        if os.fork() == 0:
            os.kill(parent, signal.SIGUSR1)
            os._exit(0)
        signal.pause()
        os.wait()
        """,
    )
    assert {(trace.ended, trace.text()) for trace in traces} == {
        ("exit", "woken\n"),
        ("deadlock", ""),
    } | {("deadlock", "woken\n")}


def test_an_endless_loop_of_questions_ends_at_the_step_limit(tmp_path: Path) -> None:
    for body in ("os.getppid()", "os.waitpid(-1, os.WNOHANG)", "time.sleep(1)"):
        trace = ideal(
            tmp_path,
            f"""
            import os, signal, time
            if os.fork() == 0: signal.pause()
            while True: {body}
            """,
            limits=Limits(seconds=30, steps=500),
        )
        assert trace.ended == "step-limit", body
        assert [p.fate for p in trace.processes] == ["root", "killed"]


def test_asking_in_a_loop_is_waiting_and_no_hang(tmp_path: Path) -> None:
    traces = every(
        tmp_path,
        """
        import os
        parent = os.getpid()
        child = os.fork()
        if child == 0: os._exit(7)
        while True:
            pid, status = os.waitpid(child, os.WNOHANG)
            if pid: break
        print(status)
        if os.fork() == 0:
            while os.getppid() == parent: pass
            print("orphan")
        """,
    )
    assert {(trace.ended, text) for trace in traces for text in texts([trace])} == {
        ("exit", "1792\norphan\n")
    }
