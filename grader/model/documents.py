"""Traces and results to and from JSON. Fields are only ever added to a schema version."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import msgspec

from grader.model.errors import UsageError
from grader.model.trace import Trace
from grader.model.verdict import Result

D = TypeVar("D", Trace, Result)


def to_json(document: msgspec.Struct, indent: int | None = None) -> bytes:
    """Encode a trace or a result; ``indent`` spaces a level, or one line when None."""
    data = msgspec.json.encode(document)
    return data if indent is None else msgspec.json.format(data, indent=indent)


def from_json(data: bytes, kind: type[D], origin: Path | str = "document") -> D:
    """Decode a document of the given kind.

    Raises UsageError, naming ``origin`` and the place in it, when the data is not that.
    """
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.DecodeError as error:
        raise UsageError(f"{origin}: not a {kind.__name__.lower()} document: {error}") from None


def text_and_raw(data: bytes) -> tuple[str, bytes | None]:
    """Return bytes as text for people, and the bytes again if the text is not faithful."""
    try:
        return data.decode(), None
    except UnicodeDecodeError:
        return data.decode(errors="replace"), data
