"""The auxiliary vector of a fresh program: hide the clock, fix the random bytes.

Without AT_SYSINFO_EHDR a C library reads the clock by system calls, which the filter can
catch (getauxval(3), vdso(7)). AT_RANDOM names 16 bytes that seed canaries and hashes.
"""

from __future__ import annotations

from hashlib import blake2b
from types import ModuleType

from grader.observe.exact import ptrace

_AT_IGNORE, _AT_RANDOM, _AT_SYSINFO_EHDR = 1, 25, 33
_PART = 4096
_MOST = 3 << 20


def hide_clock(tid: int, arch: ModuleType, seed: int) -> None:
    """At an exec stop: rewrite the vector on the new stack, which begins with argc, the
    arguments, a null, the environment, a null (proc_pid_auxv(5), execve(2))."""
    at = ptrace.get_registers(tid)[arch.STACK_POINTER]
    words = _Words(tid, at)
    n = words[0] + 2
    while words[n]:
        n += 1
    n += 1
    while words[n]:
        if words[n] == _AT_SYSINFO_EHDR:
            ptrace.write_memory(tid, at + 8 * n, _AT_IGNORE.to_bytes(8, "little"))
        elif words[n] == _AT_RANDOM:
            ptrace.write_memory(
                tid, words[n + 1], blake2b(str(seed).encode(), digest_size=16).digest()
            )
        n += 2


class _Words:
    """The 64-bit words from an address on, read as they are needed."""

    def __init__(self, tid: int, address: int) -> None:
        self._tid = tid
        self._next = address
        self._data = b""

    def __getitem__(self, n: int) -> int:
        end = 8 * n + 8
        while len(self._data) < end:
            size = _PART - self._next % _PART  # within a page: the stack ends somewhere
            part = ptrace.read_memory(self._tid, self._next, size)
            if not part or len(self._data) > _MOST:
                return 0
            self._data += part
            self._next += len(part)
        return int.from_bytes(self._data[8 * n : end], "little")
