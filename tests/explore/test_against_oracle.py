"""For any program of forks, waits, writes, exits, pipes and sleeps, exploring finds exactly what an
oracle says that is possible: no output and no outcome less, and none more."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, assume, event, given, settings
from hypothesis import strategies as st

from grader.model import Stdio
from tests import sizes
from tests.explore.running import explored, outcomes, outputs, scenario_for
from tests.oracle.c_source import c_source
from tests.oracle.kernel import Livelock, Possible, TooMany, enumerate_all
from tests.oracle.program import (
    ClosePipe,
    CountChildren,
    Exit,
    Fork,
    GetPipe,
    IgnoreChildren,
    Loop,
    MakePipe,
    Program,
    PutPipe,
    Say,
    SayCount,
    SayParent,
    SayRead,
    SayWaited,
    Sleep,
    Wait,
    WaitFor,
    every_op,
)
from tests.oracle.python_source import python_source
from tests.oracle.strategies import programs

Language = Literal["c", "py"]
LARGER = sizes.LARGER or 10
"""How many larger programs; some minutes for each hundred."""


def write(program: Program, language: Language, folder: Path) -> Path:
    """The program's source, in a file of its own."""
    source = folder / f"program.{language}"
    source.write_text(c_source(program) if language == "c" else python_source(program))
    return source


def agree(
    program: Program,
    possible: Possible,
    language: Language,
    folder: Path,
    stdio: Stdio = "terminal",
) -> None:
    """Explore a program: what is found is what is possible."""
    scenario = scenario_for(write(program, language, folder), folder, stdio=stdio)
    _, found = explored(scenario)
    assert outputs(found) == possible.outputs
    assert outcomes(found) == possible.outcomes


def check_random_programs(
    language: Language,
    folder: Path,
    *,
    handlers: bool = False,
    examples: int,
    most_pairs: int,
    most_states: int,
) -> None:
    """Compare so many random programs, none of which can do more than so many things."""

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=[*HealthCheck],
    )
    @given(
        program=programs(handlers=handlers),
        stdio=st.sampled_from(["terminal", "terminal", "pipe"]),
    )
    def compare(program: Program, stdio: Stdio) -> None:
        # More sleeps in a row look like a loop that asks again and again, and are said to be one.
        assume(sum(isinstance(op, Sleep) for op in every_op(program)) <= 3)
        try:
            possible = enumerate_all(program, most_states=most_states)
        except (TooMany, Livelock):
            assume(False)
        assume(1 < len(possible.pairs) <= most_pairs)
        processes = max(len(outcome.exits) for outcome in possible.outcomes)
        assume(processes <= 4)
        event(f"{processes} processes")
        agree(program, possible, language, folder, stdio)

    compare()


@pytest.mark.parametrize("language", ["c", "py"])
def test_a_random_program(language: Language, tmp_path: Path) -> None:
    check_random_programs(
        language, tmp_path, examples=sizes.size(25, 40), most_pairs=8, most_states=400
    )


def test_a_random_program_that_catches_signals(tmp_path: Path) -> None:
    check_random_programs(
        "c", tmp_path, handlers=True, examples=sizes.size(15, 25), most_pairs=8, most_states=300
    )


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_larger_random_program_that_catches_signals(tmp_path: Path) -> None:
    check_random_programs(
        "c", tmp_path, handlers=True, examples=LARGER // 2, most_pairs=30, most_states=3000
    )


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("language", ["c", "py"])
def test_a_larger_random_program(language: Language, tmp_path: Path) -> None:
    check_random_programs(language, tmp_path, examples=LARGER, most_pairs=60, most_states=4000)


def says(*texts: str) -> tuple[Fork, ...]:
    return tuple(Fork((Say(text),)) for text in texts)


WAITED = (Wait(), SayWaited())
KNOWN: dict[str, Program] = {
    "three that write": (*says("a", "b", "c"), Wait(), Wait(), Wait()),
    "each is named when it is waited for": (*says("a", "b", "c"), *WAITED * 3),
    "four that only end": (*(Fork(),) * 4, *WAITED * 4),
    "three, waited for in order": (
        *says("a", "b", "c"),
        *(step for n in range(3) for step in (WaitFor(n), SayWaited())),
    ),
    "a family of three generations": (
        Fork((Fork((Say("c"), SayParent())), Say("b"), Wait())),
        Say("a"),
        Wait(),
    ),
    "left alone": (Fork((SayParent(), Say("x"), SayParent())), Say("y")),
    "asked once": (Fork((Say("x"),)), Wait(nohang=True), SayWaited()),
    "a pipeline": (
        MakePipe(0),
        MakePipe(1),
        Fork((ClosePipe(0, "r"), ClosePipe(1, "r"), ClosePipe(1, "w"), PutPipe(0, 2))),
        Fork(
            (
                ClosePipe(0, "w"),
                ClosePipe(1, "r"),
                Loop("data", (GetPipe(0), PutPipe(1))),
            )
        ),
        ClosePipe(0, "r"),
        ClosePipe(0, "w"),
        ClosePipe(1, "w"),
        Loop("data", (GetPipe(1, 3), SayRead())),
        Wait(),
        Wait(),
    ),
    "a writer whose reader may be gone": (
        MakePipe(0),
        Fork((ClosePipe(0, "r"), PutPipe(0), Say("alive"))),
        ClosePipe(0, "r"),
        *WAITED,
    ),
    "two who wait for each other": (
        MakePipe(0),
        MakePipe(1),
        Fork((GetPipe(0), SayRead(), PutPipe(1))),
        GetPipe(1),
        PutPipe(0),
        Wait(),
    ),
    "children that are ignored": (
        IgnoreChildren(),
        Fork((Say("x"),)),
        Fork((Exit(3),)),
        Wait(),
        SayWaited(),
    ),
    "a read that may take what is another's": (
        MakePipe(0),
        Fork((GetPipe(0), SayRead())),
        Fork((GetPipe(0), SayRead())),
        PutPipe(0, 1),
        Wait(),
        PutPipe(0, 1),
        Wait(),
    ),
}


@pytest.mark.parametrize("language", ["c", "py"])
@pytest.mark.parametrize("name", KNOWN)
def test_a_known_program(name: str, language: Language, tmp_path: Path) -> None:
    agree(KNOWN[name], enumerate_all(KNOWN[name]), language, tmp_path)


@pytest.mark.parametrize("name", KNOWN)
def test_outcomes_without_the_order_of_output(name: str, tmp_path: Path) -> None:
    """Fewer runs, and no output; the outcomes are the same."""
    scenario = scenario_for(write(KNOWN[name], "c", tmp_path), tmp_path, output_order=False)
    _, found = explored(scenario)
    assert found.outputs == []
    assert outcomes(found) == enumerate_all(KNOWN[name]).outcomes


@pytest.mark.parametrize("name", ["left alone", "asked once", "two who wait for each other"])
@pytest.mark.parametrize("language", ["c", "py"])
def test_a_cold_start_finds_the_same(name: str, language: Language, tmp_path: Path) -> None:
    scenario = scenario_for(write(KNOWN[name], language, tmp_path), tmp_path)
    _, warm = explored(scenario)
    _, cold = explored(msgspec.structs.replace(scenario, start="cold"))
    assert cold == warm


@pytest.mark.parametrize("language", ["c", "py"])
def test_asking_until_it_ends_is_no_hang(language: Language, tmp_path: Path) -> None:
    program = (Fork((Say("x"),)), Loop("none", (Wait(nohang=True),)), SayWaited())
    possible = enumerate_all(program)
    _, found = explored(scenario_for(write(program, language, tmp_path), tmp_path), asks=True)
    assert outputs(found) == possible.outputs
    assert outcomes(found) == possible.outcomes


CAUGHT: dict[str, Program] = {
    "two signals, or one": (CountChildren(), Fork(), Fork(), Wait(), Wait(), SayCount()),
    "one for each that was waited for": (
        CountChildren(),
        Fork(),
        Fork(),
        Wait(),
        Wait(),
        SayWaited(),
        SayCount(),
    ),
    "caught too late": (Fork((Say("x"),)), CountChildren(), Wait(), SayCount()),
    "before the next fork": (CountChildren(), Fork(), Fork((SayCount(),)), Wait(), Wait()),
    "inherited": (CountChildren(), Fork((Fork(), SayParent())), SayCount()),
}


@pytest.mark.parametrize("name", CAUGHT)
def test_a_known_program_that_catches_signals(name: str, tmp_path: Path) -> None:
    agree(CAUGHT[name], enumerate_all(CAUGHT[name]), "c", tmp_path)
