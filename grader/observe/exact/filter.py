"""The seccomp filter that stops a tracee at the calls that matter, and at no other.

Classic BPF over struct seccomp_data (seccomp(2)). A call on the list gives
SECCOMP_RET_TRACE, some only for certain arguments; every other runs at full speed.
A call of a foreign ABI (32-bit, x32) gives ENOSYS: its numbers mean other calls, so
it could not be observed.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import os
from collections.abc import Mapping
from types import ModuleType
from typing import Final

_LD_ABS: Final = 0x20
_JEQ: Final = 0x15
_JGE: Final = 0x35
_JSET: Final = 0x45
_RET: Final = 0x06

_ALLOW: Final = 0x7FFF0000
_TRACE: Final = 0x7FF00000
_ERRNO: Final = 0x00050000

_OFFSET_NR, _OFFSET_ARCH, _OFFSET_ARGS = 0, 4, 16

_PR_SET_NO_NEW_PRIVS: Final = 38
_PR_SET_SECCOMP: Final = 22
_MODE_FILTER: Final = 2

F_DUPFD: Final = 0
F_DUPFD_CLOEXEC: Final = 1030
PR_SET_DUMPABLE: Final = 4
PR_SET_CHILD_SUBREAPER: Final = 36

LARGE_MAPPING: Final = 64 << 20
"""A mapping of this many bytes stops, so that the memory limit is held at once."""

Conditions = dict[str, tuple[int, str, tuple[int, ...]]]
"""The calls that stop only for some arguments: (argument, how, values)."""

_CONDITIONS: Final[Conditions] = {
    "rt_sigaction": (1, "nonzero", ()),  # setting an action, not reading one
    "fcntl": (1, "equals", (F_DUPFD, F_DUPFD_CLOEXEC)),
    "prctl": (0, "equals", (PR_SET_DUMPABLE, PR_SET_CHILD_SUBREAPER)),
    # poll and select on nothing are sleeps
    "poll": (1, "equals", (0,)),
    "ppoll": (1, "equals", (0,)),
    "select": (0, "equals", (0,)),
    "pselect6": (0, "equals", (0,)),
    "mmap": (1, "at least", (LARGE_MAPPING,)),
    "mremap": (2, "at least", (LARGE_MAPPING,)),
}

F_SETLKW, F_OFD_SETLKW = 7, 38
MAP_SHARED: Final = 1
OPENS_TO_CHANGE: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC

CONTROLLED_CONDITIONS: Final[Conditions] = {
    "rt_sigaction": _CONDITIONS["rt_sigaction"],
    "rt_sigprocmask": (1, "nonzero", ()),
    "fcntl": (1, "equals", (F_DUPFD, F_DUPFD_CLOEXEC, F_SETLKW, F_OFD_SETLKW)),
    "prctl": _CONDITIONS["prctl"],
    "mmap": (3, "has bit", (MAP_SHARED,)),
    "mremap": _CONDITIONS["mremap"],
    "open": (1, "has bit", (OPENS_TO_CHANGE,)),
    "openat": (2, "has bit", (OPENS_TO_CHANGE,)),
}
"""The same for a controlled run, which has to see more."""

Instruction = tuple[int, int, int, int]
"""Code, jump if true, jump if false, constant."""


_prctl = ctypes.CDLL(None, use_errno=True).prctl
_prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p)]


def _condition(argument: int, how: str, values: tuple[int, ...]) -> list[Instruction]:
    """Instructions that return TRACE when a 64-bit argument is as asked, else ALLOW."""
    low = _OFFSET_ARGS + 8 * argument  # both architectures are little-endian
    high = low + 4
    if how == "equals":
        # The kernel takes these arguments as 32-bit values, so the upper half is noise.
        checks = [i for v in values for i in ((_JEQ, 0, 1, v), (_RET, 0, 0, _TRACE))]
        return [(_LD_ABS, 0, 0, low), *checks, (_RET, 0, 0, _ALLOW)]
    if how == "has bit":
        return [
            (_LD_ABS, 0, 0, low),
            (_JSET, 0, 1, values[0]),
            (_RET, 0, 0, _TRACE),
            (_RET, 0, 0, _ALLOW),
        ]
    test: Instruction = (_JEQ, 1, 0, 0) if how == "nonzero" else (_JGE, 0, 1, values[0])
    return [
        (_LD_ABS, 0, 0, high),
        (_JEQ, 1, 0, 0),
        (_RET, 0, 0, _TRACE),
        (_LD_ABS, 0, 0, low),
        test,
        (_RET, 0, 0, _TRACE),
        (_RET, 0, 0, _ALLOW),
    ]


def build(
    arch: ModuleType,
    numbers: Mapping[str, int] | None = None,
    conditions: Conditions = _CONDITIONS,
) -> list[Instruction]:
    """The filter for one architecture (a module of ``exact.arch``), and the calls that it is
    to stop at, by default those of a free-running run."""
    foreign: Instruction = (_RET, 0, 0, _ERRNO | errno.ENOSYS)
    program: list[Instruction] = [
        (_LD_ABS, 0, 0, _OFFSET_ARCH),
        (_JEQ, 1, 0, arch.AUDIT_ARCH),
        foreign,
        (_LD_ABS, 0, 0, _OFFSET_NR),
    ]
    if arch.FOREIGN_BIT:
        program += [(_JSET, 0, 1, arch.FOREIGN_BIT), foreign]
    for name, number in (arch.NUMBERS if numbers is None else numbers).items():
        condition = conditions.get(name)
        body = _condition(*condition) if condition else [(_RET, 0, 0, _TRACE)]
        program += [(_JEQ, 0, len(body), number), *body]
    program.append((_RET, 0, 0, _ALLOW))
    return program


class Filter:
    """A filter, laid out in memory so that installing it is two system calls.

    Made before fork, installed after it, in a child that is being traced already:
    TRACE without a tracer gives ENOSYS.
    """

    def __init__(self, program: list[Instruction]) -> None:
        packed = b"".join(
            code.to_bytes(2, "little") + bytes([true, false]) + constant.to_bytes(4, "little")
            for code, true, false, constant in program
        )
        self._packed = ctypes.create_string_buffer(packed, len(packed))
        self._program = _Program(len(program), ctypes.addressof(self._packed))

    def laid_out(self, address: int) -> bytes:
        """The filter as struct sock_fprog, for ``address`` in another process: first that,
        then its instructions (seccomp(2))."""
        length = len(self._packed.raw) // 8
        return (
            length.to_bytes(8, "little") + (address + 16).to_bytes(8, "little") + self._packed.raw
        )

    def install(self) -> None:
        """Install the filter on this process and all its descendants, for ever.

        Sets no_new_privs too, without which only root may filter (prctl(2)).
        Raises OSError where the kernel has no seccomp filters.
        """
        program = ctypes.addressof(self._program)
        for arguments in (
            (_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
            (_PR_SET_SECCOMP, _MODE_FILTER, program, 0, 0),
        ):
            if _prctl(*arguments) != 0:
                number = ctypes.get_errno()
                raise OSError(number, f"prctl({arguments[0]}): {os.strerror(number)}")


@functools.cache
def filter_for(arch: ModuleType) -> Filter:
    """The filter for one architecture; made once, by preference before the first fork."""
    return Filter(build(arch))


@functools.cache
def controlled_filter(arch: ModuleType) -> Filter:
    """What a controlled run needs."""
    numbers = {**arch.NUMBERS, **arch.CONTROLLED_NUMBERS, **arch.EFFECTS}
    return Filter(build(arch, numbers, CONTROLLED_CONDITIONS))


@functools.cache
def opening_filter(arch: ModuleType) -> Filter:
    """For an interpreter's start-up: stops where it opens the script that it is to run, and
    where it says where its thread id is kept or asks for random bytes."""
    names = ("openat", "set_tid_address", "getrandom")
    return Filter(build(arch, {name: arch.CONTROLLED_NUMBERS[name] for name in names}, {}))
