"""The search that is made: every schedule, if the budget allows; else as much as can be said.

The first quarter of the budget goes to a search for all schedules in the order that takes the
fewest runs. It goes on with that unless more runs turn out to be needed than are left: then
schedules are taken by their preemptions, up to all with 0, 1 and 2, within the next half of
the budget. Most mistakes show there, and what was covered can be said. The rest, a quarter at
least, goes to random priorities, which reach deep schedules that the order has not come to. A
search that may be completed is never stopped for these.
"""

from __future__ import annotations

import time

from grader.explore.budget import Budget
from grader.explore.depth_first import UNCONTROLLED
from grader.explore.preemption_bounded import PreemptionBounded
from grader.explore.random_priorities import RandomPriorities
from grader.model import Finish, Point, Schedules

_BOUND = 2
_ALL, _IN_ORDER = 0.25, 0.75
"""Up to which share of the budget all schedules are tried for in any case, and those in order."""
_QUICK_SECONDS = 1.0
"""On average, of a program that deserves patience."""
_LOOKS = 20
"""How often it is asked, in the course of the budget, whether all is in vain."""


class Phases:
    """Asks for all schedules within a budget; see the module."""

    every_step = True

    def __init__(self, budget: Budget, seed: int = 0) -> None:
        self._budget = budget
        self._seed = seed
        self._ordered = PreemptionBounded()
        self._random: RandomPriorities | None = None
        self._began: float | None = None
        self._hopeless = False
        self._next_look = _ALL
        self._out_of_time = False
        self._allowed = budget.seconds

    def another(self) -> bool:
        """Whether something is left to try, and to spend."""
        if self._began is None:
            self._began = time.monotonic()
        used, elapsed = self._used, time.monotonic() - self._began
        self._allowed = self._seconds(used, elapsed)
        self._out_of_time = elapsed > self._allowed
        if used and (self._out_of_time or used >= self._budget.runs):
            return False
        if self._random is None:
            self._look_ahead(used, elapsed)
            if not self._enough_in_order(used, elapsed):
                return self._ordered.another()
            left = self._budget.runs - used
            self._random = RandomPriorities(left, seed=self._seed, longest=self._ordered.longest)
        return self._random.another()

    def choose(self, point: Point) -> int | None:
        """As the search says that is on."""
        if self._random is None:
            return self._ordered.choose(point)
        return self._random.choose(point) if len(point.options) > 1 else 0

    def finished(self, finish: Finish) -> None:
        """Tell the search that is on."""
        (self._random or self._ordered).finished(finish)

    def summary(self) -> Schedules:
        """What was run, and what that covers."""
        ordered, random_ones = self._ordered, self._random.runs if self._random else 0
        ordered.be_strict()
        reasons = []
        if ordered.departed is not None:
            reasons.append(f"{UNCONTROLLED}: {ordered.departed}")
        elif ordered.covered is not None:
            reasons.append(self._what_was_covered(random_ones))
        uncontrolled = ordered.uncontrolled or (self._random and self._random.uncontrolled)
        if uncontrolled:
            reasons.append(uncontrolled)
        return Schedules(
            runs=ordered.runs + random_ones,
            pruned=ordered.pruned,
            exhaustive=not reasons,
            reason="; ".join(reasons) or None,
            shortest=ordered.shortest(),
        )

    @property
    def _used(self) -> int:
        ordered = self._ordered.runs + self._ordered.pruned
        return ordered + (self._random.runs if self._random else 0)

    def _seconds(self, used: int, elapsed: float) -> float:
        """The real time that there is: more, where patience is asked for and runs are quick."""
        patience = self._budget.patience
        quick = patience is not None and elapsed < used * _QUICK_SECONDS
        return patience if patience is not None and quick else self._budget.seconds

    def _look_ahead(self, used: int, elapsed: float) -> None:
        """Give up on all schedules when that is in vain, as far as can be told. (Of searches
        that were completed none needed more than two thirds of what was left, as counted
        here, after its first quarter.)"""
        spent = max(used / self._budget.runs, elapsed / self._seconds(used, elapsed))
        if self._hopeless or not used or spent < self._next_look:
            return
        self._next_look = spent + 1 / _LOOKS
        left = min(
            self._budget.runs - used,
            (self._seconds(used, elapsed) - elapsed) * used / max(elapsed, 1e-9),
        )
        if self._ordered.needed > left:
            self._hopeless = True
            self._ordered.be_strict()

    def _enough_in_order(self, used: int, elapsed: float) -> bool:
        """Whether the rest is for random schedules."""
        if not self._hopeless:
            return False
        covered = self._ordered.covered
        spent = max(used / self._budget.runs, elapsed / self._seconds(used, elapsed))
        return covered is not None and (covered >= _BOUND or spent >= _IN_ORDER)

    def _what_was_covered(self, random_ones: int) -> str:
        ordered = self._ordered
        covered, spent = ordered.covered, ordered.runs + ordered.pruned
        assert covered is not None
        if covered < 0:
            what = f"{_counted(spent, 'run')}, not even all schedules without a preemption"
        elif covered == 0:
            what = f"all without a preemption, and some with more ({_counted(spent, 'run')})"
        else:
            what = (
                f"all with at most {_counted(covered, 'preemption')}, and some with more"
                f" ({_counted(spent, 'run')})"
            )
        also = f", and {random_ones:,} random ones (PCT)" if random_ones else ""
        limit = f"{self._allowed:g} seconds" if self._out_of_time else _counted(self._used, "run")
        return f"not every schedule: after {limit}, {what}{also}"


def _counted(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
