"""What /proc tells of a process (proc(5))."""

from __future__ import annotations

from pathlib import Path

_MOST_BYTES = 16_384
"""Of an argument vector: the kernel allows megabytes (execve(2)), at every exec."""


def command_line(pid: int) -> list[str]:
    """The argument vector of a process; empty when it is gone. Of a very long one, the start."""
    try:
        with Path(f"/proc/{pid}/cmdline").open("rb") as file:
            data = file.read(_MOST_BYTES)
    except OSError:
        return []
    words = data.split(b"\0")
    if len(data) < _MOST_BYTES:
        del words[-1]
    return [word.decode(errors="replace") for word in words]
