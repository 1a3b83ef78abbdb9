"""Matching where the writers are unknown: is a text some interleaving of the roles?

Each character of the text is given to one role, and each role must print exactly its
script. A role may be interrupted anywhere, even within a number, since a program's write
may end anywhere; but programs seldom do that, so interruptions at the ends of lines are
tried first (also just before a newline: on a terminal Python writes 'print("a\\nb")' as two
writes, the text and its last newline). Other lines, that a script allows with '...', are
taken as whole lines: else such a line could be any character that is in the way.

The search goes depth first, goes on with the same role as long as it can, and never
enters the same state twice (place in each role, and what the fields stand for).
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator
from typing import Literal

import msgspec

from grader.judge.script.fields import Bindings, bind, may_begin
from grader.judge.script.language import Cast, Field, Gap, Role
from grader.model import Unproved

Item = str | Field | Gap
"""What a role prints next: one character, a field, or other lines."""

Cuts = Literal["lines", "anywhere", "torn"]
"""Where roles may be interrupted: around the ends of lines; anywhere, but other lines
(``...``) only before their newline; or anywhere at all."""

Place = tuple[int, str]
"""Where a role is: the index of its next item, and what part of a field has come already
(for a gap: not empty within a line)."""


class Stuck(msgspec.Struct):
    """The deepest point that was reached."""

    at: int
    places: tuple[Place, ...]
    bindings: Bindings = {}
    active: int | None = None


class Budget(msgspec.Struct):
    """States that may still be visited."""

    states: int

    def spend(self) -> None:
        """Count one state; raise Unproved when there are no more."""
        self.states -= 1
        if self.states < 0:
            raise Unproved("there are too many ways to divide the text among the processes")


def items_of(role: Role) -> tuple[Item, ...]:
    """Return a role's script character by character."""
    items: list[Item] = []
    for step in role.steps:
        if isinstance(step, Gap):
            items.append(step)
            continue
        for part in step.parts:
            items += part if isinstance(part, str) else [part]
        if step.newline:
            items.append("\n")
    return tuple(items)


class Interleaving:
    """One text, one script, and the search for a way in which they fit."""

    def __init__(self, cast: Cast, text: str, facts: Bindings) -> None:
        self.cast = cast
        self.text = text
        self.facts = facts
        self.roles = list(cast.roles)
        if cast.others:
            self.roles.append(Role("*", (Gap(0),)))
        self.items = [items_of(role) for role in self.roles]
        self.latest = [self._latest(items) for items in self.items]
        keys = {f.key for r in cast.roles for f in r.fields}
        local = {
            role.name: tuple(sorted(k for k in keys if k.startswith(role.name + ".")))
            for role in self.roles
            if role.interchangeable
        }
        self._local = local
        self._shared = tuple(sorted(keys - {k for ks in local.values() for k in ks}))
        groups: dict[str, list[int]] = {}
        for i, role in enumerate(self.roles):
            if role.interchangeable:
                groups.setdefault(role.group, []).append(i)
        self._numbers: dict[object, int] = {}
        self._groups = list(groups.values())
        self._alone = [i for i, role in enumerate(self.roles) if not role.interchangeable]

    def _latest(self, items: tuple[Item, ...]) -> list[int]:
        """For each place, the last position from which the rest of the role can still come.

        A necessary condition: the rest is a subsequence of the rest of the text, with
        at least one character that may begin a field in each field's place.
        """
        latest = [len(self.text)] * (len(items) + 1)
        bound = len(self.text)
        for k in range(len(items) - 1, -1, -1):
            item = items[k]
            if isinstance(item, str):
                bound = self.text.rfind(item, 0, max(bound, 0))
            elif isinstance(item, Field):
                bound -= 1
                if bound >= 0 and self.text[bound] == "\n":
                    bound = len(self.text[:bound].rstrip("\n")) - 1
            latest[k] = bound
        return latest

    # -- what cannot be, whoever wrote what ------------------------------------------

    def impossible(self) -> bool:
        """Whether the mere numbers of characters show that nothing fits."""
        if any(latest[0] < 0 for latest in self.latest):
            return True
        flat = [item for items in self.items for item in items]
        if any(isinstance(item, Gap) for item in flat):
            return False
        free = {"text", "word"} & {item.kind for item in flat if isinstance(item, Field)}
        have = Counter(self.text)
        need = Counter(item for item in flat if isinstance(item, str))
        if free:
            return have["\n"] != need["\n"]
        if any(isinstance(item, Field) for item in flat):
            for c in [c for c in {*have, *need} if c == "-" or c.isdecimal()]:
                if have[c] < need[c]:
                    return True
                del have[c], need[c]
        return have != need

    # -- one step --------------------------------------------------------------------

    def moves(
        self, r: int, place: Place, char: str, b: Bindings
    ) -> Iterator[tuple[Place, Bindings]]:
        """Yield each way in which role ``r`` can have printed ``char`` next."""
        k, part = place
        items = self.items[r]
        if k == len(items):
            return
        item = items[k]
        if isinstance(item, str):
            if item == char:
                yield (k + 1, ""), b
        elif isinstance(item, Gap):
            if not part:
                yield from self.moves(r, (k + 1, ""), char, b)
            yield (k, "" if char == "\n" else "."), b
        elif (value := b.get(item.key)) is not None:
            if part == value:
                yield from self.moves(r, (k + 1, ""), char, b)
            elif value.startswith(part) and value[len(part)] == char:
                yield ((k + 1, "") if part + char == value else (k, part + char)), b
        else:
            if part and (after := bind(self.cast, b, item, part)) is not None:
                yield from self.moves(r, (k + 1, ""), char, after)
            if may_begin(item.kind, part + char):
                yield (k, part + char), b

    def finish(self, places: tuple[Place, ...], b: Bindings, cuts: Cuts) -> Bindings | None:
        """Return the final bindings if every role can be at its end, else None."""
        bound: Bindings | None = b
        for items, (k, part) in zip(self.items, places, strict=True):
            while bound is not None and k < len(items):
                item = items[k]
                if isinstance(item, Gap):
                    whole = cuts != "torn" and self.text.endswith("\n")
                    if part and (whole or k + 1 < len(items)):
                        return None
                elif isinstance(item, Field):
                    bound = bind(self.cast, bound, item, part)
                else:
                    return None
                k, part = k + 1, ""
        return bound

    def may_pause(self, r: int, place: Place) -> bool:
        """Whether programs usually stop writing here: around the end of a line."""
        k, part = place
        items = self.items[r]
        if k == len(items):
            return True
        if isinstance(items[k], Gap):
            return not part
        if part:
            k += 1
        return k == 0 or items[k - 1] == "\n" or k == len(items) or items[k] == "\n"

    def beginning(self) -> Stuck:
        """Nothing printed yet."""
        return Stuck(0, ((0, ""),) * len(self.roles), self.facts)

    # -- the search ------------------------------------------------------------------

    def search(self, cuts: Cuts, budget: Budget, stuck: Stuck | None = None) -> Bindings | None:
        """Return the bindings of an interleaving, or None if there is none.

        ``stuck`` learns the deepest point; to find it, attempts that are bound to fail are
        followed to the end. Raises Unproved when the budget is used up.
        """
        start: tuple[Place, ...] = ((0, ""),) * len(self.roles)
        seen: set[bytes] = set()
        if not self.text:
            return self.finish(start, self.facts, cuts)
        if stuck is None and not self._alive(0, start):
            return None
        stack = [self._next(0, start, self.facts, None, cuts)]
        while stack:
            following = next(stack[-1], None)
            if following is None:
                stack.pop()
                continue
            budget.spend()
            at, places, b, active = following
            if stuck is not None and at > stuck.at:
                stuck.at, stuck.places, stuck.bindings, stuck.active = at, places, b, active
            if at == len(self.text):
                if (bound := self.finish(places, b, cuts)) is not None:
                    return bound
                continue
            if stuck is None and not self._alive(at, places):
                continue
            key = self._key(at, places, b, active)
            if key in seen:
                continue
            seen.add(key)
            stack.append(self._next(at, places, b, active, cuts))
        return None

    def _next(
        self, at: int, places: tuple[Place, ...], b: Bindings, active: int | None, cuts: Cuts
    ) -> Iterator[tuple[int, tuple[Place, ...], Bindings, int]]:
        char = self.text[at]
        first = [active] if active is not None else []
        if active is None or cuts != "lines" or self.may_pause(active, places[active]):
            first += [r for r in range(len(self.roles)) if r != active]
        for r in first:
            if (
                cuts != "torn"
                and r != active
                and char != "\n"
                and self._in_other_line(r, places[r])
            ):
                continue
            for place, bound in self.moves(r, places[r], char, b):
                yield at + 1, (*places[:r], place, *places[r + 1 :]), bound, r

    def _in_other_line(self, r: int, place: Place) -> bool:
        k, part = place
        return bool(part) and isinstance(self.items[r][k], Gap)

    def _alive(self, at: int, places: tuple[Place, ...]) -> bool:
        """Whether each role's rest can still come in the rest of the text."""
        return all(self.latest[r][k + 1 if part else k] >= at for r, (k, part) in enumerate(places))

    def _key(self, at: int, places: tuple[Place, ...], b: Bindings, active: int) -> bytes:
        """What makes two states the same: alike roles may be exchanged.

        Packed, since hundreds of thousands are kept.
        """
        # Who was last matters only within other lines: that role may go on there.
        going_on = active if self._in_other_line(active, places[active]) else None
        key = [at, self._number(tuple(b.get(k) for k in self._shared))]
        for r in self._alone:
            key += (places[r][0], self._number((places[r][1], r == going_on)))
        for group in self._groups:
            states = []
            for r in group:
                local = tuple(b.get(k) for k in self._local[self.roles[r].name])
                states.append((places[r][0], self._number((places[r][1], r == going_on, local))))
            for state in sorted(states):
                key += state
        return array("I", key).tobytes()

    def _number(self, thing: object) -> int:
        """A number that stands for a value in keys."""
        return self._numbers.setdefault(thing, len(self._numbers))
