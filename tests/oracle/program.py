"""A tiny language of programs that fork and wait.

Each word is what one process does next. A program is run by ``kernel.py`` in the mind, and
written down as Python and as C by ``python_source.py`` and ``c_source.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Test = Literal["child", "none", "data"]
"""``child``: the last wait collected one. ``none``: the last wait (with WNOHANG) found children,
but none that had ended. ``data``: the last read gave something."""


@dataclass(frozen=True)
class Say:
    """Write a text, with one write call."""

    text: str


@dataclass(frozen=True)
class SayPid:
    """Write a word and the own pid."""

    word: str


@dataclass(frozen=True)
class SayParent:
    """Ask for the parent's pid, then write it; ``gone`` when it is not who forked this process."""


@dataclass(frozen=True)
class SayWaited:
    """Write what the last wait gave: pid and status, or ``none yet``, or ``no child``."""


@dataclass(frozen=True)
class SayRead:
    """Write how many bytes the last read gave; a negative number is an errno."""


@dataclass(frozen=True)
class Fork:
    """Make a child, which runs ``body``; then it exits with 0, or goes on with what follows."""

    body: tuple[Op, ...] = ()
    falls_through: bool = False


@dataclass(frozen=True)
class Wait:
    """Wait for any child: waitpid(-1)."""

    nohang: bool = False


@dataclass(frozen=True)
class WaitFor:
    """Wait for the child that this program's n-th fork gave (from 0); by a process that inherited
    the number, or never got one, in vain."""

    nth: int
    nohang: bool = False


@dataclass(frozen=True)
class IgnoreChildren:
    """Ignore SIGCHLD: children that end are no zombies."""


@dataclass(frozen=True)
class CountChildren:
    """Catch SIGCHLD, restarting what it interrupts (SA_RESTART), and count how often it comes."""


@dataclass(frozen=True)
class SayCount:
    """Write how often SIGCHLD came."""


@dataclass(frozen=True)
class Exit:
    """End at once (_exit)."""

    code: int = 0


@dataclass(frozen=True)
class MakePipe:
    """Make a pipe and call it by a number. Each number is made once at most by a program."""

    pipe: int


@dataclass(frozen=True)
class PutPipe:
    """Write so many bytes. Without a reader the process is killed by SIGPIPE."""

    pipe: int
    size: int = 1


@dataclass(frozen=True)
class GetPipe:
    """Read at most so many bytes."""

    pipe: int
    size: int = 1


@dataclass(frozen=True)
class ClosePipe:
    """Close one's own read end or write end."""

    pipe: int
    end: Literal["r", "w"]


@dataclass(frozen=True)
class Sleep:
    """Sleep so many milliseconds."""

    milliseconds: int = 1


@dataclass(frozen=True)
class If:
    """One of two ways."""

    test: Test
    then: tuple[Op, ...] = ()
    otherwise: tuple[Op, ...] = ()


@dataclass(frozen=True)
class Loop:
    """Do ``body``, and again as long as the test holds."""

    test: Test
    body: tuple[Op, ...]


Op: TypeAlias = (
    Say
    | SayPid
    | SayParent
    | SayWaited
    | SayRead
    | Fork
    | Wait
    | WaitFor
    | IgnoreChildren
    | CountChildren
    | SayCount
    | Exit
    | MakePipe
    | PutPipe
    | GetPipe
    | ClosePipe
    | Sleep
    | If
    | Loop
)
Program: TypeAlias = tuple[Op, ...]

NONE_YET = "none yet\n"
NO_CHILD = "no child\n"
GONE = "parent gone\n"
EBADF = 9
EPIPE_KILLS = 13
"""SIGPIPE, whose default action both renderings keep."""


def pipes_of(program: Program) -> int:
    """How many pipes a program names."""
    numbers = [op.pipe + 1 for op in every_op(program) if isinstance(op, MakePipe)]
    return max(numbers, default=0)


def every_op(program: Program) -> list[Op]:
    """All words of a program, inner ones too."""
    found: list[Op] = []
    for op in program:
        found.append(op)
        match op:
            case Fork(body=body) | Loop(body=body):
                found += every_op(body)
            case If(then=then, otherwise=otherwise):
                found += every_op(then) + every_op(otherwise)
    return found
