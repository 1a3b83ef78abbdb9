"""Whether two folders of results say the same.

Two batches of the same submissions differ in pids, which the kernel gives, and in how long
things took. All else should be the same, wherever and in whatever order it was done; so this is
what is left when those are taken away. A program that can't be controlled, as it has threads,
is run once, in the kernel's order: of its runs, what was concluded is compared, and what
became of its processes, and not each event.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from grader.batch.results import BATCH, RECORD, RESULT, RUNS, SUBMISSION, Results
from grader.model import Entry

_LEFT_OUT = ("seconds", "looks", "looks_skipped")
"""How long a run took; when psutil was asked to confirm it, which is at once per exploration."""
_IN_ITS_ORDER = ("events", "output")
"""Of a run in real time."""
_NUMBER = re.compile(r"(?<!\w)\d+(?!\w)")
"""On its own: not in the name of a folder, which may have the digits of a pid in it."""
_OTHER = re.compile(r"\bpid \d+")
"""In what the grader tells of a call: a process that is not the program's."""
_MOST = 300
"""Characters of what is told of a difference."""

_Names = Mapping[str, str]


def differences(one: Path, other: Path) -> Iterator[str]:
    """Yield in a line each what two folders of results say differently.

    Raises UsageError when one is no folder of results.
    """
    first, second = Results(one), Results(other)
    if first.batch != second.batch:
        yield f"{BATCH}: {_first(_plain(first.batch), _plain(second.batch))}"
    ids = {entry.id for entry in second.batch.entries}
    for entry in first.batch.entries:
        if entry.id in ids:
            left, right = facts(one, entry), facts(other, entry)
            for name in left.keys() | right.keys():
                if (told := _first(left.get(name), right.get(name))) is not None:
                    yield f"{entry.id}/{name}: {told}"


def facts(results: Path, entry: Entry) -> dict[str, Any]:
    """What is stored of an entry, by file, without what may differ between two batches."""
    place = results / entry.id
    found: dict[str, Any] = {}
    for path in sorted((place / SUBMISSION).rglob("*")):
        if path.is_file():
            found[f"{SUBMISSION}/{path.relative_to(place / SUBMISSION)}"] = path.read_bytes()
    names: dict[str, str] = {}
    if (place / RUNS).is_file():
        runs = msgspec.json.decode(gzip.decompress((place / RUNS).read_bytes()))
        names = _names_in(runs)
        found[RUNS] = _logical(runs, names)
    if (place / RESULT).is_file():
        result = msgspec.json.decode((place / RESULT).read_bytes())
        found[RESULT] = _logical(result, names | _names_in(result))
    if (place / RECORD).is_file():
        record = msgspec.json.decode((place / RECORD).read_bytes())
        found[RECORD] = {key: record[key] for key in ("inputs", "status") if key in record}
        found[RECORD]["failed"] = record.get("failure") is not None
    return found


def _names_in(document: Any) -> dict[str, str]:
    """What to call the processes, by pid, of all traces in a document."""
    found: dict[str, str] = {}
    match document:
        case {"processes": list(processes)}:
            found = {str(each["pid"]): f"<{each['id']}>" for each in processes}
        case dict():
            for value in document.values():
                found |= _names_in(value)
        case list():
            for value in document:
                found |= _names_in(value)
    return found


def _logical(document: Any, names: _Names) -> Any:
    """A document with path ids for pids, and without durations; of a trace, by its own pids."""
    match document:
        case str():
            return _NUMBER.sub(lambda match: names.get(match[0], match[0]), document)
        case list():
            return [_logical(item, names) for item in document]
        case dict():
            left_out: tuple[str, ...] = _LEFT_OUT
            if "where" in document and document.get("schedule") is None:
                left_out += ("where",)  # the numbers of events of such a run
            if "processes" in document and "evidence" in document:
                names = {**names, **_names_in(document)}
                if document.get("time") == "real":
                    left_out += _IN_ITS_ORDER
                folder = document.get("folder")
                names = {**names, folder: "<folder>"} if folder else names
            return {
                key: _field(key, value, document, names)
                for key, value in document.items()
                if key not in left_out
            }
    return document


def _field(key: str, value: Any, of: Mapping[str, Any], names: _Names) -> Any:
    if key in ("pid", "group"):
        return names.get(str(value), value)
    if key == "engine":
        return value  # the numbers are the kernel's version
    if key == "raw" and "text" in of:
        return None  # the text tells
    if key in ("reason", "detail") and isinstance(value, str):
        return _OTHER.sub("pid <another>", _logical(value, names))
    if key == "folder":
        return names.get(value, value)
    if key == "size" and isinstance(of.get("text"), str):
        # A pid has more digits in one run than in another.
        return value - len(of["text"]) + len(_logical(of["text"], names))
    return _logical(value, names)


def _plain(document: msgspec.Struct) -> Any:
    return msgspec.to_builtins(document)


def _first(one: Any, other: Any, where: str = "") -> str | None:
    """The first difference, with the way to it; None when there is none."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in [*one, *(key for key in other if key not in one)]:
            told = _first(one.get(key), other.get(key), f"{where}.{key}")
            if told is not None:
                return told
        return None
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, (left, right) in enumerate(zip(one, other, strict=True)):
            told = _first(left, right, f"{where}[{number}]")
            if told is not None:
                return told
        return None
    if one == other:
        return None
    return f"{where}: {one!r:.{_MOST}} is not {other!r:.{_MOST}}"
