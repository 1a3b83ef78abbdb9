"""Seccomp filters: which system calls of a program stop it, fail, or run at full speed.

Classic BPF over struct seccomp_data (seccomp(2)). A call of a foreign ABI (32-bit, x32)
gives ENOSYS: its numbers mean other calls, so it could be neither observed nor judged.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import os
import sys
from collections.abc import Iterable
from typing import Any, Final, Literal, NamedTuple, Protocol

_LD_ABS: Final = 0x20
_JEQ: Final = 0x15
_JGE: Final = 0x35
_JSET: Final = 0x45
_RET: Final = 0x06

ALLOW: Final = 0x7FFF0000
TRACE: Final = 0x7FF00000
"""Stop, and let the tracer decide; ENOSYS when there is none."""

_OFFSET_NR, _OFFSET_ARCH, _OFFSET_ARGS = 0, 4, 16

_PR_SET_NO_NEW_PRIVS: Final = 38
_PR_SET_SECCOMP: Final = 22
_MODE_FILTER: Final = 2

Instruction = tuple[int, int, int, int]
"""Code, jump if true, jump if false, constant."""

_prctl: Any = getattr(ctypes.CDLL(None, use_errno=True), "prctl", None)  # Linux only
if _prctl is not None:
    _prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p)]


def error(number: int) -> int:
    """The action: fail with an errno."""
    return 0x00050000 | number


class Architecture(Protocol):
    """What a filter has to know of an architecture."""

    @property
    def AUDIT_ARCH(self) -> int:  # noqa: N802
        """What seccomp calls it (linux/audit.h)."""

    @property
    def FOREIGN_BIT(self) -> int:  # noqa: N802
        """Set in the numbers of another ABI that shares that name; 0 where there is none."""


class Condition(NamedTuple):
    """For which values of an argument a rule holds."""

    argument: int
    how: Literal["equals", "other than", "nonzero", "at least", "has bit"]
    values: tuple[int, ...] = ()


class Rule(NamedTuple):
    """What to do with a call."""

    number: int
    action: int
    conditions: tuple[Condition, ...] = ()
    """It holds when one of these does, or there are none; where it does not, the call runs."""


def _condition(condition: Condition, action: int) -> list[Instruction]:
    """Instructions that return the action when a 64-bit argument is as asked, else go on."""
    argument, how, values = condition
    low = _OFFSET_ARGS + 8 * argument  # both architectures are little-endian
    high = low + 4
    matched: Instruction = (_RET, 0, 0, action)
    match how:
        # The kernel takes the arguments of these three as 32-bit values: the upper half is noise.
        case "equals":
            return [(_LD_ABS, 0, 0, low), *(i for v in values for i in ((_JEQ, 0, 1, v), matched))]
        case "other than":
            skips = [(_JEQ, len(values) - n, 0, value) for n, value in enumerate(values)]
            return [(_LD_ABS, 0, 0, low), *skips, matched]
        case "has bit":
            return [(_LD_ABS, 0, 0, low), (_JSET, 0, 1, values[0]), matched]
    test: Instruction = (_JEQ, 1, 0, 0) if how == "nonzero" else (_JGE, 0, 1, values[0])
    return [
        (_LD_ABS, 0, 0, high),
        (_JEQ, 1, 0, 0),
        matched,
        (_LD_ABS, 0, 0, low),
        test,
        matched,
    ]


def assemble(arch: Architecture, rules: Iterable[Rule]) -> list[Instruction]:
    """The program of a filter. Of several rules for a call the first counts."""
    foreign: Instruction = (_RET, 0, 0, error(errno.ENOSYS))
    program: list[Instruction] = [
        (_LD_ABS, 0, 0, _OFFSET_ARCH),
        (_JEQ, 1, 0, arch.AUDIT_ARCH),
        foreign,
        (_LD_ABS, 0, 0, _OFFSET_NR),
    ]
    if arch.FOREIGN_BIT:
        program += [(_JSET, 0, 1, arch.FOREIGN_BIT), foreign]
    for number, action, conditions in rules:
        body: list[Instruction] = [i for c in conditions for i in _condition(c, action)]
        body.append((_RET, 0, 0, ALLOW if conditions else action))
        program += [(_JEQ, 0, len(body), number), *body]
    program.append((_RET, 0, 0, ALLOW))
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
        no_new_privileges()
        _checked(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.addressof(self._program))


def no_new_privileges() -> None:
    """Have exec(2) give this process and its descendants no privileges that it has not, for ever
    (PR_SET_NO_NEW_PRIVS, prctl(2)). Raises OSError."""
    _checked(_PR_SET_NO_NEW_PRIVS, 1)


@functools.cache
def filters_work() -> bool:
    """Whether this kernel has seccomp filters: asked for one at no address, it says that the
    address is wrong, and not that it knows no filters (seccomp(2), EFAULT)."""
    if sys.platform != "linux":
        return False
    return _prctl(_PR_SET_SECCOMP, _MODE_FILTER, 0, 0, 0) != 0 and ctypes.get_errno() in (
        errno.EFAULT,
        errno.EACCES,
    )


def _checked(*arguments: int) -> None:
    if _prctl(*arguments, *[0] * (5 - len(arguments))) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"prctl({arguments[0]}): {os.strerror(number)}")
