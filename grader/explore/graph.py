"""The states that runs came through, and how each is reached with the fewest preemptions.

Points are only offered where there is a choice: what happens between two of them is one edge.
What can happen next depends on the state alone. What counts as a preemption, and which option
is the default, depends also on who went last: a place is a state together with that.
"""

from __future__ import annotations

import heapq
from itertools import count
from typing import NamedTuple

from grader.model import Finish, Operation, Option, Point, Turn, dependent


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
    before: int | None
    """Who had gone last before it, at that time."""


class StateGraph:
    """What is known of a program's states. A label of a place (its cost, and how it is come to)
    is corrected whenever a cheaper way turns up, as in Dijkstra's algorithm with a queue that
    is never emptied: ``next_open`` takes from it what is cheapest now."""

    def __init__(self) -> None:
        self.costs: dict[Place, Cost] = {}
        self._came: dict[Place, tuple[Place, Turn] | None] = {}
        self._turns: dict[bytes, dict[Turn, Operation]] = {}
        self._seen: dict[Place, tuple[Choice, ...]] = {}
        self._example: dict[bytes, Place] = {}
        self._edges: dict[tuple[bytes, Turn], _Edge] = {}
        self._into: dict[bytes, list[tuple[bytes, Turn]]] = {}
        """By state, the edges of a single step that lead to it."""
        self._queue: list[tuple[int, int, int, Place, Cost, Turn]] = []
        self._number = count()
        self._root: Place | None = None
        self.open = 0
        """How many turns of known states were not taken yet."""
        self.inferred = 0
        """How many never had to be."""

    def knows(self, state: bytes) -> bool:
        """Whether a run came through this state before."""
        return state in self._turns

    def next_open(self) -> tuple[Place, Turn] | None:
        """The cheapest turn of which is not known where it leads, and the place to take it at;
        None when that is known of every turn. It stays the next until a run has taken it."""
        while self._queue:
            _, _, _, place, cost, turn = self._queue[0]
            current = self.costs[place] == cost
            if current and not self.known(place.state, turn):
                return place, turn
            heapq.heappop(self._queue)
            if current:
                edge = self._edges[place.state, turn]
                beyond = Cost(self.preemptions(place, turn), cost.steps + edge.steps)
                self._relax(_led(edge, place, turn), beyond, (place, turn))
        return None

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
            if dependent(turns[turn], turns[other]):
                continue
            if first.steps > 1:
                # Only one thing could go on after it: the other step, which it left possible.
                edge = first._replace(steps=first.steps - 1)
            else:
                second = self._edges.get((first.to.state, other))
                if second is None or self._turns[first.to.state][other] != turns[other]:
                    continue
                edge = _commuted(turn, first, second)
            self._add(state, turn, edge)
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
        """The turns of that way, without those at its end that are surely the default."""
        way = self.way(place)
        while way:
            seen = self._seen.get(way[-1][0])
            if seen is None or seen[0].turn != way[-1][1]:
                break
            way.pop()
        return tuple(turn for _, turn in way)

    def settle(self) -> None:
        """Spread costs as far as the known edges go, for a search that is over."""
        later = []
        while self.next_open() is not None:
            later.append(heapq.heappop(self._queue))
        for entry in later:
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
            self._add(place.state, turn, _Edge(to, steps, place.last))
        elif (edge.to.state, edge.to.final) != (to.state, to.final):
            raise Departed("the same turn in the same state led to another state")

    def _add(self, state: bytes, turn: Turn, edge: _Edge) -> None:
        self._edges[state, turn] = edge
        self.open -= 1
        if edge.steps == 1 and not edge.to.final:
            self._into.setdefault(edge.to.state, []).append((state, turn))

    def _relax(self, place: Place, cost: Cost, came: tuple[Place, Turn] | None) -> None:
        known = self.costs.get(place)
        if known is not None and known <= cost:
            return
        self.costs[place], self._came[place] = cost, came
        if place.final:
            return
        for turn, preempts in self._choices(place):
            entry = (cost.preemptions + preempts, cost.steps, next(self._number))
            heapq.heappush(self._queue, (*entry, place, cost, turn))

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

    def take(self, option: Option, number: int) -> None:
        """It goes on with this option of that point; ``number`` is 0 for the default."""
        assert self.place is not None
        self._came = self.place, option.turn
        self._cost = self._cost._replace(preemptions=self._cost.preemptions + option.preempts)
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
    """Where an edge leads from a place: the state is known. Who goes last on the way differs
    only where nobody went: where all that happened was that an end could be seen, say."""
    nobody_went = edge.steps == 1 and turn.action not in ("go", "signal")
    if edge.to.final or not nobody_went or edge.before != edge.to.last:
        return edge.to
    return edge.to._replace(last=place.last)


def _commuted(turn: Turn, first: _Edge, second: _Edge) -> _Edge:
    """The fourth side of a diamond: after the other step, ``turn``. ``first`` is that turn at the
    base, ``second`` the other step after it, which ends where the fourth side does."""
    to = second.to
    if second.steps == 1 and not to.final:
        to = to._replace(last=first.to.last)
    return _Edge(to, second.steps, first.before)


def _spread(states: set[bytes], neighbours: dict[bytes, set[bytes]]) -> None:
    """Add all that can be reached."""
    pending = list(states)
    while pending:
        for state in neighbours.get(pending.pop(), ()):
            if state not in states:
                states.add(state)
                pending.append(state)
