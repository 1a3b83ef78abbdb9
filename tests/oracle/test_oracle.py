"""The oracle is right: by hand, by numbers computed elsewhere, by itself, and by the kernel."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.oracle.c_source import c_source
from tests.oracle.kernel import Livelock, Outcome, Possible, TooMany, enumerate_all
from tests.oracle.program import (
    ClosePipe,
    CountChildren,
    Exit,
    Fork,
    GetPipe,
    If,
    IgnoreChildren,
    Loop,
    MakePipe,
    Op,
    Program,
    PutPipe,
    Say,
    SayCount,
    SayParent,
    SayPid,
    SayRead,
    SayWaited,
    Sleep,
    Wait,
    WaitFor,
)
from tests.oracle.python_source import python_source
from tests.oracle.strategies import programs


def family(children: int, *, says: bool, parent_says: bool, in_order: bool = False) -> Program:
    """A parent that forks so many children, and then waits as often."""
    ops: list[Op] = [Fork((Say("abcd"[n]),) if says else ()) for n in range(children)]
    for n in range(children):
        ops.append(WaitFor(n) if in_order else Wait())
        if parent_says:
            ops.append(SayWaited())
    return tuple(ops)


@pytest.mark.parametrize(
    ("program", "outputs"),
    [
        (family(2, says=True, parent_says=False), 2),
        (family(3, says=True, parent_says=False), 6),
        (family(3, says=True, parent_says=True), 90),
        (family(4, says=False, parent_says=True), 24),
        (family(4, says=True, parent_says=True, in_order=True), 105),
    ],
)
def test_as_many_outputs_as_classes_of_schedules(program: Program, outputs: int) -> None:
    """Numbers that come from counting the classes of schedules by their order of dependence."""
    possible = enumerate_all(program)
    assert len(possible.outputs) == outputs
    assert [outcome.ended for outcome in possible.outcomes] == ["exit"]


def fates(possible: Possible) -> set[tuple[str, ...]]:
    return {tuple(fate for _, fate in outcome.fates) for outcome in possible.outcomes}


def test_a_child_that_nobody_waits_for() -> None:
    possible = enumerate_all((Fork((SayParent(),)), Say("x")))
    assert fates(possible) == {("orphaned",), ("unreaped",)}
    there, gone = "parent <P>\n", "parent gone\n"
    assert possible.outputs == {f"x{there}", f"x{gone}", f"{there}x"}


def test_wait_gives_the_child_forked_first_of_those_that_ended() -> None:
    """The second can come first only while the first has not ended."""
    program = (Fork((Exit(1),)), Fork((Exit(2),)), Wait(), SayWaited(), Wait(), SayWaited())
    assert enumerate_all(program).outputs == {
        "<P.1> 1\n<P.2> 2\n",
        "<P.2> 2\n<P.1> 1\n",
    }


def test_no_hang_and_no_child() -> None:
    program = (Fork(), Wait(nohang=True), SayWaited(), Wait(), SayWaited())
    assert enumerate_all(program).outputs == {
        "none yet\n<P.1> 0\n",
        "<P.1> 0\nno child\n",
    }


def test_another_ones_child_is_no_child() -> None:
    program = (Fork(), Fork((WaitFor(0), SayWaited())), WaitFor(0), WaitFor(1))
    assert enumerate_all(program).outputs == {"no child\n"}


def test_an_open_write_end_is_a_deadlock() -> None:
    """The reader keeps a write end itself, so the end of the file never comes."""
    program = (
        MakePipe(0),
        Fork((GetPipe(0), SayRead(), GetPipe(0), SayRead())),
        PutPipe(0),
        ClosePipe(0, "w"),
        Wait(),
    )
    assert enumerate_all(program).pairs == {
        (
            "read 1\n",
            Outcome("deadlock", (("P.1", "killed"),), (("P", -9), ("P.1", -9))),
        )
    }


def test_the_end_of_the_file_comes_before_the_zombie() -> None:
    """A process's pipes are closed before its parent can collect it, and there is time between."""
    program = (
        MakePipe(0),
        Fork(),
        ClosePipe(0, "w"),
        GetPipe(0),
        SayRead(),
        Wait(nohang=True),
        SayWaited(),
    )
    assert enumerate_all(program).outputs == {"read 0\nnone yet\n", "read 0\n<P.1> 0\n"}


def test_a_write_without_a_reader_kills() -> None:
    program = (
        MakePipe(0),
        Fork((ClosePipe(0, "r"), PutPipe(0), Say("alive"))),
        ClosePipe(0, "r"),
        Wait(),
        SayWaited(),
    )
    assert enumerate_all(program).outputs == {"<P.1> -13\n", "alive<P.1> 0\n"}


def test_reads_take_what_is_there() -> None:
    program = (
        MakePipe(0),
        Fork((PutPipe(0, 2), PutPipe(0, 1))),
        ClosePipe(0, "w"),
        Loop("data", (GetPipe(0, 2), SayRead())),
        Wait(),
    )
    assert enumerate_all(program).outputs == {"read 2\nread 1\nread 0\n"}


def test_a_loop_of_questions_ends_when_the_child_does() -> None:
    program = (Fork((Say("c"),)), Loop("none", (Wait(nohang=True),)), SayWaited())
    assert enumerate_all(program).outputs == {"c<P.1> 0\n"}


def test_a_loop_of_questions_without_an_answer() -> None:
    blocked = Fork((GetPipe(0),))
    with pytest.raises(Livelock):
        enumerate_all((MakePipe(0), blocked, Loop("none", (Wait(nohang=True),))))


def test_a_child_that_falls_through_does_what_follows_too() -> None:
    program = (
        Fork((), falls_through=True),
        Wait(),
        If("child", (Say("parent"),), (Say("child"),)),
    )
    assert enumerate_all(program).outputs == {"childparent"}


def test_children_that_are_ignored_are_no_zombies() -> None:
    program = (IgnoreChildren(), Fork((Say("c"),)), Wait(), SayWaited())
    (pair,) = enumerate_all(program).pairs
    assert pair == (
        "cno child\n",
        Outcome("exit", (("P.1", "auto-reaped"),), (("P", 0), ("P.1", 0))),
    )


def test_two_signals_may_be_one() -> None:
    program = (CountChildren(), Fork(), Fork(), Wait(), Wait(), SayCount())
    assert enumerate_all(program).outputs == {"count 1\n", "count 2\n"}


def test_a_signal_is_taken_when_a_call_returns() -> None:
    """Where the second was waited for first, the other's signal can be the same one only if it came
    before wait was back."""
    program = (CountChildren(), Fork(), Fork(), Wait(), SayWaited(), SayCount(), Wait(), SayCount())
    second, first = "<P.2> 0\n", "<P.1> 0\n"
    assert enumerate_all(program).outputs == {
        f"{first}count 1\ncount 1\n",
        f"{first}count 1\ncount 2\n",
        f"{first}count 2\ncount 2\n",
        f"{second}count 1\ncount 1\n",
        f"{second}count 1\ncount 2\n",
        f"{second}count 2\ncount 2\n",
    }


def test_a_fork_comes_after_the_signals() -> None:
    """By then the first child may not have ended; if it has, its signal was taken."""
    program = (CountChildren(), Fork(), Fork((SayCount(),)), Wait(), Wait())
    assert enumerate_all(program).outputs == {"count 0\n", "count 1\n"}


# What is possible depends neither on how finely an exit is cut where that can't be seen, nor on
# whether the order of output is asked for.
@settings(max_examples=60, suppress_health_check=[*HealthCheck])
@given(program=programs())
def test_the_oracle_agrees_with_itself(program: Program) -> None:
    possible = all_of(program, most_states=3000)
    assert enumerate_all(program, exit_at_once=True).pairs == possible.pairs
    assert enumerate_all(program, output_order=False).outcomes == possible.outcomes


def all_of(program: Program, most_states: int) -> Possible:
    try:
        return enumerate_all(program, most_states=most_states)
    except (TooMany, Livelock):
        assume(False)
        raise


def with_naps(program: Program, chance: random.Random) -> Program:
    """The program with short sleeps strewn in, which change when but not what."""
    parts: list[Op] = []
    for op in program:
        match op:
            case Fork(body, falls_through):
                op = Fork(with_naps(body, chance), falls_through)
            case If(test, then, otherwise):
                op = If(test, with_naps(then, chance), with_naps(otherwise, chance))
            case Loop(test, body):
                op = Loop(test, with_naps(body, chance))
        parts += [Sleep(chance.choice([0, 1, 3, 6]))] * chance.randrange(2) + [op]
    return tuple(parts)


def anonymous(text: str) -> str:
    """A text with pids and path ids named by the order in which they come."""
    names: dict[str, str] = {}

    def name(match: re.Match[str]) -> str:
        return names.setdefault(match[0], f"#{len(names)}")

    return re.sub(r"<P[.\d]*>|(?<![\d-])\d{2,}", name, text)


def seen(command: list[str]) -> str:
    """What a program writes when it runs by itself, until the last of its processes has ended."""
    return subprocess.run(command, capture_output=True, text=True, timeout=20).stdout


# The kernel itself is asked: what a program does by itself must be among what is possible.
@pytest.mark.parametrize("language", ["c", "c with handlers", "python"])
def test_what_the_kernel_does_is_possible(language: str, tmp_path: Path) -> None:
    language, _, handlers = language.partition(" ")

    @settings(
        max_examples=8,
        derandomize=True,
        database=None,
        suppress_health_check=[*HealthCheck],
    )
    @given(program=programs(handlers=bool(handlers)), seed=st.integers(0, 999))
    def ask(program: Program, seed: int) -> None:
        possible = all_of(program, most_states=5000)
        assume(len(possible.outputs) > 1)
        assume(all(outcome.ended == "exit" for outcome in possible.outcomes))
        allowed = {anonymous(output) for output in possible.outputs}
        chance = random.Random(seed)
        for _ in range(2):
            strewn = with_naps(program, chance)
            source = tmp_path / f"program.{language}"
            if language == "c":
                source.write_text(c_source(strewn))
                command = compiled(source)
            else:
                source.write_text(python_source(strewn))
                command = [sys.executable, "-I", "-S", str(source)]
            for _ in range(2):
                output = anonymous(seen(command))
                assert output in allowed, (output, program)

    ask()


def compiled(source: Path) -> list[str]:
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("there is no C compiler")
    program = source.with_suffix("")
    subprocess.run([compiler, "-w", "-O0", "-o", program, source], check=True)
    return [str(program)]


@pytest.mark.parametrize("language", ["c", "python"])
def test_every_word_can_be_written_down(language: str, tmp_path: Path) -> None:
    program = (
        MakePipe(0),
        SayPid("I am"),
        Fork((ClosePipe(0, "r"), PutPipe(0, 3), Sleep(1), SayParent(), Exit(4))),
        ClosePipe(0, "w"),
        WaitFor(0),
        SayWaited(),
        GetPipe(0, 2),
        SayRead(),
        If("data", (Loop("data", (GetPipe(0, 9), SayRead())),)),
        ClosePipe(0, "r"),
        GetPipe(0),
        SayRead(),
        WaitFor(5),
        SayWaited(),
        Fork((), falls_through=True),
        Wait(nohang=True),
        If("none", (Wait(),)),
        If("child", (Say("parent"),), (Say("child\n"),)),
    )
    source = tmp_path / f"program.{language}"
    source.write_text(c_source(program) if language == "c" else python_source(program))
    command = compiled(source) if language == "c" else [sys.executable, str(source)]
    (output,) = enumerate_all(program).outputs
    assert anonymous(seen(command)) == anonymous(output)
