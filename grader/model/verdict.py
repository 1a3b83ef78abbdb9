"""What is concluded from traces: flags, verdicts of checks, and a submission's result."""

from __future__ import annotations

from typing import Literal

import msgspec

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
    scenario: str | None = None
    """The scenario whose trace decided, where one did."""
    where: list[int] = []
    """The numbers of the events concerned, in that scenario's trace."""
    process: str | None = None
    """The process concerned, where there is one."""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """The result of one submission, ``grader/result/v1``."""

    schema: Literal["grader/result/v1"] = "grader/result/v1"
    assignment: str
    submission: str
    evidence: Evidence
    status: Literal["pass", "fail", "error"]
    score: float
    max_score: float
    checks: list[Check]
    flags: list[Flag] = []
    traces: list[Trace] = []
    """The traces that were judged, one a scenario."""
