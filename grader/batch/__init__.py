"""Many submissions: collecting them, running them, storing and judging what was seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.batch.collect import Collected as Collected
    from grader.batch.results import Record as Record
    from grader.batch.results import Results as Results

_HOMES = {
    "Collected": "collect",
    "Record": "results",
    "Results": "results",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
