"""Jobs on Dask workers: the same results, whatever becomes of the workers."""

import os
import re
import subprocess
import sys
import time
from importlib.util import find_spec

import pytest

from grader.batch.cluster import connecting
from grader.batch.compare import differences
from tests.batch.running import a_class, grader, start, stored
from tests.docs.console import ROOT

pytest.importorskip("distributed", reason="Dask is not installed (the extra 'cluster')")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="exact tracing needs Linux")

from tests.batch.dask_cluster import DaskCluster  # noqa: E402

CLASS = ["reference", "no_wait", "one_wait", "never_forks", "syntax_error", "swapped_labels"]


@pytest.fixture
def dask(tmp_path):
    (tmp_path / "dask").mkdir()
    cluster = DaskCluster(tmp_path / "dask")
    yield cluster
    cluster.end()


def test_results_are_those_of_this_computer_though_a_worker_dies(dask, tmp_path):
    """Two workers grade, and one is killed half-way; two others are told by name, and get
    nothing to do: one has another grader, one could only sample."""
    for name, kind in (("one", "good"), ("two", "good"), ("old", "old"), ("blind", "blind")):
        dask.add(name, kind)
    folder = a_class(tmp_path / "class", CLASS * 2)
    local = grader("batch", folder, "-a", "fig18_03", "--out", tmp_path / "local")
    assert local.returncode == 0, local.stderr
    dask.ready()
    command = ["batch", folder, "-a", "fig18_03", "--out", tmp_path / "far"]
    running = start(*command, "--cluster", dask.file)
    while stored(tmp_path / "far") < 4 and running.poll() is None:
        time.sleep(0.02)
    dask.kill("one")
    output, errors = running.communicate(timeout=200)
    assert running.returncode == 0, errors
    assert "12 graded now" in output
    assert list(differences(tmp_path / "local", tmp_path / "far")) == []
    assert "it has grader 0.0.1, and here is" in errors
    assert "the exact engine does not work here: there is no ptrace on this one" in errors
    assert errors.count("gets no jobs") == 2
    assert errors.count("has Dask's distributed 2020.1, and here is") == 1

    assert [*dask.folder.glob("scratch/**/grader-bench-*")]  # of the one that is left
    dask.kill("two")
    dask.all_put_away()
    again = grader(*command, "--cluster", dask.file, "--again")
    assert again.returncode == 2
    assert "no worker of the cluster can grade: tcp://" in again.stderr
    assert "it has grader 0.0.1" in again.stderr
    assert "no ptrace on this one" in again.stderr


def test_a_scheduler_that_goes_ends_the_batch_and_the_same_command_goes_on(dask, tmp_path):
    dask.add("one")
    dask.ready()
    folder = a_class(tmp_path / "class", ["reference"] * 4)
    command = ["batch", folder, "-a", "fig18_03", "--out", tmp_path / "out"]
    running = start(*command, "--cluster", dask.file, quick=True)
    while stored(tmp_path / "out") < 1 and running.poll() is None:
        time.sleep(0.02)
    dask.end()
    _, errors = running.communicate(timeout=100)
    assert running.returncode == 3
    assert "the connection to the cluster's scheduler is lost. What is graded is kept" in errors
    assert "Traceback" not in errors
    rest = grader(*command)
    assert rest.returncode == 0
    assert "4 pass; " in rest.stdout
    assert stored(tmp_path / "out") == 4


SBATCH = """\
#!/bin/sh
# As SLURM's, but the job runs here, at once.
echo "$@" >> "$FAKE_SLURM/calls"
if [ "$1" = --test-only ]; then
    grep -q 'SBATCH -p wrong' "$2" || exit 0
    echo "invalid partition specified: wrong" >&2
    exit 1
fi
cp "$1" "$FAKE_SLURM/script"
setsid sh "$FAKE_SLURM/script" > "$FAKE_SLURM/log" 2>&1 &
echo "Submitted batch job $!"
"""
SCANCEL = """\
#!/bin/sh
echo "cancel" >> "$FAKE_SLURM/calls"
kill -9 "-$1"
"""


@pytest.fixture
def slurm(tmp_path, monkeypatch):
    """A computer with something that takes jobs, as SLURM does."""
    folder = tmp_path / "slurm"
    folder.mkdir()
    for name, text in (("sbatch", SBATCH), ("scancel", SCANCEL)):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("FAKE_SLURM", str(folder))
    return folder


@pytest.mark.skipif(find_spec("dask_jobqueue") is None, reason="dask-jobqueue is not installed")
def test_slurm_runs_the_workers_which_go_when_the_batch_is_done(slurm, tmp_path):
    folder = a_class(tmp_path / "class", ["reference", "no_wait"])
    where = f"slurm:partition=short,account=cs101,cores=1,jobs=1,folder={slurm}"
    command = ["batch", folder, "-a", "fig18_03", "--out", tmp_path / "out", "--cluster", where]
    shown = grader(*command, "--dry-run")
    assert shown.returncode == 0, shown.stderr
    for line in ("#SBATCH -p short", "#SBATCH -A cs101", "#SBATCH --cpus-per-task=1", "tls://"):
        assert line in shown.stdout
    assert not (slurm / "calls").exists()
    done = grader(*command)
    assert done.returncode == 0, done.stderr
    assert "1 pass, 1 fail; 2 graded now" in done.stdout
    calls = (slurm / "calls").read_text().splitlines()
    assert [call.split()[0] == "--test-only" for call in calls] == [True, False, False]
    assert calls[-1] == "cancel"
    assert "SBATCH -p short" in (slurm / "script").read_text()
    assert [path.name for path in slurm.glob(".dask*")] == []  # the keys are gone

    wrong = [str(each).replace("=short", "=wrong") for each in command]
    refused = grader(*wrong, "--again")
    assert refused.returncode == 2
    assert "SLURM does not take the jobs: invalid partition specified: wrong" in refused.stderr


def test_without_slurm_it_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    folder = a_class(tmp_path / "class", ["reference"])
    done = grader("batch", folder, "-a", "fig18_03", "--out", tmp_path / "o", "--cluster", "slurm")
    assert done.returncode == 2
    assert "there is no sbatch on this computer" in done.stderr


def test_nobody_answers(tmp_path):
    folder = a_class(tmp_path / "class", ["reference"])
    command = ["batch", folder, "-a", "fig18_03", "--out", tmp_path / "out"]
    running = start(*command, "--cluster", "127.0.0.1:9", quick=True)
    _, errors = running.communicate(timeout=100)
    assert running.returncode == 2
    assert "no Dask scheduler answers at 127.0.0.1:9: is it running" in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize(
    ("where", "sentence"),
    [
        ("nowhere", "--cluster nowhere: there is no such file, and it is no address"),
        ("file.txt", "file.txt is not the file of a Dask scheduler"),
        ("slurm:colour=blue", "expected KEY=VALUE of partition, account, cores"),
        ("slurm:jobs=many", "jobs=many: expected a number"),
        ("slurm:memory=lots", "Dask can't use these settings"),
    ],
)
def test_what_can_not_be_a_cluster_gets_a_sentence(tmp_path, monkeypatch, where, sentence):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file.txt").write_text("{}")
    with pytest.raises(connecting.UsageError, match=re.escape(sentence)):
        connecting.script(where)


def test_without_dask_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(connecting, "find_spec", lambda name: None)
    with pytest.raises(connecting.UsageError, match="install grader with its extra 'cluster'"):
        connecting.script("tcp://127.0.0.1:8786")


def test_grader_needs_no_dask():
    """Dask stays an extra: nothing of a local batch imports it."""
    code = (
        "import sys, grader.cli.batch, grader.batch.run, grader.batch.workers; print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert not {"dask", "distributed"} & set(done.stdout.split())
