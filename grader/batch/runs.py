"""The runs of a submission as they are stored, to be judged again: ``runs.json.gz``."""

from __future__ import annotations

import gzip
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from grader.assignments.recording import Recorded, Runs, TraceSource
from grader.assignments.submission import Submission
from grader.model import GraderError, Trace, to_json

_LEVEL = 6


class Shorter(msgspec.Struct, frozen=True, kw_only=True):
    """What came of looking for a shorter run that shows a failure."""

    scenario: str
    schedule: str | None
    """Of the run that showed it."""
    trace: Trace | None
    """A shorter one; None when none was found."""


class _Document(msgspec.Struct, frozen=True, kw_only=True):
    schema: Literal["grader/runs/v1"] = "grader/runs/v1"
    scenarios: dict[str, Recorded]
    shorter: list[Shorter] = []
    """In the order in which it was asked for."""


def packed(runs: Runs, shorter: Sequence[Shorter] = ()) -> bytes:
    """The content of ``runs.json.gz``: the same for the same runs."""
    document = _Document(scenarios=dict(runs), shorter=list(shorter))
    return gzip.compress(to_json(document), _LEVEL, mtime=0)


def unpacked(data: bytes) -> tuple[Runs, list[Shorter]]:
    """What was packed. Raises GraderError when it is not that."""
    try:
        document = msgspec.json.decode(gzip.decompress(data), type=_Document)
    except (OSError, EOFError, zlib.error, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise GraderError(f"the stored runs are damaged: {error}") from None
    return document.scenarios, document.shorter


class Remembering:
    """A source that notes which shorter runs were found."""

    def __init__(self, source: TraceSource) -> None:
        self._source = source
        self.found: list[Shorter] = []

    def traces(self, submission: Submission) -> Runs:
        """As the source."""
        return self._source.traces(submission)

    def shortest(
        self, submission: Submission, trace: Trace, fails: Callable[[Trace], bool]
    ) -> Trace:
        """As the source."""
        best = self._source.shortest(submission, trace, fails)
        shorter = None if best is trace else best
        noted = Shorter(scenario=trace.scenario, schedule=trace.schedule, trace=shorter)
        self.found.append(noted)
        return best


class Remembered:
    """A source for what was noted: nothing is run.

    The same checks ask for the same in the same order, and get the same. Others get the first
    shorter run of that scenario, if any, in which they fail.
    """

    def __init__(self, runs: Runs, found: Sequence[Shorter]) -> None:
        self._runs = runs
        self._found = found
        self._asked: Counter[tuple[str, str | None]] = Counter()

    def traces(self, submission: Submission) -> Runs:
        """Those that are stored."""
        return self._runs

    def shortest(
        self, submission: Submission, trace: Trace, fails: Callable[[Trace], bool]
    ) -> Trace:
        """A shorter run that was found before, or ``trace`` itself."""
        key = (trace.scenario, trace.schedule)
        same = [each for each in self._found if (each.scenario, each.schedule) == key]
        number = self._asked[key]
        self._asked[key] += 1
        if number < len(same):
            noted = same[number].trace
            if noted is None:
                return trace
            if fails(noted):
                return noted
        others = [e.trace for e in self._found if e.scenario == trace.scenario and e.trace]
        better = [each for each in others if _effort(each) < _effort(trace) and fails(each)]
        return min(better, key=_effort, default=trace)


def _effort(trace: Trace) -> tuple[int, int]:
    return trace.preemptions, trace.steps
