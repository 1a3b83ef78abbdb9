"""One submission's work, as data that can be sent anywhere, and who does it.

A job holds all that it needs, the bytes of what was handed in among it; so does what all jobs of a
batch share. Whoever has these two can grade, in this process, in another, or on another
computer, and the answer is the same.
"""

from __future__ import annotations

import contextlib
import errno
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

import msgspec

from grader.assignments.assignment import Assignment, load
from grader.assignments.late import with_deduction
from grader.assignments.recording import Recorder, Runs, TraceSource
from grader.assignments.submission import Submission, open_submission
from grader.batch.places import unpack
from grader.batch.runs import Remembered, Remembering, packed, unpacked
from grader.model import Entry, GraderError, Result, UsageError, shortage, to_json

if TYPE_CHECKING:
    from grader.assignments.grading import Judge

PATIENCE_SECONDS = 600.0
"""For exploring a program whose runs are quick: the number of runs decides, not the time that
they take, so that a class is graded alike on a busy computer. (With ten times as many processes
as processors, a right answer to Fig. 18.3 with a handler of SIGCHLD was not done after 60.)"""

Verdict = Literal["pass", "fail", "error"]


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """What all jobs of a batch share."""

    assignment: str
    """Its id."""
    files: dict[str, bytes]
    """The assignment's folder: each file's place in it, and its content."""
    engine: str = "auto"
    python: str | None = None
    """The interpreter that runs submissions; None: the one that runs the worker."""
    seconds: float | None = None
    """Replaces the assignment's limit of real time."""
    budget: int | None = None
    """Replaces the number of runs that a scenario may take."""


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One submission to grade."""

    entry: Entry
    files: dict[str, bytes]
    """What was handed in: each file's place, and its content."""
    runs: bytes | None = None
    """Runs made before (``runs.json.gz``): then these are judged, and nothing is run."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a job."""

    id: str
    """The entry's."""
    status: Verdict = "error"
    result: bytes | None = None
    """``result.json``."""
    runs: bytes | None = None
    """``runs.json.gz``; None where they were given."""
    failure: str | None = None
    """The grader's own failure, why there is no result: it may go better another time."""
    died: bool = False
    """Whether whoever worked on it is gone, or was killed as it took too long."""
    usage: str | None = None
    """What was given to the whole batch can't be used: it is in vain to go on."""
    full: str | None = None
    """Beside ``failure``: that a disk is full. If it stays so, it is in vain to go on."""
    seconds: float = 0.0
    """How long it took."""


class Executor(Protocol):
    """Does jobs, some at a time, elsewhere."""

    @property
    def slots(self) -> int:
        """So many jobs it should have, under way or waiting; asked again and again."""
        ...

    def submit(self, job: Job) -> None:
        """Take a job."""
        ...

    def answers(self, seconds: float) -> list[Answer]:
        """What has come, after waiting up to so long for the first; may be nothing.

        A job that could not be done is an answer too: ``died``, with a ``failure``. Raises
        GraderError when no job can be done any more.
        """
        ...

    def close(self) -> None:
        """Drop what is under way, and let go of everything."""
        ...


class Bench:
    """Does jobs one after another, in the main thread of a process of its own."""

    def __init__(self, setting: Setting, folder: Path) -> None:
        """``folder``: where to put files meanwhile."""
        self._setting = setting
        self._folder = folder
        self._assignment: Assignment | None = None
        self._judge: Judge | None = None

    def perform(self, job: Job) -> Answer:
        """Do a job; what goes wrong is in the answer."""
        began = time.monotonic()
        answer = Answer(id=job.entry.id)
        try:
            try:
                self._make_ready()
            except UsageError as error:
                answer = Answer(id=job.entry.id, usage=str(error))
            else:
                answer = self._graded(job)
        except (GraderError, UsageError) as error:
            answer = Answer(id=job.entry.id, failure=str(error), full=_full(error))
        except (OSError, MemoryError) as error:
            failure = shortage(error) or f"the worker failed: {error}"
            answer = Answer(id=job.entry.id, failure=failure, full=_full(error))
        except Exception as error:
            failure = f"the worker failed: {type(error).__name__}: {error}"
            answer = Answer(id=job.entry.id, failure=failure)
        return msgspec.structs.replace(answer, seconds=time.monotonic() - began)

    def close(self) -> None:
        """End the session that judges."""
        if self._judge is not None:
            self._judge.close()
            self._judge = None

    def _graded(self, job: Job) -> Answer:
        place = self._folder / "jobs" / job.entry.id
        try:
            submission = self._open(job, place)
            if job.runs is None:
                recorder = Recorder(
                    self._setting.engine,
                    self._setting.python,
                    self._setting.seconds,
                    self._setting.budget,
                    patience=PATIENCE_SECONDS,
                )
                source = Remembering(recorder)
                runs = recorder.traces(submission)
                result = self._judged(submission, runs, source)
                pack = packed(runs, source.found)
            else:
                stored, found = unpacked(job.runs)
                runs = {name: stored[name] for name in self.assignment.scenarios if name in stored}
                result = self._judged(submission, runs, Remembered(runs, found))
                pack = None
        finally:
            with contextlib.suppress(OSError):
                shutil.rmtree(place)
        entry, late = job.entry, self.assignment.late
        result = with_deduction(result, late, entry.submitted, entry.late_seconds)
        return Answer(id=entry.id, status=result.status, result=to_json(result), runs=pack)

    def _make_ready(self) -> Judge:
        """Raises UsageError for what was given to the whole batch, and can't be used."""
        from grader.assignments.grading import Judge
        from grader.observe import choose, python_executable

        if self._judge is None:
            choose(self._setting.engine)
            python_executable(self._setting.python)
            self._judge = Judge(self.assignment)
        return self._judge

    def _judged(self, submission: Submission, runs: Runs, source: TraceSource) -> Result:
        """In a session that stays open for the next, unless it fails."""
        judge = self._make_ready()
        try:
            return judge.judge(submission, runs, source)
        except BaseException:
            self._judge = None
            judge.close()
            raise

    def _open(self, job: Job, place: Path) -> Submission:
        """The submission, in a folder of this job's."""
        shutil.rmtree(place, ignore_errors=True)
        unpack(job.files, place)
        entry = job.entry
        opened = open_submission(place / entry.file, self.assignment, entry.name)
        folder = place.resolve() if entry.folder else None
        return msgspec.structs.replace(opened, folder=folder, key=entry.id)

    @property
    def assignment(self) -> Assignment:
        """The assignment, unpacked the first time that it is asked for. (Two levels below a
        folder of ours: what is beside an assignment is hidden from submissions.)"""
        if self._assignment is None:
            folder = self._folder / "assignments" / self._setting.assignment
            if not folder.is_dir():
                unpack(self._setting.files, folder)
            self._assignment = load(folder)
        return self._assignment


def _full(error: BaseException | None) -> str | None:
    """In words that a disk is full, when that is behind an error."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return shortage(error)
        error = error.__cause__ or error.__context__
    return None
