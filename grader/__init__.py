"""grader: sees every process that a student's program makes, and judges it.

What this module exports is what an author of checks needs. Names are loaded when they are
first used, so that ``import grader`` stays cheap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.judge import ending as ending
    from grader.judge import reaping as reaping
    from grader.judge import source as source
    from grader.judge import timing as timing
    from grader.judge import tree as tree
    from grader.judge.failure import CheckFailed as CheckFailed
    from grader.judge.flags import flags as flags
    from grader.judge.not_fork import not_fork as not_fork
    from grader.judge.script import Match as Match
    from grader.judge.script import Mismatch as Mismatch
    from grader.judge.script import Script as Script
    from grader.judge.words import who as who
    from grader.model import ExitStatus as ExitStatus
    from grader.model import Process as Process
    from grader.model import Trace as Trace
    from grader.model import Unproved as Unproved
    from grader.model import events as events

__version__ = "0.1.0"

_HOMES = {
    "CheckFailed": "judge.failure",
    "ExitStatus": "model",
    "Match": "judge.script",
    "Mismatch": "judge.script",
    "Process": "model",
    "Script": "judge.script",
    "Trace": "model",
    "Unproved": "model",
    "flags": "judge.flags",
    "not_fork": "judge.not_fork",
    "who": "judge.words",
}
_MODULES = {
    "ending": "judge.ending",
    "events": "model.events",
    "reaping": "judge.reaping",
    "source": "judge.source",
    "timing": "judge.timing",
    "tree": "judge.tree",
}

__all__ = sorted([*_HOMES, *_MODULES])


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name in _MODULES:
        return import_module(f"grader.{_MODULES[name]}")
    if name in _HOMES:
        return getattr(import_module(f"grader.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
