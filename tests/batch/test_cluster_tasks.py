"""What a Dask worker does with a job, without Dask around it."""

import io
import os
import subprocess
import sys
import zlib

import msgspec
import pytest

from grader.assignments import find
from grader.batch.jobs import Answer, Job, Setting
from grader.batch.places import assignment_files
from grader.model import Entry
from tests.docs.console import ROOT

pytest.importorskip("distributed", reason="Dask is not installed (the extra 'cluster')")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="exact tracing needs Linux")

from grader.batch.cluster import frames, tasks  # noqa: E402
from grader.batch.cluster.about import About, difference, this_one  # noqa: E402


def _packed(what):
    return zlib.compress(msgspec.msgpack.encode(what))


def _setting(**fields):
    assignment = find("fig18_02")
    files = assignment_files(assignment)
    return Setting(assignment=assignment.id, files=files, engine="exact", **fields)


def _do(seconds, **fields):
    setting = _setting(**fields)
    source = (ROOT / "reference" / "fig18_02.py").read_bytes()
    entry = Entry(id="ana", name="ana/fig18_02.py", file="fig18_02.py")
    job = Job(entry=entry, files={"fig18_02.py": source})
    expected = msgspec.msgpack.encode(this_one())
    reply = tasks.perform(_packed(setting), _packed(job), expected, seconds)
    return msgspec.msgpack.decode(reply, type=tasks.Reply)


def test_a_process_that_takes_too_long_or_dies_is_replaced(monkeypatch, tmp_path):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    first = _do(60.0)
    assert first.died is None, first
    answer = msgspec.msgpack.decode(first.answer, type=Answer)
    assert (answer.id, answer.status) == ("ana", "pass")
    (kept,) = tasks._programs._idle
    assert _do(60.0).answer is not None
    assert tasks._programs._idle == [kept]  # it is warm: the next job is its, too

    late = _do(0.001)
    assert late.died == "grading it took longer than 0 seconds"
    assert tasks._programs._idle == []
    assert [*tmp_path.glob("grader-bench-*")] == [], "it was to put away what it had"
    assert _do(60.0).answer is not None

    (other,) = tasks._programs._idle
    other._process.kill()
    assert _do(60.0).died == "the process that graded it ended (signal 9)"
    assert tasks._programs._idle == []


MADE_TO_END_WHILE_IT_PUTS_AWAY = """
import os, shutil, signal, sys
from grader.batch.cluster.serving import main
remove = shutil.rmtree
def interrupted(*arguments, **options):
    os.kill(os.getpid(), signal.SIGTERM)
    remove(*arguments, **options)
shutil.rmtree = interrupted
main(os.getppid(), sys.argv[1])
"""


def test_the_end_of_its_dask_worker_comes_in_two_ways_and_it_still_puts_all_away(tmp_path):
    messages = io.BytesIO()
    frames.send(messages, msgspec.msgpack.encode(_setting()))
    done = subprocess.run(
        [sys.executable, "-c", MADE_TO_END_WHILE_IT_PUTS_AWAY, tmp_path],
        input=messages.getvalue(),
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert frames.receive(io.BytesIO(done.stdout)) is not None, "it was ready for jobs"
    assert [*tmp_path.iterdir()] == []


def test_an_interpreter_that_is_not_there_makes_a_worker_unfit():
    reply = _do(60.0, python="/no/such/python")
    assert "/no/such/python" in reply.unfit
    assert (reply.answer, reply.died) == (None, None)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({}, None),
        ({"version": "9.9"}, "it has grader 9.9, and here is"),
        ({"python": "3.9.1"}, "it runs submissions with Python 3.9.1, and here is"),
        ({"source": "other"}, "is not the same as the one here: some file differs"),
    ],
)
def test_what_makes_two_graders_different(change, sentence):
    told = difference(this_one(), msgspec.structs.replace(this_one(), **change))
    assert (told is None) if sentence is None else (sentence in told)
    assert isinstance(this_one(), About)
