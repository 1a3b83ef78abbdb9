"""Checking one submission: run it, and judge it."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from grader.assignments.assignment import Assignment
from grader.assignments.recording import Recorder
from grader.assignments.submission import Submission, open_submission
from grader.model import Result


def check(
    assignment: Assignment,
    submission: Path | Submission,
    *,
    engine: str = "auto",
    python: str | None = None,
    seconds: float | None = None,
    budget: int | None = None,
) -> Result:
    """Run a submission in every scenario of the assignment, and judge it.

    ``engine``: auto, exact or sampled. ``python``: the interpreter that runs it (default:
    the one that runs grader). ``seconds``: replaces the assignment's limit of real time,
    ``budget`` the number of runs that a scenario may take.

    Raises UsageError when the submission or the assignment can't be used, GraderError when
    the grader itself failed. A submission that is not Python 3 is run like any other, and
    fails; ``grader.assignments.source_errors`` finds that out beforehand.
    """
    if not isinstance(submission, Submission):
        submission = open_submission(submission, assignment)
    recorder = Recorder(engine, python, seconds, budget, meanwhile=_load)
    runs = recorder.traces(submission)
    from grader.assignments.grading import judge

    return judge(submission, runs, recorder)


def _load() -> None:
    """Load what judges: pytest takes as long as a few runs."""
    for module in ("grading", "plugin"):
        import_module(f"grader.assignments.{module}")
    import_module("grader.judge")
