"""The assignments' checks are proved: each known mistake fails what it names, exactly, and
right programs fail nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.assignments import all_assignments, failed_checks, load_mistakes
from grader.model import Result

from .conftest import Program, Runs

CORRECT = Path(__file__).parent / "correct"
ASSIGNMENTS = all_assignments()
MISTAKES = [
    (Program(assignment, mistake.path), mistake.fails)
    for assignment in ASSIGNMENTS
    for mistake in load_mistakes(assignment)
]
REFERENCES = [Program(assignment, assignment.reference_path) for assignment in ASSIGNMENTS]
VARIANTS = [
    Program(assignment, path)
    for assignment in ASSIGNMENTS
    for path in sorted((CORRECT / assignment.id).glob("*.py"))
]


@pytest.mark.parametrize(
    ("program", "fails"), MISTAKES, ids=[str(program) for program, _ in MISTAKES]
)
def test_a_mistake_fails_the_checks_that_it_names(
    runs: Runs, program: Program, fails: list[str]
) -> None:
    result = runs.result(program)
    assert set(failed_checks(result)) == set(fails), told(result)
    assert result.status == "fail", told(result)
    assert result.score < result.max_score


@pytest.mark.parametrize("program", [*REFERENCES, *VARIANTS], ids=str)
def test_a_right_program_has_full_marks(runs: Runs, program: Program) -> None:
    result = runs.result(program)
    assert result.status == "pass", told(result)
    assert result.score == result.max_score


def told(result: Result) -> str:
    """What was not as it should be, for the reader of a failed test."""
    return "\n".join(
        f"{check.id} [{check.scenario}]: {check.status}: {check.message}"
        for check in result.checks
        if check.status != "pass"
    )
