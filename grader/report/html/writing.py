"""Writes a report: a page a submission, by several processes, and the overview."""

from __future__ import annotations

import multiprocessing
import os
import re
import shutil
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from functools import partial
from pathlib import Path

import msgspec

from grader.assignments import Assignment, find
from grader.batch import Results
from grader.batch.results import SUBMISSION
from grader.model import Entry, GraderError, UsageError
from grader.model.safe import safe
from grader.report.anonymous import Anonymous, sorted_by_id
from grader.report.html.options import Options
from grader.report.html.overview import overview_page
from grader.report.html.page import Program, Subject, submission_page
from grader.report.html.summaries import Row, row_of
from grader.report.replaying import handed_in_beside

ABOUT = "report.json"
"""In the folder of a report: what it is. A folder with it may be replaced by a new report."""
PAGES = "submissions"

_AT_ONCE = 25
"""Submissions that a worker is given at a time."""
_FEW = 60
"""For so many, starting workers takes longer than the work."""
_MOST_WORKERS = 4
"""Each takes some 70 MB."""


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What a report is of, ``grader/report/v1``."""

    schema: str = "grader/report/v1"
    assignment: str
    submissions: int
    anonymous: bool = False
    student: bool = False


def write_report(
    results: Results,
    to: Path | None = None,
    options: Options | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Write the report on a folder of results, and return the page to open; of pages for
    students, the folder that they are in.

    ``to`` is ``report`` among the results by default (``report-student``, ...). A report that
    is there is replaced when the new one is complete. ``progress`` is told how many pages are
    done, of how many. Raises UsageError when there is something else, or the folder can't be
    written.
    """
    options = options or Options()
    folder = to if to is not None else results.folder / options.folder
    _require_free(folder, results, to is None)
    new = folder.with_name(f".{folder.name}.{os.getpid()}")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(new, ignore_errors=True)
        (new / PAGES).mkdir(parents=True)
        rows = _write_pages(results, new, options, progress)
        if not options.student:
            (new / "index.html").write_text(
                overview_page(results.batch, rows, options), encoding="utf-8"
            )
        about = About(
            assignment=results.batch.assignment,
            submissions=len(rows),
            anonymous=options.anonymous,
            student=options.student,
        )
        (new / ABOUT).write_bytes(msgspec.json.encode(about) + b"\n")
        _swap(new, folder)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(
            f"the report can't be written to {safe(str(folder))}: {reason}; -o names another folder"
        ) from error
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return folder / PAGES if options.student else folder / "index.html"


def _require_free(folder: Path, results: Results, usual: bool) -> None:
    """Nothing but a report may be where the report goes."""
    if usual and any(entry.id == folder.name for entry in results.batch.entries):
        raise UsageError(f"a submission has the id {folder.name!r}: name a folder with -o")
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise UsageError(f"{safe(str(folder))} is no folder: name another one with -o")
    if folder.is_dir() and any(folder.iterdir()) and not _is_report(folder):
        raise UsageError(
            f"{safe(str(folder))} has other files in it, and a report replaces its folder: "
            "name an empty or new one with -o"
        )


def _is_report(folder: Path) -> bool:
    try:
        about = msgspec.json.decode((folder / ABOUT).read_bytes(), type=About)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return False
    return about.schema == About(assignment="", submissions=0).schema


def _swap(new: Path, folder: Path) -> None:
    """Put the new report in the place of the old one."""
    if not folder.exists():
        new.rename(folder)
        return
    old = folder.with_name(f".{folder.name}.old.{os.getpid()}")
    folder.rename(old)
    try:
        new.rename(folder)
    except OSError:
        old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


# -- the pages -------------------------------------------------------------------------------


def _write_pages(
    results: Results, folder: Path, options: Options, progress: Callable[[int, int], None] | None
) -> list[Row]:
    """Write the page of each submission; return what the overview needs, in its order."""
    worker = _Worker(results, folder, options)
    entries = worker.ordered()
    numbers = range(len(entries))
    chunks = [numbers[at : at + _AT_ONCE] for at in range(0, len(entries), _AT_ONCE)]
    rows: list[Row | None] = [None] * len(entries)
    done = 0
    for numbers, some in _each(worker, entries, chunks):
        for number, row in zip(numbers, some, strict=True):
            rows[number] = row
        done += len(some)
        if progress is not None:
            progress(done, len(entries))
    return [row for row in rows if row is not None]


def _each(
    worker: _Worker, entries: Sequence[Entry], chunks: Sequence[range]
) -> Iterator[tuple[range, list[Row]]]:
    """The rows of each chunk, as they come."""
    workers = min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2, 4)
    if len(entries) <= _FEW or workers < 2:
        for chunk in chunks:
            yield chunk, worker.pages(chunk)
        return
    context = multiprocessing.get_context("spawn")
    start = partial(_begin, worker.results.folder, worker.folder, worker.options)
    with ProcessPoolExecutor(min(workers, _MOST_WORKERS), context, start) as pool:
        waiting: dict[Future[list[Row]], range] = {}
        left = iter(chunks)
        try:
            while True:
                for chunk in left:
                    waiting[pool.submit(_pages, chunk)] = chunk
                    if len(waiting) >= 2 * workers:
                        break
                if not waiting:
                    return
                ready, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in ready:
                    yield waiting.pop(future), future.result()
        except BrokenProcessPool:
            raise GraderError(
                "a process that wrote pages was ended from outside; is there memory enough?"
            ) from None
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


_worker: _Worker | None = None
"""That of this process, where it is one of several."""


def _begin(results: Path, folder: Path, options: Options) -> None:
    global _worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process tells when to end
    _worker = _Worker(Results(results), folder, options)
    _worker.ordered()


def _pages(numbers: range) -> list[Row]:
    assert _worker is not None
    return _worker.pages(numbers)


class _Worker:
    """Writes pages, one after another."""

    def __init__(self, results: Results, folder: Path, options: Options) -> None:
        self.results, self.folder, self.options = results, folder, options
        self.anonymous = Anonymous(results.batch, results.folder) if options.anonymous else None
        self.assignment = _assignment(results.batch.assignment)
        self.entries: list[Entry] = []

    def ordered(self) -> list[Entry]:
        """The entries in the order of the overview."""
        entries = self.results.batch.entries
        self.entries = (
            sorted_by_id(entries, self.anonymous)
            if self.anonymous is not None
            else sorted(entries, key=lambda e: (_name(e).casefold(), e.id))
        )
        return self.entries

    def pages(self, numbers: range) -> list[Row]:
        """Write the pages of some submissions."""
        return [self._page(self.entries[number]) for number in numbers]

    def _page(self, entry: Entry) -> Row:
        graded = self.results.one(entry)
        scrub = None
        if self.anonymous is not None:
            scrub = partial(self.anonymous.scrub, own=self.anonymous.own_words(entry))
        subject = self._subject(entry)
        page = submission_page(
            graded,
            self._program(entry),
            subject,
            self.options,
            self.assignment,
            self.results.batch.title,
            scrub,
        )
        path = self.folder / PAGES / f"{subject.id}.html"
        path.write_text(page, encoding="utf-8", errors="backslashreplace")
        return row_of(graded, subject, scrub)

    def _subject(self, entry: Entry) -> Subject:
        if self.anonymous is not None:
            neutral = self.anonymous.id(entry)
            about = [f"attempt {entry.attempt}"] if entry.attempt else []
            return Subject(neutral, neutral, about)
        student = entry.student
        about = [word for word in (student.login or student.id, student.section) if word]
        if entry.submitted:
            about.append(f"handed in {_moment(entry.submitted)}")
        if entry.attempt:
            about.append(f"attempt {entry.attempt}")
        return Subject(entry.id, safe(_name(entry), most=100), [safe(w, most=100) for w in about])

    def _program(self, entry: Entry) -> Program:
        """What was handed in, where somebody who reads the page has it."""
        source = self.results.source(entry)
        there = self.results.folder / entry.id / SUBMISSION / entry.file
        place = entry.file if self.options.student or self.options.anonymous else str(there)
        beside = handed_in_beside(place, there.parent) if source and entry.folder else []
        return Program(source, place, beside)


def _name(entry: Entry) -> str:
    return entry.student.name or entry.student.login or entry.id


def _moment(text: str) -> str:
    """A time in ISO 8601 as people write it, to the minute."""
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::\d\d(?:\.\d+)?)?(.*)", text)
    if found is None:
        return text
    zone = {"Z": "UTC", "+00:00": "UTC"}.get(found[3], found[3])
    return f"{found[1]} {found[2]} {zone}".strip()


def _assignment(name: str) -> Assignment | None:
    """The assignment, where it is at hand: it says which arguments a scenario has."""
    with suppress(UsageError):
        return find(name)
    return None
