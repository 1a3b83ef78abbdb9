"""A desk with an assignment, a class and results, where runs are made up: nothing is run."""

from __future__ import annotations

import errno
import json
import os
import signal
import time
from pathlib import Path

import pytest

from grader.assignments import load, recording
from grader.assignments.recording import Recorded
from grader.batch.regrade import regrade
from grader.batch.run import Options, run_batch
from grader.model import ExitStatus, GraderError, Process, Schedules, Trace, UsageError

TOML = """\
schema = "grader/assignment/v1"
id = "demo"
title = "Wait for a child"
file = "demo.py"

[scenarios.every]
run = "schedules"
"""

CHECKS = '''\
import pytest

@pytest.mark.points(3)
def test_waits(trace):
    """The parent waits for its child."""
    assert trace.unreaped == [], "nobody waited"

def test_forks(submission):
    """It forks."""
    assert "fork" in submission.source
'''

RIGHT, WRONG, RACY = "fork and wait\n", "fork\n", "fork, racy\n"


def made_up(recorder, submission):
    """The traces of a submission, as its text says."""
    source = submission.source
    if "grader fails" in source:
        raise GraderError("the kernel said no")
    if "fails at first" in source:
        fail_once(submission, GraderError("once"))
    if "disk is full" in source:
        try:
            raise OSError(errno.ENOSPC, "No space left on device")
        except OSError as error:
            failure = GraderError(f"no private folder can be made: {error}")
            if "at first" not in source:
                raise failure from None
            fail_once(submission, failure)
    if "cannot be copied" in source:
        raise UsageError("this can't be copied to where it is run")
    if "kills the worker" in source:
        os.kill(os.getpid(), signal.SIGKILL)
    if "takes long" in source:
        time.sleep(30)
    fates = ["reaped" if "wait" in source else "unreaped"]
    if "racy" in source:
        fates = ["reaped", "unreaped"]
    return {
        name: Recorded(
            traces=[trace(name, fate, f"1:{'a' * n}") for n, fate in enumerate(fates)],
            schedules=Schedules(runs=len(fates), exhaustive=True),
        )
        for name in submission.assignment.scenarios
    }


def fail_once(submission, failure):
    """Fail for each submission the first time; what is told by a file, as workers are many."""
    mark = Path(os.environ["DESK"]) / f"{submission.key}.failed"
    if not mark.exists():
        mark.touch()
        raise failure


def trace(scenario: str, fate: str, schedule: str) -> Trace:
    ok, pid = ExitStatus(code=0), os.getpid()
    return Trace(
        evidence="exact",
        engine="made up",
        scenario=scenario,
        command=["python", "demo.py"],
        time="adversarial",
        schedule=schedule,
        preemptions=len(schedule),
        ended="exit",
        exit=ok,
        seconds=time.monotonic(),
        processes=[
            Process(id="P", pid=pid, parent=None, fate="root", exit=ok),
            Process(id="P.1", pid=pid + 1, parent="P", fate=fate, exit=ok),
        ],
    )


def made_up_shortest(recorder, submission, trace, fails):
    """A shorter run, as a real recorder finds one now and then."""
    import msgspec

    shorter = msgspec.structs.replace(trace, schedule="1:z", preemptions=0, steps=1)
    return shorter if fails(shorter) else trace


class Told:
    """Notes what a batch tells."""

    def __init__(self) -> None:
        self.left = -1
        self.done: list[str] = []
        self.tried_again: list[str] = []

    def begins(self, batch, done, left):
        self.left = left

    def graded(self, entry, status, failure):
        self.done.append(entry.id)

    def again(self, entry, failure):
        self.tried_again.append(entry.id)

    def turns(self):
        pass


class Desk:
    """An assignment, a class, and results."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.assignment = folder / "asg" / "demo"
        self.assignment.mkdir(parents=True)
        self.toml = self.assignment / "assignment.toml"
        self.checks = self.assignment / "test_demo.py"
        self.toml.write_text(TOML)
        self.checks.write_text(CHECKS)
        self.source = folder / "class"
        self.source.mkdir()
        self.results = folder / "results"
        self.told = Told()

    def hand_in(self, **programs: str) -> None:
        for name, program in programs.items():
            (self.source / name).mkdir(exist_ok=True)
            (self.source / name / "demo.py").write_text(program)

    def batch(self, out: Path | None = None, hire=None, jobs=2, **options):
        self.told = Told()
        given = Options(jobs=jobs, **options)
        out = out or self.results
        return run_batch(self.source, load(self.assignment), out, given, self.told, hire)

    def regrade(self, **options):
        self.told = Told()
        return regrade(self.results, None, self.told, jobs=1, **options)

    def read(self, id: str, name: str = "result.json", out: Path | None = None):
        return json.loads(((out or self.results) / id / name).read_bytes())

    def score(self, id: str) -> float:
        return self.read(id)["score"]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(recording.Recorder, "traces", made_up)
    monkeypatch.setattr(recording.Recorder, "shortest", made_up_shortest)
    monkeypatch.setenv("DESK", str(tmp_path))
    return Desk(tmp_path)
