"""What fits into a field, and which values go together."""

from __future__ import annotations

import re
from collections.abc import Mapping

from grader.judge.script.language import Cast, Field, Kind

Bindings = Mapping[str, str]
"""From the key of a field to the characters that it stands for. Never changed in place."""

_WHOLE: dict[Kind, re.Pattern[str]] = {
    # getppid() gives 0 where the parent is outside the pid namespace (getppid(2), NOTES).
    "pid": re.compile(r"0|[1-9][0-9]*"),
    "choice": re.compile(r"[1-9][0-9]*"),
    "number": re.compile(r"-?[0-9]+"),
    "word": re.compile(r"\w+"),
    "text": re.compile(r"[^\n]+"),
}


MOST_CHARACTERS = 1_000
"""A field stands for no more: else a line of a megabyte could be read in a million ways."""


def complete(kind: Kind, text: str) -> bool:
    """Tell whether ``text`` can be the whole of a field."""
    return len(text) <= MOST_CHARACTERS and _WHOLE[kind].fullmatch(text) is not None


def may_begin(kind: Kind, text: str) -> bool:
    """Tell whether ``text`` can be the beginning of a field."""
    return complete(kind, text) or (kind == "number" and text == "-")


def longest(kind: Kind, text: str, start: int) -> int:
    """Return the end of the longest field that begins at ``start``; ``start`` if none does."""
    found = _WHOLE[kind].match(text, start, start + MOST_CHARACTERS)
    return found.end() if found else start


def value(field: Field, text: str) -> int | str:
    """Return what a field stands for: a number for ``:d``, pids and exit statuses."""
    return text if field.kind in ("word", "text") else int(text)


def bind(cast: Cast, bindings: Bindings, field: Field, text: str) -> Bindings | None:
    """Return the bindings with ``field`` standing for ``text``, or None if that cannot be.

    One field has one value everywhere; different roles are different processes, and so
    have different pids; a process is not its own parent.
    """
    before = bindings.get(field.key)
    if before is not None:
        return bindings if before == text else None
    if not complete(field.kind, text):
        return None
    new = {**bindings, field.key: text}
    return new if _together(cast, new, field) else None


def _together(cast: Cast, bindings: Bindings, changed: Field) -> bool:
    if changed.kind not in ("pid", "choice"):
        return True
    pids = {role.name: bindings.get(f"{role.name}.pid") for role in cast.roles}
    known = [pid for pid in pids.values() if pid is not None]
    if len(known) != len(set(known)) or "0" in known:
        return False
    if changed.fact.startswith("parent.") or changed.fact == "pid":
        role = changed.role
        if pids.get(role) is not None and pids[role] == bindings.get(f"{role}.parent.pid"):
            return False
    return _choosable(cast, bindings, pids)


def _choosable(cast: Cast, bindings: Bindings, pids: Mapping[str, str | None]) -> bool:
    """Whether every choice can be the pid of a role of its own."""
    owner = {pid: name for name, pid in pids.items() if pid is not None}
    free: list[set[str]] = []
    taken: set[str] = set()
    for choice in cast.choices:
        chosen = bindings.get(choice.key)
        if chosen is None:
            continue
        if chosen in taken:
            return False
        taken.add(chosen)
        if chosen in owner:
            if owner[chosen] not in choice.roles:
                return False
        else:
            free.append({name for name in choice.roles if pids[name] is None})
    return _distinct(free, frozenset())


def _distinct(sets: list[set[str]], used: frozenset[str]) -> bool:
    """Whether one member of each set can be taken, all different."""
    if not sets:
        return True
    if len(set().union(*sets) - used) < len(sets):
        return False
    return any(_distinct(sets[1:], used | {name}) for name in sets[0] - used)
