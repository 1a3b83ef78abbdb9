"""What stands beside a hostile program and must stay as it is, and how that is seen.

``Surroundings`` sets out canaries: files, a process, a terminal and listening sockets, which a
program is told of by its arguments. ``watch`` runs something beside them and finds what has
changed, and what is left of it: it asks the kernel, and never the grader.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import hashlib
import os
import resource
import secrets
import select
import shutil
import socket
import stat
import struct
import subprocess
import sys
import tempfile
import termios
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, NoReturn

import psutil

MARK = "hostile-leftover"
"""In the name of everything that a program leaves outside its folder."""
KEYS = range(0x48_05_71_00, 0x48_05_72_00)
"""The keys of what a program leaves of System V's IPC."""
SHARED = ("/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run", "/run/lock", "~")
"""Folders that others use too: there, what bears the mark is a program's."""

Look = dict[str, dict[str, str]]
"""By what is looked at: a description of each thing that is there."""

_PR_SET_CHILD_SUBREAPER = 36
_PATIENCE_SECONDS = 120.0
_LAST_MOMENT_SECONDS = 1.5
"""What ends with the grader may need a moment for it."""
_libc = ctypes.CDLL(None, use_errno=True)

_SLEEPER = """
import ctypes, os, signal, time
ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
memory = ctypes.create_string_buffer(b"untouched")
print(ctypes.addressof(memory), flush=True)
while True: time.sleep(1000)
"""


class Surroundings:
    """The canaries, from setting them out to taking them away."""

    def __init__(self) -> None:
        self.token = secrets.token_hex(16)
        """What is secret: in no program's output."""
        # Not in pytest's folder, which only its owner may enter: a run may have another user.
        self.folder = Path(tempfile.mkdtemp(prefix="grader-hostile-", dir="/tmp"))
        self.folder.chmod(0o755)
        self.outside = self.folder / "outside"
        self.sources = self.folder / "sources"
        self.temporary = self.folder / "temporary"
        """Where the grader makes its own temporary folders."""
        for folder in (self.outside, self.sources, self.temporary):
            folder.mkdir()
            folder.chmod(0o777)
        self._make_files()
        self._open_doors()
        self.terminal, self._their_terminal = os.openpty()
        self.terminal_name = os.ttyname(self._their_terminal)
        self._sleep()

    def _make_files(self) -> None:
        """Files that anyone may write to: only confinement keeps a program from it."""
        secret = f"secret = {self.token!r}\n"
        for name in ("diary.txt", "reference.py", "submissions/ada/fig18_03.py", "a/b/c/d.txt"):
            path = self.outside / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(secret)
            path.chmod(0o666)
        (self.outside / "private.txt").write_text(secret)
        (self.outside / "private.txt").chmod(0o600)
        tool = self.outside / "tool"
        tool.write_text(f"#!/bin/sh\necho REACHED {self.token}\n")
        tool.chmod(0o777)
        for folder in [self.outside, *self.outside.rglob("*")]:
            if folder.is_dir():
                folder.chmod(0o777)
        (self.outside / "link").symlink_to("diary.txt")
        os.mkfifo(self.outside / "fifo")
        (self.outside / "fifo").chmod(0o666)

    def _open_doors(self) -> None:
        """Sockets that listen, and that nobody may come to."""
        self._doors: dict[str, socket.socket] = {}
        tcp = socket.create_server(("127.0.0.1", 0))
        self.port = tcp.getsockname()[1]
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind(("127.0.0.1", self.port))
        named = socket.socket(socket.AF_UNIX)
        named.bind(str(self.outside / "socket"))
        named.listen()
        (self.outside / "socket").chmod(0o666)
        abstract = socket.socket(socket.AF_UNIX)
        abstract.bind(f"\0grader-hostile-{self.port}")
        abstract.listen()
        self._doors = {"TCP": tcp, "UDP": udp, "named": named, "abstract": abstract}

    def _sleep(self) -> None:
        """Start a process of this user, which a signal would show in (it blocks all)."""
        self._sleeper = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _SLEEPER], stdout=subprocess.PIPE
        )
        assert self._sleeper.stdout is not None
        self.memory = int(self._sleeper.stdout.readline())
        """The address of a word in it."""
        self.sleeper = self._sleeper.pid

    @property
    def arguments(self) -> list[str]:
        """What each program is told: what it may aim at."""
        numbers = (self.port, self.memory)
        outside = str(self.outside)
        aims = (outside, self.sleeper, self.terminal_name, os.getpid(), *numbers)
        return [str(aim) for aim in aims]

    # -- while something runs ------------------------------------------------------------

    def watch(self, body: Callable[[], bytes]) -> tuple[bytes, list[str]]:
        """Run ``body`` in a process of its own; what it gives, and what it left behind or
        changed, a sentence each."""
        before = self.look()
        result, left = self._under_init(body)
        return result, [*left, *differences(before, self.look())]

    def _under_init(self, body: Callable[[], bytes]) -> tuple[bytes, list[str]]:
        """Run ``body`` beneath a process that does what init does: orphans come to it, and it
        collects them; whatever is there when all should be over has escaped."""
        reading, writing = os.pipe()
        init = os.fork()
        if init == 0:
            try:
                os.close(reading)
                _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
                # Not the group of the tests, lest a signal to it end them.
                os.setpgid(0, 0)
                grader = os.fork()
                if grader == 0:
                    self._be_grader(body, writing)
                left = _be_init(grader)
                os.write(writing, "".join(f"\0{each}" for each in left).encode())
            finally:
                os._exit(0)
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            result, *told = pipe.read().split(b"\0")
        os.waitpid(init, 0)
        return result, [each.decode() for each in told]

    def _be_grader(self, body: Callable[[], bytes], writing: int) -> NoReturn:
        """In the grader's process: run it, and see what became of the process itself."""
        try:
            os.environ.update(TMPDIR=str(self.temporary), HOSTILE_SECRET=self.token)
            tempfile.tempdir = None
            before = _own_look()
            data = body()
            after = _own_look()
            found = differences(before, _but_for_the_janitor(before, after))
        except BaseException:
            data, found = b"", [traceback.format_exc()]
        try:
            told = "".join(f"\0{each}" for each in found).encode(errors="replace")
            with os.fdopen(writing, "wb") as pipe:
                pipe.write(data + told)
        finally:
            os._exit(0)

    def look(self) -> Look:
        """Describe everything that has to be the same after a run."""
        looks: dict[str, Callable[[], Iterator[tuple[str, str]]]] = {
            "sleeper": self._state_of_sleeper,
            "file": self._files,
            "leftover": _leftovers,
            "System V IPC": _system_v,
            "mount": _mounts,
            "terminal": self._terminals,
            "door": self._knocks,
            "system": _system,
        }
        return {name: dict(each()) for name, each in looks.items()}

    def _state_of_sleeper(self) -> Iterator[tuple[str, str]]:
        yield from _process(self.sleeper)
        with contextlib.suppress(OSError), _memory(self.sleeper) as memory:
            memory.seek(self.memory)
            yield "memory", repr(memory.read(9))

    def _files(self) -> Iterator[tuple[str, str]]:
        for root, folders, names in os.walk(self.folder):
            for name in [*folders, *names]:
                path = Path(root, name)
                if path == self.temporary or (
                    path.parent == self.temporary and name.startswith("grader-") and path.is_dir()
                ):
                    # What private folders are made in, and taken away from: that may stay.
                    continue
                yield repr(str(path.relative_to(self.folder))), describe(path)

    def _terminals(self) -> Iterator[tuple[str, str]]:
        yield from _terminal("the canary", self._their_terminal)
        there, _, _ = select.select([self.terminal], [], [], 0)
        yield "written to the canary", str(bool(there))
        for number in range(3):
            if os.isatty(number):
                yield from _terminal(f"descriptor {number}", number)

    def _knocks(self) -> Iterator[tuple[str, str]]:
        there, _, _ = select.select(self._doors.values(), [], [], 0)
        for name, door in self._doors.items():
            yield f"someone at the {name} socket", str(door in there)

    # -- and after -----------------------------------------------------------------------

    def end(self) -> None:
        """Take everything away, whatever has become of it."""
        self._sleeper.kill()
        self._sleeper.communicate()
        for door in self._doors.values():
            door.close()
        os.close(self.terminal)
        os.close(self._their_terminal)
        for folder in [self.folder, *self.folder.rglob("*")]:
            if folder.is_dir() and not folder.is_symlink():
                with contextlib.suppress(OSError):
                    folder.chmod(0o777)
        with contextlib.suppress(RecursionError):  # what is too deep for it should not be there
            shutil.rmtree(self.folder, ignore_errors=True)


def _be_init(grader: int) -> list[str]:
    """Collect whoever ends; once the grader has, say who is still there, and end those."""
    over = time.monotonic() + _PATIENCE_SECONDS
    grader_is_over = False
    found: list[str] = []
    while time.monotonic() < over:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return found
        if pid == grader:
            grader_is_over = True
            over = min(over, time.monotonic() + _LAST_MOMENT_SECONDS)
        elif pid == 0:
            time.sleep(0.001)
    if not grader_is_over:
        found.append("the grader hangs")
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            found.append(f"process {process.pid} is left: {process.name()!r}, {process.status()}")
            process.kill()
    return found


def differences(before: Look, after: Look) -> list[str]:
    """What is not as it was, a sentence each."""
    found = []
    for what in {**before, **after}:
        then, now = before.get(what, {}), after.get(what, {})
        for name in {**then, **now}:
            if then.get(name) != now.get(name):
                found.append(
                    f"{what} {name}: {then.get(name, 'was not there')} -> "
                    f"{now.get(name, 'is not there')}"
                )
    return found


def _memory(pid: int) -> BinaryIO:
    return Path(f"/proc/{pid}/mem").open("rb")


def describe(path: Path) -> str:
    """A file's kind, rights, owner, links, size, times, attributes, and what is in it."""
    try:
        status = path.lstat()
        attributes = os.listxattr(path, follow_symlinks=False)
        inside = ""
        if stat.S_ISREG(status.st_mode):
            with path.open("rb") as file:
                inside = hashlib.file_digest(file, "sha1").hexdigest()
        elif stat.S_ISLNK(status.st_mode):
            inside = repr(str(path.readlink()))
    except OSError as error:
        return f"unreadable: {error.strerror}"
    return (
        f"{stat.filemode(status.st_mode)} {status.st_uid}:{status.st_gid} {status.st_nlink} links "
        f"{status.st_size} bytes, times {status.st_mtime_ns} {status.st_ctime_ns} "
        f"{attributes} {inside}"
    )


def _process(pid: int) -> Iterator[tuple[str, str]]:
    """What another process could do to one: signals, priority, limits, where it may run."""
    wanted = {"State", "TracerPid", "SigPnd", "ShdPnd", "SigBlk", "Uid", "Cpus_allowed"}
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        yield "life", "over"
        return
    for line in lines:
        key, _, value = line.partition(":\t")
        if key == "State":  # whether it runs or sleeps is chance
            value = "alive" if value[0] in "RSDI" else value
        if key in wanted:
            yield key, value
    for number in range(16):
        yield f"limit {number}", str(resource.prlimit(pid, number))
    yield "priority", str(os.getpriority(os.PRIO_PROCESS, pid))
    yield "policy", f"{os.sched_getscheduler(pid)} {os.sched_getparam(pid).sched_priority}"
    yield "input and output", str(psutil.Process(pid).ionice())
    yield "group", f"{os.getpgid(pid)} {os.getsid(pid)}"
    yield "oom", Path(f"/proc/{pid}/oom_score_adj").read_text()
    yield "descriptors", str(len(list(Path(f"/proc/{pid}/fd").iterdir())))


def _own_look() -> Look:
    """What a run could change of the grader's own process."""
    return {"this process": dict(_this_process()), "descriptor": dict(_descriptors())}


def _but_for_the_janitor(before: Look, after: Look) -> Look:
    """Leave out one new pipe: by its end another process knows that of the grader."""
    was, now = before["descriptor"], dict(after["descriptor"])
    pipes = [name for name, target in now.items() if name not in was and "pipe:" in target]
    if pipes:
        del now[pipes[0]]
    return {**after, "descriptor": now}


def _this_process() -> Iterator[tuple[str, str]]:
    own = dict(_process(os.getpid()))
    for key in ("descriptors", "State"):  # told apart; comes and goes
        own.pop(key)
    yield from own.items()
    yield "folder", str(Path.cwd())
    mask = os.umask(0)
    os.umask(mask)
    yield "mask", oct(mask)


def _leftovers() -> Iterator[tuple[str, str]]:
    for folder in SHARED:
        with contextlib.suppress(OSError):
            for path in Path(folder).expanduser().iterdir():
                if MARK in path.name:
                    yield str(path), describe(path)


def _system_v() -> Iterator[tuple[str, str]]:
    for kind in ("shm", "sem", "msg"):
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/sysvipc/{kind}").read_text().splitlines()[1:]:
                if int(line.split()[0]) & 0xFFFFFFFF in KEYS:
                    yield kind, line


def _mounts() -> Iterator[tuple[str, str]]:
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/mountinfo").read_text().splitlines():
            yield line.split()[0], line


def _descriptors() -> Iterator[tuple[str, str]]:
    for path in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            yield path.name, str(path.readlink())  # that of listing is gone by now


def _terminal(name: str, descriptor: int) -> Iterator[tuple[str, str]]:
    yield f"settings of {name}", str(termios.tcgetattr(descriptor))
    yield f"size of {name}", fcntl.ioctl(descriptor, termios.TIOCGWINSZ, b"\0" * 8).hex()
    waiting = fcntl.ioctl(descriptor, termios.FIONREAD, b"\0" * 4)
    yield f"typed on {name}", str(struct.unpack("i", waiting)[0])
    with contextlib.suppress(OSError):
        yield f"group in front on {name}", str(os.tcgetpgrp(descriptor))
    yield f"rights of {name}", describe(Path(os.ttyname(descriptor))).partition(",")[0]


def _system() -> Iterator[tuple[str, str]]:
    yield "name", socket.gethostname()
    keys = ("kernel/hostname", "kernel/core_pattern", "vm/overcommit_memory", "kernel/modprobe")
    for key in keys:
        with contextlib.suppress(OSError):
            yield key, Path("/proc/sys", key).read_text()
