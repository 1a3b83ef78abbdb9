"""What looks for leftovers finds them: each thing that is looked at is changed once, on purpose."""

from __future__ import annotations

import ctypes
import fcntl
import os
import re
import resource
import signal
import socket
import subprocess
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .surroundings import KEYS, MARK, Surroundings, differences

_libc = ctypes.CDLL(None, use_errno=True)


@pytest.fixture
def around() -> Iterator[Surroundings]:
    surroundings = Surroundings()
    yield surroundings
    surroundings.end()


Leak = Callable[[Surroundings], object]
"""Leaves something; what it returns is called in the end."""


def a_process(around: Surroundings) -> None:
    if os.fork() == 0:
        os.setsid()
        signal.pause()


def a_stopped_process_that_nobody_knows(around: Surroundings) -> None:
    child = os.fork()
    if child == 0:
        if os.fork() == 0:
            os.kill(os.getpid(), signal.SIGSTOP)
        os._exit(0)
    os.waitpid(child, 0)


def a_process_that_forks_on(around: Surroundings) -> None:
    if os.fork() == 0:
        end = time.monotonic() + 10
        while time.monotonic() < end:
            if os.fork():
                os._exit(0)


def a_descriptor(around: Surroundings) -> None:
    for _ in range(2):
        os.open("/dev/null", os.O_RDONLY)


def two_pipes(around: Surroundings) -> None:
    os.pipe()


def a_folder_of_its_own(around: Surroundings) -> None:
    os.chdir("/")


def a_mask(around: Surroundings) -> None:
    os.umask(0o123)


def a_limit(around: Surroundings) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_STACK, (1 << 20, 1 << 20))


def a_file(around: Surroundings) -> None:
    (around.outside / "a" / "new").touch()


def a_file_in_the_graders_folder(around: Surroundings) -> None:
    (around.temporary / "grader-0" / "run").mkdir(parents=True)


def a_removed_file(around: Surroundings) -> None:
    (around.outside / "a/b/c/d.txt").unlink()


def other_contents(around: Surroundings) -> None:
    path = around.outside / "diary.txt"
    times = path.stat()
    path.write_text("x" * len(path.read_text()))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def other_rights(around: Surroundings) -> None:
    (around.outside / "diary.txt").chmod(0o600)


def other_times(around: Surroundings) -> None:
    os.utime(around.outside / "diary.txt", (0, 0))


def another_name(around: Surroundings) -> None:
    os.link(around.outside / "diary.txt", around.sources / "mine")


def another_link(around: Surroundings) -> None:
    (around.outside / "link").unlink()
    (around.outside / "link").symlink_to("/etc/passwd")


def a_leftover(around: Surroundings) -> Callable[[], None]:
    path = Path("/tmp", f"{MARK}-{os.getpid()}")
    path.touch()
    return path.unlink


def shared_memory(around: Surroundings) -> Callable[[], None]:
    path = Path("/dev/shm", f"{MARK}-{os.getpid()}")
    path.touch()
    return path.unlink


def system_v_memory(around: Surroundings) -> Callable[[], object]:
    segment = _libc.shmget(KEYS[-1], 4096, 0o1600)
    assert segment >= 0
    return lambda: _libc.shmctl(segment, 0, None)


def a_signal(around: Surroundings) -> None:
    os.kill(around.sleeper, signal.SIGURG)


def a_stop(around: Surroundings) -> None:
    os.kill(around.sleeper, signal.SIGSTOP)
    os.waitid(os.P_PID, around.sleeper, os.WSTOPPED | os.WNOWAIT)


def a_kill(around: Surroundings) -> None:
    os.kill(around.sleeper, signal.SIGKILL)
    os.waitid(os.P_PID, around.sleeper, os.WEXITED | os.WNOWAIT)


def a_priority(around: Surroundings) -> None:
    os.setpriority(os.PRIO_PROCESS, around.sleeper, 7)


def a_processor(around: Surroundings) -> None:
    if len(os.sched_getaffinity(0)) == 1:
        pytest.skip("there is one processor")
    os.sched_setaffinity(around.sleeper, {min(os.sched_getaffinity(0))})


def a_lower_limit(around: Surroundings) -> None:
    resource.prlimit(around.sleeper, resource.RLIMIT_NOFILE, (20, 20))


def another_memory(around: Surroundings) -> None:
    with Path(f"/proc/{around.sleeper}/mem").open("r+b", buffering=0) as memory:
        memory.seek(around.memory)
        memory.write(b"TOUCHED")


def raw_mode(around: Surroundings) -> None:
    descriptor = os.open(around.terminal_name, os.O_RDWR | os.O_NOCTTY)
    settings = termios.tcgetattr(descriptor)
    settings[3] &= ~termios.ECHO
    termios.tcsetattr(descriptor, termios.TCSANOW, settings)
    os.close(descriptor)


def a_size(around: Surroundings) -> None:
    fcntl.ioctl(around.terminal, termios.TIOCSWINSZ, b"\1\0\1\0\0\0\0\0")


def text_on_a_terminal(around: Surroundings) -> None:
    Path(around.terminal_name).write_text("hello")


def typed_text(around: Surroundings) -> None:
    os.write(around.terminal, b"hello\n")


def a_knock(around: Surroundings) -> None:
    socket.create_connection(("127.0.0.1", around.port)).close()


def a_datagram(around: Surroundings) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.sendto(b"x", ("127.0.0.1", around.port))


def a_visitor(around: Surroundings) -> None:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(f"\0grader-hostile-{around.port}")


def a_mount(around: Surroundings) -> Callable[[], object]:
    target = around.outside / "a" / "b"
    done = subprocess.run(["mount", "--bind", target, target], capture_output=True)
    if done.returncode:
        pytest.skip("this user can't mount")
    return lambda: subprocess.run(["umount", target], check=True)


INSIDE: dict[Leak, str] = {
    a_process: r"process \d+ is left: .*sleeping",
    a_stopped_process_that_nobody_knows: r"process \d+ is left: .*stopped",
    a_process_that_forks_on: r"process \d+ is left",
    a_descriptor: "descriptor .* -> /dev/null",
    two_pipes: "descriptor .* -> pipe",
    a_folder_of_its_own: "this process folder",
    a_mask: "this process mask: .* -> 0o123",
    a_limit: "this process limit 3",
}
"""Done in the grader's process, or in one that it made."""
OUTSIDE: dict[Leak, str] = {
    a_file: "file 'outside/a/new': was not there ->",
    a_file_in_the_graders_folder: "file 'temporary/grader-0/run': was not there ->",
    a_removed_file: "file .*d.txt': .* -> is not there",
    other_contents: "file 'outside/diary.txt'",
    other_rights: "file 'outside/diary.txt': .* -> -rw-------",
    other_times: "file 'outside/diary.txt'.* times 0 ",
    another_name: "file 'outside/diary.txt'.* -> .* 2 links",
    another_link: "file 'outside/link'.* -> .*/etc/passwd",
    a_leftover: "leftover /tmp/hostile-leftover",
    shared_memory: "leftover /dev/shm/hostile-leftover",
    system_v_memory: "System V IPC shm",
    a_signal: "sleeper ShdPnd: 0+ ->",
    a_stop: "sleeper State: alive -> T",
    a_kill: "sleeper (State: alive -> Z|memory: .* is not there)",
    a_priority: "sleeper priority: 0 -> 7",
    a_processor: "sleeper Cpus_allowed",
    a_lower_limit: r"sleeper limit 7: .* -> \(20, 20\)",
    another_memory: "sleeper memory: b'untouched' -> b'TOUCHEDed'",
    raw_mode: "terminal settings of the canary",
    a_size: "terminal size of the canary",
    text_on_a_terminal: "terminal written to the canary: False -> True",
    typed_text: "terminal typed on the canary: 0 -> 6",
    a_knock: "door someone at the TCP socket: False -> True",
    a_datagram: "door someone at the UDP socket: False -> True",
    a_visitor: "door someone at the abstract socket: False -> True",
    a_mount: "mount .*outside/a/b",
}


@pytest.mark.parametrize("leak", INSIDE, ids=lambda leak: leak.__name__)
def test_what_the_grader_leaves_is_found(leak: Leak, around: Surroundings) -> None:
    def body() -> bytes:
        leak(around)
        return b"done"

    data, found = around.watch(body)
    assert data == b"done"
    assert [each for each in found if re.search(INSIDE[leak], each)], found


@pytest.mark.parametrize("leak", OUTSIDE, ids=lambda leak: leak.__name__)
def test_what_is_changed_is_found(leak: Leak, around: Surroundings) -> None:
    before = around.look()
    undo = leak(around)
    # What is sent to a terminal or through a network comes when the kernel's queue is worked off.
    deadline = time.monotonic() + 30
    seen: list[str] = []
    try:
        while not seen and time.monotonic() < deadline:
            found = differences(before, around.look())
            seen = [each for each in found if re.search(OUTSIDE[leak], each)]
    finally:
        if callable(undo):
            undo()
    assert seen, found


def test_nothing_is_found_where_nothing_is_left(around: Surroundings) -> None:
    def body() -> bytes:
        subprocess.run(["true"], check=True)
        return b"\1 \2"

    assert around.watch(body) == (b"\1 \2", [])


def test_a_grader_that_fails_is_found(around: Surroundings) -> None:
    def body() -> bytes:
        raise RuntimeError("it broke")

    data, found = around.watch(body)
    assert data == b""
    assert "it broke" in found[0]
