"""Traces and results to and from JSON. Fields are only ever added to a schema version."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from grader.model.batch import Batch
from grader.model.errors import UsageError
from grader.model.exploration import Exploration
from grader.model.references import problem_of
from grader.model.safe import COMMAND, escape, is_shown, safe
from grader.model.trace import Trace
from grader.model.verdict import Result

D = TypeVar("D", Trace, Result, Exploration, Batch)

_MOST_OF_A_MESSAGE = 300


def to_json(document: msgspec.Struct | Mapping[str, Any], indent: int | None = None) -> bytes:
    """Encode a trace or a result; ``indent`` spaces a level, or one line when None.

    The JSON may be shown on a terminal or in a log: in its strings, what has no glyph is
    written as an escape. File names and arguments that are not UTF-8 have ``\\xff`` in the place of
    such a byte, as JSON has no way to say it.
    """
    try:
        data = msgspec.json.encode(document)
    except UnicodeEncodeError:
        data = msgspec.json.encode(_whole(msgspec.to_builtins(document, str_keys=True)))
    data = _harmless(data)
    return data if indent is None else msgspec.json.format(data, indent=indent)


def from_json(data: bytes, kind: type[D], origin: Path | str = "document") -> D:
    """Decode a document of the given kind.

    Raises UsageError, naming ``origin`` and the place in it, when the data is not that, or
    when it contradicts itself: events of a process that is none of its processes, say.
    """
    name = safe(str(origin))
    try:
        document = msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        reason = safe(str(error), most=_MOST_OF_A_MESSAGE)
        raise UsageError(f"{name}: not a {kind.__name__.lower()} document: {reason}") from None
    except RecursionError:
        raise UsageError(f"{name}: it is nested too deeply to be a document") from None
    problem = problem_of(document)
    if problem is not None:
        words = safe(problem, most=_MOST_OF_A_MESSAGE)
        raise UsageError(f"{name}: this {kind.__name__.lower()} can't be: {words}")
    return document


def text_and_raw(data: bytes) -> tuple[str, bytes | None]:
    """Return bytes as text for people, and the bytes again if the text is not faithful."""
    try:
        return data.decode(), None
    except UnicodeDecodeError:
        return data.decode(errors="replace"), data


def _whole(value: Any) -> Any:
    """The same without lone surrogates, which UTF-8 does not have."""
    match value:
        case str():
            if value.isascii():
                return value
            return "".join(escape(c) if "\ud800" <= c <= "\udfff" else c for c in value)
        case dict():
            return {_whole(key): _whole(item) for key, item in value.items()}
        case list() | tuple():
            return [_whole(item) for item in value]
    return value


def _harmless(data: bytes) -> bytes:
    """JSON that does nothing to a terminal, and in which no CI service finds a command."""
    if data.isascii() and b"\x7f" not in data and b"##" not in data:
        return data
    text = data.decode()
    unshown = {ord(c): _json_escape(c) for c in set(text) if c >= "\x7f" and not is_shown(c)}
    return COMMAND.sub(r"\\u0023#", text.translate(unshown)).encode()


def _json_escape(character: str) -> str:
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[n]:02x}{units[n + 1]:02x}" for n in range(0, len(units), 2))
