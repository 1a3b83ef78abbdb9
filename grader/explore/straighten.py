"""Variations of one run with fewer preemptions: tried to find a shorter one that still fails."""

from __future__ import annotations

from collections.abc import Sequence

from grader.explore.replay import Replay
from grader.model import Finish, Point, Schedules, Turn


class Straighten:
    """Asks for a run again, then for some that are given (``others``), for the default one, and
    then, for each of the run's choices that are not the default, for one in which that was the
    default. What was to be done after the choice follows as far as it can."""

    every_step = False

    def __init__(
        self, turns: Sequence[Turn], others: Sequence[Sequence[Turn]], most_runs: int
    ) -> None:
        self._turns = tuple(turns)
        self._others = [*others, ()]
        self._most = most_runs
        self._replay = Replay([turns])
        self._first: list[tuple[Turn, Turn, bool]] | None = []
        """At each point of the run: what was chosen, the default, and whether it preempted."""

    def another(self) -> bool:
        """Whether variations are left."""
        return self._replay.another()

    def choose(self, point: Point) -> int:
        """What the variation says."""
        number = self._replay.choose(point)
        if self._first is not None:
            chosen = point.options[number]
            self._first.append((chosen.turn, point.options[0].turn, chosen.preempts))
        return number

    def finished(self, finish: Finish) -> None:
        """After the run itself, its variations are known."""
        self._replay.finished(finish)
        if self._first is not None:
            variations = [*self._others, *_variations(self._first[: len(self._turns)])]
            self._first = None
            self._replay = Replay(variations[: self._most - 1], strict=False)

    def summary(self) -> Schedules:
        """How many were run."""
        return Schedules(runs=1 + self._replay.summary().runs)


def _variations(points: Sequence[tuple[Turn, Turn, bool]]) -> list[list[Turn]]:
    """Those without a preemption first."""
    turns = [chosen for chosen, _, _ in points]
    found: list[tuple[bool, list[Turn]]] = []
    for n, (chosen, default, preempts) in enumerate(points):
        if chosen != default:
            later = turns[n:]
            if default in later:
                later.remove(default)
            found.append((not preempts, [*turns[:n], default, *later]))
    return [variation for _, variation in sorted(found, key=lambda pair: pair[0])]
