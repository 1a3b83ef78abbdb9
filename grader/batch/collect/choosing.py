"""Which of the files that were handed in is run."""

from __future__ import annotations

import re

from grader.batch.collect.archives import is_foreign
from grader.batch.collect.members import Refused
from grader.model.safe import safe

_AGAIN = re.compile(
    r"(?:-(?P<number>[0-9]{1,2})|-(?P<hash>[0-9a-f]{8}-[0-9a-f-]{27})| ?\((?P<copy>[0-9]{1,3})\))$"
)
"""What is put after a name that is there already: ``-1`` and so on, and in the end a UUID, by
Canvas (``Attachment.make_unique_filename``); `` (1)`` by browsers."""


_PYTHON, _DISGUISED = ".py", (".py.txt", ".pyw")

LATER = 1_000
"""Which attempt it is when it is a late one, and its name does not tell which."""


def is_python(name: str) -> bool:
    """Whether a file of this name should be Python source, be it that Windows has added to it."""
    return name.casefold().endswith((_PYTHON, *_DISGUISED))


def attempt_of(name: str, expected: str) -> int | None:
    """Which attempt a file of this name is, 1 for the expected name itself; None when it is
    called something else."""
    stem, _, ending = name.rpartition(".")
    wanted, _, wanted_ending = expected.rpartition(".")
    if ending.casefold() != wanted_ending.casefold():
        return None
    if stem.casefold() == wanted.casefold():
        return 1
    match = _AGAIN.search(stem)
    if match is None or stem[: match.start()].casefold() != wanted.casefold():
        return None
    number = match["number"] or match["copy"]
    return int(number) + 1 if number else LATER


def choose(places: list[str], expected: str) -> tuple[str, list[str]]:
    """Choose the file to run: its place, and notes.

    The file of the expected name, the one in the fewest folders when there are several; else the
    last that Canvas or a browser renamed (``fig18_03-1.py``), else one that differs in upper
    and lower case; else the only Python file. Raises Refused when none of that is there.
    """
    attempts = {place: attempt_of(place.rsplit("/", 1)[-1], expected) for place in places}
    named = [place for place in places if attempts[place] is not None]
    if named:
        depth = min(place.count("/") for place in named)
        nearest = [place for place in named if place.count("/") == depth]
        best = max(nearest, key=lambda place: _rank(place, attempts[place] or 0, expected))
        if len({place.rpartition("/")[0] for place in nearest}) > 1:
            raise Refused(f"{expected} is there more than once: {_shown(nearest)}")
        return best, _notes(best, named, attempts, expected)
    python = [place for place in places if place.casefold().endswith(_PYTHON)]
    if len(python) == 1:
        return python[0], [f"{_shown(python)} was taken: there is no {expected}"]
    if python:
        raise Refused(f"none of its Python files is called {expected}: {_shown(python)}")
    disguised = [place for place in places if is_python(place)]
    if len(disguised) == 1:
        return disguised[0], [f"{_shown(disguised)} was taken: there is no {expected}"]
    raise Refused(_nothing(places, expected))


def _rank(place: str, attempt: int, expected: str) -> tuple[int, bool, str]:
    return attempt, place.rsplit("/", 1)[-1] == expected, place


def _notes(
    best: str, named: list[str], attempts: dict[str, int | None], expected: str
) -> list[str]:
    others = [place for place in named if place != best]
    if others:
        return [f"{_shown([best])} was taken, and not {_shown(others)}"]
    name = best.rsplit("/", 1)[-1]
    if attempts[best] == 1 and name != expected:
        return [f"{_shown([best])} was taken: it should be called {expected}"]
    return []


def _nothing(places: list[str], expected: str) -> str:
    if not places:
        return "nothing is in it"
    foreign = [place for place in places if is_foreign(place)]
    if foreign:
        return f"{_shown(foreign)} is an archive of a kind that grader can't open: make it a zip"
    return f"there is no {expected} and no other Python file, but {_shown(places)}"


def _shown(places: list[str], most: int = 5) -> str:
    more = f" and {len(places) - most} more" if len(places) > most else ""
    return ", ".join(safe(place, most=100) for place in places[:most]) + more
