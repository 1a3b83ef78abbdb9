"""What processes use, as /proc tells it (proc(5)), and folders, as they are.

Each of these is a look that can come too late: a process that is gone uses nothing.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

_PAGE = os.sysconf("SC_PAGE_SIZE")
_CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
_BLOCK = 512
"""What st_blocks counts (inode(7))."""
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_LONG_PATH = 1000
"""Characters."""
_ENTRY_BYTES = 4096
"""What a file takes beside its data, about: so a million empty files are something, too."""


def cpu_seconds(pid: int) -> float:
    """Processor time of a process and of the children that it collected."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return 0.0
    return sum(int(fields[i]) for i in (11, 12, 13, 14)) / _CLOCK_TICKS


class Memory(NamedTuple):
    """A process's memory, in bytes."""

    space: int
    """Its address space (VmSize)."""
    resident: int
    """What of that is in memory (VmRSS), shared with others or not."""


def memory(pid: int) -> Memory:
    """How much memory a process has."""
    try:
        fields = Path(f"/proc/{pid}/statm").read_bytes().split()
        return Memory(int(fields[0]) * _PAGE, int(fields[1]) * _PAGE)
    except (OSError, IndexError):
        return Memory(0, 0)


def peak_space(pid: int) -> int:
    """The largest that a process's address space has been, in bytes (VmPeak)."""
    try:
        lines = Path(f"/proc/{pid}/status").read_bytes().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(b"VmPeak:")), 0)


def shares_of_memory(pids: Iterable[int]) -> int:
    """Memory that processes use together: of what several share, to each its share, so that
    the sum counts it once (Pss; proc_pid_smaps(5)). Slow, as the kernel looks at each page."""
    total = 0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_bytes().splitlines()
        except OSError:  # it is gone, or the kernel has no such file
            continue
        total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(b"Pss:"))
    return total


def out_of_descriptors(pid: int, limit: int) -> bool:
    """Whether a process has as many descriptors as it may."""
    # The kernel gives out the lowest first, so the last one tells: cheap, where it isn't there.
    # By os: making a Path takes longer than the call.
    if not os.path.lexists(f"/proc/{pid}/fd/{limit - 1}"):
        return False
    try:
        return len(os.listdir(f"/proc/{pid}/fd")) >= limit  # noqa: PTH208
    except OSError:
        return False


def folder_bytes(folder: str, most: int) -> int:
    """What is in a folder, in bytes, and everything below it; not counted much further than
    ``most``. What can't be looked into counts as empty. Holes in files take no room."""
    total = 0
    # Folders to look into, by a descriptor and a path from there; without a path, a descriptor
    # to close when all that comes after it is done. No path of a folder thousands deep is
    # short enough for the kernel (path_resolution(7)).
    left: list[tuple[int, str | None]] = []
    try:
        top = os.open(folder, _FOLDER)
        left += [(top, None), (top, ".")]
        while left and total <= most:
            base, path = left.pop()
            if path is None:
                os.close(base)
                continue
            try:
                here = os.open(path, _FOLDER, dir_fd=base)
            except OSError:  # it was removed meanwhile
                continue
            size, folders = _entries(here, most - total)
            total += size
            if len(path) > _LONG_PATH and folders:
                left += [(here, None), *((here, name) for name in folders)]
            else:
                os.close(here)
                left += [(base, f"{path}/{name}") for name in folders]
    except OSError:
        pass
    finally:
        for descriptor, path in left:
            if path is None:
                os.close(descriptor)
    return total


def _entries(folder: int, most: int) -> tuple[int, list[str]]:
    """What the files in an open folder take, and the folders in it."""
    total, folders = 0, []
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                status = entry.stat(follow_symlinks=False)
                total += _ENTRY_BYTES + status.st_blocks * _BLOCK
                if stat.S_ISDIR(status.st_mode):
                    folders.append(entry.name)
            if total > most:
                break
    return total, folders


def nameless_bytes(pids: Iterable[int]) -> int:
    """What is in files that have no name any more, and that processes hold open."""
    found: dict[tuple[int, int], int] = {}
    for pid in pids:
        try:
            descriptors = os.listdir(f"/proc/{pid}/fd")  # noqa: PTH208
        except OSError:
            continue
        for descriptor in descriptors:
            try:
                status = os.stat(f"/proc/{pid}/fd/{descriptor}")  # noqa: PTH116
            except OSError:
                continue
            if stat.S_ISREG(status.st_mode) and status.st_nlink == 0:
                found[status.st_dev, status.st_ino] = status.st_blocks * _BLOCK
    return sum(found.values())
