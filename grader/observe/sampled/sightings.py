"""What sampling has seen of each process, and what may be concluded from that."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from grader.model import ROOT, ExitStatus, Fate, Process, child_id

Collected = Literal["by us", "by another"]


@dataclass(slots=True, eq=False)
class Sighting:
    """One process, as polling saw it."""

    pid: int
    created: float
    parent: Sighting | None
    """Who was its parent at first sight; None for the root, and for those that were
    orphans already."""
    program: list[str] = field(default_factory=list)
    zombie_since: float | None = None
    """When it was first seen as a zombie, in seconds since the run began."""
    gone_at: float | None = None
    ended_before_parent: bool | None = None
    """Whether it was seen as a zombie while its first parent was alive."""
    orphaned: bool = False
    """It was seen alive with another parent than its first."""
    parent_discards: bool = False
    """Its parent was seen to ignore SIGCHLD."""
    exit: ExitStatus | None = None
    """Known only of those that this process collected."""

    def fate(self, subreaper: bool) -> Fate | None:
        """What became of it, as far as that can be concluded.

        With a subreaper, whoever was not collected by its parent was collected by us;
        so what we did not collect, its parent did, or the kernel for it. Without one,
        only what was seen counts.
        """
        if self.exit is not None:  # collected by us: its parent had not
            if self.orphaned:
                return "orphaned"
            return "unreaped" if self.ended_before_parent else None
        if self.parent_discards:
            return None  # auto-reaped, or reaped before SIGCHLD was ignored
        return "reaped" if subreaper else None


def as_processes(root: Sighting, sightings: list[Sighting], subreaper: bool) -> list[Process]:
    """Name the processes and conclude their fates. Siblings are in order of creation."""
    ids: dict[int, str] = {id(root): ROOT}
    processes = [
        Process(
            id=ROOT, pid=root.pid, parent=None, fate="root", exit=root.exit, program=root.program
        )
    ]
    counts: dict[str, int] = {}
    ordered = sorted((s for s in sightings if s is not root), key=lambda s: (s.created, s.pid))
    for sighting in ordered:
        parent = ids.get(id(sighting.parent), ROOT) if sighting.parent else ROOT
        counts[parent] = counts.get(parent, 0) + 1
        ids[id(sighting)] = child_id(parent, counts[parent])
        fate = sighting.fate(subreaper)
        zombie = None
        if sighting.zombie_since is not None and sighting.gone_at is not None:
            zombie = round(sighting.gone_at - sighting.zombie_since, 6)
        processes.append(
            Process(
                id=ids[id(sighting)],
                pid=sighting.pid,
                parent=parent,
                fate=fate,
                exit=sighting.exit,
                reaped_by=parent if fate == "reaped" else None,
                adopted_by="outside" if fate == "orphaned" else None,
                zombie_seconds=zombie,
                program=sighting.program,
            )
        )
    return processes
