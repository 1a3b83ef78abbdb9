"""Running a batch: what is collected is recorded and judged by workers, and stored."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec

from grader.assignments.assignment import Assignment
from grader.batch.entries import chosen, collected
from grader.batch.inputs import inputs_of, needs_runs, shared_inputs
from grader.batch.jobs import Executor, Job, Setting
from grader.batch.places import assignment_files
from grader.batch.results import RECORD, RUNS, Record
from grader.batch.store import Store, read_record, stopped
from grader.batch.trying import Outcome, have_done
from grader.model import Batch, Entry, GradedStatus, UsageError
from grader.model.safe import safe

if TYPE_CHECKING:
    from grader.batch.collect import Collected


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What can be wished for a batch."""

    engine: str = "auto"
    python: str | None = None
    seconds: float | None = None
    """Replaces the assignment's limit of real time."""
    budget: int | None = None
    """Replaces the number of runs that a scenario may take."""
    jobs: int | None = None
    """How many workers; None: one for each processor."""
    only: tuple[str, ...] = ()
    """Patterns of ids, as the shell's; empty: all."""
    again: bool = False
    """Whether those that are done are done again."""
    shard: tuple[int, int] | None = None
    """(I, N): the I-th of N parts, from 1."""
    roster: Path | None = None


class Watcher(Protocol):
    """Is told how it goes."""

    def begins(self, batch: Batch, done: Mapping[GradedStatus, int], left: int) -> None:
        """What was collected, what is done already, and how much is left to do."""
        ...

    def graded(self, entry: Entry, status: GradedStatus, failure: str | None) -> None:
        """One is done; ``failure`` is the grader's own."""
        ...

    def again(self, entry: Entry, failure: str) -> None:
        """The grader has failed, and tries one again."""
        ...

    def turns(self) -> None:
        """Some time has gone by."""
        ...


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """How a batch ended."""

    batch: Batch
    counts: dict[GradedStatus, int]
    """Of this part of it, where it is in parts."""
    errors: list[tuple[Entry, str]]
    """Those that the grader failed to grade, and why."""
    ran: int
    """How many were graded now; the others were done already."""
    seconds: float


Hire = Callable[[Setting, Path], Executor]
"""Makes an executor; the folder is for what it puts down meanwhile."""


def run_batch(
    source: Path,
    assignment: Assignment,
    out: Path,
    options: Options,
    watcher: Watcher,
    hire: Hire | None = None,
) -> Summary:
    """Grade a folder, or an archive, of submissions, and store the results in ``out``.

    What is there already, of the same inputs, is not done again. ``hire`` gives other workers
    than those on this computer.

    Raises UsageError when something given can't be used, GraderError when the grader can't
    go on, as on a full disk; KeyboardInterrupt as it comes. What is done until then is kept, and
    the same call goes on from there.
    """
    there = _resolved(out)
    if _resolved(source) in (there, *there.parents):
        raise UsageError(
            f"{safe(str(out))} is in the folder of submissions: give another --out, outside of it"
        )
    setting = setting_for(assignment, options, here=hire is None)
    store = Store(out)
    try:
        found = collected(source, assignment, store.work / "unpacked", options.roster)
        _refuse_other(store, found.batch)
        entries = chosen(found.batch.entries, options.only, options.shard)
        store.put_batch(found.batch)
        store.put_origin(assignment.folder)
        run = _Run(assignment, setting, store, found, options, watcher)
        return run.do(entries, hire or local(options.jobs))
    except BrokenPipeError:  # nobody reads what is told
        raise
    except OSError as error:
        raise stopped(error, out) from None
    finally:
        store.close()


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError):  # links in a circle, say: whoever opens it tells
        return path.absolute()


def setting_for(assignment: Assignment, options: Options, here: bool = True) -> Setting:
    """What all jobs share. Those that are not done ``here`` are never sampled unasked.

    Raises UsageError when engine or interpreter can't be used here.
    """
    from grader.observe import choose

    elsewhere = "exact" if options.engine == "auto" else options.engine
    return Setting(
        assignment=assignment.id,
        files=assignment_files(assignment),
        engine=choose(options.engine) if here else elsewhere,
        python=options.python,
        seconds=options.seconds,
        budget=options.budget,
    )


def _refuse_other(store: Store, batch: Batch) -> None:
    before = store.results()
    if before is not None and before.batch.assignment != batch.assignment:
        raise UsageError(
            f"{safe(str(store.folder))} has results of {before.batch.assignment}, not of "
            f"{batch.assignment}: give another --out"
        )


def local(jobs: int | None) -> Hire:
    """Workers on this computer: so many, or one for each processor."""
    from grader.batch.workers import Pool, processors

    number = jobs or processors()
    return lambda setting, folder: Pool(setting, number, folder)


class _Run:
    """One batch under way."""

    def __init__(
        self,
        assignment: Assignment,
        setting: Setting,
        store: Store,
        found: Collected,
        options: Options,
        watcher: Watcher,
    ) -> None:
        self._setting = setting
        self._store = store
        self._found = found
        self._options = options
        self._watcher = watcher
        self._shared = shared_inputs(assignment, setting)
        self._counts: Counter[GradedStatus] = Counter()
        self._errors: list[tuple[Entry, str]] = []
        self._waiting: list[Entry] = []
        self._inputs: dict[str, dict[str, str]] = {}

    def do(self, entries: Sequence[Entry], hire: Hire) -> Summary:
        """Do what is to be done."""
        began = time.monotonic()
        for entry in entries:
            self._look_at(entry)
        left = len(self._waiting)
        self._watcher.begins(self._found.batch, self._counts, left)
        if left:
            watcher = self._watcher
            executor = hire(self._setting, self._store.work)
            try:
                have_done(
                    self._waiting, self._job, executor, self._finished, watcher.again, watcher.turns
                )
            finally:
                executor.close()
        return Summary(
            batch=self._found.batch,
            counts=dict(self._counts),
            errors=sorted(self._errors, key=lambda each: each[0].id),
            ran=left,
            seconds=time.monotonic() - began,
        )

    def _look_at(self, entry: Entry) -> None:
        """Whether it is done, is to be done, or can't be."""
        if entry.problem is not None:
            files = self._read(entry)
            if files:
                self._store.put_submission(entry, files)
            self._store.put_problem(entry)
            self._counts["unusable" if entry.name else "missing"] += 1
            return
        record = self._store.done(entry, inputs_of(entry, self._read(entry), self._shared))
        if record is None or self._options.again:
            if self._options.again:
                self._store.forget(entry)
            self._waiting.append(entry)
        else:
            self._counts[record.status] += 1

    def _job(self, entry: Entry) -> Job:
        files = self._read(entry)
        inputs = self._inputs[entry.id] = inputs_of(entry, files, self._shared)
        place = self._store.folder / entry.id
        record = read_record(place / RECORD)
        runs = None
        if record is None or needs_runs(record.inputs, inputs):
            self._store.put_submission(entry, files)
        elif record.failure is None:
            runs = self._store.read(place / RUNS)
        return Job(entry=entry, files=files, runs=runs)

    def _finished(self, outcome: Outcome) -> None:
        entry, answer = outcome.entry, outcome.answer
        record = Record(
            inputs=self._inputs.pop(entry.id),
            seconds=round(outcome.seconds, 3),
            tries=outcome.tries,
            status=answer.status,
            failure=outcome.failure,
        )
        self._store.put(entry, answer, record)
        self._counts[answer.status] += 1
        if outcome.failure is not None:
            self._errors.append((entry, outcome.failure))
        self._watcher.graded(entry, answer.status, outcome.failure)

    def _read(self, entry: Entry) -> dict[str, bytes]:
        """What was handed in. It is read when it is needed, and kept nowhere."""
        return {
            place: path.read_bytes() for place, path in self._found.files.get(entry.id, {}).items()
        }
