"""Hostile programs in Python are graded as submissions, with the verdict that the head says."""

from __future__ import annotations

import pytest

from .heads import Program, all_programs
from .running import graded, unsuitable
from .surroundings import Surroundings

AT_ONCE = 6
"""Programs that are judged in one session of pytest, which takes half a second to begin."""
PROGRAMS = [p for p in all_programs() if not p.in_c and "controlled" in p.engines]
GROUPS = [PROGRAMS[first : first + AT_ONCE] for first in range(0, len(PROGRAMS), AT_ONCE)]


@pytest.mark.parametrize(
    "programs", GROUPS, ids=lambda group: f"{group[0].name} to {group[-1].name}"
)
def test_each_gets_its_verdict(
    programs: list[Program], around: Surroundings, renew: list[str]
) -> None:
    renew += graded([p for p in programs if not unsuitable(p, "controlled")], around)
    assert not renew, "\n".join(["", *renew])
