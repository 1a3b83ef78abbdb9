"""What is run, and what is not: once, in every schedule, freely, with faults."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.assignments import Recorder, Submission, load, open_submission
from grader.observe import choose

TOML = """\
schema = "grader/assignment/v1"
id = "demo"
title = "T"
file = "demo.py"
[scenarios.every]
[scenarios.failing]
faults = ["wait:ECHILD@P#1"]
[scenarios.free]
run = "real"
[scenarios.usual]
run = "ideal"
stdio = "pipe"
"""
TWO_CHILDREN = """\
import os, time
for seconds in (100, 200):
    if os.fork() == 0:
        time.sleep(SECONDS)
        os._exit(0)
os.wait(), os.wait()
"""
exact = pytest.mark.skipif(choose() != "exact", reason="needs the exact engine")


@pytest.fixture
def submitted(tmp_path: Path):
    (tmp_path / "asg").mkdir()
    (tmp_path / "asg" / "assignment.toml").write_text(TOML)

    def submit(source: str) -> Submission:
        (tmp_path / "demo.py").write_text(source)
        return open_submission(tmp_path / "demo.py", load(tmp_path / "asg"))

    return submit


@exact
def test_each_scenario_is_run_as_it_says(submitted):
    source = TWO_CHILDREN.replace("SECONDS", "0 if os.isatty(1) else seconds")
    runs = Recorder().traces(submitted(source))
    assert list(runs) == ["every", "failing", "free", "usual"]
    assert {name: recorded.traces[0].time for name, recorded in runs.items()} == {
        "every": "adversarial",
        "failing": "ideal",
        "free": "real",
        "usual": "ideal",
    }
    every, failing, free, usual = runs.values()
    assert every.schedules is not None
    assert every.schedules.exhaustive
    assert every.schedules.runs >= len(every.traces) > 1
    assert len({trace.schedule for trace in every.traces}) == len(every.traces)
    assert [len(each.traces) for each in (failing, free, usual)] == [1, 1, 1]
    assert failing.traces[0].faults == ["wait:ECHILD@P#1"]
    [failed, *_] = failing.traces[0].waits()
    assert (failed.error, failed.injected) == ("ECHILD", True)
    [usual_run] = usual.traces
    assert usual_run.stdio == "pipe"
    assert usual_run.events[-1].t == pytest.approx(200)  # and yet the test was over at once


@exact
def test_a_budget_ends_the_search_and_says_so(submitted):
    every = Recorder(budget=2).traces(submitted(TWO_CHILDREN.replace("SECONDS", "0")))["every"]
    assert every.schedules is not None
    assert every.schedules.runs <= 2
    assert not every.schedules.exhaustive
    assert every.schedules.reason


@exact
def test_a_program_out_of_control_is_run_once_and_no_fault_is_believed(submitted):
    source = "import threading\nt = threading.Thread(target=print)\nt.start()\nt.join()\n"
    runs = Recorder().traces(submitted(source))
    every = runs["every"]
    assert every.schedules is not None
    assert not every.schedules.exhaustive
    [trace] = every.traces
    assert trace.uncontrolled is not None
    assert runs["failing"].traces == []
    assert "thread" in (runs["failing"].unproved or "")


def test_sampling_runs_each_scenario_once_and_can_make_nothing_fail(submitted):
    source = TWO_CHILDREN.replace("SECONDS", "0.2")
    runs = Recorder("sampled").traces(submitted(source))
    assert list(runs) == ["every", "failing", "free", "usual"]
    assert runs["failing"].traces == []
    assert runs["failing"].unproved == "sampling can't make a call fail"
    for name in ("every", "free", "usual"):
        [trace] = runs[name].traces
        assert (trace.evidence, trace.time) == ("sampled", "real")
        assert runs[name].schedules is None
