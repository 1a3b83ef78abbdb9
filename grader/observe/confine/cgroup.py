"""A control group for each run, where the system has given us some to make (cgroups(7)).

Then the memory of all processes of a run together has a limit that the kernel holds, and so
has their number; and they can be ended at once. Version 2 where a subtree with these
controllers is delegated to us (Documentation/admin-guide/cgroup-v2.rst, "Delegation"), version 1
where we may write. Nothing depends on it.

A group is in use while the grader that made it holds a lock on its folder. One that nobody
holds was left by a grader that was killed: the next one removes it.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import itertools
import os
import signal
import struct
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from grader.model import Limits

_PREFIX: Final = "grader-"
_SPARE_TASKS: Final = 64
"""Beyond what a run may have: those that are dead and not collected yet, and a copy's original."""
_SECONDS: Final = 2.0
"""How long it may take to empty a group."""

_CLONE3: Final = 435  # the same on every architecture
_CLONE_INTO_CGROUP: Final = 0x200000000

_numbers = itertools.count(1)
_swept: set[str] = set()


class Kind(NamedTuple):
    """A place for groups, and what they can do there."""

    base: str
    """The folder in which to make them."""
    version: int
    controllers: frozenset[str]


class Group:
    """The control group of a run; of version 1, one for each controller."""

    def __init__(self, kinds: Iterable[Kind], limits: Limits) -> None:
        """Raises OSError where it can't be made."""
        self._folders: list[tuple[Kind, str, int]] = []
        self._counters: dict[str, int] = {}
        self._killed = 0
        self.controllers: set[str] = set()
        """What the kernel holds for the whole tree: ``memory``, ``pids``."""
        try:
            for kind in kinds:
                folder, lock = _make(kind.base)
                self._folders.append((kind, folder, lock))
                self._limit(kind, folder, limits)
        except BaseException:
            self.end()
            raise

    def _limit(self, kind: Kind, folder: str, limits: Limits) -> None:
        memory = str(limits.tree_memory_bytes)
        if "pids" in kind.controllers:
            _write(folder, "pids.max", str(limits.processes_alive + limits.threads + _SPARE_TASKS))
            self._open(folder, "pids.current", "pids")
        if "memory" in kind.controllers and kind.version == 2:
            _write(folder, "memory.max", memory)
            with contextlib.suppress(OSError):  # a kernel without swap, or before 4.19
                _write(folder, "memory.swap.max", "0")
                _write(folder, "memory.oom.group", "1")
            self._open(folder, "memory.events", "memory")
        elif "memory" in kind.controllers:
            _write(folder, "memory.limit_in_bytes", memory)
            with contextlib.suppress(OSError):
                _write(folder, "memory.memsw.limit_in_bytes", memory)
            self._open(folder, "memory.oom_control", "memory")
        self.controllers |= kind.controllers

    def _open(self, folder: str, file: str, controller: str) -> None:
        self._counters[controller] = os.open(f"{folder}/{file}", os.O_RDONLY | os.O_CLOEXEC)

    @property
    def descriptors(self) -> set[int]:
        """What the process that starts and watches the program needs open."""
        return {*self._counters.values(), *(lock for _, _, lock in self._folders)}

    def fork(self) -> int:
        """fork(2), with the child in the group."""
        if len(self._folders) == 1 and self._folders[0][0].version == 2:
            pid = _fork_into(self._folders[0][2])
            if pid is not None:
                return pid
        # To move a process into a group the kernel waits until all processors have passed a
        # quiet point: some milliseconds, where that was not done just before.
        pid = os.fork()
        if pid:
            self.add(pid)
        return pid

    def add(self, pid: int) -> None:
        """Put a process in; what it makes is in it too."""
        for _, folder, _ in self._folders:
            _write(folder, "cgroup.procs", str(pid))

    def out_of_memory(self) -> bool:
        """Whether the kernel has killed a process of the group, since this was asked last, because
        its limit was reached."""
        descriptor = self._counters.get("memory")
        if descriptor is None:
            return False
        text = os.pread(descriptor, 1 << 12, 0).split()
        pairs = dict(zip(text[::2], text[1::2], strict=False))
        before, self._killed = self._killed, int(pairs.get(b"oom_kill", b"0"))
        return self._killed > before

    def tasks(self) -> int:
        """How many processes and threads are in the group, as far as that is known."""
        descriptor = self._counters.get("pids")
        return 0 if descriptor is None else int(os.pread(descriptor, 32, 0))

    def end(self) -> None:
        """Kill whoever is in it, and remove it. Once is enough."""
        for descriptor in self._counters.values():
            os.close(descriptor)
        self._counters = {}
        for _, folder, lock in self._folders:
            _remove(folder)
            os.close(lock)
        self._folders = []


def make_group(limits: Limits, patient: bool) -> Group | None:
    """A group for a run, with as much of its limits as can be had; None when that is nothing.
    ``patient``: whether it may take some milliseconds to start a program in it."""
    kinds = [kind for kind in places() if patient or kind.version == 2]
    if not kinds:
        return None
    try:
        return Group(kinds, limits)
    except OSError:
        return None


def missing(group: Group | None) -> list[str]:
    """What a run goes without, in words."""
    if sys.platform != "linux":
        return []
    controllers = group.controllers if group is not None else set()
    words = []
    if "memory" not in controllers:
        words.append(
            "memory of the whole tree: no control group is used, so it is looked at from time to"
            " time"
        )
    return words


def places() -> list[Kind]:
    """Where groups can be made; what was left there is removed, once for each place."""
    if sys.platform != "linux":
        return []
    try:
        kinds = _places()
    except (OSError, ValueError):
        return []
    for kind in kinds:
        if kind.base not in _swept:
            _swept.add(kind.base)
            sweep(kind.base)
    return kinds


def _places() -> list[Kind]:
    own = _own_groups()
    kinds: list[Kind] = []
    if "" in own:
        unified = _delegated(*own[""])
        if unified is not None:
            kinds.append(unified)
    for controller in ("memory", "pids"):
        if controller in own and not any(controller in kind.controllers for kind in kinds):
            folder, _ = own[controller]
            if _writable(folder):
                kinds.append(Kind(folder, 1, frozenset((controller,))))
    return kinds


def _own_groups() -> dict[str, tuple[str, str]]:
    """For each controller, and "" for version 2: the folder of this process's group, and where
    the hierarchy is mounted (cgroups(7), /proc/PID/cgroup; proc_pid_mountinfo(5))."""
    mounts: dict[str, tuple[str, str]] = {}
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        root, point = before.split()[3:5]
        kind, _, options = after.split(maxsplit=2)
        if kind == "cgroup2":
            mounts.setdefault("", (root, point))
        elif kind == "cgroup":
            for option in options.split(","):
                mounts.setdefault(option, (root, point))
    found = {}
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            root, point = mounts.get(controller, ("", ""))
            inside = path if root == "/" else path.removeprefix(root)
            folder = os.path.normpath(f"{point}/{inside}")
            if point and Path(folder).is_dir():
                found[controller] = (folder, point)
    return found


def _writable(folder: str) -> bool:
    return os.access(folder, os.W_OK | os.X_OK) and os.access(f"{folder}/cgroup.procs", os.W_OK)


def _delegated(own: str, mount: str) -> Kind | None:
    """The nearest group of version 2, from our own upwards, in which we may make groups that
    have controllers."""
    folder = own
    while _writable(folder):
        usable = _wanted(folder, "cgroup.subtree_control")
        if not usable and folder == own:
            usable = _enabled(own)
        if usable:
            return Kind(folder, 2, usable)
        if folder == mount:
            break
        folder = os.path.dirname(folder)
    return None


def _wanted(folder: str, file: str) -> frozenset[str]:
    return frozenset(Path(folder, file).read_text().split()) & {"memory", "pids"}


def _enabled(own: str) -> frozenset[str]:
    """Have the groups below our own have controllers. A group that has such may have no
    processes of its own: where this is the only one, it steps aside."""
    wanted = _wanted(own, "cgroup.controllers")
    if not wanted:
        return wanted
    aside = f"{own}/{_PREFIX}itself"
    try:
        if Path(own, "cgroup.procs").read_text().split() != [str(os.getpid())]:
            return frozenset()
        with contextlib.suppress(FileExistsError):
            Path(aside).mkdir()
        _write(aside, "cgroup.procs", str(os.getpid()))
        _write(own, "cgroup.subtree_control", " ".join(f"+{each}" for each in sorted(wanted)))
    except OSError:
        with contextlib.suppress(OSError):
            _write(own, "cgroup.procs", str(os.getpid()))
            Path(aside).rmdir()
        return frozenset()
    return wanted


def _make(base: str) -> tuple[str, int]:
    """A new group, and the lock that says that it is in use."""
    while True:
        folder = f"{base}/{_PREFIX}{os.getpid()}-{next(_numbers)}"
        try:
            Path(folder).mkdir()
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except (FileExistsError, FileNotFoundError):  # another's, or swept away just now
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _write(folder, "cgroup.procs", "")  # whether it is there still
        except BlockingIOError:
            os.close(lock)
        except OSError:
            if Path(folder).is_dir():
                return folder, lock
            os.close(lock)
        else:
            return folder, lock


def sweep(base: str) -> None:
    """Remove the groups that no grader holds any more."""
    for path in Path(base).glob(f"{_PREFIX}*-*"):
        with contextlib.suppress(OSError):
            lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _remove(str(path))
            finally:
                os.close(lock)


def _remove(folder: str) -> None:
    """Kill whoever is in a group, and remove it."""
    deadline = time.monotonic() + _SECONDS
    while True:
        try:
            Path(folder).rmdir()
        except FileNotFoundError:
            return
        except OSError:  # somebody is in it
            if time.monotonic() > deadline:
                return
            kill(folder)
            time.sleep(0.001)
        else:
            return


def kill(folder: str) -> None:
    """Kill all processes of a group: at once where the kernel can (cgroup.kill, Linux 5.14)."""
    try:
        _write(folder, "cgroup.kill", "1")
    except OSError:
        with contextlib.suppress(OSError):
            _write(folder, "pids.max", "0")  # they make no more meanwhile
        with contextlib.suppress(OSError):
            for word in Path(folder, "cgroup.procs").read_text().split():
                if int(word) > 0:  # 0: one of another pid namespace
                    with contextlib.suppress(OSError):
                        os.kill(int(word), signal.SIGKILL)


def _fork_into(group: int) -> int | None:
    """fork(2) by way of clone3(2), with the child in a group of version 2 from its beginning,
    which is a thousand times as fast as to move it there; None where that can't be.

    As os.fork does, it has Python put itself in order before and afterwards
    (PyOS_BeforeFork(); Modules/posixmodule.c). For a process without other threads.
    """
    python = ctypes.pythonapi  # keeps the lock of the interpreter, as a fork must
    call = ctypes.PyDLL(None, use_errno=True).syscall
    call.argtypes = [ctypes.c_long, ctypes.c_void_p, ctypes.c_size_t]
    call.restype = ctypes.c_long
    # struct clone_args (<linux/sched.h>), as long as CLONE_INTO_CGROUP needs it: Linux 5.7
    arguments = struct.pack(
        "=11Q", _CLONE_INTO_CGROUP, 0, 0, 0, signal.SIGCHLD, 0, 0, 0, 0, 0, group
    )
    buffer = ctypes.create_string_buffer(arguments, len(arguments))
    python.PyOS_BeforeFork()
    pid = int(call(_CLONE3, ctypes.addressof(buffer), len(arguments)))
    if pid == 0:
        python.PyOS_AfterFork_Child()
        return 0
    python.PyOS_AfterFork_Parent()
    return pid if pid > 0 else None


def _write(folder: str, file: str, text: str) -> None:
    descriptor = os.open(f"{folder}/{file}", os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)
