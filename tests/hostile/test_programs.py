"""Each hostile program ends as its head says, and leaves and reaches nothing."""

from __future__ import annotations

import pytest

from .heads import Engine, Program, all_programs
from .running import findings, unsuitable
from .surroundings import Surroundings

CASES = [(program, engine) for program in all_programs() for engine in program.engines]


@pytest.mark.parametrize(("program", "engine"), CASES, ids=str)
def test_a_program_ends_as_its_head_says(
    program: Program, engine: Engine, around: Surroundings, renew: list[str]
) -> None:
    if why := unsuitable(program, engine):
        pytest.skip(why)
    renew += findings(program, engine, around)
    assert not renew, "\n".join(["", *renew])
