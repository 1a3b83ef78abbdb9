"""What is told while a batch goes on."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from rich.live import Live

from grader.cli import batch_progress
from grader.model import Batch, Entry


@pytest.fixture
def clock(monkeypatch):
    """The time, in seconds, to be set by hand."""
    now = [1000.0]
    monkeypatch.setattr(batch_progress.time, "monotonic", lambda: now[0])
    return now


def follow(watcher, clock, failing=False):
    """Ten to grade, of which five are done in a minute; ten were done before."""
    entries = [Entry(id=f"s{n}", name=f"s{n}/f.py", file="f.py") for n in range(10)]
    batch = Batch(assignment="demo", layout="a folder a student", entries=entries)
    watcher.begins(batch, {"pass": 6, "fail": 4, "unusable": 3}, 10)
    for entry in entries[:5]:
        clock[0] += 12
        watcher.graded(entry, "pass", None)
        watcher.turns()
    if failing:
        watcher.again(entries[5], "no \x1b[2J room")
        watcher.graded(entries[5], "error", "no \x1b[2J room")
        clock[0] += 12
        watcher.turns()


def test_plain_lines_come_now_and_then(clock, capsys):
    follow(batch_progress.Lines(), clock, failing=True)
    output, errors = capsys.readouterr()
    assert output == "A folder a student: 10 submissions to demo\n"
    lines = errors.splitlines()
    assert lines[0] == "grader: 10 left to grade"
    assert lines[1] == ("grader: 11 of 20 graded, 7 pass, 4 fail, 5 a minute, 1 min 48 s left")
    assert "grader: s5 is tried again, as grader failed: no \\x1b[2J room" in lines
    assert "grader: s5 failed: no \\x1b[2J room" in lines
    assert lines[-1].startswith("grader: 16 of 20 graded, 11 pass, 4 fail, 1 error, 5 a minute, ")
    assert "\x1b" not in errors


def test_a_live_view_shows_the_same_and_leaves_failures(clock):
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=80, color_system=None)
    with Live(console=console, auto_refresh=False, transient=True) as live:
        follow(batch_progress.View(live), clock, failing=True)
    shown = screen.getvalue()
    assert "A folder a student: 10 submissions to demo" in shown
    assert "15 of 20 graded, 11 pass, 4 fail, 5 a minute, 60 s left" in shown
    assert "s5 failed: no \\x1b[2J room" in shown
    assert "s4: pass" in shown
