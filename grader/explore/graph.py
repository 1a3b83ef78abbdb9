"""The states that runs came through, and how each is reached with the fewest preemptions.

What can happen next depends on the state alone. What counts as a preemption, and which option
is the default, depends also on who went last: a place is a state together with that.

Where two turns do not depend on one another, they lead to the same state in either order: of
the four sides of such a diamond three are run, and the fourth is inferred.
"""

from __future__ import annotations

import heapq
from itertools import count
from typing import NamedTuple

from grader.model import Finish, Operation, Point, Turn, dependent


class Place(NamedTuple):
    """Where a run stands, or has ended."""

    state: bytes
    last: int | None = None
    final: bool = False


class Cost(NamedTuple):
    """What it takes to come to a place."""

    preemptions: int
    steps: int


class Choice(NamedTuple):
    """One option at a place."""

    turn: Turn
    preempts: bool


class Departed(Exception):
    """A run was not what earlier runs with the same turns were; says how."""


class _Edge(NamedTuple):
    to: Place
    """Where it led when it was taken."""
    steps: int
    inferred: bool = False


class _Entry(NamedTuple):
    """A turn at a place, in the queue."""

    later: bool
    rank: tuple[int, int]
    number: int
    place: Place
    cost: Cost
    """The place's when this was queued: if it has another one now, this is out of date."""
    turn: Turn
    preemptions: int
    """With the turn's own."""


class StateGraph:
    """What is known of a program's states. A label of a place (its cost, and how it is come to)
    is corrected whenever a cheaper way turns up, as in Dijkstra's algorithm with a queue that
    is never emptied: ``next_open`` takes from it what is best now."""

    def __init__(self) -> None:
        self.costs: dict[Place, Cost] = {}
        self._came: dict[Place, tuple[Place, Turn] | None] = {}
        self._turns: dict[bytes, dict[Turn, Operation]] = {}
        self._processes: dict[bytes, int] = {}
        self._seen: dict[Place, tuple[Choice, ...]] = {}
        self._example: dict[bytes, Place] = {}
        self._edges: dict[tuple[bytes, Turn], _Edge] = {}
        self._into: dict[bytes, list[tuple[bytes, Turn]]] = {}
        """By state, the edges that lead to it."""
        self._queue: list[_Entry] = []
        self._number = count()
        self._root: Place | None = None
        self._sparing = True
        self.open = 0
        """How many turns of known states were not taken yet."""
        self.inferred = 0
        """How many never had to be."""
        self.corrected = 0
        """How many led elsewhere than was inferred, when a run took them after all."""

    def knows(self, state: bytes) -> bool:
        """Whether a run came through this state before."""
        return state in self._turns

    def next_open(self) -> tuple[Place, Turn] | None:
        """A turn of which is not known where it leads, and the place to take it at; None when
        that is known of every turn. It stays the next until a run has taken it.

        The one with the fewest steps before it, but those that other runs will probably tell
        come after all others. After ``be_strict`` the one with the fewest preemptions.
        """
        while self._queue:
            entry = self._queue[0]
            current = self.costs[entry.place] == entry.cost
            if current and not self.known(entry.place.state, entry.turn):
                if (
                    not self._sparing
                    or entry.later
                    or not self._can_wait(entry.place.state, entry.turn)
                ):
                    return entry.place, entry.turn
                heapq.heapreplace(self._queue, entry._replace(later=True))
                continue
            heapq.heappop(self._queue)
            if current:
                edge = self._edges[entry.place.state, entry.turn]
                beyond = Cost(entry.preemptions, entry.cost.steps + edge.steps)
                came = entry.place, entry.turn
                self._relax(_led(edge, *came), beyond, came)
        return None

    def needed(self) -> int:
        """How many turns of known states have to be taken, as far as can be told now."""
        return sum(
            not self.known(state, turn) and not self._can_wait(state, turn)
            for state, turns in self._turns.items()
            for turn in turns
        )

    def be_strict(self) -> None:
        """From now on, ``next_open`` goes by preemptions alone."""
        if self._sparing:
            self._sparing = False
            self._queue = [
                entry._replace(later=False, rank=entry.rank[::-1]) for entry in self._queue
            ]
            heapq.heapify(self._queue)

    def known(self, state: bytes, turn: Turn) -> bool:
        """Whether it is known where a turn leads: a run took it, or it can be inferred.

        Where the last step before this turn does not depend on it, and the turn was taken
        before that step, both ways lead to the same: a diamond of which three sides are known.
        """
        if (state, turn) in self._edges:
            return True
        operation = self._turns[state][turn]
        for base, other in self._into.get(state, ()):
            turns = self._turns[base]
            first = self._edges.get((base, turn))
            if first is None or other == turn or turns[turn] != operation:
                continue
            if dependent(operation, turns[other]):
                continue
            if self._makes(base, state) and self._makes(base, first.to.state):
                continue  # the new processes get other numbers in the other order
            second = self._edges.get((first.to.state, other))
            if second is None or self._turns[first.to.state][other] != turns[other]:
                continue
            to = second.to if second.to.final else second.to._replace(last=first.to.last)
            self._add(state, turn, _Edge(to, second.steps, inferred=True))
            self.inferred += 1
            return True
        return False

    def preemptions(self, place: Place, turn: Turn) -> int:
        """How many it takes to come to a place and take a turn there."""
        preempts = next(c.preempts for c in self._choices(place) if c.turn == turn)
        return self.costs[place].preemptions + preempts

    def way(self, place: Place) -> list[tuple[Place, Turn]]:
        """The cheapest known way from the beginning to a place: what to take at each place."""
        steps: list[tuple[Place, Turn]] = []
        came = self._came.get(place)
        while came is not None:
            steps.append(came)
            came = self._came.get(came[0])
        return steps[::-1]

    def turns_to(self, place: Place) -> tuple[Turn, ...]:
        """The choices on that way, without those at its end that are surely the default."""
        way = [step for step in self.way(place) if len(self._turns[step[0].state]) > 1]
        while way:
            seen = self._seen.get(way[-1][0])
            if seen is None or seen[0].turn != way[-1][1]:
                break
            way.pop()
        return tuple(turn for _, turn in way)

    def settle(self) -> None:
        """Spread costs as far as the known edges go, for a search that is over."""
        unknown = []
        while self.next_open() is not None:
            unknown.append(heapq.heappop(self._queue))
        for entry in unknown:
            heapq.heappush(self._queue, entry)

    def endless(self) -> list[Place]:
        """One place, the cheapest, for each part of the graph in which a run goes round for
        ever: from where no end can be reached, and nothing is left to try."""
        backwards: dict[bytes, set[bytes]] = {}
        live: set[bytes] = set()
        forwards: dict[bytes, set[bytes]] = {}
        for (state, _), edge in self._edges.items():
            backwards.setdefault(edge.to.state, set()).add(state)
            forwards.setdefault(state, set()).add(edge.to.state)
            if edge.to.final:
                live.add(state)
        for state, turns in self._turns.items():
            if any((state, turn) not in self._edges for turn in turns):
                live.add(state)
        _spread(live, backwards)
        dead = [p for p in self.costs if not p.final and p.state not in live]
        found: list[Place] = []
        covered: set[bytes] = set()
        for place in sorted(dead, key=lambda place: self.costs[place]):
            inside = {place.state}
            _spread(inside, forwards)
            if not inside & covered:
                found.append(place)
            covered |= inside
        return found

    # -- inside ------------------------------------------------------------------------

    def _arrive(self, point: Point) -> Place:
        place = Place(point.state, point.last)
        turns = {option.turn: option.operation for option in point.options}
        known = self._turns.get(point.state)
        if known is None:
            self._turns[point.state] = turns
            self._processes[point.state] = point.processes
            self.open += len(turns)
        elif known.keys() != turns.keys():
            raise Departed("a state that was met before offers other turns now")
        if place not in self._seen:
            self._seen[place] = tuple(Choice(o.turn, o.preempts) for o in point.options)
            self._example.setdefault(place.state, place)
        return place

    def _join(self, came: tuple[Place, Turn] | None, to: Place, steps: int) -> None:
        if came is None:
            if self._root not in (None, to):
                raise Departed("it began in another way than before")
            self._root = to
            return
        place, turn = came
        edge = self._edges.get((place.state, turn))
        if edge is None:
            self._add(place.state, turn, _Edge(to, steps))
        elif (edge.to.state, edge.to.final) != (to.state, to.final):
            if not edge.inferred:
                raise Departed("the same turn in the same state led to another state")
            self._correct(place, turn, _Edge(to, steps))

    def _add(self, state: bytes, turn: Turn, edge: _Edge) -> None:
        self._edges[state, turn] = edge
        self.open -= 1
        if not edge.to.final:
            self._into.setdefault(edge.to.state, []).append((state, turn))

    def _correct(self, place: Place, turn: Turn, edge: _Edge) -> None:
        """A run showed that an edge which was inferred leads elsewhere: to a state as good, in
        which something was not done yet that makes no difference to others. All that was
        concluded of costs is concluded again."""
        step = place.state, turn
        wrong = self._edges[step].to.state
        self._into[wrong] = [other for other in self._into.get(wrong, []) if other != step]
        self._add(*step, edge)
        self.open += 1  # as it was not open
        self.corrected += 1
        self.costs.clear()
        self._came.clear()
        self._queue.clear()
        if self._root is not None:
            self._relax(self._root, Cost(0, 0), None)
            self.settle()

    def _relax(self, place: Place, cost: Cost, came: tuple[Place, Turn] | None) -> None:
        known = self.costs.get(place)
        if known is not None and known <= cost:
            return
        self.costs[place], self._came[place] = cost, came
        if place.final:
            return
        for turn, preempts in self._choices(place):
            after = cost.preemptions + preempts
            rank = (cost.steps, after) if self._sparing else (after, cost.steps)
            entry = _Entry(False, rank, next(self._number), place, cost, turn, after)
            heapq.heappush(self._queue, entry)

    def _makes(self, state: bytes, to: bytes) -> bool:
        """Whether processes are made between two states, the second no end."""
        return self._processes.get(to, 0) > self._processes[state]

    def _can_wait(self, state: bytes, turn: Turn) -> bool:
        """Whether a turn is a side of a diamond that will be inferred when the other sides are
        run. Of two sides only one may wait for the other: the turn of the younger process."""
        operation = self._turns[state][turn]
        return any(
            turn > other
            and self._turns[base].get(turn) == operation
            and not dependent(operation, self._turns[base][other])
            for base, other in self._into.get(state, ())
        )

    def _choices(self, place: Place) -> tuple[Choice, ...]:
        """What can be chosen at a place: as a run saw it there, or else by what one saw in the
        same state when another process had gone last."""
        seen = self._seen.get(place)
        if seen is not None:
            return seen
        turns = [choice.turn for choice in self._seen[self._example[place.state]]]
        goes = place.last is not None and Turn(place.last) in turns
        turns.sort(key=lambda turn: turn.actor != place.last or turn.action == "appear")
        return tuple(Choice(turn, goes and turn.actor != place.last) for turn in turns)


class Walk:
    """One run on its way through a graph, which learns from it. Where the run is not what
    earlier runs with the same turns were, Departed is raised: then the program is not
    deterministic, or something about it is not under control."""

    def __init__(self, graph: StateGraph) -> None:
        self.turns: list[Turn] = []
        """Up to the last choice that was not the default."""
        self.place: Place | None = None
        self.fresh = True
        """Whether no run stood in its state before."""
        self._graph = graph
        self._came: tuple[Place, Turn] | None = None
        self._chosen: list[Turn] = []
        self._cost = Cost(0, 0)

    @property
    def preemptions(self) -> int:
        """How many it took to come here."""
        return self._cost.preemptions

    def arrive(self, point: Point) -> None:
        """It has come to a point."""
        self.fresh = not self._graph.knows(point.state)
        self._join(self._graph._arrive(point), point.step)

    def take(self, point: Point, number: int) -> None:
        """It goes on with an option of that point."""
        assert self.place is not None
        option = point.options[number]
        self._came = self.place, option.turn
        self._cost = self._cost._replace(preemptions=self._cost.preemptions + option.preempts)
        if len(point.options) > 1:
            self._chosen.append(option.turn)
        if number:
            self.turns = list(self._chosen)

    def end(self, finish: Finish) -> tuple[Place, Cost]:
        """It has come to its end; returns that, and what it took."""
        place = Place(finish.state, final=True)
        self._join(place, finish.steps)
        return place, self._cost

    def _join(self, place: Place, step: int) -> None:
        self._graph._join(self._came, place, step - self._cost.steps)
        self._cost = self._cost._replace(steps=step)
        self._graph._relax(place, self._cost, self._came)
        self.place = place


def _led(edge: _Edge, place: Place, turn: Turn) -> Place:
    """Where an edge leads from a place. The state is known; who went last is the turn's process,
    or who it was before if the turn is none of a process: that an end can be seen, say."""
    if edge.to.final or turn.action in ("go", "signal"):
        return edge.to
    return edge.to._replace(last=place.last)


def _spread(states: set[bytes], neighbours: dict[bytes, set[bytes]]) -> None:
    """Add all that can be reached."""
    pending = list(states)
    while pending:
        for state in neighbours.get(pending.pop(), ()):
            if state not in states:
                states.add(state)
                pending.append(state)
