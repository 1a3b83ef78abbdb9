"""However the grader ends, nothing of a run is left: no process, no folder, and the terminal is as
it was."""

from __future__ import annotations

import os
import random
from typing import Any

import pytest

from tests.observe.conftest import Compiled
from tests.observe.ending import end_graders

SEED = 20260418
RUNS = {
    "exact": ["trace", "--timeout", "0.5"],
    "controlled": ["explore", "--timeout", "0.5", "--runs", "400"],
    "sampled": ["trace", "--engine", "sampled", "--timeout", "0.5"],
}
OWN = {
    "exact": ["grader", "grader-run", "grader-janitor"],
    "controlled": ["grader", "grader-run", "grader-janitor"],
    "sampled": ["grader", "grader-run", "grader-keeper", "grader-janitor"],
}
EVERY = os.environ.get("GRADER_HOSTILE") == "all"
KILLS = 67 if EVERY else 20
"""In each of three tests: with GRADER_HOSTILE=all 200 in all."""


def clean(outcome: dict[str, Any]) -> bool:
    """Whether nothing is left."""
    return not outcome["left"] and not outcome["folders"] and outcome.get("restored", True)


@pytest.mark.slow
@pytest.mark.parametrize("engine", RUNS)
def test_killing_any_process_of_the_grader_leaves_nothing(engine: str, compiled: Compiled) -> None:
    chance = random.Random(f"{SEED} {engine}")
    endings = [
        {
            "how": "kill",
            "whom": OWN[engine][number % len(OWN[engine])],
            "seconds": round(chance.uniform(0, 0.8), 3),
            "arguments": [*RUNS[engine], "--", compiled("hydra")],
        }
        for number in range(KILLS)
    ]
    outcomes = end_graders(endings)
    assert len(outcomes) == KILLS
    assert [outcome for outcome in outcomes if not clean(outcome)] == []
    assert [outcome for outcome in outcomes if "Traceback" in outcome["output"]] == []
    others = [outcome for outcome in outcomes if outcome["killed"] not in ("grader", None)]
    assert {outcome["status"] for outcome in others} <= {0, 3}
    # Whoever is not there yet, or any more, at the moment can't be hit: of few kills not each is.
    wanted = {*OWN[engine]} if EVERY else {"grader"}
    assert {outcome["killed"] for outcome in outcomes} >= wanted


@pytest.mark.parametrize("engine", RUNS)
@pytest.mark.parametrize(
    ("how", "status", "sentence"),
    [
        ("^C", 130, "grader: interrupted"),
        ("SIGTERM", 143, "grader: ended by SIGTERM"),
        ("SIGHUP", 129, "grader: ended by SIGHUP"),
        ("hang up", 129, ""),
    ],
)
def test_a_signal_ends_the_run_with_the_grader(
    how: str, status: int, sentence: str, engine: str, compiled: Compiled
) -> None:
    arguments = [*RUNS[engine][:-1], "60"] if engine != "controlled" else [*RUNS[engine]]
    arguments = ["60" if word == "0.5" else word for word in arguments]
    ending = {"how": how, "program": "hydra", "arguments": [*arguments, "--", compiled("hydra")]}
    [outcome] = end_graders([ending])
    assert clean(outcome)
    assert outcome["status"] == status
    assert sentence in outcome["output"]
    assert "Traceback" not in outcome["output"]


@pytest.mark.parametrize("engine", RUNS)
@pytest.mark.parametrize(
    ("how", "status", "sentence"),
    [("no reader", 141, ""), ("no room", 3, "grader: a file may not become larger (ulimit -f)")],
)
@pytest.mark.parametrize("confined", [True, False])
def test_output_that_goes_nowhere_is_no_success(
    how: str, status: int, sentence: str, confined: bool, engine: str, compiled: Compiled
) -> None:
    arguments = [*RUNS[engine], *([] if confined else ["--unconfined"])]
    ending = {"how": how, "arguments": [*arguments, "--", compiled("fork_wait")]}
    [outcome] = end_graders([ending])
    assert clean(outcome)
    assert outcome["status"] == status
    assert "Traceback" not in outcome["output"]
    if confined and how == "no room":
        sentence = "no private folder can be made"
    assert sentence in outcome["output"]


@pytest.mark.parametrize("engine", RUNS)
def test_too_little_memory_is_told_in_a_sentence(engine: str, compiled: Compiled) -> None:
    arguments = [*RUNS[engine], "--", compiled("fork_wait")]
    sizes = [0, 100_000, 500_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000, 50_000_000]
    endings = [{"how": "memory", "more": more, "arguments": arguments} for more in sizes]
    for outcome in end_graders(endings):
        assert clean(outcome)
        assert outcome["status"] in (0, 3), outcome
        assert "Traceback" not in outcome["output"], outcome
        assert outcome["status"] == 0 or "grader: " in outcome["output"]
