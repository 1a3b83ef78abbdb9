"""grader batch, regrade and merge, as people use them: real programs, what is printed, statuses."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader.batch.compare import differences

ROOT = Path(__file__).resolve().parents[2]
MISTAKES = ROOT / "assignments/fig18_03/mistakes"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="exact tracing needs Linux")


def start(*arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "grader", *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def grader(*arguments: object) -> tuple[int, str, str]:
    running = start(*arguments)
    output, errors = running.communicate(timeout=200)
    return running.returncode, output, errors


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A class of four."""
    folder = tmp_path / "class"
    folder.mkdir()
    for name in ("one_wait", "syntax_error"):
        (folder / f"{name}_fig18_03.py").write_bytes((MISTAKES / f"{name}.py").read_bytes())
    reference = (ROOT / "reference/fig18_03.py").read_bytes()
    (folder / "right_fig18_03.py").write_bytes(reference)
    (folder / "empty_fig18_03.py").write_bytes(b"")
    return folder


def test_from_a_folder_to_results_and_again(folder, tmp_path):
    out = tmp_path / "results"
    status, output, errors = grader("batch", folder, "-a", "fig18_03", "--out", out)
    assert status == 0, errors
    assert "A file a student: 3 submissions to fig18_03" in output
    assert re.search(r"empty\w*: .* is empty", output)
    assert "1 pass, 2 fail, 1 can't be run; 3 graded now in " in output
    assert f"  grader report {out}\n" in output
    status, output, _ = grader("batch", folder, "-a", "fig18_03", "--out", out)
    assert status == 0
    assert "all were done already" in output

    # What a batch says of a submission is what 'grader check' says of it.
    [place] = out.glob("one_wait*")
    _, checked, _ = grader("check", folder / "one_wait_fig18_03.py", "--format", "json")
    alone, batched = json.loads(checked), json.loads((place / "result.json").read_bytes())
    assert _verdicts(alone) == _verdicts(batched)

    checks = tmp_path / "fig18_03"
    (tmp_path / "fig18_03").mkdir()
    for path in (ROOT / "assignments/fig18_03").glob("*.*"):
        text = path.read_text()
        (checks / path.name).write_text(
            re.sub(r"points\(\s*1,\s*hint=\"Run", 'points(4, hint="Run', text)
        )
    status, output, errors = grader("regrade", out, "-a", checks)
    assert status == 0, errors
    assert re.search(r"right\w*: 20 -> 23 of 23 \(before: of 20\)", output), output
    assert "runs: pass, 1 of 1 -> pass, 4 of 4" in output
    assert "3 grades changed." in output


def _verdicts(result):
    """Of each check, in which run, with pids by the processes' names."""
    traces = result["traces"]
    names = {str(p["pid"]): p["id"] for t in traces for p in t["processes"]}
    return [
        (
            check["id"],
            check["status"],
            check["points"],
            check["schedule"],
            check["runs"],
            re.sub(r"\d+", lambda m: names.get(m[0], m[0]), check["message"]),
        )
        for check in result["checks"]
    ]


def test_ctrl_c_stops_it_and_the_same_command_goes_on(folder, tmp_path):
    for number in range(3):
        (folder / f"r{number}_fig18_03.py").write_bytes(
            (ROOT / "reference/fig18_03.py").read_bytes()
        )
    whole, out = tmp_path / "whole", tmp_path / "results"
    command = ["batch", folder, "-a", "fig18_03", "--out"]
    running = start(*command, out)
    while not list(out.glob("*/record.json")) and running.poll() is None:
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "stopped; what is graded is kept: the same command goes on" in errors
    assert "Traceback" not in errors
    assert not (out / ".work").exists()
    assert not (out / ".lock").exists()
    status, output, _ = grader(*command, out)
    assert status == 0
    assert "all were done" not in output
    assert grader(*command, whole)[0] == 0
    assert list(differences(whole, out)) == []


def test_a_dry_run_says_what_it_sees_and_leaves_nothing(folder, tmp_path):
    status, output, errors = grader("batch", folder, "-a", "fig18_03", "--dry-run")
    assert (status, errors) == (0, "")
    assert "3 submissions to fig18_03" in output
    assert re.search(r"right\w*: right_fig18_03.py", output)
    assert re.search(r"Not graded, 1 student:\n  empty\w*: .* is empty", output)
    assert [path.name for path in tmp_path.iterdir()] == ["class"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["batch", "{class}", "-a", "fig18_03"], "say where the results go: --out RESULTS"),
        (["batch", "{class}", "--out", "{out}"], "missing option '-a'"),
        (["batch", "no-such-place", "-a", "fig18_03", "--out", "{out}"], "no-such-place"),
        (["batch", "{class}", "-a", "fig18_99", "--out", "{out}"], "no assignment 'fig18_99'"),
        (["batch", "{class}", "-a", "fig18_03", "-o", "{out}", "--shard", "3/2"], "--shard 3/2"),
        (["batch", "{class}", "-a", "fig18_03", "-o", "{out}", "--only", "x"], "--only x fits"),
        (["batch", "{class}", "-a", "fig18_03", "-o", "/dev/null"], "is not a folder"),
        (["batch", "{class}", "-a", "fig18_03", "-o", "{class}"], "in the folder of submissions"),
        (["batch", "{class}", "-a", "fig18_03", "-o", "{out}", "--python", "nope"], "nope"),
        (["regrade", "{class}"], "is not a folder of results"),
        (["regrade", "no-such-place"], "is not a folder of results"),
        (["merge", "{class}", "--out", "{out}"], "is not a folder of results"),
    ],
)
def test_what_cannot_be_used_is_told_in_a_line(folder, tmp_path, arguments, words, capsys):
    from grader import cli

    places = {"class": folder, "out": tmp_path / "results"}
    with pytest.raises(SystemExit) as ended:
        cli.main([each.format(**places) for each in arguments])
    errors = capsys.readouterr().err
    assert ended.value.code == 2
    assert words in errors
    assert len(errors.splitlines()) == 1
