"""Every schedule, depth first: after each run, go back to the last place where something else
could have been done.

A state whose turns were tried, or are being tried, is not gone through twice: equal states
have equal futures (``Point.state``). This is the plain form of the search, which
``preemption_bounded`` does in a better order; the tests hold both, and ``sleep_sets``, against
one another. Source: Godefroid, "Model checking for programming languages using VeriSoft" (POPL
1997), for search by running again; states are kept in addition.
"""

from __future__ import annotations

from grader.model import Finish, Point, Schedules, Turn

UNCONTROLLED = "uncontrolled: the program does not do the same again in the same schedule"


class DepthFirst:
    """Asks for every schedule that can make a difference. A program that returns to the same
    state for ever is left there."""

    every_step = False

    def __init__(self) -> None:
        self._path: list[_Place] = []
        self._at = 0
        self._begun: set[bytes] = set()
        self._runs = self._pruned = 0
        self._departed = False
        self._uncontrolled: str | None = None

    def another(self) -> bool:
        """Whether something is left to try."""
        if self._departed:
            return False
        while self._path and not self._path[-1].untried:
            self._path.pop()
        self._at = 0
        if self._path:
            self._path[-1].now = self._path[-1].untried.pop(0)
        return bool(self._path) or self._runs + self._pruned == 0

    def choose(self, point: Point) -> int | None:
        """Where the last run went, but for the last of its places; then the default."""
        turns = [option.turn for option in point.options]
        if self._at == len(self._path):
            if point.state in self._begun:
                return None
            self._begun.add(point.state)
            self._path.append(_Place(point.state, turns))
        place = self._path[self._at]
        if place.state != point.state or place.now not in turns:
            self._departed = True
            return None
        self._at += 1
        return turns.index(place.now)

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

    def __init__(self, state: bytes, turns: list[Turn]) -> None:
        self.state = state
        self.now, *self.untried = turns
