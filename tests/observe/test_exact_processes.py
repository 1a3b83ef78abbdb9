"""What the exact engine tells of processes, waits and fates."""

from __future__ import annotations

import pytest

from grader.model import (
    Adopt,
    Dup,
    Exec,
    ExitStatus,
    Fork,
    Group,
    Limits,
    Pipe,
    Scenario,
    Sleep,
    Subreaper,
    ThreadStart,
    Trace,
    Wait,
)
from grader.observe import run
from tests.observe.conftest import Compiled
from tests.observe.consistency import assert_consistent
from tests.observe.running import run_python


def interpret(compiled: Compiled, source: str) -> Trace:
    trace = run(Scenario(command=[compiled("interpreter"), source], stdio="pipe"), "exact")
    assert trace.ended == "exit"
    assert_consistent(trace)
    return trace


@pytest.mark.parametrize("attempt", range(3))
def test_three_hundred_children_that_exit_at_once_are_all_seen(
    compiled: Compiled, attempt: int
) -> None:
    command, limits = [compiled("many"), "300"], Limits(processes_alive=400)
    trace = run(Scenario(command=command, stdio="pipe", limits=limits), "exact")
    assert_consistent(trace)
    assert trace.exit == ExitStatus(code=0)
    assert len(trace.children()) == 300
    assert {child.fate for child in trace.children()} == {"reaped"}
    assert [child.exit for child in trace.children()] == [
        ExitStatus(code=i % 256) for i in range(300)
    ]
    assert trace.looks_skipped > 0


def test_each_fate(compiled: Compiled) -> None:
    trace = interpret(compiled, "If(x1)wD" + "f(x2)p1" + "f(x3)k2" + "f(b)")
    assert [process.fate for process in trace] == [
        "root",
        "auto-reaped",
        "reaped",
        "unreaped",
        "orphaned",
    ]


def test_a_killed_process_is_the_graders_doing() -> None:
    trace = run_python("os.fork()\nwhile True: os.fork()", limits=Limits(processes=5))
    assert trace.ended == "process-limit"
    assert {process.fate for process in trace.descendants} == {"killed"}


@pytest.mark.parametrize("attempt", range(20))
def test_an_orphan_that_saw_its_parents_end_is_no_zombie(compiled: Compiled, attempt: int) -> None:
    trace = interpret(compiled, "f(f(b)f(b)f(b)x0)f(f(b)x1)p0p1")
    assert {process.id for process in trace.orphans} == {"P.1.1", "P.1.2", "P.1.3", "P.2.1"}
    assert all(process.adopted_by == "outside" for process in trace.orphans)


def test_the_zombie_interval_is_the_time_between_exit_and_reaping() -> None:
    trace = run_python("""
        pid = fork(lambda: 0)
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        time.sleep(0.05)
        os.wait()
        """)
    child = trace.process("P.1")
    assert child.exited is not None
    assert child.reaped is not None
    assert child.zombie_seconds is not None
    assert child.zombie_seconds >= 0.05
    between = trace.events[child.reaped].t - trace.events[child.exited].t
    assert child.zombie_seconds == pytest.approx(between, abs=1e-5)


def test_the_ledger_names_call_options_and_status() -> None:
    trace = run_python("""
        os.waitpid(fork(lambda: 3), 0)
        pid = fork(lambda: os.abort())
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        os.wait3(os.WUNTRACED)
        """)
    told = [
        (wait.call, wait.target, wait.options, wait.outcome, wait.child, str(wait.status))
        for wait in trace.reap_ledger
    ]
    assert told == [
        ("wait4", "P.1", [], "reaped", "P.1", "exit 3"),
        ("waitid", "P.2", ["WEXITED", "WNOWAIT"], "peeked", "P.2", "killed by SIGABRT"),
        ("wait4", "any", ["WUNTRACED"], "reaped", "P.2", "killed by SIGABRT"),
    ]


def test_waits_that_fail_or_find_nothing() -> None:
    trace = run_python("""
        def failing(*arguments):
            try: os.waitpid(*arguments)
            except OSError: pass
        failing(-1, 0)
        failing(1, 0)
        failing(-1, 1 << 10)
        ready, go = os.pipe()
        pid = fork(lambda: os.read(ready, 1) and 0)
        os.waitpid(pid, os.WNOHANG)
        os.write(go, b"x")
        os.waitpid(0, 0)
        """)
    told = [(wait.target, wait.outcome, wait.error) for wait in trace.waits()]
    assert told == [
        ("any", "failed", "ECHILD"),
        ("pid 1", "failed", "ECHILD"),
        ("any", "failed", "EINVAL"),
        ("P.1", "nothing", None),
        ("group own", "reaped", None),
    ]


def test_a_wait_that_a_handler_interrupts_failed_with_eintr(compiled: Compiled) -> None:
    trace = run(Scenario(command=[compiled("interrupted")], stdio="pipe"), "exact")
    assert_consistent(trace)
    assert trace.exit == ExitStatus(code=0)
    assert [(wait.outcome, wait.error) for wait in trace.waits("P")] == [
        ("failed", "EINTR"),
        ("reaped", None),
        ("reaped", None),
    ]


def test_a_wait_inside_which_its_process_is_killed_is_unfinished() -> None:
    trace = run_python("""
        def waits():
            fork(signal.pause)
            os.write(go, b"x")
            os.wait()
        ready, go = os.pipe()
        pid = fork(waits)
        os.read(ready, 1)
        while open(f"/proc/{pid}/wchan").read() != "do_wait": pass
        os.kill(pid, signal.SIGKILL)
        os.wait()
        os.kill(0, signal.SIGTERM)
        """)
    assert [wait.outcome for wait in trace.waits("P.1")] == ["unfinished"]
    assert trace.process("P.1.1").fate == "orphaned"


def test_a_blocking_call_says_what_had_happened_when_it_began() -> None:
    trace = run_python("""
        ready, go = os.pipe()
        fork(lambda: os.read(ready, 1) and 0)
        os.write(go, b"x")
        os.wait()
        """)
    (wait,) = trace.waits()
    (write,) = [write for write in trace.writes() if write.stream == "pipe 1"]
    assert write.n < wait.after <= wait.n
    assert wait.began <= wait.t


def test_threads_are_not_processes() -> None:
    trace = run_python("""
        import threading
        threads = [threading.Thread(target=time.sleep, args=(0.01,)) for _ in range(4)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        fork(lambda: 0); os.wait()
        """)
    assert_consistent(trace)
    assert [process.id for process in trace] == ["P", "P.1"]
    assert (trace.root.threads, trace.process("P.1").threads) == (4, 0)
    assert [start.started for start in trace.of(ThreadStart)] == [1, 2, 3, 4]
    assert {sleep.thread for sleep in trace.of(Sleep)} == {1, 2, 3, 4}


def test_threads_fork_wait_and_exec_in_the_name_of_their_process(compiled: Compiled) -> None:
    trace = run(Scenario(command=[compiled("threads_fork")], stdio="pipe"), "exact")
    assert [fork.thread for fork in trace.forks()] == [1, 3]
    assert [wait.thread for wait in trace.waits()] == [2, 0]
    trace = run(Scenario(command=[compiled("exec_from_thread")], stdio="pipe"), "exact")
    assert [event.program[0] for event in trace.of(Exec, "P.1")] == ["again", "sh"]


@pytest.mark.parametrize("attempt", range(10))
def test_a_process_lives_as_long_as_one_of_its_threads(compiled: Compiled, attempt: int) -> None:
    trace = run(Scenario(command=[compiled("threaded_parent")], stdio="pipe"), "exact")
    assert_consistent(trace)
    assert trace.exit == ExitStatus(code=0)
    assert [child.fate for child in trace.children()] == ["reaped", "orphaned"]


def test_many_threads_that_fork_at_once() -> None:
    trace = run_python("""
        import threading
        def forks():
            for i in range(5): os.waitpid(fork(lambda: i), 0)
        threads = [threading.Thread(target=forks) for _ in range(8)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        """)
    assert_consistent(trace)
    assert len(trace.children()) == 40
    assert {child.fate for child in trace.children()} == {"reaped"}


def test_a_fork_that_fails_is_told_with_its_error(compiled: Compiled) -> None:
    trace = run(Scenario(command=[compiled("fork_fails")], stdio="pipe"), "exact")
    assert_consistent(trace)
    assert trace.exit == ExitStatus(code=0)
    assert [(fork.child, fork.error) for fork in trace.of(Fork)] == [(None, "EINVAL")]


def test_pipes_and_duplicates_have_names_and_numbers() -> None:
    trace = run_python("""
        import fcntl
        read, write = os.pipe()
        os.dup2(write, 30); os.dup(30); fcntl.fcntl(30, fcntl.F_DUPFD, 50)
        os.pipe()
        for fail in (lambda: os.dup(99), lambda: os.dup2(99, 5)):
            try: fail()
            except OSError: pass
        """)
    pipes = trace.of(Pipe)
    assert [pipe.pipe for pipe in pipes] == ["pipe 1", "pipe 2"]
    assert (pipes[0].read, pipes[0].write) == (3, 4)
    told = [(dup.old, dup.new, dup.error) for dup in trace.of(Dup)]
    assert told[-5:-2] == [(4, 30, None), (30, 5, None), (30, 50, None)]
    assert [dup.error for dup in trace.of(Dup)[-2:]] == ["EBADF", "EBADF"]


def test_groups_and_sessions() -> None:
    trace = run_python("""
        def leads(): os.setsid()
        os.waitpid(fork(leads), 0)
        ready, go = os.pipe()
        pid = fork(lambda: os.read(ready, 1) and 0)
        os.setpgid(pid, pid)
        os.write(go, b"x")
        os.waitpid(-pid, 0)
        try: os.setsid()
        except OSError: pass
        """)
    one, two = trace.process("P.1"), trace.process("P.2")
    assert [(g.process, g.call, g.target, g.group, g.error) for g in trace.of(Group)] == [
        ("P.1", "setsid", "P.1", one.pid, None),
        ("P", "setpgid", "P.2", two.pid, None),
        ("P", "setsid", "P", trace.root.pid, "EPERM"),
    ]
    assert trace.waits()[-1].target == f"group {two.pid}"


def test_a_subreaper_adopts_alive_and_dead(compiled: Compiled) -> None:
    trace = run(Scenario(command=[compiled("subreaper")], stdio="pipe"), "exact")
    assert_consistent(trace)
    assert [event.active for event in trace.of(Subreaper)] == [True]
    zombie, orphan = trace.process("P.1.1"), trace.process("P.1.2")
    assert (zombie.fate, zombie.adopted_by, zombie.reaped_by) == ("unreaped", "P", "P")
    assert (orphan.fate, orphan.adopted_by, orphan.reaped_by) == ("orphaned", "P", "P")
    assert [(adopt.process, adopt.by) for adopt in trace.of(Adopt)] == [("P.1.2", "P")]


@pytest.mark.parametrize(
    ("statement", "call"),
    [
        ("time.sleep(0.2)", "clock_nanosleep"),  # with TIMER_ABSTIME
        ("import select; select.select([], [], [], 0.2)", "select|pselect6"),
        ("import select; select.poll().poll(200)", "poll|ppoll"),
        ("os.system('sleep 0.2')", "clock_nanosleep"),
    ],
)
def test_sleeps_say_what_was_asked_for(statement: str, call: str) -> None:
    trace = run_python(statement)
    (sleep,) = [sleep for sleep in trace.of(Sleep) if sleep.seconds]
    assert sleep.call in call.split("|")
    assert sleep.seconds == pytest.approx(0.2, abs=0.15)
    assert sleep.outcome == "slept"
    assert sleep.t - sleep.began >= 0.004


def test_sleeps_that_end_early(compiled: Compiled) -> None:
    trace = run_python("""
        def sleeps():
            signal.signal(signal.SIGUSR1, lambda *_: os._exit(0))
            os.write(go, b"x")
            time.sleep(60)
        def killed():
            os.write(go, b"x")
            time.sleep(60)
        for body, number in ((sleeps, signal.SIGUSR1), (killed, signal.SIGKILL)):
            ready, go = os.pipe()
            pid = fork(body)
            os.read(ready, 1)
            while "nanosleep" not in open(f"/proc/{pid}/wchan").read(): pass
            os.kill(pid, number)
            os.waitpid(pid, 0)
        """)
    assert [(sleep.process, sleep.outcome) for sleep in trace.of(Sleep)] == [
        ("P.1", "interrupted"),
        ("P.2", "unfinished"),
    ]


def test_polling_for_a_child_is_told_as_often_as_it_was_done() -> None:
    trace = run_python("""
        ready, go = os.pipe()
        pid = fork(lambda: os.read(ready, 1) and 0)
        for _ in range(10): os.waitpid(pid, os.WNOHANG)
        os.write(go, b"x")
        os.waitpid(pid, 0)
        """)
    assert [wait.outcome for wait in trace.of(Wait)] == ["nothing"] * 10 + ["reaped"]
