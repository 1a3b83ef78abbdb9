"""Output that was printed once and written twice: a buffer that fork copied.

On a pipe or in a file, a program's output collects in a buffer inside the process; fork
copies that buffer with the rest of the memory, and parent and child each write it when
they end (fork(2); setvbuf(3)). On a terminal each line is written at once, so there the
same program looks right.
"""

from __future__ import annotations

import re
from itertools import takewhile
from typing import NamedTuple

from grader.model import Fork, Trace, Write

_COMPARED = 20_000
"""So many bytes of each write: more than any buffer holds."""
_MOST_ALIKE = 50
"""So many writes with the same first line."""


class Duplicate(NamedTuple):
    """Whole lines that several processes wrote, first thing after a fork."""

    forker: str
    """The process in whose buffer they were."""
    stream: str
    text: str
    writes: list[Write]
    """By each process that wrote them, in order."""
    certain: bool
    """Whether they hold the forker's pid, so that the others hardly made them up."""


def duplicates(trace: Trace) -> list[Duplicate]:
    """The buffers that were copied, one for each process that forked with one.

    What is sought: two processes, parent and child or two children, whose first writes to
    a stream since the fork begin with the same whole lines. Two processes that print the
    same words themselves look alike; so the lines must name the forker's pid, or be
    followed by something else in one of the processes, and only the former is certain.
    Raises Unproved for sampled evidence.
    """
    writes = [
        write
        for write in trace.of(Write)
        if write.size and not (trace.stdio == "terminal" and write.stream in ("stdout", "stderr"))
    ]
    forks: dict[str, list[Fork]] = {}
    for fork in trace.of(Fork):
        if fork.child is not None and fork.call == "fork":
            forks.setdefault(fork.process, []).append(fork)
    found: list[Duplicate] = []
    for stream in dict.fromkeys(write.stream for write in writes):
        by_process: dict[str, list[Write]] = {}
        for write in writes:
            if write.stream == stream:
                by_process.setdefault(write.process, []).append(write)
        for forker, its_forks in forks.items():
            duplicate = _of_forker(trace, forker, its_forks, stream, by_process)
            if duplicate is not None and not _inherited(duplicate, found):
                found.append(duplicate)
    return found


def _of_forker(
    trace: Trace, forker: str, forks: list[Fork], stream: str, writes: dict[str, list[Write]]
) -> Duplicate | None:
    """What one process had in its buffer at one of its forks; the first that is found."""
    own = writes.get(forker, [])
    starts: dict[int, bytes] = {}
    for at, fork in enumerate(forks):
        after = next((write for write in own if write.n > fork.n), None)
        # Forks in between two writes of the forker share one state of its buffer, or a longer one.
        until = after.n if after is not None else len(trace.events)
        candidates = [after] if after is not None else []
        for other in forks[at:]:
            if other.n < until and other.child in writes:
                candidates.append(writes[other.child][0])
        same = _same_start(candidates, starts)
        if same is None:
            continue
        text, concerned = same
        named = _names_pid(text, trace.process(forker).pid)
        if named or any(write.data.rstrip() != text.rstrip() for write in concerned):
            shown = text.decode(errors="replace")
            return Duplicate(forker, stream, shown, sorted(concerned, key=lambda w: w.n), named)
    return None


def _same_start(writes: list[Write], starts: dict[int, bytes]) -> tuple[bytes, list[Write]] | None:
    """The whole lines with which the first of these writes and some others begin.

    ``starts`` keeps the beginnings of writes, by event, from one call to the next: a process
    that forks a thousand times has them compared a thousand times.
    """
    alike: dict[bytes, list[Write]] = {}
    for write in writes:
        if write.n not in starts:
            starts[write.n] = write.data[:_COMPARED]
        first = starts[write.n].find(b"\n")
        if first >= 0:
            alike.setdefault(starts[write.n][: first + 1], []).append(write)
    for first_line, those in alike.items():
        if len(those) < 2:
            continue
        one = starts[those[0].n]
        text = first_line
        for other in those[1:_MOST_ALIKE]:
            text = max(text, _common_lines(one, starts[other.n]), key=len)
        if text.strip():
            return text, [write for write in those if starts[write.n].startswith(text)]
    return None


def _common_lines(one: bytes, other: bytes) -> bytes:
    """The whole lines with which both begin."""
    pairs = zip(one.splitlines(True), other.splitlines(True), strict=False)
    same = [a for a, b in takewhile(lambda pair: pair[0] == pair[1], pairs) if a.endswith(b"\n")]
    return b"".join(same)


def _names_pid(text: bytes, pid: int) -> bool:
    return re.search(rb"(?<!\d)%d(?!\d)" % pid, text) is not None


def _inherited(duplicate: Duplicate, found: list[Duplicate]) -> bool:
    """Whether it is a copy of a copy: a child that forked on with its parent's buffer."""
    return any(
        duplicate.stream == other.stream
        and duplicate.text.startswith(other.text)
        and duplicate.forker in {write.process for write in other.writes}
        for other in found
    )
