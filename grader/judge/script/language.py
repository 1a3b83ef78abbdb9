"""What a script consists of: roles, their lines, and the fields in the lines."""

from __future__ import annotations

from typing import Literal

import msgspec

from grader.model import UsageError

Kind = Literal["pid", "number", "word", "text", "choice"]
"""What a field may be.

``pid``
    a process id, a decimal number without leading zeros.
``number``
    decimal digits, perhaps after a minus sign.
``word``
    letters, digits and underscores.
``text``
    anything on one line, but not nothing.
``choice``
    the pid of one of several roles; fields of this kind with different names are
    different processes.
"""


class ScriptError(UsageError):
    """A script that cannot be read; the message names its line and what was expected."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(f"script, line {line}: {message}" if line else f"script: {message}")
        self.line = line


class Field(msgspec.Struct, frozen=True):
    """A place in a line where something is filled in."""

    key: str
    """What is bound: ``s1``, ``C#2.s`` (local to one of several alike), ``C1.parent.pid``."""
    kind: Kind
    source: str
    """The field as the script has it, with braces."""
    role: str = ""
    """For a fact of the kernel: the role that it is a fact about."""
    fact: str = ""
    """``pid``, ``status``, ``parent.pid``, ``parent.parent.pid`` ..., or nothing."""
    roles: tuple[str, ...] = ()
    """For a choice: whose pid it may be."""


class Line(msgspec.Struct, frozen=True):
    """One line as the program prints it."""

    parts: tuple[str | Field, ...]
    number: int
    """The line of the script."""
    newline: bool = True
    """False only for the last line of a role that prints no newline after it."""


class Gap(msgspec.Struct, frozen=True):
    """``...``: any number of other lines."""

    number: int


class Role(msgspec.Struct, frozen=True):
    """What one process prints, in its order."""

    name: str
    """``P``, ``C1``; ``C#2`` for the second of the alike ones that ``C[3]`` stands for."""
    steps: tuple[Line | Gap, ...]
    group: str = ""
    """For one of several alike: their common name."""
    interchangeable: bool = False
    """One of several alike of which no other line names one by its number."""

    @property
    def lines(self) -> tuple[Line, ...]:
        """Its lines without the ``...``."""
        return tuple(step for step in self.steps if isinstance(step, Line))

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields in its lines."""
        return tuple(p for line in self.lines for p in line.parts if isinstance(p, Field))


class Cast(msgspec.Struct, frozen=True):
    """All roles of a script, and whether processes without a role may print."""

    roles: tuple[Role, ...]
    others: bool = False

    @property
    def choices(self) -> tuple[Field, ...]:
        """The fields that are the pid of one of several roles, once each."""
        found = {f.key: f for r in self.roles for f in r.fields if f.kind == "choice"}
        return tuple(found.values())

    def role(self, name: str) -> Role:
        """Return the role with this name; KeyError when there is none."""
        for role in self.roles:
            if role.name == name:
                return role
        names = ", ".join(r.name for r in self.roles)
        raise KeyError(f"no role {name}; this script has {names}")
