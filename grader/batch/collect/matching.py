"""Finding each submission's student in a roster."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from grader.batch.collect.found import Found
from grader.batch.collect.naming import squashed, words
from grader.batch.collect.roster import Roster, is_test_student
from grader.model import Student
from grader.model.safe import safe

_SURE = 4
"""An id that is part of a name has at least so many characters."""


def match(submissions: Sequence[Found], roster: Roster) -> list[Student]:
    """Give each submission the roster's student, or a note why not; return those students who
    handed in nothing.

    Of a student with more than one submission the last is graded, where all of them tell when,
    or which attempt, they are.
    """
    index = _Index(roster)
    handed_in: dict[int, list[Found]] = {}
    for found in submissions:
        who = next((each for each in index.candidates(found) if each), set())
        if len(who) == 1:
            (at,) = who
            found.student = _merged(roster.students[at], found.student)
            handed_in.setdefault(at, []).append(found)
        else:
            several = f"{len(who)} students of the roster could be meant"
            found.notes.append(several if who else "not in the roster")
    for those in handed_in.values():
        if len(those) > 1:
            _settle(those)
    return [
        student
        for at, student in enumerate(roster.students)
        if at not in handed_in and not is_test_student(student)
    ]


class _Index:
    """A roster, to look students up in by their places in it."""

    def __init__(self, roster: Roster) -> None:
        """Note where in the roster each id, login, e-mail address and name stands."""
        self._ids: dict[str, set[int]] = {}
        self._logins: dict[str, set[int]] = {}
        self._names: dict[str, set[int]] = {}
        for at, student in enumerate(roster.students):
            for number in roster.ids[at]:
                self._ids.setdefault(number.casefold(), set()).add(at)
            local = student.email.partition("@")[0]
            for login in {student.login, student.email, student.login.partition("@")[0], local}:
                if login:
                    self._logins.setdefault(login.casefold(), set()).add(at)
            for name in _names(student.name):
                self._names.setdefault(name, set()).add(at)

    def candidates(self, found: Found) -> Iterator[set[int]]:
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
