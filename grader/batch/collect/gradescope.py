"""Gradescope's export of a programming assignment: "Download Submissions".

    assignment_4567_export/
        submission_metadata.yml
        submission_123/fig18_03.py

The metadata is written by Ruby's Psych, times as ``!ruby/object`` in some years. It also has every
result of every autograder, so it may have many megabytes: it is read as a stream, and of it only
who handed in and when.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from grader.batch.collect.found import Found, Recognised
from grader.batch.collect.members import Folder, Refused
from grader.model import Student, Unplaced
from grader.model.safe import safe

METADATA = "submission_metadata.yml"
_FOLDER = re.compile(r"submission_[0-9]+")
_MOST_BYTES = 200_000_000
_MOST_NESTED = 100


@dataclass
class _Submission:
    submitters: list[dict[str, str]] = field(default_factory=list)
    created: str = ""


def gradescope(folder: Folder) -> Recognised | None:
    """Recognise an export, with its metadata or, someone having lost it, without."""
    named = [name for name in folder.folders if _FOLDER.fullmatch(name)]
    metadata = folder.files.get(METADATA)
    if metadata is None and not (named and 2 * len(named) > len(folder.folders)):
        return None
    unplaced = [
        Unplaced(name=member.name, reason="it is in no submission's folder")
        for name, member in folder.files.items()
        if name != METADATA
    ]
    if metadata is None:
        found = [_found(folder, name, _Submission()) for name in folder.folders]
        layout = f"a Gradescope export without its {METADATA}"
        return Recognised(layout=layout, found=[each for those in found for each in those])
    try:
        submissions = read_metadata(metadata.read(_MOST_BYTES))
    except Refused as refused:
        submissions = {}
        unplaced.append(Unplaced(name=metadata.name, reason=str(refused)))
    names = sorted({*submissions, *folder.folders})
    all_found = [each for name in names for each in _found(folder, name, submissions.get(name))]
    return Recognised(layout="a Gradescope export", found=all_found, unplaced=unplaced)


def _found(folder: Folder, name: str, submission: _Submission | None) -> Iterator[Found]:
    """One for each who handed it in: all of them get a grade."""
    there = folder.folders.get(name)
    problem, notes = "", []
    if there is None:
        problem = f"{METADATA} names it, and its folder is not there"
    if submission is None:
        notes.append(f"{METADATA} does not name it")
        submission = _Submission()
    for number, who in enumerate(submission.submitters or [{}]):
        others = [
            safe(other.get("name", "") or other.get("email", ""), most=100)
            for at, other in enumerate(submission.submitters)
            if at != number
        ]
        together = [f"handed in together with {', '.join(others)}"] if others else []
        student = Student(
            id=who.get("sid", ""), name=who.get("name", ""), email=who.get("email", "")
        )
        yield Found(
            key=name if not number else f"{name}-{student.name or student.email or number + 1}",
            name=there.name if there else folder.inside(name),
            student=student,
            folders=[there] if there else [],
            submitted=_time(submission.created),
            problem=problem,
            notes=[*notes, *together],
        )


def read_metadata(data: bytes) -> dict[str, _Submission]:
    """Read who handed in what and when, by the name of its folder.

    Raises Refused when it is not YAML, or something else.
    """
    import yaml  # here: only Gradescope's exports need it

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: dict[str, _Submission] = {}
    try:
        for path, value in _scalars(yaml.parse(data, Loader=loader)):
            match path:
                case (str(name), ":submitters", int(number), str(key)):
                    submitters = found.setdefault(name, _Submission()).submitters
                    while len(submitters) <= number:
                        submitters.append({})
                    submitters[number][key.removeprefix(":")] = value
                case (str(name), ":created_at") | (str(name), ":created_at", "utc" | "time"):
                    submission = found.setdefault(name, _Submission())
                    submission.created = submission.created or value
                case (str(name), *_):
                    found.setdefault(name, _Submission())
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise Refused(f"it is not YAML: {safe(str(error), most=200)}") from None
    return found


def _scalars(events: Any) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield each scalar of a YAML document with its path: keys, and places in lists."""
    import yaml

    path: list[list[Any]] = []  # of each open collection: is it a mapping, and where we are in it
    values: dict[str, str] = {}
    for event in events:
        if isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            path.pop()
            _done(path)
            continue
        if isinstance(event, (yaml.ScalarEvent, yaml.AliasEvent)):
            anchor = event.anchor or ""
            value = event.value if isinstance(event, yaml.ScalarEvent) else values.get(anchor, "")
            if anchor:
                values[anchor] = value
            if path and path[-1][0] and path[-1][1] is None:
                path[-1][1] = value
                continue
            _next(path)
            yield tuple(here if mapping else at for mapping, here, at in path), value
            _done(path)
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            if len(path) == _MOST_NESTED:
                raise ValueError("it is nested too deeply")
            _next(path)
            path.append([isinstance(event, yaml.MappingStartEvent), None, -1])


def _next(path: list[list[Any]]) -> None:
    if path:
        path[-1][2] += 1


def _done(path: list[list[Any]]) -> None:
    if path:
        path[-1][1] = None


def _time(text: str) -> str | None:
    """Psych writes ``2024-11-05 23:10:05.123456000 Z``, or with ``-08:00``: as ISO 8601."""
    text = re.sub(r"(\.[0-9]{6})[0-9]+", r"\1", text.strip())
    text = re.sub(r"\s+(?=Z$|[+-][0-9]{2}:?[0-9]{2}$)", "", text)
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).isoformat(timespec="seconds")
