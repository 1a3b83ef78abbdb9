"""Programs that look odd, and are right in every schedule: nothing is held against them.

Each of ``odd/`` says in its head what becomes of its processes, and what it prints.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.explore.running import explored, outputs, scenario_for
from tests.explore.stated import programs, stated

ODD = programs("odd")


@pytest.mark.parametrize("source", ODD, ids=lambda source: source.name)
def test_every_schedule_ends_well(source: Path, tmp_path: Path) -> None:
    _, found = explored(scenario_for(source, tmp_path), asks=stated(source, "exhaustive") == ["no"])
    for outcome in found.outcomes:
        assert outcome.ended == "exit", outcome
        assert outcome.exit.ok, outcome
    fates = {
        ", ".join(f"{id} {fate}" for id, fate in outcome.fates.items())
        for outcome in found.outcomes
    }
    assert fates == {*stated(source, "fates")}
    if texts := stated(source, "output"):
        assert outputs(found) == {*texts}
