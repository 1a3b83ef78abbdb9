"""As whom a confined program runs, where the grader is root.

An unprivileged user of its own, whom no account and no other run has, where that user can
get at the interpreter; else root's id without any of root's capabilities (capabilities(7)).
"""

from __future__ import annotations

import ctypes
import os
import stat
import sys
from pathlib import Path
from typing import Final, NamedTuple

from grader.model import GraderError

_FIRST, _MOST = 61184, 4096
"""A range that no accounts are given (systemd's UIDS-GIDS.md calls it dynamic)."""

_PR_CAPBSET_DROP: Final = 24
_PR_SET_SECUREBITS: Final = 28
_SECURE: Final = 0b101111
"""NOROOT, NO_SETUID_FIXUP, each locked, and the lock of KEEP_CAPS: exec(2) gives root's id no
capabilities (capabilities(7))."""
_CAPABILITY_VERSION_3: Final = 0x20080522
_CAP_SETGID, _CAP_SETUID, _CAP_SYS_PTRACE, _CAP_KILL, _CAP_CHOWN = 6, 7, 19, 5, 0
_NEEDED: Final = (_CAP_SETGID, _CAP_SETUID, _CAP_SYS_PTRACE, _CAP_KILL, _CAP_CHOWN)

_libc = ctypes.CDLL(None, use_errno=True)


class User(NamedTuple):
    """Whom a program is run as."""

    uid: int
    """0: root without capabilities."""
    because: str = ""
    """Why it is not an unprivileged one."""

    @property
    def words(self) -> str:
        """For a report."""
        if self.uid:
            return f"user {self.uid}"
        return f"root without privileges ({self.because})"

    def become(self) -> None:
        """In the child. Raises OSError."""
        if sys.platform != "linux":
            return
        if self.uid:
            os.setgroups([])
            os.setresgid(self.uid, self.uid, self.uid)
            os.setresuid(self.uid, self.uid, self.uid)
        else:
            _drop_capabilities()


def user_for(name: str, program: str) -> User | None:
    """Whom to run ``program`` as; None: as the grader's own user, who is not root.

    The same ``name`` has the same user each time.
    """
    if sys.platform != "linux" or os.geteuid() != 0:
        return None
    if not _capable():
        return User(0, "the grader's root may not change users")
    blocked = _closed_to_others(program)
    if blocked is not None:
        return User(0, f"other users can't reach the interpreter: {blocked} is closed to them")
    number = sum(byte * 257**place for place, byte in enumerate(name.encode()))
    return User(_FIRST + number % _MOST)


def _closed_to_others(program: str) -> str | None:
    """The first folder on the way to a file, or the file, that others may not enter or run."""
    for path in (*reversed(Path(program).parents), Path(program)):
        try:
            mode = path.stat().st_mode
        except OSError:
            return str(path)
        wanted = stat.S_IXOTH | (stat.S_IROTH if path == Path(program) else 0)
        if mode & wanted != wanted:
            return str(path)
    return None


def _capable() -> bool:
    """Whether root here can change users, and trace and end what it then does."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("CapEff:"):
            held = int(line.split()[1], 16)
            return all(held >> bit & 1 for bit in _NEEDED)
    return False


def _drop_capabilities() -> None:
    """Keep root's id, and none of what it may."""
    _libc.prctl(_PR_SET_SECUREBITS, _SECURE, 0, 0, 0)
    for capability in range(64):
        _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    none = (ctypes.c_uint32 * 6)()
    if _libc.capset(header, none) != 0:
        raise GraderError(
            f"root's capabilities can't be dropped: {os.strerror(ctypes.get_errno())}"
        )
