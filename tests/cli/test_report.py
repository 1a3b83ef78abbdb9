"""grader report: where the pages are, what is said, and the exit status for every ending."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from grader import cli
from tests.report.html.results import class_of, graded, store, with_one_wait

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return class_of(tmp_path / "results")


@pytest.fixture
def report(capfd):
    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as end:
            cli.main(["report", *arguments])
        out, err = capfd.readouterr()
        return int(end.value.code or 0), out, err

    return run


def test_it_says_what_to_open(results, report):
    assert report("results") == (0, "Open results/report/index.html\n", "")
    assert report("results", "-o", "pages", "--anonymous")[1] == "Open pages/index.html\n"
    status, out, _ = report("results", "--student")
    assert (status, out) == (
        0,
        "Pages for students, one each, are in results/report-student/submissions\n",
    )
    assert not Path("results/report-student/index.html").exists()
    replay = Path("pages/submissions")
    assert all(path.name.startswith("s-") for path in replay.iterdir())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "nowhere is not a folder of results"),
        (["results", "--after-due-date"], "--after-due-date goes with --student"),
        (["results", "-o", "results"], "has other files in it"),
        (["results", "-o", "results/batch.json"], "is no folder"),
    ],
)
def test_what_can_not_be_done_is_said_in_a_line(results, report, arguments, said):
    status, out, err = report(*arguments)
    assert (status, out) == (2, "")
    assert said in err
    assert "Traceback" not in err


def test_interrupted_it_leaves_the_old_report_and_nothing_else(tmp_path: Path):
    rows = [graded(f"s{n:03}", with_one_wait()) for n in range(300)]
    folder = store(tmp_path / "results", rows)
    (folder / "report").mkdir()
    (folder / "report" / "report.json").write_text(
        '{"schema": "grader/report/v1", "assignment": "fig18_03", "submissions": 0}'
    )
    before = {path.name for path in folder.iterdir()}
    running = subprocess.Popen(
        [sys.executable, "-m", "grader", "report", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    while running.poll() is None and not any(folder.glob(".report.*/submissions/*")):
        pass
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)
    assert running.returncode == 128 + signal.SIGINT
    assert (out, "Traceback" in err) == ("", False)
    assert {path.name for path in folder.iterdir()} == before
    assert [path.name for path in (folder / "report").iterdir()] == ["report.json"]
