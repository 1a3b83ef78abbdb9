"""The benchmarks run, and their arithmetic is right."""

import shutil
import subprocess
import sys

import pytest

from benchmarks.measure import Sample, interleaved, ratio, table
from tests.docs.console import ROOT


def test_contenders_take_turns_and_the_first_round_does_not_count():
    calls = []

    def contender(name):
        def once():
            calls.append(name)
            return float(len(calls))

        return once

    samples = interleaved({"a": contender("a"), "b": contender("b")}, 2)
    assert calls == ["a", "b", "b", "a", "a", "b"]
    assert samples == {"a": Sample((4.0, 5.0)), "b": Sample((3.0, 6.0))}


def test_a_ratio_is_formed_round_by_round():
    fast, slow = Sample((1.0, 2.0, 4.0)), Sample((3.0, 4.0, 16.0))
    assert ratio(slow, fast) == (3.0, 2.0, 4.0)


def test_a_table_is_markdown_and_aligned():
    assert table([["", "x"], ["name", "1"]]) == "|      | x |\n|------|---|\n| name | 1 |"


@pytest.mark.skipif(sys.platform != "linux", reason="the benchmarks need Linux")
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_a_case_runs_and_prints_its_table():
    command = [sys.executable, "-m", "benchmarks.run", "--rounds", "1", "fixed"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "### The shortest program" in done.stdout
    assert "| engine, in a process that is warm |" in done.stdout


def test_an_unknown_case_gets_a_sentence():
    command = [sys.executable, "-m", "benchmarks.run", "fixd"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert "no such case: fixd; there are processes, stops," in done.stderr
