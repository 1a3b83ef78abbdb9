"""What a class costs: grading it, judging it, keeping it in memory, reporting it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path

import psutil

from benchmarks.contenders import ROOT, wall
from benchmarks.measure import table
from benchmarks.schedules import FIG18_03, GRADER
from grader.assignments import find, open_submission
from grader.assignments.grading import Judge
from grader.assignments.recording import Recorder
from grader.observe import python_executable

_SUBMISSIONS_A_ROUND = 20
_MEMORY = (50, 150, 450)
_REPORTED = 10_000
_LOOK_SECONDS = 0.2
_KINDS = ("no_wait", "one_wait", "never_forks", "swapped_labels", "wrong_words", "third_wait")
"""Mistakes among the stored results that are reported, beside the reference."""


def batch(rounds: int) -> str:
    """``grader batch`` of a class that hands in Fig 18.3, beside running each once."""
    number = _SUBMISSIONS_A_ROUND * rounds
    with _folder() as folder:
        _class(folder / "class", [FIG18_03], number)
        out = str(folder / "results")
        seconds = wall([*GRADER, "batch", str(folder / "class"), "-a", "fig18_03", "--out", out])
    bare = [wall([python_executable(), FIG18_03]) for _ in range(rounds)]
    one, each = sum(bare) / len(bare), seconds / number
    rows = [
        ["", "submissions", "s each", "a minute", "against bare"],
        ["bare, once, in real time, one after another", *_row(rounds, one, one)],
        ["grader batch: every schedule and fault, judged, stored", *_row(number, each, one)],
    ]
    return (
        f"### A class that hands in Fig 18.3, on {os.cpu_count()} processors\n\n{table(rows)}\n\n"
        f"{one / each:.1f} times as many submissions in the same time; grader's start is in it.\n"
    )


def _row(number: int, each: float, bare: float) -> list[str]:
    return [str(number), f"{each:.3f}", f"{60 / each:.0f}", f"{each / bare:.3f}"]


def judging(rounds: int) -> str:
    """What judging costs, of runs that are at hand."""
    assignment = find("fig18_03")
    rows = [["", "checks", "runs judged", "ms", "ms a check"]]
    mistakes = assignment.folder / "mistakes"
    judge = Judge(assignment)
    for path in (Path(FIG18_03), *(mistakes / f"{name}.py" for name in _KINDS[:3])):
        submission = open_submission(path, assignment)
        runs = Recorder().traces(submission)
        seconds = []
        for _ in range(max(rounds, 3) + 1):
            began = time.process_time()
            result = judge.judge(submission, runs)
            seconds.append(time.process_time() - began)
        median = statistics.median(seconds[1:])
        checks, traces = len(result.checks), sum(len(each.traces) for each in runs.values())
        row = [path.name, str(checks), str(traces)]
        rows.append([*row, f"{median * 1e3:.1f}", f"{median / checks * 1e3:.2f}"])
    judge.close()
    return f"### Judging Fig 18.3 in a session that stays open, processor time\n\n{table(rows)}\n"


def memory(rounds: int) -> str:
    """Whether a large class takes more memory than a small one."""
    rows = [["submissions", "grader batch, MB", "its largest worker, MB", "seconds"]]
    for number in _MEMORY if rounds > 1 else _MEMORY[:1]:
        with _folder() as folder:
            _class(folder / "class", [FIG18_03], number)
            out = ["--out", str(folder / "results")]
            began = time.monotonic()
            most = _memory([*GRADER, "batch", str(folder / "class"), "-a", "fig18_03", *out])
            seconds = time.monotonic() - began
        row = [f"{number:,}", *(f"{each / 1e6:.0f}" for each in most), f"{seconds:.0f}"]
        rows.append(row)
    return f"### Memory against the number of submissions, resident, at most\n\n{table(rows)}\n"


def report(rounds: int) -> str:
    """``grader report`` of a very large class."""
    number = _REPORTED if rounds > 1 else 100
    with _folder() as folder:
        mistakes = ROOT / "assignments" / "fig18_03" / "mistakes"
        kinds = [FIG18_03, *(str(mistakes / f"{name}.py") for name in _KINDS)]
        _class(folder / "class", kinds, len(kinds))
        few = folder / "few"
        wall([*GRADER, "batch", str(folder / "class"), "-a", "fig18_03", "--out", str(few)])
        many = _multiplied(few, folder / "many", number)
        began = time.monotonic()
        most = sum(_memory([*GRADER, "report", str(many)], together=True))
        seconds = time.monotonic() - began
        size = sum(path.stat().st_size for path in (many / "report").rglob("*") if path.is_file())
    rows = [
        ["stored results", "seconds", "memory, MB", "pages, MB"],
        [f"{number:,}", f"{seconds:.1f}", f"{most / 1e6:.0f}", f"{size / 1e6:.0f}"],
    ]
    return f"### grader report\n\n{table(rows)}\n"


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="grader-benchmark-") as name:
        yield Path(name)


def _class(folder: Path, programs: Sequence[str], number: int) -> None:
    """So many students, who hand in these programs in turn, each with a name of their own."""
    for at, program in enumerate(islice(cycle(programs), number)):
        place = folder / f"student{at:05d}" / "fig18_03.py"
        place.parent.mkdir(parents=True)
        place.write_text(f"{Path(program).read_text()}# student {at}\n")


def _multiplied(few: Path, many: Path, number: int) -> Path:
    """Results of so many submissions, which are those of a few, under other names."""
    document = json.loads((few / "batch.json").read_bytes())
    entries = document["entries"]
    document["entries"] = []
    for at, entry in enumerate(islice(cycle(entries), number)):
        id = f"student{at:05d}"
        document["entries"].append({**entry, "id": id, "name": f"{id}/fig18_03.py"})
        shutil.copytree(few / entry["id"], many / id, copy_function=os.link)
    (many / "batch.json").write_text(json.dumps(document))
    return many


def _memory(command: Sequence[str], together: bool = False) -> tuple[int, int]:
    """Run a command: the most memory, in bytes, that it had, and the largest of its children, or
    all of them together."""
    most = [0, 0]
    process = psutil.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    while process.poll() is None:
        with contextlib.suppress(psutil.Error):
            most[0] = max(most[0], process.memory_info().rss)
            sizes = [0]
            for child in process.children():
                with contextlib.suppress(psutil.Error):
                    sizes.append(child.memory_info().rss)
            most[1] = max(most[1], sum(sizes) if together else max(sizes))
        time.sleep(_LOOK_SECONDS)
    if process.returncode != 0:
        raise RuntimeError(f"{command}: {process.stderr.read().decode()}")
    return most[0], most[1]


CASES: dict[str, Callable[[int], str]] = {
    "batch": batch,
    "judging": judging,
    "memory": memory,
    "report": report,
}
