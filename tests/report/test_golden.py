"""Reports as people see them, kept as texts: look at them when one changes.

``UPDATE_GOLDEN=1 pytest tests/report/test_golden.py`` writes them anew.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.judge import flags
from grader.model import Schedule, Trace
from grader.report import print_exploration, print_replay, print_result, print_trace
from tests.report.exploring import asked_too_early, lost_wakeup, many_outputs, pipe_left_open
from tests.report.printing import printed
from tests.report.stories import everything, one_wait_only, one_wait_result, zombie
from tests.report.telling import figure_18_3

GOLDEN = Path(__file__).parent / "golden"


def replayed(trace: Trace) -> str:
    return printed(print_replay, trace, Schedule.parse(trace.schedule or ""), [])


REPORTS: dict[str, Callable[[], str]] = {
    "fig18_03": lambda: printed(print_trace, figure_18_3(), []),
    "fig18_03-ascii": lambda: printed(print_trace, figure_18_3(), [], encoding="ascii"),
    "fig18_03-40-columns": lambda: printed(print_trace, figure_18_3(), [], width=40),
    "one_wait_only": lambda: printed(print_trace, one_wait_only(), one_wait_result().flags),
    "zombie": lambda: printed(print_trace, zombie(), flags(zombie())),
    "everything": lambda: printed(print_trace, everything(), []),
    "everything-ascii": lambda: printed(print_trace, everything(), [], encoding="ascii"),
    "deadlock": lambda: replayed(lost_wakeup()),
    "pipe_left_open": lambda: replayed(pipe_left_open()),
    "asked_too_early": lambda: replayed(asked_too_early()),
    "deadlock-ascii": lambda: printed(print_trace, lost_wakeup(), [], encoding="ascii"),
    "explore": lambda: printed(print_exploration, many_outputs(3), [], None),
    "result": lambda: printed(print_result, one_wait_result()),
    "result-40-columns": lambda: printed(print_result, one_wait_result(), width=40),
}


@pytest.mark.parametrize("name", REPORTS)
def test_the_report_is_as_it_was(name):
    file = GOLDEN / f"{name}.txt"
    report = REPORTS[name]()
    if os.environ.get("UPDATE_GOLDEN"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(report, encoding="utf-8")
    assert report == file.read_text(encoding="utf-8")
