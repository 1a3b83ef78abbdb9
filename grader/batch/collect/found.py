"""What a layout tells of one submission, before any file is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from grader.batch.collect.members import Folder, Member, walk
from grader.model import Student, Unplaced


@dataclass(kw_only=True)
class Found:
    """One submission in a folder of submissions."""

    key: str
    """What its entry is named after."""
    name: str
    """Where it is."""
    student: Student = field(default_factory=Student)
    """As far as the layout tells."""
    logins: list[str] = field(default_factory=list)
    """What else may be the student's login, the likeliest first."""
    files: dict[str, Member] = field(default_factory=dict)
    """Its files, as they were called when they were handed in."""
    folders: list[Folder] = field(default_factory=list)
    """Its folders: what is in them was handed in."""
    submitted: str | None = None
    attempt: int | None = None
    problem: str = ""
    notes: list[str] = field(default_factory=list)

    def members(self) -> Iterator[tuple[str, Member]]:
        """Yield each of its files with its place."""
        yield from self.files.items()
        for folder in self.folders:
            yield from walk(folder)


@dataclass(kw_only=True)
class Recognised:
    """What a layout made of a folder of submissions."""

    layout: str
    """In words: ``a Canvas download``."""
    found: list[Found]
    unplaced: list[Unplaced] = field(default_factory=list)
