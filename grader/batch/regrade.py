"""Judging stored runs again, after a change of an assignment's checks or points."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from grader.assignments.assignment import FILE_NAME, Assignment, load
from grader.assignments.catalog import bundled_folder, find
from grader.batch.entries import chosen
from grader.batch.inputs import OF_SCENARIOS, inputs_of, needs_runs, of_running
from grader.batch.jobs import Job, Setting
from grader.batch.places import assignment_files, digest, read_files
from grader.batch.results import RECORD, RESULT, RUNS, SUBMISSION, Record, Results
from grader.batch.run import Hire, Watcher, local
from grader.batch.store import Store, read_record, stopped
from grader.batch.trying import Outcome, have_done
from grader.model import Check, Entry, Result, UsageError, from_json
from grader.model.safe import safe

_MOST_NAMED = 8


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What became different for one submission."""

    entry: Entry
    before: Result
    now: Result
    """Both without traces."""

    @property
    def grade_changed(self) -> bool:
        """Whether it is worth something else now."""
        return (self.before.grade, self.before.max_score) != (self.now.grade, self.now.max_score)

    @property
    def checks(self) -> list[tuple[Check | None, Check | None]]:
        """The checks whose verdict or points changed, before and now; None where it is new,
        or no more."""
        before = {check.id: check for check in self.before.checks}
        now = {check.id: check for check in self.now.checks}
        return [
            (before.get(id), now.get(id))
            for id in dict.fromkeys([*before, *now])
            if _worth(before.get(id)) != _worth(now.get(id))
        ]


class Regraded(msgspec.Struct, frozen=True, kw_only=True):
    """How regrading ended."""

    judged: int
    changes: list[Change]
    """Of those that got another grade, another verdict, or other words; by id."""
    errors: list[tuple[Entry, str]]
    """Those that grader failed to judge, and why: what they had is kept."""
    left: list[Entry]
    """Those without stored runs, as they are not graded yet."""
    seconds: float


def regrade(
    folder: Path,
    assignment: Assignment | None,
    watcher: Watcher,
    *,
    jobs: int | None = None,
    only: Sequence[str] = (),
    dry_run: bool = False,
    hire: Hire | None = None,
) -> Regraded:
    """Judge the runs in a folder of results again, and store the new results.

    ``assignment``: None for the one in the place where it was when the batch was graded.
    ``dry_run``: nothing is stored. Nothing is run. Raises UsageError when new runs are
    needed, as of another scenario, and says which.
    """
    Results(folder)  # is there such a folder? else one would be made
    store = Store(folder)
    try:
        results = Results(folder)
        assignment = assignment or _assignment_of(store, results)
        if results.batch.assignment != assignment.id:
            raise UsageError(
                f"{safe(str(folder))} has results of {results.batch.assignment}, "
                f"not of {assignment.id}"
            )
        entries = chosen(results.batch.entries, only, None)
        setting = Setting(assignment=assignment.id, files=assignment_files(assignment))
        run = _Regrading(store, results, assignment, setting, watcher, dry_run)
        return run.do(entries, hire or local(jobs))
    except BrokenPipeError:  # nobody reads what is told
        raise
    except OSError as error:
        raise stopped(error, folder) from None
    finally:
        store.close()


def _assignment_of(store: Store, results: Results) -> Assignment:
    origin = store.origin()
    if origin is not None and (Path(origin.assignment) / FILE_NAME).is_file():
        return load(Path(origin.assignment))
    if origin is not None and not Path(origin.assignment).is_relative_to(bundled_folder()):
        raise UsageError(
            f"the assignment is no longer in {safe(origin.assignment)}: say where it is, with -a"
        )
    return find(results.batch.assignment)


class _Regrading:
    """Regrading under way."""

    def __init__(
        self,
        store: Store,
        results: Results,
        assignment: Assignment,
        setting: Setting,
        watcher: Watcher,
        dry_run: bool,
    ) -> None:
        self._store = store
        self._results = results
        self._setting = setting
        self._watcher = watcher
        self._dry_run = dry_run
        self._shared = {
            "checks": digest(setting.files),
            **of_running(assignment, setting.files),
        }
        self._changes: list[Change] = []
        self._errors: list[tuple[Entry, str]] = []

    def do(self, entries: Sequence[Entry], hire: Hire) -> Regraded:
        """Judge all that have runs."""
        began = time.monotonic()
        usable = [entry for entry in entries if entry.problem is None]
        judged = [entry for entry in usable if self._has_runs(entry)]
        self._refuse_new_runs(judged)
        self._watcher.begins(self._results.batch, {}, len(judged))
        if judged:
            executor = hire(self._setting, self._store.work)
            try:
                have_done(
                    judged,
                    self._job,
                    executor,
                    self._finished,
                    self._watcher.again,
                    self._watcher.turns,
                )
            finally:
                executor.close()
        return Regraded(
            judged=len(judged) - len(self._errors),
            changes=sorted(self._changes, key=lambda change: change.entry.id),
            errors=sorted(self._errors, key=lambda each: each[0].id),
            left=[entry for entry in usable if not self._has_runs(entry)],
            seconds=time.monotonic() - began,
        )

    def _has_runs(self, entry: Entry) -> bool:
        place = self._store.folder / entry.id
        record = read_record(place / RECORD)
        return record is not None and record.failure is None and (place / RUNS).is_file()

    def _refuse_new_runs(self, entries: Sequence[Entry]) -> None:
        """Raise UsageError when what is stored is not what would be run now."""
        wanting: dict[str, list[str]] = {}
        for entry in entries:
            record = read_record(self._store.folder / entry.id / RECORD)
            assert record is not None
            now = inputs_of(entry, self._files(entry), {**record.inputs, **self._shared})
            for name in needs_runs(record.inputs, now):
                wanting.setdefault(name, []).append(entry.id)
        if wanting:
            told = "; ".join(
                f"{_what(name)} is new or was changed ({_who(ids, len(entries))})"
                for name, ids in wanting.items()
            )
            raise UsageError(
                f"this can't be judged from the stored runs: {told}. "
                "'grader batch' with the same --out runs those again, and only those"
            )

    def _files(self, entry: Entry) -> dict[str, bytes]:
        return read_files(self._store.folder / entry.id / SUBMISSION)

    def _job(self, entry: Entry) -> Job:
        place = self._store.folder / entry.id
        return Job(entry=entry, files=self._files(entry), runs=(place / RUNS).read_bytes())

    def _finished(self, outcome: Outcome) -> None:
        entry, answer = outcome.entry, outcome.answer
        self._watcher.graded(entry, answer.status, outcome.failure)
        if outcome.failure is not None or answer.result is None:
            self._errors.append((entry, outcome.failure or "it could not be judged"))
            return
        before = self._results.one(entry, traces=False).result
        path = self._store.folder / entry.id / RESULT
        now = from_json(answer.result, Result, path)
        now = msgspec.structs.replace(now, traces=[])
        if before is not None and before != now:
            self._changes.append(Change(entry=entry, before=before, now=now))
        if not self._dry_run:
            self._store.put(entry, answer, self._record(entry, outcome))

    def _record(self, entry: Entry, outcome: Outcome) -> Record:
        record = read_record(self._store.folder / entry.id / RECORD)
        assert record is not None
        now = inputs_of(entry, self._files(entry), {**record.inputs, **self._shared})
        kept = {
            name: value
            for name, value in now.items()
            if not name.startswith(OF_SCENARIOS) or name in self._shared
        }
        return msgspec.structs.replace(record, inputs=kept, status=outcome.answer.status)


def _worth(check: Check | None) -> object:
    return check and (check.status, check.points, check.max_points)


def _what(name: str) -> str:
    """An input, in words."""
    words: Mapping[str, str] = {
        "submission": "what was handed in",
        "limits": "the table [limits]",
        "confinement": "the table [confinement]",
    }
    if name.startswith(OF_SCENARIOS):
        return f"the scenario {safe(name.removeprefix(OF_SCENARIOS))}"
    return words.get(name, name)


def _who(ids: Sequence[str], of: int) -> str:
    if len(ids) == of:
        return "all submissions" if of > 1 else ids[0]
    named = ", ".join(ids[:_MOST_NAMED])
    return named + (f" and {len(ids) - _MOST_NAMED} more" if len(ids) > _MOST_NAMED else "")
