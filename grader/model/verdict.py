"""What is concluded from traces: flags, verdicts of checks, and a submission's result."""

from __future__ import annotations

from typing import Literal

import msgspec

from grader.model.exploration import Proof, Schedules
from grader.model.trace import Evidence, Trace

FlagKind = Literal[
    "unreaped-child",
    "orphan",
    "lingering-zombie",
    "auto-reaped-child",
    "failed-wait",
    "duplicated-buffer",
    "survivor",
    "nothing-forked",
    "not-fork",
    "refused",
]

CheckStatus = Literal["pass", "fail", "skipped", "unproved", "error"]
"""``skipped``: a check that it requires failed. ``unproved``: sampled evidence cannot tell.
``error``: the grader's own failure, never the student's loss."""


Visibility = Literal["visible", "after-due-date", "hidden"]
"""Who may see a check: students always, students once the assignment is no longer due, or
instructors only. Its points count all the same."""


class Flag(msgspec.Struct, frozen=True, kw_only=True):
    """Something worth knowing about a run. Derived from a trace, never recorded."""

    kind: FlagKind
    process: str | None
    """The process concerned; None for the whole run."""
    detail: str
    """A sentence for people."""


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One check's verdict on one submission."""

    id: str
    """The test function's name without ``test_``."""
    description: str
    """Its docstring: the sentence that a student reads."""
    status: CheckStatus
    points: float
    """What it earned."""
    max_points: float
    message: str = ""
    """What happened, for every status but ``pass``."""
    hint: str = ""
    visibility: Visibility = "visible"
    scenario: str | None = None
    """The scenario whose trace decided, where one did."""
    where: list[int] = []
    """The numbers of the events concerned, in the trace with that scenario and schedule."""
    process: str | None = None
    """The process concerned, where there is one."""
    schedule: str | None = None
    """Replays the run that decided, where that was a controlled one: the shortest that was
    found, for a failure."""
    proof: Proof | None = None
    """How far the verdict reaches; for a failure, in the scenario that decided. None where
    no trace was judged."""
    runs: int = 0
    """In how many complete runs it was judged, of all its scenarios together; for a failure,
    of the scenario that decided."""


class Deduction(msgspec.Struct, frozen=True, kw_only=True):
    """Points taken off the score by a rule of the assignment: it was handed in late."""

    points: float
    """How many; never more than the score."""
    reason: str
    """A sentence for people: by which rule, and how late it was."""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """The result of one submission, ``grader/result/v1``."""

    schema: Literal["grader/result/v1"] = "grader/result/v1"
    assignment: str
    submission: str
    evidence: Evidence
    status: Literal["pass", "fail", "error"]
    score: float
    """What the checks earned, before any deduction."""
    max_score: float
    deduction: Deduction | None = None
    checks: list[Check]
    flags: list[Flag] = []
    schedules: dict[str, Schedules] = {}
    """Of each scenario that was run in more than one schedule, in the order of the
    assignment: how many, and whether those were all."""
    traces: list[Trace] = []
    """One trace a scenario (with several schedules: the default one's), and after those the
    other runs that a check names by scenario and schedule."""

    @property
    def grade(self) -> float:
        """The score less what a late submission loses."""
        return self.score - (self.deduction.points if self.deduction else 0.0)
