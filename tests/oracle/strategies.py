"""Random programs of ``program.py``, small enough that all they can do is known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from hypothesis import strategies as st

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

_Kind = Literal[
    "say", "pid", "parent", "fork", "wait", "wait for", "exit", "put", "get", "close", "sleep",
    "ask", "if", "loop",
]  # fmt: skip
_OUTSIDE: list[_Kind] = [
    "say", "say", "fork", "fork", "fork", "wait", "wait", "wait for", "ask", "sleep", "if", "pid",
    "loop",
]  # fmt: skip
_INSIDE: list[_Kind] = ["say", "say", "pid", "parent", "exit", "sleep", "fork", "wait", "if"]
_WITH_PIPES: list[_Kind] = ["put", "put", "get", "get", "close", "close"]


class _Plan:
    """What a program may still use."""

    def __init__(self, forks: int, words: int, pipes: int) -> None:
        self.forks, self.words, self.pipes = forks, words, pipes
        self.forked = 0

    def kinds(self, depth: int) -> list[_Kind]:
        kinds = [*(_INSIDE if depth else _OUTSIDE), *(_WITH_PIPES if self.pipes else [])]
        return [kind for kind in kinds if kind != "fork" or self.forks]


@st.composite
def _bodies(draw: st.DrawFn, plan: _Plan, depth: int, least: int, most: int) -> tuple[Op, ...]:
    ops: list[Op] = []
    for _ in range(draw(st.integers(least, most))):
        if plan.words <= 0:
            break
        plan.words -= 1
        ops += draw(_words(plan, depth, draw(st.sampled_from(plan.kinds(depth)))))
    return tuple(ops)


@st.composite
def _words(draw: st.DrawFn, plan: _Plan, depth: int, kind: _Kind) -> list[Op]:
    pipe = draw(st.integers(0, plan.pipes - 1)) if plan.pipes else 0
    match kind:
        case "say":
            return [Say(draw(st.sampled_from(["?", "?\n"])))]
        case "pid":
            return [SayPid("pid")]
        case "parent":
            return [SayParent()]
        case "sleep":
            return [Sleep(draw(st.integers(1, 3)))]
        case "exit":
            return [Exit(draw(st.integers(0, 7)))]
        case "fork":
            plan.forks -= 1
            plan.forked += 1
            return draw(_forks(plan, depth))
        case "wait":
            return [Wait(), SayWaited()] if draw(st.booleans()) else [Wait()]
        case "wait for":
            wait = WaitFor(draw(st.integers(0, max(0, plan.forked - 1))), draw(st.booleans()))
            return [wait, SayWaited()] if draw(st.booleans()) else [wait]
        case "ask":
            return [Wait(nohang=True), SayWaited()]
        case "put":
            return [PutPipe(pipe, draw(st.integers(1, 3)))]
        case "get":
            get = GetPipe(pipe, draw(st.integers(1, 3)))
            return [get, SayRead()] if draw(st.booleans()) else [get]
        case "close":
            return [ClosePipe(pipe, draw(st.sampled_from(["r", "w"])))]
        case "if":
            test = draw(st.sampled_from(["child", "none", *(["data"] if plan.pipes else [])]))
            then, otherwise = (draw(_bodies(plan, depth + 1, n, 1)) for n in (1, 0))
            return [If(test, then, otherwise)]
        case "loop":
            return [Loop("child", (Wait(), *draw(st.sampled_from([(), (SayWaited(),)]))))]


@st.composite
def _forks(draw: st.DrawFn, plan: _Plan, depth: int) -> list[Op]:
    """A fork; about every second time each side closes an end of a pipe, as one should."""
    plan.forks -= 1
    plan.forked += 1
    body: tuple[Op, ...] = draw(_bodies(plan, depth + 1, 1, 3))
    after: list[Op] = []
    if plan.pipes and draw(st.booleans()):
        pipe = draw(st.integers(0, plan.pipes - 1))
        reads = draw(st.booleans())
        get: tuple[Op, ...] = (GetPipe(pipe, 2), SayRead())
        body = (
            ClosePipe(pipe, "w" if reads else "r"),
            *(get if reads else (PutPipe(pipe, 1),)),
            *body,
        )
        after = [ClosePipe(pipe, "r" if reads else "w")]
        if draw(st.booleans()):
            after += (PutPipe(pipe, 2),) if reads else get
    falls_through = draw(st.sampled_from([False, False, False, False, True]))
    return [Fork(body, falls_through), *after]


@st.composite
def programs(
    draw: st.DrawFn, *, handlers: bool = False, most_forks: int = 3, most_words: int = 12
) -> Program:
    """A program with up to ``most_forks`` forks in its text and about ``most_words`` words.

    ``handlers``: one that catches SIGCHLD.
    """
    pipes = draw(st.sampled_from([0, 0, 1, 1, 2] if not handlers else [0, 0, 0, 1]))
    plan = _Plan(draw(st.integers(1, most_forks)), most_words, pipes)
    before: list[Op] = [*draw(st.sampled_from([(), (), (Say("?\n"),)]))]
    if handlers:
        before.append(CountChildren())
    elif not pipes and draw(st.integers(0, 4)) == 0:
        # With pipes, psutil may see the parent dead before the engine lets it be.
        before.append(IgnoreChildren())
    first = draw(_forks(plan, 0))
    after = [*draw(_bodies(plan, 0, 2, 6))]
    if handlers:
        for _ in range(draw(st.integers(1, 2))):
            after.insert(draw(st.integers(0, len(after))), SayCount())
    letters = iter("abcdefghijklmnopqrstuvwxyz")
    made = [MakePipe(n) for n in range(pipes)]
    return tuple(_lettered(op, letters) for op in (*made, *before, *first, *after))


def _lettered(op: Op, letters: Iterator[str]) -> Op:
    """Give each text a letter of its own."""

    def all_of(ops: tuple[Op, ...]) -> tuple[Op, ...]:
        return tuple(_lettered(inner, letters) for inner in ops)

    match op:
        case Say(text):
            return Say(text.replace("?", next(letters)))
        case Fork(body=body):
            return replace(op, body=all_of(body))
        case If(then=then, otherwise=otherwise):
            return replace(op, then=all_of(then), otherwise=all_of(otherwise))
        case Loop(body=body):
            return replace(op, body=all_of(body))
    return op
