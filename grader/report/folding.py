"""Which processes of a large tree have no line of their own in a report."""

from __future__ import annotations

from collections.abc import Collection, Hashable

import msgspec

from grader.model import AnyEvent, Fork, Process, Trace, Wait
from grader.report.lanes import Fold

ALL_SHOWN = 16
"""Up to so many processes, each has its own line."""
MOST_SHOWN = 24
"""More than so many lines nobody follows."""
_SHOWN_OF_ALIKE = 2


class Folding(msgspec.Struct, frozen=True):
    """Which processes are shown and which are folded away."""

    shown: list[Process]
    folds: list[Fold]

    def below(self, process: str) -> list[Fold]:
        """The folds whose place is right below this process."""
        return [fold for fold in self.folds if fold.after == process]


def fold(trace: Trace, keep: Collection[str] = ()) -> Folding:
    """Choose which processes to show. Those in ``keep``, and their ancestors, always are.

    In a tree of many, children of one parent that made no child themselves and did the same
    things are folded into one line; then whatever is still too many. Takes linear time.
    """
    if len(trace.processes) <= ALL_SHOWN:
        return Folding(trace.processes, [])
    kept = {ancestor for process in keep for ancestor in _and_ancestors(process)}
    lead: dict[Hashable, list[str]] = {}
    alike: dict[str, Fold] = {}
    shown: list[Process] = []
    looks = _looks(trace)
    for process in trace.processes:
        look = looks.get(process.id)
        if look is None or process.id in kept:
            shown.append(process)
            continue
        leaders = lead.setdefault(look, [])
        if len(leaders) < _SHOWN_OF_ALIKE:
            leaders.append(process.id)
            shown.append(process)
        elif leaders[-1] in alike:
            alike[leaders[-1]].count += 1
        else:
            alike[leaders[-1]] = Fold(1, leaders[-1], leaders[-1])
    return _cut(shown, alike, kept)


def _cut(shown: list[Process], alike: dict[str, Fold], kept: set[str]) -> Folding:
    """Drop the lines beyond the most that are shown."""
    room = MOST_SHOWN - sum(process.id in kept for process in shown[MOST_SHOWN:])
    few = [p for i, p in enumerate(shown) if i < room or p.id in kept]
    names = {process.id for process in few}
    folds = [f for f in alike.values() if f.after in names]
    left_out = len(shown) - len(few) + sum(f.count for f in alike.values() if f not in folds)
    if left_out:
        folds.append(Fold(left_out, None, few[-1].id))
    return Folding(few, folds)


def _and_ancestors(process: str) -> list[str]:
    parts = process.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts) + 1)]


def _looks(trace: Trace) -> dict[str, Hashable]:
    """What each process that forked none looks like; equal where they are alike."""
    parents = {process.parent for process in trace.processes}
    deeds: dict[str, list[Hashable]] = {p.id: [] for p in trace.processes if p.id not in parents}
    for event in trace.events:
        done = deeds.get(event.process)
        if done is not None:
            deed = _deed(event)
            if not done or done[-1] != deed:
                done.append(deed)
    return {
        p.id: (p.parent, p.fate, str(p.exit), *p.program[:1], *deeds[p.id])
        for p in trace.processes
        if p.id in deeds
    }


def _deed(event: AnyEvent) -> Hashable:
    kind = type(event).__name__
    if isinstance(event, Wait):
        return (kind, event.outcome)
    if isinstance(event, Fork):
        return (kind, event.error)
    return kind
