"""What /proc tells of a process (proc(5))."""

from __future__ import annotations

from pathlib import Path


def command_line(pid: int) -> list[str]:
    """The argument vector of a process; empty when it is gone."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return []
    return [word.decode(errors="replace") for word in words[:-1]]
