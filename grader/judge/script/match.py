"""A script that matched: who played which role, and what its fields stand for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NoReturn

import msgspec

from grader.judge.script.fields import Bindings, value
from grader.judge.script.language import Cast
from grader.model import Process, Unproved


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """How a script matched. ``match["s1"]`` is the value of the field ``{s1:d}``."""

    roles: dict[str, Process]
    """The process that plays each role; empty where pids are all that is known."""
    values: dict[str, int | str]
    """What each field stands for: an int for ``:d``, pids and exit statuses. The fields
    of alike processes are ``C#1.s``, ``C#2.s``."""
    completed: dict[str, tuple[int | None, ...]] | None = None
    """For each role, the event that completed each of its lines; None for plain text."""

    def __getitem__(self, key: str) -> int | str:
        try:
            return self.values[key]
        except KeyError:
            raise KeyError(f"no field {key}; there are {', '.join(sorted(self.values))}") from None

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def __iter__(self) -> Iterator[NoReturn]:
        raise TypeError("iterate over .values or .roles")

    def process(self, name: str) -> Process:
        """Return the process that plays the role ``name``, or whose pid the field ``name`` is.

        Raises Unproved where only pids are known, KeyError when there is no such name.
        """
        if name in self.roles:
            return self.roles[name]
        pid = self.values.get(name, self.values.get(f"{name}.pid"))
        if pid is None:
            self._no_role(name)
        for process in self.roles.values():
            if process.pid == pid:
                return process
        if not self.roles:
            raise Unproved(f"the text alone cannot tell which process {name} is")
        raise KeyError(f"{name} is {pid}, the pid of no role's process")

    def line(self, role: str, index: int) -> int:
        """Return the number of the event (a write) that completed a line of a role.

        ``index`` counts the role's lines in the script from 0, without ``...``; a negative
        one counts from the end. With it, an order between processes is stated in terms of
        events: ``match.line("P", 2) > trace.waits("P")[0].n``.

        Raises Unproved where the writers are unknown, KeyError or IndexError when the
        script has no such role or line.
        """
        if self.completed is None:
            raise Unproved("the text alone cannot tell which write printed which line")
        if role not in self.completed:
            self._no_role(role)
        events = self.completed[role]
        if not -len(events) <= index < len(events):
            raise IndexError(f"{role} has {len(events)} lines in the script, none at {index}")
        event = events[index]
        if event is None:
            raise Unproved(f"the trace does not tell when {role} printed line {index}")
        return event

    def _no_role(self, name: str) -> NoReturn:
        raise KeyError(f"no role or field {name}; roles: {', '.join(self.roles)}")


def values(cast: Cast, bindings: Bindings) -> dict[str, int | str]:
    """Return what each bound field of the script stands for, and every known pid."""
    known = {
        f.key: value(f, bindings[f.key]) for r in cast.roles for f in r.fields if f.key in bindings
    }
    pids: Mapping[str, int | str] = {
        key: int(bindings[key]) for r in cast.roles if (key := f"{r.name}.pid") in bindings
    }
    return {**known, **pids}
