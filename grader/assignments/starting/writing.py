"""Writing files where there may be some already: all that fit, or none."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from grader.assignments.reading import reason
from grader.assignments.starting.contents import NewFile
from grader.assignments.writing import write_file
from grader.model import UsageError
from grader.model.safe import safe

Done = Literal["written", "replaced", "completed", "kept", "there already"]


def write_files(
    folder: Path, files: Sequence[NewFile], *, force: bool = False
) -> list[tuple[NewFile, Done]]:
    """Write files into a folder, which is made when it is not there; return what was done.

    A file that is there already, as it should be, is left alone. Raises UsageError, before
    anything is written, when another one would be lost and ``force`` is not given; and when
    the system refuses.
    """
    try:
        planned = [(file, *_plan(folder, file)) for file in files]
        lost = [safe(str(file.path)) for file, done, _ in planned if done == "replaced"]
        if lost and not force:
            there = "is there already" if len(lost) == 1 else "are there already"
            what = "it" if len(lost) == 1 else "them"
            raise UsageError(
                f"nothing was written to {safe(str(folder))}: {', '.join(lost)} {there}, and "
                f"not as grader would write {what}. Move {what} away, or use --force, which "
                f"replaces {what}"
            )
        for file, done, data in planned:
            if done not in ("kept", "there already"):
                path = folder / file.path
                if path.is_symlink():  # to a device, perhaps
                    path.unlink()
                write_file(path, data)
    except OSError as error:
        where = safe(str(error.filename or folder))
        raise UsageError(f"{where} can't be written: {reason(error)}") from None
    return [(file, done) for file, done, _ in planned]


def _plan(folder: Path, file: NewFile) -> tuple[Done, bytes]:
    """What is to be done for a file, and what it will hold."""
    path = folder / file.path
    for above in path.parents:
        if above.is_symlink() and above.is_relative_to(folder) and above != folder:
            raise UsageError(f"{safe(str(above))} is a link: it may lead out of the repository")
        if above.exists() and not above.is_dir():
            raise UsageError(f"{safe(str(above))} is a file, and should be a folder")
    if path.is_dir() and not path.is_symlink():
        raise UsageError(f"{safe(str(path))} is a folder, and should be a file")
    if not os.path.lexists(path):
        return "written", file.data
    if file.existing == "keep":
        return "kept", b""
    if path.is_symlink() or not path.is_file():
        return "replaced", file.data
    old = path.read_bytes()
    if file.existing == "complete":
        have = {line.strip() for line in old.splitlines()}
        lacks = [line for line in file.data.splitlines() if line not in have]
        if not lacks:
            return "there already", b""
        end = b"" if not old or old.endswith(b"\n") else b"\n"
        return "completed", old + end + b"".join(line + b"\n" for line in lacks)
    return ("there already", b"") if old == file.data else ("replaced", file.data)
