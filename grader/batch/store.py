"""Writing a folder of results, so that it can be killed at any moment.

Each file is written beside its place, synced and renamed: it is there whole or not at all
(rename(2)). A submission's record comes last: what has one is done. What is under way lies in one
folder, ``.work``, which is removed at the end, and by the next that comes.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from grader.batch.jobs import Answer
from grader.batch.places import unpack
from grader.batch.results import BATCH, RECORD, RESULT, RUNS, SUBMISSION, Record, Results
from grader.model import Batch, Entry, GraderError, UsageError, shortage, to_json
from grader.model.safe import safe

WORK, LOCK, ORIGIN = ".work", ".lock", "origin.json"


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """From where a batch was made, on this computer: ``grader/origin/v1``. No result
    depends on it."""

    schema: Literal["grader/origin/v1"] = "grader/origin/v1"
    assignment: str
    """The assignment's folder."""


class Store:
    """A folder of results that this process alone writes into."""

    def __init__(self, folder: Path) -> None:
        """Make it if it is not there, and lock it.

        Raises UsageError when it can't be made, is something else, or is in use by another
        grader.
        """
        self.folder = folder
        shown = safe(str(folder))
        try:
            folder.mkdir(parents=True, exist_ok=True)
            there = [path.name for path in folder.iterdir()]
        except (FileExistsError, NotADirectoryError):
            raise UsageError(f"{shown} is not a folder: give another --out") from None
        except OSError as error:
            if shortage(error):
                raise stopped(error, folder) from None
            raise UsageError(f"{shown} can't be made or read: {error.strerror}") from None
        if there and BATCH not in there and not set(there) <= {WORK, LOCK}:
            raise UsageError(
                f"{shown} has other things in it, and is no folder of results: give another --out"
            )
        self.work = folder / WORK
        self._lock = -1
        try:
            self._lock = _locked(folder / LOCK, shown)
            self._clear()
            self.work.mkdir()
        except OSError as error:
            self.close()
            if shortage(error):
                raise stopped(error, folder) from None
            raise UsageError(f"{shown} can't be written into: {error.strerror}") from None
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Remove what was under way, and let another in."""
        if self._lock >= 0:
            self._clear()
            with contextlib.suppress(OSError):
                (self.folder / LOCK).unlink()
            os.close(self._lock)
            self._lock = -1

    # -- reading -------------------------------------------------------------------

    def results(self) -> Results | None:
        """What is there from before."""
        return Results(self.folder) if (self.folder / BATCH).is_file() else None

    def done(self, entry: Entry, inputs: Mapping[str, str]) -> Record | None:
        """The record, where there is a result of just these inputs."""
        place = self.folder / entry.id
        record = read_record(place / RECORD)
        if record is None or record.failure is not None or record.inputs != inputs:
            return None
        return record if (place / RESULT).is_file() else None

    def read(self, path: Path) -> bytes | None:
        """A file's content; None when it is not there."""
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None

    def origin(self) -> Origin | None:
        """Where the assignment lies; None when that is not known."""
        data = self.read(self.folder / ORIGIN)
        try:
            return msgspec.json.decode(data or b"", type=Origin)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None

    # -- writing -------------------------------------------------------------------

    def put_batch(self, batch: Batch) -> None:
        """Say what was collected."""
        self.write(self.folder / BATCH, to_json(batch, indent=1))

    def put_origin(self, assignment: Path) -> None:
        """Remember where the assignment lies."""
        origin = Origin(assignment=str(assignment.resolve()))
        self.write(self.folder / ORIGIN, to_json(origin, indent=1))

    def put_submission(self, entry: Entry, files: Mapping[str, bytes]) -> None:
        """Keep a copy of what was handed in, in the place of any other."""
        place = self.folder / entry.id / SUBMISSION
        copy = self.work / "copy" / entry.id
        shutil.rmtree(copy, ignore_errors=True)
        unpack(files, copy)
        place.parent.mkdir(exist_ok=True)
        if place.exists():
            shutil.rmtree(place)
        copy.rename(place)

    def put(self, entry: Entry, answer: Answer, record: Record) -> None:
        """Store what came of a submission."""
        place = self.folder / entry.id
        place.mkdir(exist_ok=True)
        if answer.runs is not None:
            self.write(place / RUNS, answer.runs)
        if answer.result is not None:
            self.write(place / RESULT, answer.result)
        else:
            (place / RESULT).unlink(missing_ok=True)
        self.write(place / RECORD, msgspec.json.format(msgspec.json.encode(record), indent=1))

    def forget(self, entry: Entry) -> None:
        """It is to be done again. Its result stays until there is another."""
        (self.folder / entry.id / RECORD).unlink(missing_ok=True)

    def put_problem(self, entry: Entry) -> None:
        """Nothing can be run: what is there of an earlier attempt goes."""
        for name in (RECORD, RESULT, RUNS):
            (self.folder / entry.id / name).unlink(missing_ok=True)

    def write(self, path: Path, data: bytes) -> None:
        """Write a file, which is there whole or not at all."""
        beside = self.work / f"{path.parent.name}.{path.name}"
        try:
            with beside.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            beside.rename(path)
        except BaseException:
            with contextlib.suppress(OSError):
                beside.unlink()
            raise

    def _clear(self) -> None:
        if self.work.is_symlink() or self.work.exists():
            shutil.rmtree(self.work, ignore_errors=True)


def read_record(path: Path) -> Record | None:
    """A record; None when there is none, or none that can be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Record)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None


def stopped(error: OSError, folder: Path) -> GraderError:
    """What to say when a file can't be read or written half-way: the disk is full, say."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return GraderError(
            f"there is no room left on the disk for {safe(str(folder))} "
            f"({os.strerror(error.errno)}). What is graded is kept: make room, and run the same "
            "command again"
        )
    what = safe(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    return GraderError(
        f"a file can't be read or written: {what}. What is graded is kept: the same command goes on"
    )


def _locked(path: Path, shown: str) -> int:
    """A descriptor that holds the lock; the kernel lets go of it with this process (flock(2))."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            same = path.stat().st_ino == os.fstat(descriptor).st_ino
        except BlockingIOError:
            os.close(descriptor)
            raise UsageError(
                f"another grader writes into {shown} now: wait for it, or give another --out"
            ) from None
        except FileNotFoundError:  # whoever had it removed it meanwhile
            same = False
        if same:
            return descriptor
        os.close(descriptor)
