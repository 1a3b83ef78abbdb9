"""Every schedule, depth first, whatever the states: sleep sets.

After a turn was tried at a place, the other turns there need not be followed by it as long as
nothing that depends on it happens: that order was tried. Until then it sleeps. Source:
Godefroid, "Partial-Order Methods for the Verification of Concurrent Systems" (LNCS 1032,
1996), chapter 5. It stands on ``dependent`` alone, as ``depth_first`` stands on states alone: so
each checks what the other takes for granted.
"""

from __future__ import annotations

from grader.explore.depth_first import UNCONTROLLED
from grader.model import Finish, Operation, Option, Point, Schedules, Turn, dependent

_Asleep = dict[Turn, Operation]


class SleepSets:
    """Asks for one schedule at least of each class of schedules that differ only in the order of
    operations that do not depend on one another. For programs that end in every schedule."""

    every_step = True
    """A step without a choice, too, wakes what depends on it."""

    def __init__(self) -> None:
        self._path: list[_Place] = []
        self._at = 0
        self._runs = self._pruned = 0
        self._departed = False
        self._uncontrolled: str | None = None

    def another(self) -> bool:
        """Whether something is left to try."""
        if self._departed:
            return False
        while self._path and not self._path[-1].go_on():
            self._path.pop()
        self._at = 0
        return bool(self._path) or self._runs + self._pruned == 0

    def choose(self, point: Point) -> int | None:
        """Where the last run went, but for the last of its places; then what is awake first."""
        if self._at == len(self._path):
            place = _Place(point, self._path[-1].asleep_beyond() if self._path else {})
            if not place.go_on():
                return None
            self._path.append(place)
        place = self._path[self._at]
        now, turns = place.now, [option.turn for option in point.options]
        if place.state != point.state or now is None or now.turn not in turns:
            self._departed = True
            return None
        self._at += 1
        return turns.index(now.turn)

    def finished(self, finish: Finish) -> None:
        """Count it."""
        self._runs += finish.complete
        self._pruned += not finish.complete
        self._uncontrolled = self._uncontrolled or finish.uncontrolled

    def summary(self) -> Schedules:
        """What was run."""
        reason = UNCONTROLLED if self._departed else self._uncontrolled
        return Schedules(
            runs=self._runs, pruned=self._pruned, exhaustive=reason is None, reason=reason
        )


class _Place:
    """A point on the way that is being tried."""

    def __init__(self, point: Point, asleep: _Asleep) -> None:
        self.state = point.state
        self.now: Option | None = None
        self._asleep = asleep
        self._awake = [option for option in point.options if option.turn not in asleep]

    def go_on(self) -> bool:
        """Take the next turn that is awake; what was taken before sleeps from now on."""
        if self.now is not None:
            self._asleep[self.now.turn] = self.now.operation
        self.now = self._awake.pop(0) if self._awake else None
        return self.now is not None

    def asleep_beyond(self) -> _Asleep:
        """What sleeps where its turn leads to."""
        assert self.now is not None
        return {
            turn: operation
            for turn, operation in self._asleep.items()
            if not dependent(operation, self.now.operation)
        }
