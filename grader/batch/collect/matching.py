"""Finding each submission's student in a roster."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from grader.batch.collect.found import Found
from grader.batch.collect.naming import squashed, words
from grader.batch.collect.roster import Roster, is_test_student
from grader.model import Student
from grader.model.safe import safe

_SURE = 4
"""An id that is part of a name has at least so many characters."""


@dataclass
class Matching:
    """A roster, to look students up in."""

    roster: Roster
    handed_in: dict[int, list[Found]] = field(default_factory=dict)
    """Whose submissions were found, by the student's place in the roster."""

    def __post_init__(self) -> None:
        """Note where in the roster each id, login, e-mail address and name stands."""
        self._ids: dict[str, set[int]] = {}
        self._logins: dict[str, set[int]] = {}
        self._names: dict[str, set[int]] = {}
        for at, student in enumerate(self.roster.students):
            for number in self.roster.ids[at]:
                self._ids.setdefault(number.casefold(), set()).add(at)
            local = student.email.partition("@")[0]
            for login in {student.login, student.email, student.login.partition("@")[0], local}:
                if login:
                    self._logins.setdefault(login.casefold(), set()).add(at)
            for name in _names(student.name):
                self._names.setdefault(name, set()).add(at)

    def match(self, found: Found) -> None:
        """Give a submission the roster's student, or a note why not."""
        for ats in self._candidates(found):
            if len(ats) == 1:
                (at,) = ats
                found.student = _merged(self.roster.students[at], found.student)
                self.handed_in.setdefault(at, []).append(found)
                return
            if ats:
                found.notes.append(f"{len(ats)} students of the roster could be meant")
                return
        found.notes.append("not in the roster")

    def _candidates(self, found: Found) -> Iterator[set[int]]:
        """Whom it could be of, from the surest sign to the weakest."""
        student = found.student
        ids, logins, names = self._ids, self._logins, self._names
        yield ids.get(student.id.casefold(), set())
        for login in filter(None, (student.login, student.email)):
            yield logins.get(login.casefold(), set())
        name = student.name or student.login
        for index in (ids, logins):  # a folder or a file called by a number or a login
            yield index.get(name.casefold(), set())
        yield names.get(squashed(name), set())
        for login in found.logins:
            yield logins.get(login.casefold(), set())
        parts = re.split(r"[\s_]+", name)
        smaller = re.split(r"[\s_-]+", name)
        for part in [*parts, *smaller]:
            if len(part) >= _SURE and any(letter.isdigit() or letter == "@" for letter in part):
                yield ids.get(part.casefold(), set()) | logins.get(part.casefold(), set())
        lettered = [part for part in smaller if part.isalpha()]
        yield names.get(squashed("".join(lettered)), set())

    def missing(self) -> list[Student]:
        """Those who handed in nothing. Of those who handed in more than one thing, it settles
        which is graded: the last, where all of them tell when, or which attempt, they are."""
        for several in self.handed_in.values():
            if len(several) > 1:
                _settle(several)
        return [
            student
            for at, student in enumerate(self.roster.students)
            if at not in self.handed_in and not is_test_student(student)
        ]


def _settle(several: list[Found]) -> None:
    """Leave the last of a student's submissions to be graded, where it can be told."""
    last = _last(several)
    for found in several:
        if last is not None and found is not last:
            found.problem = f"{safe(last.name)}, of the same student, is later"
    if last is not None:
        return
    for found in several:
        others = ", ".join(safe(other.name) for other in several if other is not found)
        found.notes.append(f"the same student also handed in {others}")


def _last(several: list[Found]) -> Found | None:
    submitted = [datetime.fromisoformat(each.submitted) for each in several if each.submitted]
    attempts = [each.attempt for each in several if each.attempt is not None]
    if len({*submitted}) == len(several):
        return several[submitted.index(max(submitted))]
    return several[attempts.index(max(attempts))] if len({*attempts}) == len(several) else None


def _names(name: str) -> set[str]:
    """A name in any order of its words that keeps them together, as ``Doe, Ana`` is found
    in ``doeana`` and in ``Ana Doe``."""
    parts = words(name)
    return {"".join(parts[at:] + parts[:at]) for at in range(len(parts))}


def _merged(known: Student, told: Student) -> Student:
    """The roster's student, with what only the layout tells."""
    blank = {
        name: getattr(told, name)
        for name in ("id", "login", "email", "section")
        if not getattr(known, name)
    }
    return msgspec.structs.replace(known, **blank, name=known.name or told.name)
