"""From what was found of one submission to its entry: which file is run, or why none is."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from pathlib import Path

from grader.assignments import Assignment
from grader.assignments.submission import open_submission
from grader.batch.collect.archives import is_archive, open_small
from grader.batch.collect.choosing import attempt_of, choose, is_python
from grader.batch.collect.found import Found
from grader.batch.collect.members import MOST_BYTES, Member, Refused, walk, within_bounds
from grader.model import Entry, UsageError
from grader.model.safe import is_shown, safe


@dataclass
class Settled:
    """One submission, and where its files lie."""

    found: Found
    name: str
    file: str = ""
    problem: str | None = None
    notes: list[str] = field(default_factory=list)
    files: dict[str, Path] = field(default_factory=dict)
    """By their places."""

    def entry(self, id_: str) -> Entry:
        """The entry of this name."""
        found = self.found
        return Entry(
            id=id_,
            student=found.student,
            name=self.name,
            file=self.file,
            folder=len(self.files) > 1 or "/" in self.file,
            submitted=found.submitted,
            attempt=found.attempt,
            problem=self.problem,
            notes=[*found.notes, *self.notes],
        )


def settle(found: Found, assignment: Assignment, unpack_to: Path) -> Settled:
    """Choose what is run of a submission, and take out of archives what was handed in.

    Nothing that is wrong with a submission is raised: it becomes the entry's problem.
    """
    settled = Settled(found, found.name)
    try:
        if found.problem:
            raise Refused(found.problem)
        members = _opened(within_bounds(found.members()))
        if not members:
            raise Refused("nothing is in it")
        try:
            chosen, settled.notes = choose([*members], assignment.file)
        except Refused as refused:
            chosen, settled.problem = "", str(refused)
        if chosen:
            settled.name = members[chosen].name
        places = _places([*members], chosen, assignment.file)
        settled.files = _laid_out({places[at]: m for at, m in members.items()}, unpack_to)
        if chosen:
            settled.file = places[chosen]
            open_submission(settled.files[settled.file], assignment, settled.file)
    except Refused as refused:
        settled.problem = str(refused)
    except UsageError as error:
        settled.problem = str(error).rstrip(".")
    return settled


def _opened(members: dict[str, Member]) -> dict[str, Member]:
    """The files; those of the archive, where it is all that was handed in to be run."""
    archives = [place for place in members if is_archive(place)]
    if not archives or any(is_python(place) for place in members):
        return members
    if len(archives) > 1:
        raise Refused(f"there is more than one archive: {', '.join(map(safe, archives[:5]))}")
    (place,) = archives
    data = members[place].read(MOST_BYTES)
    if not data:
        raise Refused(f"{safe(place)} is empty")
    return within_bounds(walk(open_small(data, members[place].name)))


def _places(places: list[str], chosen: str, expected: str) -> dict[str, str]:
    """The places in the copy: without folders around all of them, without what has no glyph, and
    the chosen file without what Canvas or a browser put into its name."""
    above = posixpath.commonpath([posixpath.dirname(place) for place in places])
    result: dict[str, str] = {}
    taken: set[str] = set()
    for place in places:
        clean = posixpath.relpath(place, above) if above else place
        clean = "".join(letter if is_shown(letter) else "_" for letter in clean)
        if place == chosen and attempt_of(posixpath.basename(clean), expected) is not None:
            renamed = posixpath.join(posixpath.dirname(clean), expected)
            if posixpath.join(posixpath.dirname(place), expected) not in places:
                clean = renamed
        while clean.casefold() in taken:
            clean += "_"
        taken.add(clean.casefold())
        result[place] = clean
    return result


def _laid_out(members: dict[str, Member], unpack_to: Path) -> dict[str, Path]:
    """Where each file lies: those of archives are written to ``unpack_to``, by numbers."""
    files: dict[str, Path] = {}
    left = MOST_BYTES
    for number, (place, member) in enumerate(members.items()):
        if member.path is not None:
            files[place] = member.path
            continue
        try:
            data = member.read(left)
        except Refused as refused:
            raise Refused(f"{safe(place, most=200)}: {refused}") from None
        left -= len(data)
        unpack_to.mkdir(parents=True, exist_ok=True)
        files[place] = unpack_to / f"{number:04}"
        files[place].write_bytes(data)
    return files
