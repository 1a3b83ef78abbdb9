"""Putting together the results of parts of a batch that were graded apart."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from grader.batch.jobs import Answer
from grader.batch.places import read_files
from grader.batch.results import RECORD, RESULT, RUNS, SUBMISSION, Record, Results
from grader.batch.store import Store, read_record, stopped
from grader.model import Batch, Entry, GradedStatus, UsageError
from grader.model.safe import safe


class Merged(msgspec.Struct, frozen=True, kw_only=True):
    """What merging gave."""

    batch: Batch
    counts: dict[GradedStatus, int]
    waiting: list[Entry]
    """Those that no part has graded."""
    errors: list[tuple[Entry, str]]
    """Those that the grader failed to grade, and why."""


def merge(parts: Sequence[Path], out: Path) -> Merged:
    """Copy the results of parts into one folder, which may have some of them already.

    Of an entry that several have graded, the one that grader did not fail for is taken.
    Raises UsageError when they are not parts of one batch, or differ in how they graded.
    """
    opened = [Results(part) for part in parts]
    batch = opened[0].batch
    for part, results in zip(parts[1:], opened[1:], strict=True):
        _refuse_other(parts[0], batch, part, results.batch)
    if out.resolve() in {part.resolve() for part in parts}:
        raise UsageError(f"{safe(str(out))} is one of the parts: give another --out")
    store = Store(out)
    try:
        before = store.results()
        if before is not None:
            _refuse_other(out, before.batch, parts[0], batch)
        store.put_batch(batch)
        return _merged(batch, [*parts, *([out] if before else [])], store)
    except BrokenPipeError:  # nobody reads what is told
        raise
    except OSError as error:
        raise stopped(error, out) from None
    finally:
        store.close()


def _merged(batch: Batch, parts: Sequence[Path], store: Store) -> Merged:
    counts: dict[GradedStatus, int] = {}
    waiting: list[Entry] = []
    errors: list[tuple[Entry, str]] = []
    for entry in batch.entries:
        record = None
        if entry.problem is None:
            record = _take(entry, parts, store)
        else:
            _copy_submission(entry, parts, store)
        status: GradedStatus = "waiting"
        if entry.problem is not None:
            status = "unusable" if entry.name else "missing"
        elif record is None:
            waiting.append(entry)
        else:
            status = record.status
            if record.failure is not None:
                errors.append((entry, record.failure))
        counts[status] = counts.get(status, 0) + 1
    return Merged(batch=batch, counts=counts, waiting=waiting, errors=errors)


def _take(entry: Entry, parts: Sequence[Path], store: Store) -> Record | None:
    """Copy one entry from the part that has it."""
    found: list[tuple[Path, Record]] = []
    for part in parts:
        record = read_record(part / entry.id / RECORD)
        if record is not None:
            found.append((part, record))
    good = [each for each in found if each[1].failure is None]
    for part, record in good[1:]:
        if record.inputs != good[0][1].inputs:
            names = sorted(
                name
                for name in {*record.inputs, *good[0][1].inputs}
                if record.inputs.get(name) != good[0][1].inputs.get(name)
            )
            raise UsageError(
                f"{entry.id} was graded in {safe(str(good[0][0]))} and in {safe(str(part))}, "
                f"but not alike: {', '.join(map(safe, names))} differ"
            )
    if not found:
        return None
    part, record = (good or found)[0]
    if part == store.folder:
        return record
    _copy_submission(entry, [part], store)
    place = part / entry.id
    answer = Answer(
        id=entry.id,
        status=record.status,
        result=store.read(place / RESULT),
        runs=store.read(place / RUNS),
    )
    store.put(entry, answer, record)
    return record


def _copy_submission(entry: Entry, parts: Sequence[Path], store: Store) -> None:
    for part in parts:
        folder = part / entry.id / SUBMISSION
        if folder.is_dir() and part != store.folder:
            store.put_submission(entry, read_files(folder))
            return


def _refuse_other(one: Path, first: Batch, other: Path, second: Batch) -> None:
    """Raise UsageError unless both are of one batch."""
    if first == second:
        return
    both = f"{safe(str(one))} and {safe(str(other))}"
    if first.assignment != second.assignment:
        why = f"one is of {first.assignment}, the other of {second.assignment}"
    else:
        entries = {entry.id: entry for entry in first.entries}
        others = {entry.id: entry for entry in second.entries}
        ids = sorted(id for id in entries | others if entries.get(id) != others.get(id))
        why = f"they were collected from other files ({', '.join(ids[:8])})"
    raise UsageError(f"{both} are not parts of one batch: {why}")
