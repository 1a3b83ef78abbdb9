"""What a hostile program's head says: the trick, and how its run has to end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import msgspec

from grader.model import Ended, FlagKind, Limits, Stdio

PROGRAMS = Path(__file__).parent / "programs"

Engine = Literal["free", "controlled", "sampled"]
"""``free`` and ``controlled`` are the exact engine's two ways."""
ENGINES: tuple[Engine, ...] = get_args(Engine)
_WAYS = (*ENGINES, "terminal", "pipe")
_KEYS = (
    *("trick", "why", "ended", "exit", "flags", "says", "limits", "engines", "needs"),
    *("machine", "beside", "assignment", "verdict", "stdio"),
)
_NEEDS = ("signals", "files", "network")

_LINE = re.compile(r"(?:#|//) (\w+)(?:\[([\w, ]+)\])?: (.*)")
_MORE = re.compile(r"(?:#|//) {3,}(\S.*)")


@dataclass(frozen=True)
class Said:
    """One line of a head: a key, the ways that it is for (none: all), and the value."""

    key: str
    ways: frozenset[str]
    value: str


@dataclass(frozen=True)
class Program:
    """A hostile program."""

    path: Path
    head: tuple[Said, ...]

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def in_c(self) -> bool:
        return self.path.suffix == ".c"

    def said(self, key: str, *ways: str) -> str | None:
        """What the head says: of several lines the one that fits these ways most closely."""
        fitting = [s for s in self.head if s.key == key and s.ways <= set(ways)]
        return max(fitting, key=lambda said: len(said.ways)).value if fitting else None

    def listed(self, key: str, *ways: str) -> list[str]:
        return [word for word in re.split(r"[,\s]+", self.said(key, *ways) or "") if word]

    @property
    def engines(self) -> list[str]:
        return self.listed("engines") or list(ENGINES)

    def stdio(self, ways: tuple[Stdio, ...]) -> tuple[Stdio, ...]:
        """Of these ways those that it is for."""
        return tuple(way for way in ways if way in (self.listed("stdio") or ways))

    def limits(self, *ways: str) -> Limits:
        """Those of the harness, and what the head says beside them."""
        pairs = (pair.split("=") for pair in self.listed("limits", *ways))
        own = {key: _number(value) for key, value in pairs}
        return msgspec.convert({**LIMITS, **own}, Limits)

    def ended(self, *ways: str) -> list[str]:
        """The words that are right for ``Trace.ended``."""
        return [w.strip() for w in (self.said("ended", *ways) or "exit").split("|")]

    def flags(self, *ways: str) -> tuple[set[str], set[str]]:
        """Flags that have to be there, and those that may (``orphan?``)."""
        words = self.listed("flags", *ways)
        may = {word[:-1] for word in words if word.endswith("?")}
        return {word for word in words if not word.endswith("?")}, may

    def says(self, *ways: str) -> str | None:
        """A regular expression that its output has to match somewhere."""
        return self.said("says", *ways)

    @property
    def verdict(self) -> str:
        """Of the result, when it is handed in."""
        return self.said("verdict") or "fail"

    @property
    def assignment(self) -> str:
        return self.said("assignment") or "fig18_03"

    def __str__(self) -> str:
        return self.path.name


LIMITS: dict[str, float] = {
    "seconds": 20,
    "cpu_seconds": 4,
    "processes": 80,
    "processes_alive": 40,
    "threads": 60,
    "output_bytes": 200_000,
    "file_bytes": 2_000_000,
    "folder_bytes": 5_000_000,
    "open_files": 128,
    "memory_bytes": 500_000_000,
    "events": 5_000,
    "steps": 2_000,
    "virtual_seconds": 100_000,
}
"""What a run may use where its head does not say otherwise: little, as there are many."""


def _number(text: str) -> float:
    value = float(text)
    return int(value) if value.is_integer() else value


def read_head(path: Path) -> Program:
    """Read the head of a program. Raises ValueError when it is not as README.md has it."""
    head: list[Said] = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        if more := _MORE.fullmatch(line):
            if not head:
                raise ValueError(f"{path.name}: begins with a continued line")
            last = head.pop()
            head.append(Said(last.key, last.ways, f"{last.value} {more[1]}"))
        elif said := _LINE.fullmatch(line):
            ways = frozenset(re.split(r"[,\s]+", said[2])) if said[2] else frozenset[str]()
            head.append(Said(said[1], ways, said[3].strip()))
        else:
            break
    for problem in _problems(head):
        raise ValueError(f"{path.name}: {problem}")
    return Program(path, tuple(head))


def _problems(head: list[Said]) -> Iterator[str]:
    keys = {said.key for said in head}
    if "trick" not in keys:
        yield "its head has no 'trick:'"
    for said in head:
        words = [w.rstrip("?") for w in re.split(r"[,|\s]+", said.value) if w]
        allowed = {
            "ended": get_args(Ended),
            "flags": get_args(FlagKind),
            "engines": ENGINES,
            "needs": _NEEDS,
            "verdict": ("pass", "fail", "error"),
            "stdio": get_args(Stdio),
        }.get(said.key)
        if said.key not in _KEYS:
            yield f"there is no key {said.key!r}"
        for way in said.ways - set(_WAYS):
            yield f"there is no way {way!r}"
        for word in words if allowed else []:
            if word not in (allowed or ()):
                yield f"{said.key}: there is no {word!r}"
    ways = [frozenset(s.ways) for s in head if s.key == "ended"]
    if len(ways) != len(set(ways)):
        yield "'ended' is said twice"


def all_programs() -> list[Program]:
    """Every program, by name."""
    return [
        read_head(path)
        for path in sorted(PROGRAMS.iterdir())
        if path.suffix in (".py", ".c") and path.is_file()
    ]
