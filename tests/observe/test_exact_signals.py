"""What the exact engine tells of signals: chosen reactions, sent, delivered, job control."""

from __future__ import annotations

from grader.model import (
    Continued,
    Delivered,
    Disposition,
    ExitStatus,
    Refused,
    Scenario,
    SendSignal,
    Stopped,
)
from grader.observe import run
from tests.observe.conftest import Compiled
from tests.observe.consistency import assert_consistent
from tests.observe.running import run_python


def test_a_signal_is_sent_before_it_is_delivered_and_names_its_sender() -> None:
    trace = run_python("""
        ready, go = os.pipe()
        def child():
            signal.signal(signal.SIGUSR1, lambda *_: os._exit(5))
            os.write(go, b"x")
            while True: signal.pause()
        pid = fork(child)
        os.read(ready, 1)
        os.kill(pid, signal.SIGUSR1)
        os.wait()
        """)
    assert_consistent(trace)
    (sent,) = trace.of(SendSignal)
    (delivered,) = trace.of(Delivered)
    assert (sent.process, sent.call, sent.target, sent.name) == ("P", "kill", "P.1", "SIGUSR1")
    assert (delivered.process, delivered.action, delivered.sender) == ("P.1", "handler", "P")
    assert sent.n < delivered.n
    assert trace.process("P.1").exit == ExitStatus(code=5)


def test_each_way_to_send() -> None:
    trace = run_python("""
        import ctypes
        signal.signal(signal.SIGUSR1, lambda *_: None)
        me = os.getpid()
        os.kill(me, signal.SIGUSR1)
        os.killpg(0, signal.SIGUSR1)
        os.killpg(os.getpgrp(), signal.SIGUSR1)
        signal.raise_signal(signal.SIGUSR1)
        signal.pidfd_send_signal(os.pidfd_open(me), signal.SIGUSR1)
        signal.pidfd_send_signal(os.open(f"/proc/{me}", os.O_DIRECTORY), signal.SIGUSR1)
        ctypes.CDLL(None).sigqueue(me, int(signal.SIGUSR1), None)
        """)
    assert_consistent(trace)
    assert [(sent.call, sent.target) for sent in trace.of(SendSignal)] == [
        ("kill", "P"),
        ("kill", "group own"),
        ("kill", f"group {trace.root.pid}"),
        ("tgkill", "P"),
        ("pidfd_send_signal", "P"),
        ("pidfd_send_signal", "P"),
        ("rt_sigqueueinfo", "P"),
    ]
    assert [delivered.sender for delivered in trace.of(Delivered)] == ["P"] * 7


def test_signals_of_the_kernel_have_no_sender() -> None:
    trace = run_python("""
        signal.signal(signal.SIGALRM, lambda *_: None)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.setitimer(signal.ITIMER_REAL, 0.001)
        signal.pause()
        os.waitpid(fork(lambda: 0), 0)
        """)
    told = [(delivered.name, delivered.sender) for delivered in trace.of(Delivered)]
    assert told == [("SIGALRM", None), ("SIGCHLD", None)]


def test_what_a_process_chose_to_do_about_signals() -> None:
    trace = run_python("""
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGUSR1, lambda *_: None)
        signal.siginterrupt(signal.SIGUSR1, False)
        signal.getsignal(signal.SIGUSR2)
        try: signal.signal(signal.SIGKILL, signal.SIG_IGN)
        except OSError: pass
        """)
    told = [(d.name, d.action, d.flags) for d in trace.of(Disposition)]
    start = told.index(("SIGCHLD", "ignored", []))
    assert told[start : start + 4] == [
        ("SIGCHLD", "ignored", []),
        ("SIGCHLD", "default", []),
        ("SIGUSR1", "handler", []),
        ("SIGUSR1", "handler", ["SA_RESTART"]),
    ]
    assert not any(name == "SIGKILL" for name, _, _ in told)


def test_no_child_wait_is_among_the_flags(compiled: Compiled) -> None:
    trace = run(Scenario(command=[compiled("no_cld_wait")], stdio="pipe"), "exact")
    first = trace.of(Disposition)[0]
    assert (first.action, first.flags) == ("handler", ["SA_NOCLDWAIT", "SA_RESTART"])
    assert [child.fate for child in trace.children()] == ["auto-reaped", "auto-reaped", "reaped"]


def test_what_the_kernel_drops_is_not_told() -> None:
    trace = run_python("""
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)
        os.kill(os.getpid(), signal.SIGUSR1)
        os.kill(os.getpid(), signal.SIGWINCH)
        os.waitpid(fork(lambda: 0), 0)
        """)
    assert len(trace.of(SendSignal)) == 2
    assert trace.of(Delivered) == []


def test_an_ignored_sigchld_interrupts_nothing() -> None:
    """With a tracer the kernel wakes the sleeper all the same; the sleep is one, and whole."""
    trace = run_python("""
        ready, go = os.pipe()
        pid = fork(lambda: os.read(ready, 1) and 0)
        os.write(go, b"x")
        time.sleep(0.05)
        os.wait()
        """)
    sleeps = [event for event in trace.events if event.__class__.__name__ == "Sleep"]
    assert len(sleeps) == 1
    assert sleeps[0].outcome == "slept"
    assert sleeps[0].t - sleeps[0].began >= sleeps[0].seconds - 0.005
    assert trace.process("P.1").exited < sleeps[0].n


def test_job_control_stops_and_continues(compiled: Compiled) -> None:
    trace = run(Scenario(command=[compiled("stop_continue")], stdio="pipe"), "exact")
    assert_consistent(trace)
    assert trace.exit == ExitStatus(code=0)
    child = [
        (event.__class__.__name__, getattr(event, "name", ""))
        for event in trace.events
        if event.process == "P.1" and isinstance(event, Stopped | Continued)
    ]
    assert child == [
        ("Stopped", "SIGSTOP"),
        ("Continued", ""),
        ("Stopped", "SIGTSTP"),
        ("Continued", ""),
    ]
    assert [(wait.outcome, wait.signal) for wait in trace.waits("P")] == [
        ("stopped", 19),
        ("continued", None),
        ("stopped", 20),
        ("continued", None),
        ("reaped", None),
    ]


def test_a_stopped_process_can_be_killed() -> None:
    trace = run_python("""
        pid = fork(lambda: os.kill(os.getpid(), signal.SIGSTOP))
        os.waitpid(pid, os.WUNTRACED)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        """)
    assert_consistent(trace)
    assert trace.process("P.1").exit == ExitStatus(signal=9)


def test_all_threads_stop_and_the_process_is_told_of_once() -> None:
    trace = run_python("""
        import threading
        def child():
            for _ in range(3): threading.Thread(target=signal.pause, daemon=True).start()
            os.kill(os.getpid(), signal.SIGSTOP)
            os._exit(0)
        pid = fork(child)
        os.waitpid(pid, os.WUNTRACED)
        os.kill(pid, signal.SIGCONT)
        os.waitpid(pid, 0)
        """)
    assert_consistent(trace)
    assert len(trace.of(Stopped)) == 1
    assert len(trace.of(Continued)) == 1


def test_signals_to_others_are_refused_and_told() -> None:
    trace = run_python("""
        supervisor = os.getsid(0)
        def refused(*arguments):
            try: os.kill(*arguments)
            except OSError as error: print(type(error).__name__)
        refused(-1, signal.SIGTERM)
        refused(supervisor, signal.SIGKILL)
        refused(1, signal.SIGKILL)
        os.setpgid(0, supervisor)
        refused(0, signal.SIGKILL)
        refused(-supervisor, signal.SIGKILL)
        os.kill(os.getpid(), 0)
        """)
    assert_consistent(trace)
    assert trace.ended == "exit"
    assert trace.exit == ExitStatus(code=0)
    assert [refused.error for refused in trace.of(Refused)] == ["EPERM"] * 5
    assert trace.text() == "PermissionError\n" * 5


def test_a_child_killed_while_it_forks_leaves_nobody_unseen() -> None:
    trace = run_python("""
        def forks():
            os.write(go, b"x")
            while True:
                if os.fork() == 0: os._exit(0)
                os.wait()
        for _ in range(40):
            ready, go = os.pipe()
            pid = fork(forks)
            os.read(ready, 1)
            time.sleep(0.003)
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        """)
    assert trace.ended == "exit"
    assert_consistent(trace)
