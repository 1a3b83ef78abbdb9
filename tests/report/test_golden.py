"""Reports as people see them, kept as texts: look at them when one changes.

``UPDATE_GOLDEN=1 pytest tests/report/test_golden.py`` writes them anew.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.judge import flags
from grader.model import Schedule
from grader.report import print_exploration, print_replay, print_result, print_trace
from tests.report.exploring import lost_wakeup, many_outputs
from tests.report.printing import printed
from tests.report.stories import everything, one_wait_only, one_wait_result, zombie
from tests.report.telling import figure_18_3

GOLDEN = Path(__file__).parent / "golden"

REPORTS: dict[str, Callable[[], str]] = {
    "fig18_03": lambda: printed(print_trace, figure_18_3(), []),
    "fig18_03-ascii": lambda: printed(print_trace, figure_18_3(), [], encoding="ascii"),
    "fig18_03-40-columns": lambda: printed(print_trace, figure_18_3(), [], width=40),
    "one_wait_only": lambda: printed(print_trace, one_wait_only(), one_wait_result().flags),
    "zombie": lambda: printed(print_trace, zombie(), flags(zombie())),
    "everything": lambda: printed(print_trace, everything(), []),
    "everything-ascii": lambda: printed(print_trace, everything(), [], encoding="ascii"),
    "deadlock": lambda: printed(
        print_replay, lost_wakeup(), Schedule.parse(lost_wakeup().schedule or ""), []
    ),
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
