"""A batch: what is done is not done again, and what can't be done is told apart."""

from __future__ import annotations

import signal
import subprocess
import sys

import psutil
import pytest

from grader.batch import Results, trying, workers
from grader.batch.compare import differences
from grader.batch.store import Store
from grader.model import GraderError, UsageError

from .conftest import RACY, RIGHT, WRONG


def test_a_class_is_graded(desk):
    desk.hand_in(ana=RIGHT, bo=WRONG, cy="\xff\xfeo\0")
    summary = desk.batch()
    assert summary.counts == {"pass": 1, "fail": 1, "unusable": 1}
    found = {each.entry.id: each for each in Results(desk.results).graded()}
    statuses = {id: each.status for id, each in found.items()}
    assert statuses == {"ana": "pass", "bo": "fail", "cy": "unusable"}
    assert (found["ana"].result.score, found["bo"].result.score) == (4, 1)
    assert "binary" in found["cy"].entry.problem
    assert Results(desk.results).source(found["bo"].entry) == WRONG.encode()
    names = sorted(path.name for path in desk.results.iterdir())
    assert names == ["ana", "batch.json", "bo", "cy", "origin.json"]


def test_what_is_done_is_not_done_again(desk):
    desk.hand_in(ana=RIGHT, bo=WRONG)
    desk.batch()
    desk.hand_in(cy=RIGHT)
    summary = desk.batch()
    assert (desk.told.done, summary.ran) == (["cy"], 1)
    assert summary.counts == {"pass": 2, "fail": 1}
    desk.hand_in(bo=RIGHT)
    desk.batch()
    assert desk.told.done == ["bo"]
    assert desk.score("bo") == 4
    assert (desk.results / "bo/submission/demo.py").read_text() == RIGHT
    desk.batch(again=True, only=("a*",))
    assert desk.told.done == ["ana"]


def test_a_change_of_checks_means_judging_and_not_running(desk):
    desk.hand_in(ana=RIGHT, bo=WRONG)
    desk.batch()
    before = (desk.results / "ana/runs.json.gz").read_bytes()
    desk.checks.write_text(desk.checks.read_text().replace("points(3)", "points(7)"))
    desk.batch()
    assert sorted(desk.told.done) == ["ana", "bo"]
    assert (desk.score("ana"), desk.score("bo")) == (8, 1)
    # Another run would have another pid.
    assert (desk.results / "ana/runs.json.gz").read_bytes() == before
    desk.toml.write_text(desk.toml.read_text() + "seed = 5\n")
    desk.batch()
    assert (desk.results / "ana/runs.json.gz").read_bytes() != before


def test_grader_failing_costs_nobody_anything_and_it_tries_again(desk):
    desk.hand_in(ana=RIGHT, bo=f"{RIGHT}# grader fails", cy=f"{RIGHT}# fails at first")
    summary = desk.batch()
    assert summary.counts == {"pass": 2, "error": 1}
    assert sorted(desk.told.tried_again) == ["bo", "bo", "cy"]
    assert [(entry.id, why) for entry, why in summary.errors] == [("bo", "the kernel said no")]
    assert (desk.read("cy", "record.json")["tries"], desk.read("bo", "record.json")["tries"]) == (
        2,
        3,
    )
    found = {each.entry.id: each for each in Results(desk.results).graded()}
    assert (found["bo"].status, found["bo"].failure) == ("error", "the kernel said no")
    desk.hand_in(bo=RIGHT)
    assert desk.batch().counts == {"pass": 3}
    assert desk.told.done == ["bo"]


def test_what_ends_its_worker_ends_nothing_else(desk):
    desk.hand_in(**{f"s{n}": RIGHT for n in range(6)}, bad="fork kills the worker")
    summary = desk.batch()
    assert summary.counts == {"pass": 6, "error": 1}
    [(entry, why)] = summary.errors
    assert (entry.id, why) == ("bad", "the process that graded it ended (signal 9)")


def test_what_takes_too_long_is_given_up(desk, monkeypatch):
    monkeypatch.setattr(workers, "time_limit", lambda *_: 4.0)
    monkeypatch.setattr(trying, "MOST_TRIES", 1)
    desk.hand_in(ana=RIGHT, bad="fork takes long")
    summary = desk.batch()
    assert summary.counts == {"pass": 1, "error": 1}
    assert "longer than" in summary.errors[0][1]


def test_checks_that_cannot_be_used_stop_it_at_once(desk):
    desk.hand_in(ana=RIGHT, bo=WRONG)
    desk.checks.write_text("import no_such_module\ndef test_it(trace): pass\n")
    with pytest.raises(UsageError, match="no_such_module"):
        desk.batch()


def test_only_one_batch_writes_into_a_folder(desk):
    desk.hand_in(ana=RIGHT)
    desk.batch()
    held = Store(desk.results)
    with pytest.raises(UsageError, match=r"another grader writes into .*results now"):
        desk.batch()
    held.close()
    desk.batch()


def test_results_go_into_no_folder_of_something_else(desk):
    desk.hand_in(ana=RIGHT)
    with pytest.raises(UsageError, match="other things in it"):
        desk.batch(desk.assignment)
    with pytest.raises(UsageError, match="is not a folder"):
        desk.batch(desk.toml)
    with pytest.raises(UsageError, match="in the folder of submissions"):
        desk.batch(desk.source / "results")
    desk.batch()
    desk.toml.write_text(desk.toml.read_text().replace('"demo"', '"other"'))
    with pytest.raises(UsageError, match="has results of demo, not of other"):
        desk.batch()


def test_only_those_that_are_named(desk):
    desk.hand_in(ana=RIGHT, anton=WRONG, bo=RIGHT)
    assert desk.batch(only=("an*",)).counts == {"pass": 1, "fail": 1}
    assert [each.status for each in Results(desk.results).graded()] == ["pass", "fail", "waiting"]
    with pytest.raises(UsageError, match="--only zoe fits none of these: ana, anton, bo"):
        desk.batch(only=("zoe",))


def test_the_disk_is_full(desk, monkeypatch):
    desk.hand_in(ana=RIGHT, bo=RIGHT)
    write, wrote = Store.write, []

    def full(store, path, data):
        if path.name == "record.json":
            wrote.append(path)
            if len(wrote) == 2:
                raise OSError(28, "No space left on device")
        write(store, path, data)

    monkeypatch.setattr(Store, "write", full)
    with pytest.raises(GraderError, match=r"no room left on the disk .* the same command again"):
        desk.batch()
    assert not (desk.results / ".work").exists()
    desk.batch()
    assert len(desk.told.done) == 1


def test_a_worker_has_no_room(desk):
    """Once, by what another program does; and for good."""
    desk.hand_in(ana=RIGHT, bo=f"{RIGHT}# disk is full at first", cy=RIGHT)
    assert desk.batch().counts == {"pass": 3}
    assert desk.told.tried_again == ["bo"]
    desk.hand_in(bo=f"{RIGHT}# disk is full")
    with pytest.raises(GraderError, match=r"the disk is full. What is graded is kept: make room"):
        desk.batch(again=True)
    assert desk.told.tried_again == ["bo", "bo"]


def test_one_that_cannot_be_started_stops_no_other(desk):
    desk.hand_in(ana=RIGHT, bo=f"{RIGHT}# cannot be copied")
    assert desk.batch().counts == {"pass": 1, "error": 1}


def test_the_same_class_gives_the_same_results_elsewhere(desk):
    desk.hand_in(ana=RIGHT, bo=WRONG, cy=RACY)
    desk.batch()
    other = desk.folder / "else" / "where"
    desk.batch(other, jobs=1)
    assert list(differences(desk.results, other)) == []
    path = other / "bo" / "result.json"
    path.write_bytes(path.read_bytes().replace(b'"score":1.0', b'"score":2.0'))
    assert list(differences(desk.results, other)) == ["bo/result.json: .score: 1.0 is not 2.0"]


def test_workers_do_not_outlive_the_grader(tmp_path):
    """However it ends."""
    code = (
        "import os, signal\n"
        "from pathlib import Path\n"
        "from grader.assignments import find\n"
        "from grader.batch.run import Options, setting_for\n"
        "from grader.batch.workers import Pool\n"
        "setting = setting_for(find('fig18_03'), Options(engine='sampled'))\n"
        f"pool = Pool(setting, 2, Path({str(tmp_path)!r}))\n"
        "print(*[worker._pid for worker in pool._workers], flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert ended.returncode == -signal.SIGKILL
    pids = [int(pid) for pid in ended.stdout.split()]
    assert len(pids) == 2
    there = [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)]
    _, alive = psutil.wait_procs(there, 10)
    assert alive == []
