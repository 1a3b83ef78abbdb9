"""Assignments: finding and loading them, and the pytest plugin that runs their checks.

Names are loaded when they are first used: pytest imports this package in every project
of an environment where grader is installed, and must not pay for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.assignments.assignment import Assignment as Assignment
    from grader.assignments.assignment import load as load
    from grader.assignments.catalog import all_assignments as all_assignments
    from grader.assignments.catalog import find as find
    from grader.assignments.catalog import guess as guess
    from grader.assignments.checking import check as check
    from grader.assignments.grading import judge as judge
    from grader.assignments.grading import judge_all as judge_all
    from grader.assignments.mistakes import Mistake as Mistake
    from grader.assignments.mistakes import failed_checks as failed_checks
    from grader.assignments.mistakes import load_mistakes as load_mistakes
    from grader.assignments.recording import Recorder as Recorder
    from grader.assignments.recording import TraceSource as TraceSource
    from grader.assignments.submission import Submission as Submission
    from grader.assignments.submission import open_submission as open_submission

_HOMES = {
    "Assignment": "assignment",
    "load": "assignment",
    "all_assignments": "catalog",
    "find": "catalog",
    "guess": "catalog",
    "check": "checking",
    "judge": "grading",
    "judge_all": "grading",
    "Mistake": "mistakes",
    "failed_checks": "mistakes",
    "load_mistakes": "mistakes",
    "Recorder": "recording",
    "TraceSource": "recording",
    "Submission": "submission",
    "open_submission": "submission",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
