"""A batch: the submissions of a class to one assignment, and what became of each."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from grader.model.verdict import Result

GradedStatus = Literal["pass", "fail", "error", "unusable", "missing", "waiting"]
"""``error``: the grader's own failure, never a zero. ``unusable``: there is nothing that could
be run, such as an empty file. ``missing``: in the roster, and nothing was handed in.
``waiting``: not graded yet."""


FOLDER_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
"""What an entry's id looks like."""


class Student(msgspec.Struct, frozen=True, kw_only=True):
    """Who handed in, as far as the folder's names, or a roster, tell."""

    id: str = ""
    """The learning management system's number of them."""
    name: str = ""
    login: str = ""
    """What they sign in with; also a GitHub user name."""
    email: str = ""
    section: str = ""
    columns: dict[str, str] = {}
    """The roster's row as it was, by the heading of each column."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a batch: a submission, or why there is none."""

    id: str
    """The name of its folder among the results: unique, letters, digits, ``_``, ``-`` and
    ``.`` only, and the same whenever the same folder of submissions is collected."""
    student: Student = Student()
    name: str = ""
    """Where it is in the folder of submissions, archives included: ``all.zip/ana/fig18_03.py``."""
    file: str = ""
    """What is run, within what was handed in: ``fig18_03.py``."""
    folder: bool = False
    """Whether a folder was handed in, all of which is copied to where it is run."""
    submitted: str | None = None
    """When, where the layout tells: ISO 8601."""
    late_seconds: float | None = None
    """How late, where the layout or the assignment's due date tells."""
    attempt: int | None = None
    """Which attempt it is, where the layout tells: 1 is the first."""
    problem: str | None = None
    """Why nothing can be run: a sentence without capital and full stop."""
    notes: list[str] = []
    """What someone should know, such as a file of another name that was taken."""


class Unplaced(msgspec.Struct, frozen=True, kw_only=True):
    """Something in the folder of submissions that is nobody's submission."""

    name: str
    reason: str


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """What was collected, ``grader/batch/v1``: ``batch.json`` among the results."""

    schema: Literal["grader/batch/v1"] = "grader/batch/v1"
    assignment: str
    title: str = ""
    layout: str
    """What was recognised, in words: ``a Canvas download``."""
    entries: list[Entry]
    """Sorted by id."""
    unplaced: list[Unplaced] = []


class Graded(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the results. Not a document: its parts are stored apart."""

    entry: Entry
    result: Result | None = None
    failure: str | None = None
    """Why the grader could not grade it, where that is so: its own failure."""

    @property
    def status(self) -> GradedStatus:
        """In one word, what became of it."""
        if self.result is not None:
            return self.result.status
        if self.failure is not None:
            return "error"
        if self.entry.problem is not None:
            return "unusable" if self.entry.name else "missing"
        return "waiting"
