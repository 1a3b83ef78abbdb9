"""The shape of the process tree: who forked whom, and with which call."""

from __future__ import annotations

from grader.judge.failure import CheckFailed
from grader.judge.words import counted, listed, who
from grader.model import ROOT, Event, Exit, Fork, Trace, Unproved


def made(trace: Trace, parent: str | None = None) -> list[Fork]:
    """The calls that made a process, of any kind, in order; of one parent, if given.

    Raises Unproved for sampled evidence.
    """
    return [fork for fork in trace.forks(parent) if fork.child is not None]


def failed_forks(trace: Trace) -> list[Fork]:
    """The calls that were to make a process and failed. Unproved for sampled evidence."""
    return [fork for fork in trace.forks() if fork.child is None]


def is_fan(trace: Trace, parent: str = ROOT) -> bool:
    """Whether every process but the root is a child of ``parent``."""
    return all(process.parent == parent for process in trace.descendants)


def is_chain(trace: Trace) -> bool:
    """Whether every process forked the next one, and no other: P, P.1, P.1.1, ..."""
    return all(
        child.parent == parent.id
        for parent, child in zip(trace.processes, trace.descendants, strict=False)
    )


def describe(trace: Trace) -> str:
    """The tree in words: ``the parent (P) forked P.1 and P.2; P.1 forked P.1.1``."""
    parts = []
    for process in trace:
        children = [child.id for child in trace.children(process.id)]
        if children:
            name = who(process.id) if process.id == ROOT else process.id
            parts.append(f"{name} forked {listed(children)}")
    return "; ".join(parts) or f"{who(ROOT)} forked nothing"


def require_number(trace: Trace, number: int) -> None:
    """Raise CheckFailed unless there are ``number`` processes beside the root.

    Raises Unproved if sampling saw fewer: one that lives shorter than a poll is not seen.
    """
    seen = len(trace.descendants)
    if trace.evidence != "exact" and seen < number:
        raise Unproved(f"sampling saw {seen} of {number} processes; it misses those that end fast")
    if seen != number:
        processes = counted(number, "process", "processes")
        raise CheckFailed(
            f"Expected {processes} beside the parent, and there {'was' if seen == 1 else 'were'} "
            f"{seen or 'none'}: {describe(trace)}.",
            events=[process.forked for process in trace.descendants],
        )


def end_of(trace: Trace, process: str) -> Exit | None:
    """The exit event of a process; None when it did not end before the run did.

    Raises Unproved for sampled evidence.
    """
    exits = trace.of(Exit, process)
    return exits[-1] if exits else None


def happened_before(first: Event, *later: Event) -> bool:
    """Whether an event took effect before each of the others."""
    return all(first.n < event.n for event in later)
