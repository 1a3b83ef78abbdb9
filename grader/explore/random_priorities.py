"""Random schedules that find what needs few coincidences: probabilistic concurrency testing.

Everyone has a random priority, and who has the highest of those that can go does; at a few
random moments the one that was about to go falls below all others. A mistake that takes d
ordering constraints to show is found in a run with probability at least 1/(n k^(d-1)), of n
processes and k choices. Source: Burckhardt, Kothari, Musuvathi and Nagarakatte, "A randomized
scheduler with probabilistic guarantees of finding bugs" (ASPLOS 2010). All is a function of
the seed.
"""

from __future__ import annotations

import random
from itertools import cycle

from grader.model import Finish, Point, Schedules, Turn
from grader.model.schedule import Action

_Entity = tuple[int, Action]
"""What has a priority: a process, and apart from that what happens to it by itself."""


class RandomPriorities:
    """Asks for so many runs; ``depths`` are the d that they aim at, in turn."""

    every_step = False

    def __init__(
        self, runs: int, *, depths: tuple[int, ...] = (2, 3), seed: int = 0, longest: int = 1
    ) -> None:
        """``longest``: how many choices a run has at most, as far as is known."""
        self.runs = 0
        self.uncontrolled: str | None = None
        """Why runs can't be relied on, as the engine says."""
        self._wanted = runs
        self._depths = cycle(depths)
        self._random = random.Random(f"{seed} PCT")
        self._longest = max(longest, 1)
        self._choices = 0
        self._priorities: dict[_Entity, float] = {}
        self._changes: set[int] = set()

    def another(self) -> bool:
        """Whether runs are left."""
        if self.runs >= self._wanted:
            return False
        self._longest = max(self._longest, self._choices)
        self._choices, self._priorities = 0, {}
        changes = min(next(self._depths) - 1, self._longest)
        self._changes = set(self._random.sample(range(self._longest), changes))
        return True

    def choose(self, point: Point) -> int:
        """The one with the highest priority."""
        entities = [_entity(option.turn) for option in point.options]
        for entity in sorted(set(entities)):
            if entity not in self._priorities:
                self._priorities[entity] = 1 + self._random.random()
        if self._choices in self._changes:
            self._priorities[self._highest(entities)] = -float(self._choices)
        self._choices += 1
        return entities.index(self._highest(entities))

    def finished(self, finish: Finish) -> None:
        """Count it."""
        self.runs += 1
        self.uncontrolled = self.uncontrolled or finish.uncontrolled

    def summary(self) -> Schedules:
        """What was run."""
        return Schedules(runs=self.runs, reason=self.uncontrolled or "random schedules only")

    def _highest(self, entities: list[_Entity]) -> _Entity:
        return max(entities, key=lambda entity: self._priorities[entity])


def _entity(turn: Turn) -> _Entity:
    return turn.actor, "go" if turn.action == "signal" else turn.action
