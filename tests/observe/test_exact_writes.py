"""Output with its writer and its bytes; input as the scenario gives it."""

from __future__ import annotations

import ast
import hashlib
import subprocess
from pathlib import Path

import pytest

from grader.model import ExitStatus, Limits, Scenario, Stdio, Trace
from grader.observe import python_executable, run
from tests.observe.consistency import assert_consistent
from tests.observe.running import run_python

both = pytest.mark.parametrize("stdio", ["terminal", "pipe"])

FIGURE = Path(__file__).parents[2] / "reference" / "fig18_02.py"


def written(trace: Trace, stream: str) -> bytes:
    return b"".join(write.data for write in trace.writes(stream=stream))


@both
def test_each_write_has_its_writer_and_stream(stdio: Stdio) -> None:
    trace = run_python(
        """
        os.write(1, b"one\\n")
        os.waitpid(fork(lambda: os.write(2, b"two\\n") and 0), 0)
        os.waitpid(fork(lambda: os.write(1, b"three\\n") and 0), 0)
        """,
        stdio=stdio,
    )
    assert_consistent(trace)
    assert [(o.process, o.stream, o.text) for o in trace.output] == [
        ("P", "stdout", "one\n"),
        ("P.1", "stderr", "two\n"),
        ("P.2", "stdout", "three\n"),
    ]
    assert [trace.events[o.event or 0].process for o in trace.output] == ["P", "P.1", "P.2"]
    assert trace.text("P.1") == "two\n"


@both
def test_bytes_that_are_no_text_are_kept(stdio: Stdio) -> None:
    data = bytes(range(256)) + "ä".encode()[:1]
    trace = run_python(f"os.write(1, {data!r}); os.write(1, {'ä'.encode()[1:]!r})", stdio=stdio)
    assert_consistent(trace)
    assert written(trace, "stdout") == data + "ä".encode()[1:]
    assert trace.text().endswith("ä")
    assert "�" in trace.writes(stream="stdout")[0].text


@both
def test_writev_and_its_empty_parts(stdio: Stdio) -> None:
    trace = run_python('os.writev(1, [b"a", b"", b"bc", b"\\n"])', stdio=stdio)
    assert_consistent(trace)
    (write,) = trace.writes()
    assert (write.call, write.text, write.size) == ("writev", "abc\n", 4)


@both
def test_a_megabyte_arrives_whole(stdio: Stdio) -> None:
    trace = run_python(
        """
        data = b"".join(b"%07d\\n" % n for n in range(1 << 17))
        while data: data = data[os.write(1, data):]
        """,
        stdio=stdio,
    )
    assert_consistent(trace)
    assert written(trace, "stdout") == b"".join(b"%07d\n" % n for n in range(1 << 17))


def test_files_that_are_sent_are_seen_as_they_arrive(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"sent\n" * 1000)
    trace = run_python(
        """
        file = os.open("file", os.O_RDONLY)
        os.sendfile(1, file, 0, 5000)
        """,
        stdio="pipe",
        directory=str(tmp_path),
    )
    assert_consistent(trace)
    assert trace.text("P") == "sent\n" * 1000


@both
def test_a_write_that_fails_is_told_with_its_error(stdio: Stdio) -> None:
    trace = run_python(
        """
        read, write = os.pipe()
        os.close(read)
        try: os.write(write, b"lost")
        except BrokenPipeError: pass
        """,
        stdio=stdio,
    )
    (write,) = trace.writes()
    assert (write.stream, write.size, write.error) == ("pipe 1", 0, "EPIPE")


def test_writes_to_the_programs_own_pipes_are_no_output() -> None:
    trace = run_python("""
        read, write = os.pipe()
        os.waitpid(fork(lambda: os.write(write, b"through") and 0), 0)
        os.write(1, os.read(read, 100) + b"\\n")
        """)
    assert_consistent(trace)
    assert [(w.process, w.stream, w.text) for w in trace.writes()] == [
        ("P.1", "pipe 1", "through"),
        ("P", "stdout", "through\n"),
    ]
    assert trace.text() == "through\n"


def test_redirected_output_keeps_its_stream() -> None:
    trace = run_python('os.dup2(2, 1); os.write(1, b"x\\n")', stdio="pipe")
    assert_consistent(trace)
    assert [(write.fd, write.stream) for write in trace.writes()] == [(1, "stderr")]


def test_dev_tty_is_the_terminal() -> None:
    trace = run_python('os.write(os.open("/dev/tty", os.O_RDWR), b"x\\n")')
    assert_consistent(trace)
    assert trace.text("P") == "x\n"


def test_files_and_dev_null_are_not_told(tmp_path: Path) -> None:
    trace = run_python(
        'open("file", "w").write("x"); open("/dev/null", "w").write("x")', directory=str(tmp_path)
    )
    assert trace.writes() == []


def test_the_order_of_the_writes_is_the_order_of_the_bytes() -> None:
    """Ten processes write at the same time; what is captured must be what was written."""
    trace = run_python("""
        def writes(n):
            for i in range(30): os.write(1, b"%d:%d\\n" % (n, i))
        for n in range(10): fork(writes, n)
        for _ in range(10): os.wait()
        """)
    assert_consistent(trace)
    assert len(trace.output) == 300
    for child in trace.children():
        n = trace.children().index(child)
        assert trace.text(child.id) == "".join(f"{n}:{i}\n" for i in range(30))


def test_buffered_output_is_doubled_in_a_pipe_and_not_on_a_terminal() -> None:
    source = 'print("Program executing")\nif os.fork(): os.wait()'
    assert run_python(source, stdio="terminal").text() == "Program executing\n"
    assert run_python(source, stdio="pipe").text() == "Program executing\n" * 2


@pytest.mark.parametrize("attempt", range(20))
def test_the_lines_of_an_orphan_are_not_lost(attempt: int) -> None:
    """The child of Fig. 18.2 that nobody waits for, after its parent's end."""
    trace = run_python("""
        print("parent", flush=True)
        parent = os.getpid()
        if os.fork() == 0:
            while os.getppid() == parent: pass
            for i in range(5): print("child", i, flush=True)
        """)
    assert trace.ended == "exit"
    assert_consistent(trace)
    assert trace.process("P.1").fate == "orphaned"
    assert trace.text("P.1") == "".join(f"child {i}\n" for i in range(5))


@pytest.mark.parametrize("attempt", range(5))
def test_the_reference_of_figure_18_2_is_whole(attempt: int) -> None:
    trace = run(Scenario(command=[python_executable(), str(FIGURE)]), "exact")
    assert_consistent(trace)
    assert len(trace.text("P").splitlines()) == 6
    assert len(trace.text("P.1").splitlines()) == 4


@both
def test_a_killed_program_loses_no_output(stdio: Stdio) -> None:
    trace = run_python(
        """
        for i in range(2000): os.write(1, b"%d\\n" % i)
        os.kill(os.getpid(), signal.SIGKILL)
        """,
        stdio=stdio,
    )
    assert_consistent(trace)
    assert trace.exit == ExitStatus(signal=9)
    assert trace.text("P") == "".join(f"{i}\n" for i in range(2000))


@both
def test_a_hung_program_loses_no_output(stdio: Stdio) -> None:
    trace = run_python(
        'os.write(1, b"before\\n" * 5000); signal.pause()', stdio=stdio, limits=Limits(seconds=5)
    )
    assert trace.ended == "time-limit"
    assert trace.doubts == []
    assert trace.text("P") == "before\n" * 5000


# -- input -------------------------------------------------------------------------------

READS_ALL = """
    data = b""
    while part := os.read(0, 1000): data += part
    sys.stdout.buffer.write(repr(data).encode())
    """


@both
@pytest.mark.parametrize(
    "stdin",
    [
        b"",
        b"\n",
        b"one\ntwo\n",
        b"no newline",
        b"one\nno newline",
        "ä€\n".encode(),
        bytes(range(256)) + b"\n",
        b"\x03\x04\x1a\x1c\x7f\x15\x16\r",
    ],
    ids=repr,
)
def test_what_the_program_reads(stdio: Stdio, stdin: bytes) -> None:
    trace = run_python(READS_ALL, stdin=stdin, stdio=stdio)
    assert_consistent(trace)
    assert trace.ended == "exit"
    assert ast.literal_eval(trace.text()) == stdin


@both
def test_a_long_input(stdio: Stdio) -> None:
    stdin = b"".join(b"line %d\n" % n for n in range(10_000))
    trace = run_python(
        "import hashlib; print(hashlib.md5(sys.stdin.buffer.read()).hexdigest())",
        stdin=stdin,
        stdio=stdio,
    )
    assert trace.text() == hashlib.md5(stdin).hexdigest() + "\n"


@both
def test_several_readers_share_the_input_and_each_sees_its_end(stdio: Stdio) -> None:
    trace = run_python(
        """
        print(input())
        sys.stdout.flush()
        def reads():
            while os.read(0, 100): pass
        for _ in range(5): os.waitpid(fork(reads), 0)
        """,
        stdin=b"first\nsecond\nthird\n",
        stdio=stdio,
    )
    assert_consistent(trace)
    assert trace.ended == "exit"
    assert trace.text() == "first\n"
    assert {child.exit for child in trace.children()} == {ExitStatus(code=0)}


@both
def test_input_that_nobody_reads_holds_nothing_up(stdio: Stdio) -> None:
    trace = run_python("pass", stdin=b"x\n" * 100_000, stdio=stdio)
    assert trace.ended == "exit"
    assert_consistent(trace)


def test_echoes_of_input_are_not_output() -> None:
    trace = run_python("print(input())", stdin=b"typed\n")
    assert trace.text() == "typed\n"


def test_what_a_shell_pipeline_prints_is_what_it_prints_without_us() -> None:
    script = "seq 2000 | sort -r | head -n 50; echo done >&2"
    trace = run(Scenario(command=["sh", "-c", script], stdio="pipe"), "exact")
    bare = subprocess.run(["sh", "-c", script], capture_output=True, text=True)
    assert_consistent(trace)
    assert (trace.text(stream="stdout"), trace.text(stream="stderr")) == (bare.stdout, bare.stderr)
