"""What the exact engine does at a confined program's calls: refuses some, and sees refusals.

Which files a program reaches, the kernel decides (Landlock). The engine looks at each path to
know which calls it might refuse, and awaits their results; that is a record, not the rule.
Over modes of files Landlock does not rule: the engine sets those itself, on the very file that
it has found to be the program's own, so that no second thread can put another in its place.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
from collections.abc import Mapping
from types import ModuleType
from typing import Final, NamedTuple

from grader.observe.confine import CHMOD, TOUCH, Confined, landlock
from grader.observe.exact import ptrace
from grader.observe.exact.filter import OPENS_TO_CHANGE
from grader.observe.exact.record import Recorder, Topic
from grader.observe.exact.record.recorder import error_name, signed
from grader.observe.exact.record.signals import tell_refused
from grader.observe.exact.tree import Call, Task

_AT_FDCWD = -100
_AT_SYMLINK_NOFOLLOW = 0x100
_LONGEST_PATH = 4096
_O_PATH: Final[int] = getattr(os, "O_PATH", 0)  # Linux only
_OF_PROCESS = re.compile(r"/proc/(\d+)/")
_NAME_SERVICE = (1, 0x80801, 0)
"""The socket by which the C library looks for a cache of names before it reads /etc/passwd
(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK: nscd/nscd_helper.c in glibc). It is
refused as any other, but is not the program's doing."""
_REFUSALS = (-errno.EACCES, -errno.EPERM, -errno.EXDEV)
"""Landlock gives EACCES, and EXDEV for a move that would change what may be done with a file."""

_READS, _WRITES, _AS_ASKED = "read", "change", "open"

_Where = tuple[int | None, int]
"""Which arguments are the folder's descriptor, if one is, and the path's address."""

# What each call does to the files that it names.
_PATHS: Final[dict[str, tuple[str, tuple[_Where, ...]]]] = {
    "open": (_AS_ASKED, ((None, 0),)),
    "openat": (_AS_ASKED, ((0, 1),)),
    "openat2": (_AS_ASKED, ((0, 1),)),
    "execve": (_READS, ((None, 0),)),
    "execveat": (_READS, ((0, 1),)),
    "creat": (_WRITES, ((None, 0),)),
    "truncate": (_WRITES, ((None, 0),)),
    "unlink": (_WRITES, ((None, 0),)),
    "unlinkat": (_WRITES, ((0, 1),)),
    "mkdir": (_WRITES, ((None, 0),)),
    "mkdirat": (_WRITES, ((0, 1),)),
    "rmdir": (_WRITES, ((None, 0),)),
    "mknod": (_WRITES, ((None, 0),)),
    "mknodat": (_WRITES, ((0, 1),)),
    "symlink": (_WRITES, ((None, 1),)),
    "symlinkat": (_WRITES, ((1, 2),)),
    "link": (_WRITES, ((None, 0), (None, 1))),
    "linkat": (_WRITES, ((0, 1), (2, 3))),
    "rename": (_WRITES, ((None, 0), (None, 1))),
    "renameat": (_WRITES, ((0, 1), (2, 3))),
    "renameat2": (_WRITES, ((0, 1), (2, 3))),
    "chmod": (_WRITES, ((None, 0),)),
    "fchmod": (_WRITES, ()),
    "fchmodat": (_WRITES, ((0, 1),)),
    "fchmodat2": (_WRITES, ((0, 1),)),
    "utime": (_WRITES, ((None, 0),)),
    "utimes": (_WRITES, ((None, 0),)),
    "futimesat": (_WRITES, ((0, 1),)),
    "utimensat": (_WRITES, ((0, 1),)),
}
_MODE: Final = {"chmod": 1, "fchmod": 1, "fchmodat": 2, "fchmodat2": 2}


class Refused(NamedTuple):
    """The call is not to be run; an errno, and why."""

    errno: int
    why: str


class Answered(NamedTuple):
    """It was made for the program, with this result."""

    result: int


class Watched(NamedTuple):
    """It is to be run, and its result tells whether the kernel refuses it."""

    what: str


Verdict = Refused | Answered | Watched


class Guard:
    """Judges the calls of one confined program."""

    def __init__(self, confined: Confined, recorder: Recorder, begun: bool) -> None:
        """``begun``: whether an interpreter has opened its script already."""
        self._confined = confined
        self._recorder = recorder
        script = confined.scenario.script
        self._script = None
        if script is not None and not begun:
            self._script = os.path.realpath(os.path.join(confined.place.folder, script))

    @property
    def tells(self) -> bool:
        """Whether what is refused is the program's own doing, to be recorded: not what its
        interpreter asks for before it opens the script."""
        return self._script is None

    def judge(self, task: Task, name: str, arguments: tuple[int, ...]) -> Verdict | None:
        """``task`` stands before a call. None: nothing is the matter with it."""
        if name not in _PATHS:
            if name == "socket" and arguments[:3] == _NAME_SERVICE:
                return Answered(-errno.EACCES)
            found = self._confined.refuses(name, arguments, self._owns)
            return None if found is None else Refused(*found)
        if name in CHMOD:
            return self._chmod(task, name, arguments)
        does, wheres = _PATHS[name]
        changing = does is _WRITES or (
            does is _AS_ASKED and _opens_to_change(task, name, arguments)
        )
        reach = self._confined.reach
        assert reach is not None
        for where in wheres:
            path = _path(task, where, arguments)
            if path is None:
                continue
            if reach.of_own(path):
                path = _real(path)  # it may be a link to elsewhere
                if path == self._script:
                    self._script = None
            allowed = reach.allows(path, changing) and not self._foreign(path)
            if self.tells and not allowed:
                verb = "change" if changing else "read"
                why = f"{verb} {path}, which is not the program's own"
                if name in TOUCH:
                    return Refused(errno.EPERM, f"it would {why}")
                if not landlock.rules(truncating=name == "truncate"):
                    return Refused(errno.EACCES, f"it would {why}")
                return Watched(why)
        return None

    def _foreign(self, path: str) -> bool:
        """Whether a path is about a process that is not the program's: of those the kernel
        keeps most from it (proc(5), "ptrace access mode")."""
        process = _OF_PROCESS.match(path)
        return process is not None and not self._owns(int(process[1]))

    def _owns(self, pid: int) -> bool:
        tree = self._recorder.tree
        node = tree.find(pid)
        return pid in tree.tasks or (node is not None and node.state != "gone")

    def _chmod(self, task: Task, name: str, arguments: tuple[int, ...]) -> Refused | Answered:
        path: str | None = f"/proc/{task.tid}/fd/{signed(arguments[0])}"
        if name != "fchmod":
            path = _path(task, _PATHS[name][1][0], arguments)
        if path is None:
            return Answered(-errno.EFAULT)
        flags = _O_PATH | os.O_CLOEXEC
        if name == "fchmodat2" and arguments[3] & _AT_SYMLINK_NOFOLLOW:
            flags |= os.O_NOFOLLOW
        try:
            file = os.open(path, flags)
        except OSError as error:
            return Answered(-(error.errno or errno.EIO))
        try:
            real = os.readlink(f"/proc/self/fd/{file}")
            reach = self._confined.reach
            assert reach is not None
            if not reach.of_own(real):
                return Refused(errno.EPERM, f"it would change the mode of {real}")
            # Set-user-id is for nobody to have.
            mode = arguments[_MODE[name]] & 0o7777 & ~(stat.S_ISUID | stat.S_ISGID)
            os.chmod(f"/proc/self/fd/{file}", mode)
        except OSError as error:
            return Answered(-(error.errno or errno.EIO))
        finally:
            os.close(file)
        return Answered(0)


def stopped_calls(arch: ModuleType) -> Mapping[str, int]:
    """The calls that name files, with their numbers: the guard looks at each."""
    known: dict[str, int] = {
        **arch.NUMBERS,
        **arch.CONTROLLED_NUMBERS,
        **arch.EFFECTS,
        **arch.GUARDED,
    }
    return {name: known[name] for name in _PATHS if name in known}


def _leave(recorder: Recorder, task: Task, call: Call, result: int) -> None:
    if result in _REFUSALS and isinstance(call.detail, str):
        tell_refused(recorder, task, call.name, error_name(result) or "", f"it would {call.detail}")


def _nothing(recorder: Recorder, task: Task, call: Call) -> None:
    pass


FILES = dict.fromkeys(_PATHS, Topic(_nothing, _leave))
"""How the calls are recorded that are ``Watched``."""


def _opens_to_change(task: Task, name: str, arguments: tuple[int, ...]) -> bool:
    if name == "openat2":  # struct open_how begins with its 64-bit flags
        flags = int.from_bytes(ptrace.read_memory(task.tid, arguments[2], 8), "little")
    else:
        flags = arguments[1 if name == "open" else 2]
    return bool(flags & OPENS_TO_CHANGE)


def _real(path: str) -> str:
    """The path without links. The kernel finds it at once, where os.path.realpath() would ask
    for each of ten thousand folders."""
    folder, name = os.path.split(path)
    for known, rest in ((path, ""), (folder, name)):
        with contextlib.suppress(OSError):
            place = os.open(known, _O_PATH | os.O_CLOEXEC)
            try:
                return os.path.join(os.readlink(f"/proc/self/fd/{place}"), rest).rstrip("/")
            finally:
                os.close(place)
    return path


def _path(task: Task, where: _Where, arguments: tuple[int, ...]) -> str | None:
    """The path that a call names, made absolute; None when it can't be told."""
    folder, place = where
    text = ptrace.read_text(task.tid, arguments[place], _LONGEST_PATH)
    if text.startswith("/"):
        return os.path.normpath(text)
    descriptor = _AT_FDCWD if folder is None else signed(arguments[folder])
    link = f"/proc/{task.tid}/cwd" if descriptor == _AT_FDCWD else None
    with contextlib.suppress(OSError):
        base = os.readlink(link or f"/proc/{task.tid}/fd/{descriptor}")
        return os.path.normpath(os.path.join(base, text)) if text else base
    return None
