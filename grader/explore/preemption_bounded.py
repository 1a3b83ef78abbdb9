"""Every schedule, those with the fewest preemptions first, up to a bound if there is one.

Most mistakes show with two preemptions at most (Musuvathi and Qadeer, "Iterative context
bounding for systematic testing of multithreaded programs", PLDI 2007), and a run with few is
easy to read. No state is gone through twice, and what commuting turns lead to is inferred
(see ``graph``). A cut at a state that was met before is right for the bound too: the graph keeps
the least number of preemptions that each state is reached with, and turns that were not tried
are taken in the order of that.
"""

from __future__ import annotations

from grader.explore.depth_first import UNCONTROLLED
from grader.explore.graph import Cost, Departed, Place, StateGraph, Walk
from grader.model import Finish, Point, Schedule, Schedules, Turn

_MOST_ENDLESS = 3
"""Runs that show that the program goes on for ever; each takes all steps that a run may."""


class PreemptionBounded:
    """Asks for every schedule with at most ``bound`` preemptions; None: for every schedule."""

    every_step = True
    """It learns from steps without a choice too."""

    def __init__(self, bound: int | None = None) -> None:
        self.runs = self.pruned = 0
        self.longest = 0
        """Steps of the longest run."""
        self.departed: str | None = None
        """How a run was not what earlier runs with the same turns were."""
        self.uncontrolled: str | None = None
        """Why runs can't be relied on, as the engine says."""
        self._bound = bound
        self._graph = StateGraph()
        if bound is not None:
            self._graph.be_strict()
        self._walk = Walk(self._graph)
        self._way: list[tuple[Place, Turn]] = []
        self._ends: dict[Place, tuple[Cost, tuple[Turn, ...]]] = {}
        """By end, the shortest run that was made to it."""
        self._steps = 0
        self._endless: list[Place] | None = None
        self._for_ever = False
        """In a run that is to show that it has no end: it is not left."""

    @property
    def needed(self) -> int:
        """About how many runs are left, of those that are known to be: most likely too few."""
        return self._graph.needed()

    def be_strict(self) -> None:
        """From now on go by preemptions alone, without care for how many runs all will take."""
        self._graph.be_strict()

    @property
    def covered(self) -> int | None:
        """All schedules with so many preemptions were run; -1: not even all with none;
        None: all schedules were. Only for a search that is strict."""
        found = self._graph.next_open()
        return None if found is None else self._graph.preemptions(*found) - 1

    def another(self) -> bool:
        """Whether something is left to try within the bound."""
        if self.departed is not None:
            return False
        self._walk, self._steps, self._way = Walk(self._graph), 0, []
        if self.runs + self.pruned == 0:
            return True
        found = self._graph.next_open()
        if found is None or self._beyond_bound(found):
            return self._another_for_ever()
        self._way = [*self._graph.way(found[0]), found]
        return True

    def choose(self, point: Point) -> int | None:
        """The way to what is to be tried, then what is new, the default if it is."""
        at, self._steps = self._steps, self._steps + 1
        known = at < len(self._way)
        if self.departed is not None or (self._for_ever and not known):
            return 0
        number, corrected = 0, self._graph.corrected
        try:
            self._walk.arrive(point)
            if corrected != self._graph.corrected:  # this is not where the way leads
                self._way, known = [], False
            if known:
                number = _follow(point, *self._way[at])
            elif not self._walk.fresh or (number := self._new(point)) < 0:
                return None
        except Departed as error:
            self.departed = str(error)
        else:
            self._walk.take(point, number)
        return number

    def finished(self, finish: Finish) -> None:
        """Learn where it ended."""
        self.runs += finish.complete
        self.pruned += not finish.complete
        self.longest = max(self.longest, finish.steps)
        self.uncontrolled = self.uncontrolled or finish.uncontrolled
        if not finish.complete or self.departed is not None or self._for_ever:
            return
        try:
            if self._steps < len(self._way):
                raise Departed("a run ended where an earlier one had gone on")
            place, cost = self._walk.end(finish)
            known = self._ends.get(place)
            if known is None or cost < known[0]:
                self._ends[place] = cost, tuple(self._walk.turns)
        except Departed as error:
            self.departed = str(error)

    def summary(self) -> Schedules:
        """What was run."""
        self.be_strict()
        covered = self.covered
        reason = f"{UNCONTROLLED}: {self.departed}" if self.departed else self.uncontrolled
        if reason is None and covered is not None:
            reason = f"only those with at most {covered} preemptions"
        return Schedules(
            runs=self.runs,
            pruned=self.pruned,
            exhaustive=reason is None,
            reason=reason,
            shortest=self.shortest(),
        )

    def shortest(self) -> dict[str, str]:
        """By the turns of the run to each end, those of the shortest known schedule that leads
        there; the ends with the shortest ones first. Nothing is shorter than the default."""
        self._graph.settle()
        costs = self._graph.costs
        return {
            printed(turns): printed(
                self._graph.turns_to(place) if turns and costs[place] < cost else turns
            )
            for place, (cost, turns) in sorted(
                self._ends.items(), key=lambda item: (costs[item[0]], item[1])
            )
        }

    def _new(self, point: Point) -> int:
        """The first option of which is not known where it leads, and that the bound allows;
        those that preempt last. -1 when there is none."""
        for number in sorted(range(len(point.options)), key=lambda n: point.options[n].preempts):
            option = point.options[number]
            within = self._bound is None or self._walk.preemptions + option.preempts <= self._bound
            if within and not self._graph.known(point.state, option.turn):
                return number
        return -1

    def _beyond_bound(self, found: tuple[Place, Turn]) -> bool:
        return self._bound is not None and self._graph.preemptions(*found) > self._bound

    def _another_for_ever(self) -> bool:
        """One more run for each way in which the program goes on for ever: all of those runs were
        left, at a state that they came back to."""
        if self._endless is None:
            self._endless = self._graph.endless()[:_MOST_ENDLESS]
        if not self._endless:
            return False
        self._for_ever = True
        self._way = self._graph.way(self._endless.pop(0))
        return True


def _follow(point: Point, place: Place, turn: Turn) -> int:
    if point.state != place.state:
        raise Departed("the same turns led to another state")
    return [option.turn for option in point.options].index(turn)


def printed(turns: tuple[Turn, ...]) -> str:
    """Turns as a schedule prints them."""
    return str(Schedule(turns=turns))
