"""A trace without what differs between two runs of one schedule: pids."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

from grader.model import Trace

NOT_LOGICAL = ("seconds", "looks", "looks_skipped", "engine", "command")
"""How long it really took; when psutil was asked to confirm it: once in an exploration; and what
has numbers of its own, the kernel's version and paths, which may be those of pids."""


def logical(trace: Trace) -> str:
    """The trace's document with path ids for pids, without ``NOT_LOGICAL``."""
    names = {str(process.pid): f"<{process.id}>" for process in trace.processes}

    def named(value: Any) -> Any:
        match value:
            case str():
                return re.sub(r"\d+", lambda match: names.get(match[0], match[0]), value)
            case list():
                return [named(item) for item in value]
            case dict():
                return {key: field(key, item, value) for key, item in value.items()}
        return value

    def field(key: str, value: Any, of: dict[str, Any]) -> Any:
        if key == "program":
            return None
        if key in ("pid", "group"):
            return names.get(str(value), value)
        if key == "size" and isinstance(of.get("text"), str):
            # A pid has more digits in one run than in another.
            return value - len(of["text"]) + len(named(of["text"]))
        return named(value)

    document = msgspec.to_builtins(trace)
    for key in NOT_LOGICAL:
        del document[key]
    return json.dumps(named(document), indent=1)
