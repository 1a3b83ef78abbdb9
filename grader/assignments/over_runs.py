"""One check judged over all the runs of its scenarios, as a property is over examples."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import msgspec

from grader.assignments.checks import CheckSpec
from grader.assignments.recording import Recorded, Runs
from grader.assignments.verdicts import GraderFault, verdict
from grader.judge.order import difference, in_how_many
from grader.model import Check, Fork, Proof, Trace

Call = Callable[[Trace], tuple[Check, BaseException | None]]
"""Calls a check for a trace."""
Shorten = Callable[[Trace, Callable[[Trace], bool]], Trace]
"""See ``TraceSource.shortest``."""
Places = Mapping[str, frozenset[int]]
"""By scenario, the places of some of its traces."""


class Judged(NamedTuple):
    """What became of a check."""

    check: Check
    error: BaseException | None = None
    """What it raised, for authors to look at."""
    failed: Places = MappingProxyType({})
    """Where it failed, or was left out because a required check had failed."""
    wholly: bool = False
    """Whether no trace of some scenario is left: who requires it is skipped."""


class _Found(NamedTuple):
    """What became of a check in one scenario."""

    passed: list[int]
    failed: list[int]
    first: tuple[Check, BaseException] | None
    """Of the first run in which it failed: the shortest, as runs are judged in this order."""


def judge_over(
    spec: CheckSpec, runs: Runs, call: Call, shorten: Shorten, left_out: Places
) -> Judged:
    """Judge a check over every trace of its scenarios but those that are ``left_out``.

    The first scenario with a failure decides; in it the failure with the shortest schedule.
    Raises GraderFault when the traces can't be trusted.
    """
    decided: Judged | None = None
    unproved: Check | None = None
    failed = dict(left_out)
    wholly = False
    judged = 0
    for name in spec.scenarios:
        recorded = runs[name]
        if recorded.unproved:
            unproved = unproved or verdict(spec, "unproved", recorded.unproved, name)
            continue
        found, unknown = _in_scenario(recorded, call, left_out[name])
        unproved = unproved or unknown
        judged += len(found.passed) if left_out[name] else _runs(recorded)
        failed[name] = bad = left_out[name].union(found.failed)
        if found.first is None:
            continue
        wholly = wholly or len(bad) == len(recorded.traces)
        if decided is None:
            decided = _failure(spec, recorded, found, call, shorten)
        if wholly:
            break  # whoever requires it is skipped: there is nothing more to know
    if decided is not None:
        return decided._replace(failed=failed, wholly=wholly)
    check = unproved or verdict(spec, "pass")
    check = msgspec.structs.replace(check, proof=_proof(spec, runs, left_out), runs=judged)
    return Judged(check, None, failed)


def trusted(recorded: Recorded) -> Recorded:
    """The same, when its traces can be judged; raises GraderFault when they can't."""
    for trace in recorded.traces:
        if trace.ended == "exit" and _starved(trace):
            raise GraderFault(
                f"in the scenario {trace.scenario} the system was out of processes or memory, "
                "and refused a fork; run it again on a less busy system"
            )
        if trace.doubts:
            raise GraderFault(
                f"the record of the scenario {trace.scenario} can't be trusted: "
                + "; ".join(trace.doubts)
            )
    return recorded


def _starved(trace: Trace) -> bool:
    """Whether a fork failed for want of something that is the system's to give (fork(2)),
    and not because the scenario asked for it, or at a limit of the run."""
    return any(
        isinstance(e, Fork) and e.error in ("EAGAIN", "ENOMEM") and not (e.injected or e.capped)
        for e in trace.events
    )


def _in_scenario(
    recorded: Recorded, call: Call, left_out: frozenset[int]
) -> tuple[_Found, Check | None]:
    """Judge every trace of a scenario, the simplest run first; and the first that is
    unproved. Ends at once where the check itself is at fault."""
    found = _Found([], [], None)
    unproved = None
    for place in _simplest_first(recorded):
        if place in left_out:
            continue
        check, error = call(recorded.traces[place])
        if error is None:
            found.passed.append(place)
        elif check.status == "unproved":
            found.passed.append(place)
            unproved = unproved or check
        else:
            found.failed.append(place)
            if found.first is None:
                found = found._replace(first=(check, error))
            if check.status == "error":
                break
    return found, unproved


def _simplest_first(recorded: Recorded) -> list[int]:
    """Traces that were explored come so: exploring knows the shortest way to each end."""

    def effort(place: int) -> tuple[int, int, str]:
        trace = recorded.traces[place]
        return trace.preemptions, trace.steps, trace.schedule or ""

    places = list(range(len(recorded.traces)))
    explored = recorded.schedules is not None and recorded.schedules.shortest
    return places if explored else sorted(places, key=effort)


def _failure(
    spec: CheckSpec, recorded: Recorded, found: _Found, call: Call, shorten: Shorten
) -> Judged:
    """The verdict, on the shortest run that shows the failure."""
    assert found.first is not None
    check, error = found.first
    trace = recorded.traces[found.failed[0]]
    if recorded.schedules is not None and trace.schedule and check.status == "fail":

        def fails(other: Trace) -> bool:
            return not other.doubts and not _starved(other) and call(other)[0].status == "fail"

        shorter = shorten(trace, fails)
        if shorter is not trace:
            check_again, error_again = call(shorter)
            if check_again.status == "fail" and error_again is not None:
                trace, check, error = shorter, check_again, error_again
        check = _with_order(check, trace, recorded, found)
    proof = _proof_of(recorded)
    check = msgspec.structs.replace(
        check, schedule=trace.schedule, proof=proof, runs=_runs(recorded)
    )
    return Judged(check, error)


def _with_order(check: Check, trace: Trace, recorded: Recorded, found: _Found) -> Check:
    """Add in how many schedules it fails, and what is special about this one."""
    sentences = []
    passed = [recorded.traces[place] for place in found.passed]
    failed = [recorded.traces[place] for place in found.failed]
    if told := difference(trace, passed, failed):
        sentences.append(told)
    if len(recorded.traces) > 1:
        number = in_how_many(len(failed), len(failed) + len(passed), _runs(recorded))
        sentences.append(f"It fails {number}." if passed else f"It fails so {number}.")
    message = "\n".join([check.message, " ".join(sentences)] if sentences else [check.message])
    return msgspec.structs.replace(check, message=message)


def _runs(recorded: Recorded) -> int:
    return recorded.schedules.runs if recorded.schedules else len(recorded.traces)


def _proof(spec: CheckSpec, runs: Runs, left_out: Places) -> Proof:
    """How far it reaches that a check holds: as far as the least of its explored scenarios."""
    proofs: list[Proof] = []
    for name in spec.scenarios:
        if runs[name].unproved:
            return "single"
        proof = _proof_of(runs[name])
        if proof == "exhaustive" and left_out[name]:
            proof = "bounded"  # where a required check failed, it was not asked
        if runs[name].schedules is not None:
            proofs.append(proof)
    return min(proofs, key=lambda proof: _FROM_LEAST.index(proof), default="single")


def _proof_of(recorded: Recorded) -> Proof:
    schedules = recorded.schedules
    free = any(trace.uncontrolled for trace in recorded.traces)
    if schedules is None or (schedules.runs <= 1 and not schedules.exhaustive):
        return "single"
    return "exhaustive" if schedules.exhaustive and not free else "bounded"


_FROM_LEAST: tuple[Proof, ...] = ("single", "bounded", "exhaustive")
