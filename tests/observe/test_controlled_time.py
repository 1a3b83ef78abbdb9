"""Virtual time: sleeps cost nothing, and every clock agrees with them."""

from __future__ import annotations

import time
from pathlib import Path

from grader.model import Sleep, Wait
from tests.observe.controlled import every, ideal, texts


def test_the_parent_ends_exactly_when_the_longer_sleep_ends(tmp_path: Path) -> None:
    trace = ideal(
        tmp_path,
        """
        import os, time
        for seconds in (3, 2):
            if os.fork() == 0:
                time.sleep(seconds)
                os._exit(0)
        os.wait(), os.wait()
        """,
    )
    assert [(e.seconds, e.began, e.t) for e in trace.of(Sleep)] == [(2, 0, 2), (3, 0, 3)]
    assert [(e.child, e.t) for e in trace.of(Wait)] == [("P.2", 2.0), ("P.1", 3.0)]
    assert trace.seconds == 3.0
    assert [p.zombie_seconds for p in trace.descendants] == [0, 0]


def test_hours_pass_in_no_time(tmp_path: Path) -> None:
    began = time.monotonic()
    trace = ideal(
        tmp_path,
        """
        import os, time
        for hours in (1, 2, 3):
            if os.fork() == 0:
                time.sleep(hours * 3600)
                os._exit(0)
        for _ in range(3): os.wait()
        """,
    )
    assert trace.seconds == 3 * 3600
    assert time.monotonic() - began < 60  # no measurement: hours would not pass


def test_a_program_that_measures_its_own_sleep_sees_what_it_asked_for(tmp_path: Path) -> None:
    source = """
        import os, time
        clocks = [time.time, time.monotonic, time.perf_counter,
                  lambda: time.clock_gettime(time.CLOCK_BOOTTIME)]
        for seconds in (5, 2):
            if os.fork() == 0:
                before = [clock() for clock in clocks]
                time.sleep(seconds)
                print([round(clock() - b, 6) for clock, b in zip(clocks, before)])
                os._exit(0) if os.write(1, b"") else None
        os.wait(), os.wait()
        """
    source = source.replace('os._exit(0) if os.write(1, b"") else None', "raise SystemExit")
    right = "[5.0, 5.0, 5.0, 5.0]\n", "[2.0, 2.0, 2.0, 2.0]\n"
    assert ideal(tmp_path, source).text() == right[1] + right[0]
    for text in texts(every(tmp_path, source)):
        assert sorted(text.splitlines(keepends=True)) == sorted(right)


def test_who_waits_is_as_late_as_what_it_waited_for(tmp_path: Path) -> None:
    traces = every(
        tmp_path,
        """
        import os, time
        began = time.time()
        read, write = os.pipe()
        if os.fork() == 0:
            time.sleep(4)
            os.write(write, b"x")
            time.sleep(3)
            os._exit(0)
        os.read(read, 1)
        print(time.time() - began)
        os.wait()
        print(time.time() - began)
        """,
    )
    assert texts(traces) == {"4.0\n7.0\n"}


def test_alarms_and_interval_timers_go_off_in_virtual_time(tmp_path: Path) -> None:
    trace = ideal(
        tmp_path,
        """
        import signal, time
        began = time.monotonic()
        def handler(*_):
            print("alarm", time.monotonic() - began)
        signal.signal(signal.SIGALRM, handler)
        signal.alarm(2)
        time.sleep(5)
        print("slept", time.monotonic() - began)
        signal.setitimer(signal.ITIMER_REAL, 1, 2)
        signal.pause(), signal.pause()
        print(signal.setitimer(signal.ITIMER_REAL, 0))
        signal.alarm(7)
        time.sleep(1)
        print(signal.alarm(0))
        """,
    )
    assert trace.text() == ("alarm 2.0\nslept 5.0\nalarm 6.0\nalarm 8.0\n(2.0, 2.0)\n6\n")


def test_an_alarm_in_adversarial_time_never_comes_after_its_time(tmp_path: Path) -> None:
    traces = every(
        tmp_path,
        """
        import signal, time
        signal.signal(signal.SIGALRM, lambda *_: print("alarm"))
        signal.alarm(2)
        time.sleep(5)
        print("slept")
        """,
    )
    assert texts(traces) == {"alarm\nslept\n"}


def test_time_outs_of_poll_select_and_sigtimedwait(tmp_path: Path) -> None:
    source = """
        import os, select, signal, time
        read, write = os.pipe()
        def timed(function):
            began = time.monotonic()
            result = function()
            print(result, round(time.monotonic() - began, 6))
        poller = select.poll()
        poller.register(read, select.POLLIN)
        epoller = select.epoll()
        epoller.register(read, select.EPOLLIN)
        timed(lambda: poller.poll(1500))
        timed(lambda: select.select([read], [], [], 2.5)[0])
        timed(lambda: epoller.poll(3.5))
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
        timed(lambda: signal.sigtimedwait([signal.SIGUSR1], 4.5))
        os.write(write, b"x")
        timed(lambda: len(poller.poll(1500)))
        timed(lambda: len(select.select([read], [], [], 2.5)[0]))
        timed(lambda: len(epoller.poll(3.5)))
        """
    wanted = "[] 1.5\n[] 2.5\n[] 3.5\nNone 4.5\n1 0.0\n1 0.0\n1 0.0\n"
    assert ideal(tmp_path, source).text() == wanted
    assert texts(every(tmp_path, source)) == {wanted}


def test_a_busy_wait_on_the_clock_comes_to_its_end(tmp_path: Path) -> None:
    trace = ideal(
        tmp_path,
        """
        import time
        began = time.time()
        while time.time() < began + 2: pass
        print("done")
        """,
    )
    assert trace.text() == "done\n"


def test_sleeping_is_no_synchronization_in_adversarial_time(tmp_path: Path) -> None:
    source = """
        import os, time
        child = os.fork()
        if child == 0:
            os._exit(0)
        time.sleep(2)
        print("collected" if os.waitpid(child, os.WNOHANG)[0] else "nothing")
        """
    assert texts(every(tmp_path, source)) == {"collected\n", "nothing\n"}
    assert ideal(tmp_path, source).text() == "collected\n"


def test_a_loop_that_polls_lets_time_pass(tmp_path: Path) -> None:
    trace = ideal(
        tmp_path,
        """
        import os, time
        child = os.fork()
        if child == 0:
            time.sleep(3)
            os._exit(0)
        while os.waitpid(child, os.WNOHANG)[0] == 0: pass
        print(time.monotonic() > 1003 - 1e-6)
        """,
    )
    assert trace.ended == "exit"
    assert trace.text() == "True\n"
    assert trace.seconds == 3.0
