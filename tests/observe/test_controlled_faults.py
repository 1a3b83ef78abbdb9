"""Faults: each call fails as the kernel would have it fail, at the place that is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.model import Delivered, Exit, Fault, Fork, Pipe, UsageError, Wait, Write
from tests.observe.controlled import every, ideal, texts

CALLS = """
    import errno, os, signal, sys
    def attempt(words, function):
        try: print(words, function())
        except OSError as error: print(words, errno.errorcode[error.errno])
    """


def test_fork_fails_at_its_second_call(tmp_path: Path) -> None:
    trace = ideal(
        tmp_path,
        """
        import os
        for n in (1, 2, 3):
            try:
                if os.fork() == 0: os._exit(0)
            except BlockingIOError as error: print(n, error.strerror)
        os.wait(), os.wait()
        """,
        "fork:EAGAIN@P#2",
    )
    assert trace.text() == "2 Resource temporarily unavailable\n"
    assert [(e.error, e.injected) for e in trace.of(Fork)] == [
        (None, False),
        ("EAGAIN", True),
        (None, False),
    ]
    assert [p.id for p in trace.processes] == ["P", "P.1", "P.2"]
    assert trace.faults == ["fork:EAGAIN@P#2"]


def test_wait_pipe_and_write_fail(tmp_path: Path) -> None:
    trace = ideal(
        tmp_path,
        CALLS
        + """
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    if os.fork() == 0: os._exit(3)
    attempt("wait", lambda: os.wait())
    attempt("wait", lambda: os.wait()[1])
    attempt("pipe", lambda: os.pipe())
    attempt("write", lambda: os.write(1, b"hello\\n"))
    attempt("write", lambda: os.write(1, b"0123456789"))
    """,
        "wait:ECHILD@P#1",
        "pipe:EMFILE@P#1",
        "write:EPIPE@P#4",
        "write:short@P#6",
    )
    assert trace.text() == ("wait ECHILD\nwait 768\npipe EMFILE\nwrite EPIPE\n01234write 5\n")
    assert [(w.outcome, w.error, w.injected) for w in trace.of(Wait)] == [
        ("failed", "ECHILD", True),
        ("reaped", None, False),
    ]
    assert [(p.error, p.injected) for p in trace.of(Pipe)] == [("EMFILE", True)]
    assert [w.text for w in trace.of(Write) if w.injected] == ["", "01234"]


def test_epipe_comes_with_its_signal(tmp_path: Path) -> None:
    trace = ideal(
        tmp_path,
        """
        import os, signal
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.write(1, b"x")
        """,
        "write:EPIPE@P#1",
    )
    assert trace.exit.signal == 13


def test_an_interrupted_wait_has_a_signal_behind_it(tmp_path: Path) -> None:
    """EINTR alone is hidden by Python, which calls again (PEP 475)."""
    trace = ideal(
        tmp_path,
        """
        import os, signal
        class Interrupted(Exception): pass
        def handler(*_): raise Interrupted
        signal.signal(signal.SIGUSR1, handler)
        if os.fork() == 0: os._exit(0)
        try: os.wait()
        except Interrupted: print("interrupted")
        print(os.wait()[1])
        """,
        "wait:EINTR@P#1",
    )
    assert trace.text() == "interrupted\n0\n"


def test_a_child_is_killed_at_a_call(tmp_path: Path) -> None:
    source = """
        import os
        if os.fork() == 0:
            os.write(1, b"1"); os.write(1, b"2"); os.write(1, b"3")
            os._exit(0)
        print(os.wait()[1])
        """
    for fault, text in (("die:SIGSEGV@P.1#3", "1211\n"), ("die:SIGKILL@P.1#1", "9\n")):
        trace = ideal(tmp_path, source, fault)
        assert trace.text() == text
        assert [(e.process, e.injected) for e in trace.of(Exit)] == [("P.1", True), ("P", False)]
        assert all(event.injected for event in trace.of(Delivered))


def test_what_python_ignores_since_its_start_does_nothing(tmp_path: Path) -> None:
    trace = ideal(
        tmp_path,
        """
        import os
        try: os.write(1, b"x")
        except BrokenPipeError: print("broken")
        """,
        "write:EPIPE@P#1",
    )
    assert trace.text() == "broken\n"
    assert trace.of(Delivered) == []


def test_a_fault_strikes_in_every_schedule(tmp_path: Path) -> None:
    traces = every(
        tmp_path,
        """
        import os, sys
        if os.fork() == 0: os._exit(0)
        try: os.fork()
        except OSError: sys.exit("no")
        """,
        "fork:EAGAIN@P#2",
    )
    assert texts(traces) == {"no\n"}
    assert {trace.process("P.1").fate for trace in traces} == {"orphaned", "unreaped"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("fork:EAGAIN", "is no fault: write CALL:WHAT@PROCESS#N"),
        ("fork:EAGAIN@P#0", "is no fault"),
        ("frok:EAGAIN@P#1", "did you mean fork?"),
        ("fork:ECHILD@P#1", "choose EAGAIN, ENOMEM"),
        ("fork:EAGAIN@Q#1", "is no fault"),
    ],
)
def test_what_is_no_fault_is_explained(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words.replace("?", r"\?")):
        Fault.parse(text)
