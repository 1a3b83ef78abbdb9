"""Landlock: which files a process and its descendants may reach, and whom they may signal.

landlock(7); the structures are those of include/uapi/linux/landlock.h. Each version of its ABI
rules over more, and what a kernel does not know yet is left out.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import stat
import struct
import sys
from collections.abc import Iterable
from typing import Final, NamedTuple

from grader.observe.seccomp import no_new_privileges

# The same on every architecture.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_CREATE_RULESET_VERSION, _RULE_PATH_BENEATH = 1, 1

EXECUTE: Final = 1 << 0
WRITE_FILE: Final = 1 << 1
READ_FILE: Final = 1 << 2
READ_DIR: Final = 1 << 3
_REFER: Final = 1 << 13
_O_PATH: Final[int] = getattr(os, "O_PATH", 0)  # Linux only
_TRUNCATE: Final = 1 << 14
_IOCTL_DEV: Final = 1 << 15
_FIRST_ABI: Final = (1 << 13) - 1
_MAKE_CHAR, _MAKE_BLOCK = 1 << 6, 1 << 11
_ON_FILES: Final = EXECUTE | WRITE_FILE | READ_FILE | _TRUNCATE | _IOCTL_DEV

READ: Final = EXECUTE | READ_FILE | READ_DIR
"""Reading files and folders, and running programs."""
OWN: Final = ((1 << 16) - 1) & ~(_MAKE_CHAR | _MAKE_BLOCK | _IOCTL_DEV)
"""Everything that one can do in a folder, but make devices."""
TERMINAL: Final = READ_FILE | WRITE_FILE | _IOCTL_DEV
DEVICE: Final = READ_FILE | WRITE_FILE | _TRUNCATE
"""As /dev/null."""

_NETWORK: Final = 0b11
"""Binding and connecting TCP sockets."""
_SCOPE_SIGNALS: Final = 0b10
_SCOPES: Final = 0b01 | _SCOPE_SIGNALS
"""Abstract sockets and signals: only those of the same confinement."""

_OPEN: Final = "it can do that with all that its user may"
# The ABI from which on it rules over something.
_RULES_FILES, _RULES_TRUNCATING, RULES_SIGNALS = 1, 3, 6

_syscall = ctypes.CDLL(None, use_errno=True).syscall
_syscall.argtypes = [ctypes.c_long] * 5
_syscall.restype = ctypes.c_long


class Grant(NamedTuple):
    """What may be done with a path and all that lies beneath it."""

    path: str
    rights: int


@functools.cache
def abi() -> int:
    """The version of Landlock's ABI, 0 where the kernel has none, or has it switched off."""
    if sys.platform != "linux":
        return 0
    return max(0, int(_syscall(_CREATE_RULESET, 0, 0, _CREATE_RULESET_VERSION, 0)))


def rules(truncating: bool = False) -> bool:
    """Whether the kernel holds a program to its files, or, ``truncating``, to those that it may
    truncate by their name."""
    return abi() >= (_RULES_TRUNCATING if truncating else _RULES_FILES)


def missing(exact: bool) -> list[str]:
    """What this system's Landlock does not rule over, in words. In ``exact`` evidence the engine
    refuses that by itself, as well as it can."""
    version = f"Landlock's ABI {abi()}" if abi() else "this kernel, without Landlock,"
    instead = (
        "the engine looks at each path and refuses it, which a program with threads can get around"
    )
    words = []
    if not rules():
        words.append(f"{version} does not rule over files: {instead if exact else _OPEN}")
    elif not rules(truncating=True):
        words.append(f"{version} does not rule over truncating: {instead if exact else _OPEN}")
    if abi() < RULES_SIGNALS and not exact:
        words.append(f"{version} does not rule over signals: it can end its user's processes")
    return words


def _handled() -> int:
    """The rights on files that this kernel knows."""
    known = _FIRST_ABI
    if abi() >= 2:
        known |= _REFER
    if abi() >= 3:
        known |= _TRUNCATE
    if abi() >= 5:
        known |= _IOCTL_DEV
    return known


def _create(files: int, network: int, scopes: int) -> int:
    """A ruleset that rules over these; its descriptor."""
    # Older kernels take the structure as long as they know it.
    length = 24 if abi() >= RULES_SIGNALS else 16 if abi() >= 4 else 8
    buffer = ctypes.create_string_buffer(struct.pack("=QQQ", files, network, scopes), 24)
    return _checked(_CREATE_RULESET, ctypes.addressof(buffer), length, 0)


def scope_signals() -> bool:
    """Have this process, and all that it forks, signal no other processes than these, for ever;
    nothing else is ruled over. Whether that is so. Sets no_new_privs."""
    if abi() < RULES_SIGNALS:
        return False
    try:
        rules = _create(0, 0, _SCOPE_SIGNALS)
        try:
            no_new_privileges()
            _checked(_RESTRICT_SELF, rules, 0)
        finally:
            os.close(rules)
    except OSError:
        return False
    return True


class Ruleset:
    """Rules, as a descriptor; made before a fork, put in force after it."""

    def __init__(self, grants: Iterable[Grant], network: bool) -> None:
        """``network``: whether TCP is left alone. Paths that are not there are passed over.

        Raises OSError where there is no Landlock.
        """
        handled = _handled()
        self.descriptor = _create(
            handled,
            _NETWORK if abi() >= 4 and not network else 0,
            _SCOPES if abi() >= RULES_SIGNALS else 0,
        )
        for grant in grants:
            self._add(grant, handled)

    def _add(self, grant: Grant, handled: int) -> None:
        try:
            beneath = os.open(grant.path, _O_PATH | os.O_CLOEXEC)
        except OSError:
            return
        try:
            rights = grant.rights & handled
            if not stat.S_ISDIR(os.fstat(beneath).st_mode):
                rights &= _ON_FILES
            buffer = ctypes.create_string_buffer(struct.pack("=Qi", rights, beneath), 12)
            _checked(_ADD_RULE, self.descriptor, _RULE_PATH_BENEATH, ctypes.addressof(buffer), 0)
        finally:
            os.close(beneath)

    def enforce(self) -> None:
        """Hold this process and its descendants to the rules, for ever. Needs no_new_privs."""
        _checked(_RESTRICT_SELF, self.descriptor, 0)

    def close(self) -> None:
        """Let go of the descriptor."""
        if self.descriptor >= 0:
            with contextlib.suppress(OSError):
                os.close(self.descriptor)
            self.descriptor = -1


def _checked(number: int, *arguments: int) -> int:
    result = int(_syscall(number, *arguments, *[0] * (4 - len(arguments))))
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"landlock: {os.strerror(code)}")
    return result
