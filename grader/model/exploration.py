"""What exploring a program's schedules gave. The format is ``grader/explore/v1``."""

from __future__ import annotations

from typing import Literal, NamedTuple, Protocol

import msgspec

from grader.model.operation import Operation
from grader.model.process import ExitStatus
from grader.model.schedule import Turn
from grader.model.trace import Ended

Proof = Literal["exhaustive", "bounded", "single"]
"""How far a verdict reaches: over every schedule that can make a difference; over as many
as the budget allowed; over one run."""


class Option(NamedTuple):
    """Something that can happen next."""

    turn: Turn
    operation: Operation
    preempts: bool
    """Whether it takes the turn from a process that could have gone on."""


class Point(NamedTuple):
    """A place in a run where more than one thing can happen next. The first option is the
    default: what a schedule that says nothing means."""

    step: int
    """How many operations were scheduled before."""
    options: tuple[Option, ...]
    state: bytes
    """A digest of everything that the rest of the run depends on: what each process has
    observed, and the kernel's objects. Equal states have equal futures."""
    last: int | None = None
    """The process that went last, by order of creation, if it is alive. The default and what
    counts as a preemption depend on it; what can happen does not."""
    processes: int = 0
    """How many were made so far. Those that are made next get the next numbers in turns."""


class Finish(NamedTuple):
    """How a run came to its end."""

    complete: bool
    """Whether it ended by itself, in a deadlock or at the step limit; not when it was left."""
    state: bytes
    """The digest of the final state of a complete run."""
    steps: int
    preemptions: int
    turns: tuple[Turn, ...]
    """What was chosen at its points, up to the last choice that was not the default."""
    uncontrolled: str | None = None
    """Why the run can't be relied on, if so: it departed from its schedule, for one."""


class Strategy(Protocol):
    """Decides which schedules to run (after Shuttle's Scheduler). It is asked in the process
    that traces, so whatever it finds out reaches its owner by ``summary`` alone."""

    every_step: bool
    """Whether to be asked even where only one thing can happen."""

    def another(self) -> bool:
        """Whether another run is wanted."""
        ...

    def choose(self, point: Point) -> int | None:
        """Who goes now: the number of an option; None to leave this run, as nothing new can
        come of it."""
        ...

    def finished(self, finish: Finish) -> None:
        """The run that ``another`` asked for is over."""
        ...

    def summary(self) -> Schedules:
        """What was run, after the last run."""
        ...


class Schedules(msgspec.Struct, frozen=True, kw_only=True):
    """How many schedules were run, and whether those were all that matter."""

    runs: int
    pruned: int = 0
    """Runs that were left before their end, because what would follow was known."""
    exhaustive: bool = False
    reason: str | None = None
    """Why they were not all, or what limits the proof."""
    shortest: dict[str, str] = {}
    """By the turns (printed) of a run to each final state, the turns with the fewest
    preemptions, and then the fewest steps, that are known to lead there; those first for
    which these are fewest."""


class FoundOutput(msgspec.Struct, frozen=True, kw_only=True):
    """A distinct output, with one schedule that gives it; pids as ``<P.1>``."""

    text: str
    schedule: str


class FoundOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """A distinct outcome, with one schedule that gives it."""

    ended: Ended
    exit: ExitStatus
    fates: dict[str, str]
    """By path id, the root left out."""
    exits: dict[str, ExitStatus] = {}
    """How each process ended."""
    schedule: str


class Exploration(msgspec.Struct, frozen=True, kw_only=True):
    """Every distinct output and outcome of a program."""

    schema: Literal["grader/explore/v1"] = "grader/explore/v1"
    command: list[str] = []
    schedules: Schedules
    outputs: list[FoundOutput] = []
    """Empty when the order of output was left out."""
    outcomes: list[FoundOutcome] = []
