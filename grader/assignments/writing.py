"""Writing files where others may look at them meanwhile."""

from __future__ import annotations

import os
from pathlib import Path


def write_file(path: Path, data: bytes) -> None:
    """Write a file whole or not at all; its folder is made when it is not there.

    A link is replaced, and not followed, but for one to a device or a pipe: these are written to.
    Raises OSError.
    """
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".grader-{os.getpid()}-{path.name}"[:200])
    try:
        with partial.open("xb") as file:
            file.write(data)
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
