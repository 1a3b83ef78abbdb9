"""Schedules: who goes when, as a plain value that prints and parses.

A controlled run stands still wherever more than one thing can happen next. What is
chosen there is a turn; the turns of a run are its schedule. Where a schedule ends, or
has nothing to say, the run goes on by the default: the same process as long as it can,
then the one that was made first.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple, get_args

import msgspec

from grader.model.errors import UsageError
from grader.model.fault import Fault
from grader.model.scenario import Stdio

Action = Literal["go", "appear", "signal", "timer", "input"]
"""What a turn does.

``go``
    the process makes the visible operation that it is held at.
``appear``
    the process has ended, and its parent can see that from now on.
``signal``
    a signal that waits for the process is delivered before that operation.
``timer``
    the process's alarm(2) or setitimer(2) expires.
``input``
    the scenario's standard input arrives (of no process: the root's turn).
"""

_MARKS: dict[Action, str] = {"go": "", "appear": "-", "signal": "+", "timer": "=", "input": "_"}
_ACTIONS: dict[str, Action] = {mark: action for action, mark in _MARKS.items()}
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_TURN = re.compile(r"([a-z]|\.\d+\.)([-+=_]?)(\d*)")
VERSION = "1"
MOST_TURNS = 100_000
_QUOTED = 80
"""Characters of what is no schedule."""


class Turn(NamedTuple):
    """One choice: which process, by order of creation from 0, and what it does."""

    actor: int
    action: Action = "go"


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """All that is needed to make a run happen again.

    Printed as ``1:a3bc2b-,pipe,seed=5,fork:EAGAIN@P#2``: the version; a letter for each
    turn's process in order of creation (``.27.`` beyond z), with a mark for what is not
    an ordinary step and a count for what is repeated; then what differs from an
    adversarial run on a terminal with seed 0 and no faults.
    """

    turns: tuple[Turn, ...] = ()
    time: Literal["ideal", "adversarial"] = "adversarial"
    stdio: Stdio = "terminal"
    output_order: bool = False
    """Whether writes of output were turns of their own (``Scenario.output_order``)."""
    seed: int = 0
    faults: tuple[Fault, ...] = ()

    def __str__(self) -> str:
        words = [f"{VERSION}:{_print(self.turns)}"]
        if self.time != "adversarial":
            words.append(self.time)
        if self.stdio != "terminal":
            words.append(self.stdio)
        if self.output_order:
            words.append("ordered")
        if self.seed:
            words.append(f"seed={self.seed}")
        return ",".join([*words, *map(str, self.faults)])

    @classmethod
    def parse(cls, text: str) -> Schedule:
        """Read a schedule as ``str`` prints it. Raises UsageError that says what is wrong."""
        version, colon, rest = text.strip().partition(":")
        if not colon or version != VERSION:
            raise UsageError(
                f"{text[:_QUOTED]!r} is no schedule: expected {VERSION}: and letters, such as"
                f" {VERSION}:a3bc"
            )
        turns, *words = rest.split(",")
        time: Literal["ideal", "adversarial"] = "adversarial"
        stdio: Stdio = "terminal"
        seed, faults, ordered = 0, [], False
        for word in words:
            if word == "ideal":
                time = "ideal"
            elif word in get_args(Stdio):
                stdio = "pipe" if word == "pipe" else "terminal"
            elif word == "ordered":
                ordered = True
            elif match := re.fullmatch(r"seed=(\d{1,18})", word):
                seed = int(match[1])
            else:
                faults.append(Fault.parse(word))
        return cls(
            turns=_parse(turns, text),
            time=time,
            stdio=stdio,
            output_order=ordered,
            seed=seed,
            faults=(*faults,),
        )


def _print(turns: tuple[Turn, ...]) -> str:
    parts: list[str] = []
    n = 0
    while n < len(turns):
        end = n
        while end < len(turns) and turns[end] == turns[n]:
            end += 1
        actor, action = turns[n]
        name = _LETTERS[actor] if actor < len(_LETTERS) else f".{actor + 1}."
        count = end - n
        parts.append(name + _MARKS[action] + (str(count) if count > 1 else ""))
        n = end
    return "".join(parts)


def _parse(text: str, whole: str) -> tuple[Turn, ...]:
    turns: list[Turn] = []
    at = 0
    while at < len(text):
        match = _TURN.match(text, at)
        if match is None:
            what = f"{text[at : at + 8]!r} can't be read"
            raise UsageError(f"{whole[:_QUOTED]!r} is no schedule: {what}")
        name, mark, digits = match.groups()
        count = int(digits[:9] or 1)
        if len(turns) + count > MOST_TURNS:
            raise UsageError(f"this schedule is longer than {MOST_TURNS} turns")
        actor = int(name[1:-1][:9]) - 1 if name.startswith(".") else _LETTERS.index(name)
        turns += [Turn(max(actor, 0), _ACTIONS[mark])] * count
        at = match.end()
    return tuple(turns)
