"""The folder of results: what is in it, and reading it. One folder a submission."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from grader.model import Batch, Entry, Graded, Result, UsageError, from_json
from grader.model.safe import safe

BATCH, RESULT, RECORD, RUNS, SUBMISSION = (
    "batch.json",
    "result.json",
    "record.json",
    "runs.json.gz",
    "submission",
)
"""``batch.json`` lies in the folder of results; the others in the folder of each submission:
its result, how it came about, every trace to judge again, and a copy of what was handed in."""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """How a result came about, ``grader/record/v1``: its inputs, and what may differ between
    two runs of the same batch."""

    schema: str = "grader/record/v1"
    inputs: dict[str, str]
    """What the result depends on, by name: hashes (SHA-256) of submission, assignment and
    checks, the version of grader, the engine, the seed."""
    seconds: float = 0.0
    """How long it took."""
    tries: int = 1
    status: Literal["pass", "fail", "error"] = "error"
    """The result's."""
    failure: str | None = None
    """The grader's own failure, where that is what came of it."""


class Results:
    """A folder of results, for reading."""

    def __init__(self, folder: Path) -> None:
        """Open it. Raises UsageError when it is none."""
        self.folder = folder
        path = folder / BATCH
        if not path.is_file():
            raise UsageError(
                f"{safe(str(folder))} is not a folder of results: it has no {BATCH}; "
                "'grader batch' makes one"
            )
        self.batch = from_json(path.read_bytes(), Batch, path)

    def __len__(self) -> int:
        return len(self.batch.entries)

    def graded(self, traces: bool = True) -> Iterator[Graded]:
        """Yield each row, in order, read when it is asked for; without ``traces``, results
        have none, which is much faster."""
        for entry in self.batch.entries:
            yield self.one(entry, traces)

    def one(self, entry: Entry, traces: bool = True) -> Graded:
        """Read one row. Raises UsageError when its files are not what they should be."""
        place = self.folder / entry.id
        record = self.record(entry)
        path = place / RESULT
        if not path.is_file():
            return Graded(entry=entry, failure=record.failure if record else None)
        data = path.read_bytes()
        if not traces:
            data = _without_traces(data, path)
        return Graded(entry=entry, result=from_json(data, Result, path))

    def record(self, entry: Entry) -> Record | None:
        """How the row came about; None when nothing was done for it yet."""
        path = self.folder / entry.id / RECORD
        if not path.is_file():
            return None
        try:
            return msgspec.json.decode(path.read_bytes(), type=Record)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise UsageError(f"{path}: not a record of grader: {safe(str(error))}") from None

    def source(self, entry: Entry) -> bytes | None:
        """The program that was run; None when there is none."""
        path = self.folder / entry.id / SUBMISSION / entry.file
        return path.read_bytes() if entry.file and path.is_file() else None


def _without_traces(data: bytes, path: Path) -> bytes:
    try:
        fields = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not a result document: {safe(str(error))}") from None
    fields.pop("traces", None)
    return msgspec.json.encode(fields)
