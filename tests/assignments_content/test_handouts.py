"""What the handouts say is what the checks demand."""

from __future__ import annotations

import importlib.util
import re
from types import ModuleType

import pytest

from grader.assignments import Assignment, all_assignments

ASSIGNMENTS = all_assignments()


def checks_of(assignment: Assignment) -> ModuleType:
    (path,) = assignment.test_modules
    spec = importlib.util.spec_from_file_location(f"checks_of_{assignment.id}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def points(module: ModuleType) -> float:
    checks = [value for name, value in vars(module).items() if name.startswith("test_")]
    return sum(
        mark.args[0] for check in checks for mark in check.pytestmark if mark.name == "points"
    )


@pytest.mark.parametrize("assignment", ASSIGNMENTS, ids=lambda each: each.id)
def test_the_sample_outputs_are_right(assignment: Assignment) -> None:
    text = assignment.handout.read_text(encoding="utf-8")
    samples = re.findall(r"^```\n(.*?)^```$", text, re.M | re.S)
    assert samples
    for sample in samples:
        checks_of(assignment).WHOLE.match_text(sample)


@pytest.mark.parametrize(
    ("assignment", "total"), [(each, {"fig18_02": 10}.get(each.id, 20)) for each in ASSIGNMENTS]
)
def test_the_points_add_up(assignment: Assignment, total: float) -> None:
    assert points(checks_of(assignment)) == total


@pytest.mark.parametrize("assignment", ASSIGNMENTS, ids=lambda each: each.id)
def test_every_check_has_a_sentence_and_a_hint(assignment: Assignment) -> None:
    for name, check in vars(checks_of(assignment)).items():
        if name.startswith("test_"):
            assert check.__doc__.endswith("."), name
            (mark,) = (mark for mark in check.pytestmark if mark.name == "points")
            assert mark.kwargs["hint"].endswith((".", "?")), name
