"""Which submissions a batch, or a part of one, is about."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from grader.assignments.assignment import Assignment
from grader.assignments.submission import open_submission
from grader.model import Entry, UsageError
from grader.model.safe import safe

if TYPE_CHECKING:
    from grader.batch.collect import Collected

_MOST_SHOWN = 8


def collected(
    source: Path, assignment: Assignment, unpack_to: Path, roster: Path | None
) -> Collected:
    """Collect submissions; those whose program can't be read as text have a problem."""
    from grader.batch.collect import collect

    found = collect(source, assignment, unpack_to, roster)
    entries = [_checked(e, found.files.get(e.id, {}), assignment) for e in found.batch.entries]
    batch = msgspec.structs.replace(found.batch, entries=entries)
    return msgspec.structs.replace(found, batch=batch)


def _checked(entry: Entry, files: Mapping[str, Path], assignment: Assignment) -> Entry:
    if entry.problem is not None:
        return entry
    try:
        open_submission(files[entry.file], assignment, entry.file)
        for place, path in files.items():
            if not os.access(path, os.R_OK):
                raise UsageError(f"{safe(place)} can't be read")
    except UsageError as error:
        return msgspec.structs.replace(entry, problem=str(error))
    return entry


def chosen(
    entries: Sequence[Entry], only: Sequence[str], shard: tuple[int, int] | None
) -> list[Entry]:
    """Those whose id fits one of the patterns, if there are any; of these one part, if asked
    for: see ``Options``. Raises UsageError when a pattern fits none."""
    for pattern in only:
        if not any(fnmatchcase(entry.id, pattern) for entry in entries):
            shown = ", ".join(entry.id for entry in entries[:_MOST_SHOWN])
            more = ", ..." if len(entries) > _MOST_SHOWN else ""
            raise UsageError(f"--only {safe(pattern)} fits none of these: {shown}{more}")
    found = [
        entry for entry in entries if not only or any(fnmatchcase(entry.id, each) for each in only)
    ]
    if shard is None:
        return found
    part, parts = shard
    return [entry for number, entry in enumerate(found) if number % parts == part - 1]
