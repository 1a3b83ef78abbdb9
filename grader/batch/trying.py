"""Having jobs done: some at a time, and again where the grader fails."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable
from typing import NamedTuple

import msgspec

from grader.batch.jobs import Answer, Executor, Job
from grader.model import Entry, GraderError, Result, UsageError

MOST_TRIES = 3
"""How often a submission is tried where the grader fails."""

_TURN_SECONDS = 0.25
"""How long it is waited at most, so that progress is shown."""


class Outcome(NamedTuple):
    """What came of an entry in the end."""

    entry: Entry
    answer: Answer
    failure: str | None
    """The grader's own."""
    tries: int
    seconds: float
    """Of all tries together."""


def have_done(
    entries: Iterable[Entry],
    job: Callable[[Entry], Job],
    executor: Executor,
    finished: Callable[[Outcome], None],
    again: Callable[[Entry, str], None],
    turns: Callable[[], None],
) -> None:
    """Have the ``job`` of each entry done, made when its turn comes.

    ``again`` is told of those that are tried again, and why; ``turns`` is called now and then.
    Raises UsageError and GraderError when it is in vain to go on.
    """
    waiting = deque(entries)
    under_way: dict[str, Entry] = {}
    tries: Counter[str] = Counter()
    seconds: dict[str, float] = {}
    while waiting or under_way:
        while waiting and len(under_way) < executor.slots:
            entry = waiting.popleft()
            under_way[entry.id] = entry
            executor.submit(job(entry))
        for answer in executor.answers(_TURN_SECONDS):
            if answer.usage is not None:
                raise UsageError(answer.usage)
            found = under_way.pop(answer.id, None)
            if found is None:  # it was given up, and has come after all
                continue
            tries[found.id] += 1
            seconds[found.id] = seconds.get(found.id, 0.0) + answer.seconds
            failure = answer.failure or _failure_in(answer)
            if failure is not None and tries[found.id] < MOST_TRIES:
                again(found, failure)
                waiting.append(found)
                continue
            if answer.full is not None:  # and not for a moment, by a program that fills it
                raise GraderError(
                    f"{answer.full}. What is graded is kept: make room, and run the same command "
                    "again, to go on"
                )
            spent = seconds.pop(found.id)
            finished(Outcome(found, answer, failure, tries.pop(found.id), spent))
        turns()


def _failure_in(answer: Answer) -> str | None:
    """The grader's own failure, in a result that has one."""
    if answer.status != "error":
        return None
    result = msgspec.json.decode(answer.result or b"", type=Result)
    found = (check.message for check in result.checks if check.status == "error")
    return next(found, "a check could not be judged")
