"""Removing folders that hostile programs have filled.

shutil.rmtree() calls itself for each level, and a program can make more levels than Python has
of those; folders can be closed to their owner, and paths longer than the system takes.
"""

from __future__ import annotations

import contextlib
import os
import stat

_OPEN = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def remove(path: str) -> None:
    """Remove a folder and all that is in it; links are removed, not followed. No process may
    be at work in it. Raises OSError for what can't be removed."""
    with contextlib.suppress(FileNotFoundError):
        empty(path)
        os.rmdir(path)


def empty(path: str) -> None:
    """Remove all that is in a folder. What lies deeper is first moved up into the folder
    itself, so that nothing is ever more than two levels down."""
    os.chmod(path, 0o700)
    top = os.open(path, _OPEN)
    try:
        token = os.urandom(8).hex().encode()  # not a name that a program could have given
        moved = 0
        waiting = [os.fsencode(name) for name in _remove_files(top)]
        while waiting:
            name = waiting.pop()
            _open_up(name, top)
            folder = os.open(name, _OPEN, dir_fd=top)
            try:
                for inner in _remove_files(folder):
                    _open_up(os.fsencode(inner), folder)  # a folder is moved by who may write in it
                    moved += 1
                    up = b"%s-%d" % (token, moved)
                    os.rename(inner, up, src_dir_fd=folder, dst_dir_fd=top)
                    waiting.append(up)
            finally:
                os.close(folder)
            os.rmdir(name, dir_fd=top)
    finally:
        os.close(top)


def _open_up(name: bytes, folder: int) -> None:
    """Let the owner of a folder into it. It is a folder, not a link: that was looked at, and
    no process is there to change it."""
    os.chmod(name, 0o700, dir_fd=folder)


def _remove_files(folder: int) -> list[str]:
    """Remove what is no folder; return the names of those that are."""
    folders = []
    with os.scandir(folder) as entries:
        names = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
    for name, is_folder in names:
        if is_folder:
            folders.append(name)
        else:
            os.unlink(name, dir_fd=folder)
    return folders


def size(path: str, most: int) -> int:
    """How many bytes the files beneath a folder take, on the disk or in their own words,
    whichever is more; stops counting above ``most``.

    The folder may be changing: what vanishes meanwhile counts for nothing.
    """
    total, waiting = 0, [path]
    while waiting and total <= most:
        with contextlib.suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    status = entry.stat(follow_symlinks=False)
                    total += max(status.st_blocks * 512, status.st_size)
                    if stat.S_ISDIR(status.st_mode):
                        waiting.append(entry.path)
    return total
