"""Given schedules again, turn by turn."""

from __future__ import annotations

from collections.abc import Sequence

from grader.model import Finish, Point, Schedules, Turn
from grader.model.schedule import Schedule
from grader.model.trace import DEPARTED


class Replay:
    """Asks for one run in each of some schedules; after its last turn, a run goes by default.

    A strict replay that can't follow its turns says so in ``Schedules.reason``. One that is
    not strict takes the next of its turns that is possible, and those that were not
    possible when it was their time as soon as they are.
    """

    every_step = False

    def __init__(self, schedules: Sequence[Sequence[Turn]], *, strict: bool = True) -> None:
        self._schedules = [list(turns) for turns in schedules]
        self._strict = strict
        self._left: list[Turn] = []
        self._runs = 0
        self._taken = 0
        self.reason: str | None = None

    def another(self) -> bool:
        """Whether a schedule is left."""
        if self._runs == len(self._schedules):
            return False
        self._left, self._taken = list(self._schedules[self._runs]), 0
        self._runs += 1
        return True

    def choose(self, point: Point) -> int:
        """What the schedule says."""
        turns = [option.turn for option in point.options]
        if not self._strict:
            wanted = next((turn for turn in self._left if turn in turns), None)
            if wanted is None:
                return 0
            self._left.remove(wanted)
            return turns.index(wanted)
        if not self._left:
            return 0
        wanted = self._left.pop(0)
        self._taken += 1
        if wanted in turns:
            return turns.index(wanted)
        possible = " or ".join(f"{_name(o.turn)} ({o.operation.words})" for o in point.options)
        self._depart(f"turn {self._taken} of its schedule is {_name(wanted)}, possible: {possible}")
        return 0

    def finished(self, finish: Finish) -> None:
        """Tell when it ended too early."""
        if self._strict and self._left:
            total = self._taken + len(self._left)
            self._depart(f"it ended after turn {self._taken} of the {total} in its schedule")

    def summary(self) -> Schedules:
        """What was run, and where it was not as it should have been."""
        return Schedules(runs=self._runs, reason=self.reason)

    def _depart(self, words: str) -> None:
        self._left = []
        self.reason = self.reason or f"{DEPARTED}: {words}"


def _name(turn: Turn) -> str:
    """A turn as schedules print it."""
    return str(Schedule(turns=(turn,))).partition(":")[2]
