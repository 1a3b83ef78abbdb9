"""All hostile programs at once, beside fifty honest submissions, on a loaded machine: each of
these has the verdict that it gets alone, and nothing is left."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import msgspec

from grader.assignments import (
    Assignment,
    Recorder,
    all_assignments,
    failed_checks,
    judge_all,
    load_mistakes,
    open_submission,
)
from grader.observe import run

from .heads import Program, all_programs
from .running import held, place, scenario, unsuitable
from .surroundings import Surroundings

CORRECT = Path(__file__).parents[1] / "assignments_content" / "correct"
HONEST = 50
GRADERS = 5
"""Processes that grade at the same time: more than there are processors."""
ALONE = {"thousand_children"}
"""What would take all the processes that a small system has."""
SLOW = {
    *("busy_wait", "handler_after_fork", "loop_without_exit", "no_sleep", "pause_before_signal"),
    *("polls", "sigchld_handler", "with_multiprocessing", "with_subprocess", "with_threads"),
}
"""Honest programs with thousands of schedules, or that take real time."""


class Honest(NamedTuple):
    """A submission without malice, and what is known of it."""

    assignment: Assignment
    path: Path
    fails: frozenset[str]
    """The checks that it fails, when it is alone."""


def honest() -> list[Honest]:
    """The references, the right variants, and as many of the known mistakes."""
    right, wrong = [], []
    for assignment in all_assignments():
        variants = sorted((CORRECT / assignment.id).glob("*.py"))
        for path in (assignment.reference_path, *variants):
            right.append(Honest(assignment, path, frozenset()))
        for mistake in load_mistakes(assignment):
            wrong.append(Honest(assignment, mistake.path, frozenset(mistake.fails)))
    quick = [each for each in right if each.path.stem not in SLOW]
    mistakes = [each for each in wrong if each.path.stem not in SLOW]
    random.Random(18).shuffle(mistakes)
    return [*quick, *mistakes][:HONEST]


def test_all_at_once_beside_honest_submissions(around: Surroundings, renew: list[str]) -> None:
    programs = [p for p in all_programs() if p.name not in ALONE and not unsuitable(p, "free")]
    for program in programs:
        place(program, around)
    submissions = honest()
    assert len(submissions) == HONEST
    assert {bool(each.fails) for each in submissions} == {True, False}
    jobs: list[Program | Honest] = [*programs, *submissions]
    random.Random(4).shuffle(jobs)

    def grade_all() -> bytes:
        shares = [jobs[first::GRADERS] for first in range(GRADERS)]
        return msgspec.json.encode(
            _in_parallel([lambda share=share: _work(share, around) for share in shares])  # type: ignore[misc]
        )

    data, wrong = around.watch(grade_all)
    renew += [*wrong, *(msgspec.json.decode(data, type=list[str]) if data else [])]
    assert not renew, "\n".join(["", *renew])


def _in_parallel(works: list[Callable[[], list[str]]]) -> list[str]:
    """What each piece of work found, all done at the same time, in a process each."""
    readings = []
    for work in works:
        reading, writing = os.pipe()
        if os.fork() == 0:
            try:
                os.close(reading)
                with os.fdopen(writing, "wb") as pipe:
                    pipe.write(msgspec.json.encode(work()))
            finally:
                os._exit(0)
        os.close(writing)
        readings.append(reading)
    found = []
    for reading in readings:
        with os.fdopen(reading, "rb") as pipe:
            data = pipe.read()
        found += msgspec.json.decode(data, type=list[str]) if data else ["a grader has died"]
        os.wait()
    return found


def _work(jobs: list[Program | Honest], around: Surroundings) -> list[str]:
    """One grader: runs what is hostile, records what is honest, and judges that in the end."""
    wrong, recorded, recorder = [], [], Recorder()
    for number, job in enumerate(jobs):
        if isinstance(job, Honest):
            submission = open_submission(job.path, job.assignment)
            recorded.append((submission, recorder.traces(submission)))
        else:
            stdio = ("terminal", "pipe")[number % 2]
            trace = run(scenario(job, "free", stdio, around), "exact")  # type: ignore[arg-type]
            wrong += [f"{job}: {each}" for each in held(trace, around.token)]
    known = [job for job in jobs if isinstance(job, Honest)]
    for job, result in zip(known, judge_all(recorded, recorder), strict=True):
        if set(failed_checks(result)) != job.fails or result.status == "error":
            told = f"{result.status}, fails {failed_checks(result)}, not {sorted(job.fails)}"
            wrong.append(f"{job.assignment.id}/{job.path.name}: {told}")
    return wrong
