"""From the text of a script to its roles.

The language is described for authors in docs/scripts.md.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

import msgspec

from grader.judge.script.language import Cast, Field, Gap, Kind, Line, Role, ScriptError
from grader.model import ROOT

_HEAD = re.compile(r"(?P<role>\*|[A-Z][A-Za-z0-9_]*)(?:\[(?P<count>[0-9]+)\])?:(?P<text>.*)", re.S)
_FACT = re.compile(r"(?P<role>[A-Z][A-Za-z0-9_]*(?:#[0-9]+)?)\.(?P<fact>[a-z.]+)")
_ATTRIBUTE = re.compile(r"(?:parent\.)*(?:pid|ppid|status)")
_NAMED = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::(?P<kind>.*))?")
_ROLE_NAME = re.compile(r"[A-Z][A-Za-z0-9_]*(?:#[0-9]+)?")
_ESCAPES = {"t": "\t", "n": "\n", "\\": "\\", " ": " ", ".": "."}
_LARGEST_GROUP = 500


class _Raw(msgspec.Struct):
    """A role while it is being read."""

    count: int | None = None
    steps: list[Line | Gap] = []


def parse(text: str) -> Cast:
    """Read a script.

    Raises ScriptError, with the line of the script and what was expected there.
    """
    raw: dict[str, _Raw] = {}
    others = False
    for number, source in enumerate(text.split("\n"), 1):
        if not source.strip() or source.lstrip().startswith("#"):
            continue
        head = _HEAD.fullmatch(source.lstrip())
        if head is None:
            raise ScriptError(_no_role(source), number)
        name, count = head["role"], head["count"]
        # Only spaces are alignment: a real tab belongs to the text, so that a script in an
        # ordinary Python string, where \t is a tab already, means the same as in a raw one.
        body = _rstrip(head["text"].lstrip(" "))
        if name == "*":
            if body != "..." or count:
                raise ScriptError(
                    "'*:' stands for all other processes; only '...' can follow", number
                )
            others = True
            continue
        role = raw.setdefault(name, _Raw())
        if count is not None:
            _set_count(role, name, int(count), number)
        if role.steps and isinstance(last := role.steps[-1], Line) and not last.newline:
            raise ScriptError(
                f"line {last.number} ends {name}'s output without a newline: nothing can follow it",
                number,
            )
        role.steps += [Gap(number)] if body == "..." else _lines(body, number)
    if not raw:
        raise ScriptError("it is empty: expected lines like 'P: text that the program prints'")
    return _resolve(raw, others)


def _rstrip(text: str) -> str:
    """Cut trailing spaces, which nobody sees, but not one that a backslash protects."""
    cut = text.rstrip(" ")
    backslashes = len(cut) - len(cut.rstrip("\\"))
    return cut + " " if backslashes % 2 and len(cut) < len(text) else cut


def _no_role(source: str) -> str:
    shown = source.strip()
    hint = ""
    if re.match(r"[a-z]\w*(\[\d+\])?:", shown):
        hint = "; a role begins with a capital letter"
    elif re.match(r"[A-Z]\w*\s+:", shown):
        hint = "; the colon follows the role at once"
    elif shown == "...":
        hint = "; say whose other lines are allowed, as in 'P: ...'"
    return f"expected 'ROLE: text', found {shown[:60]!r}{hint}"


def _set_count(role: _Raw, name: str, count: int, number: int) -> None:
    if name == ROOT:
        raise ScriptError(f"{ROOT} is the program itself: there is exactly one", number)
    if not 1 <= count <= _LARGEST_GROUP:
        raise ScriptError(f"{name}[{count}]: expected a number from 1 to {_LARGEST_GROUP}", number)
    if role.count not in (None, count):
        raise ScriptError(f"{name}[{count}], but {name}[{role.count}] before", number)
    role.count = count


def _lines(body: str, number: int) -> list[Line]:
    """Split what follows the role into lines (``\\n`` in it ends a line too)."""
    lines: list[Line] = []
    parts: list[str | Field] = []
    for part in _parts(body, number):
        if part == "\n":
            lines.append(Line(tuple(parts), number))
            parts = []
        elif part is None:
            return [*lines, Line(tuple(parts), number, newline=False)]
        elif parts and isinstance(part, str) and isinstance(parts[-1], str):
            parts[-1] += part
        else:
            parts.append(part)
    return [*lines, Line(tuple(parts), number)]


def _parts(body: str, number: int) -> Iterator[str | Field | None]:
    """Yield characters and fields; None for a backslash at the end (no newline)."""
    at = 0
    while at < len(body):
        char = body[at]
        if char == "\\":
            if at + 1 == len(body):
                yield None
                return
            if body[at + 1] not in _ESCAPES:
                raise ScriptError(
                    rf"unknown escape \{body[at + 1]}: expected \t, \n, \\, '\ ' or '\.'", number
                )
            yield _ESCAPES[body[at + 1]]
            at += 2
        elif body.startswith(("{{", "}}"), at):
            yield char
            at += 2
        elif char == "{":
            end = body.find("}", at)
            if end < 0:
                raise ScriptError(
                    f"'{{' without its '}}' in {body[at : at + 40]!r}; write '{{{{' for a brace",
                    number,
                )
            yield _field(body[at + 1 : end], number)
            at = end + 1
        elif char == "}":
            raise ScriptError("'}' without its '{'; write '}}' for a brace", number)
        else:
            yield char
            at += 1


def _field(inside: str, number: int) -> Field:
    source = "{" + inside + "}"
    if fact := _FACT.fullmatch(inside):
        if not _ATTRIBUTE.fullmatch(fact["fact"]):
            raise ScriptError(
                f"{source}: expected {fact['role']}.pid, .ppid, .parent.pid or .status", number
            )
        name = re.sub(r"\bppid$", "parent.pid", fact["fact"])
        kind: Kind = "number" if name.endswith("status") else "pid"
        return Field(f"{fact['role']}.{name}", kind, source, role=fact["role"], fact=name)
    named = _NAMED.fullmatch(inside)
    if named is None:
        raise ScriptError(
            f"{source} is no field: expected {{ROLE.pid}}, {{name}} or {{name:d}}", number
        )
    spec = named["kind"]
    simple: dict[str | None, Kind] = {None: "text", "d": "number", "w": "word"}
    if spec in simple:
        return Field(named["name"], simple[spec], source)
    roles = tuple(str(spec).split("|"))
    if not all(_ROLE_NAME.fullmatch(role) for role in roles):
        raise ScriptError(
            f"{source}: after the colon expected d (a number), w (a word), "
            "or the roles whose pid it may be (C1|C2)",
            number,
        )
    return Field(named["name"], "choice", source, roles=roles)


def _resolve(raw: dict[str, _Raw], others: bool) -> Cast:
    """Multiply the alike roles, make their fields local, and check every name."""
    members = {
        name: [name] if role.count is None else [f"{name}#{i}" for i in range(1, role.count + 1)]
        for name, role in raw.items()
    }
    known = {member for group in members.values() for member in group}
    mentions = {name: _mentions(role) for name, role in raw.items()}
    _check_kinds(raw)
    _check_local(raw)
    roles = []
    for name, role in raw.items():
        named_by_number = any(
            field.role in members[name] or set(field.roles) & set(members[name])
            for fields in mentions.values()
            for field, _ in fields
        )
        for member in members[name]:
            steps = tuple(
                step
                if isinstance(step, Gap)
                else msgspec.structs.replace(
                    step,
                    parts=tuple(
                        p
                        if isinstance(p, str)
                        else _bound(p, step.number, name, member, members, known)
                        for p in step.parts
                    ),
                )
                for step in role.steps
            )
            alike = role.count is not None
            roles.append(Role(member, steps, name if alike else "", alike and not named_by_number))
    return Cast(tuple(roles), others)


def _mentions(role: _Raw) -> list[tuple[Field, int]]:
    return [
        (part, step.number)
        for step in role.steps
        if isinstance(step, Line)
        for part in step.parts
        if isinstance(part, Field)
    ]


def _check_kinds(raw: dict[str, _Raw]) -> None:
    """One name is one thing: everywhere of the same kind."""
    first: dict[str, Field] = {}
    for role in raw.values():
        for field, number in _mentions(role):
            before = first.setdefault(field.key, field)
            if (before.kind, before.roles) != (field.kind, field.roles):
                raise ScriptError(
                    f"{field.source}, but {before.source} before: the same name must be "
                    "written in the same way everywhere",
                    number,
                )


def _check_local(raw: dict[str, _Raw]) -> None:
    """A field of alike processes has a value in each of them, so others cannot share it."""
    for name, role in raw.items():
        if role.count is None:
            continue
        mine = {f.key for f, _ in _mentions(role) if not f.fact}
        for other, theirs in raw.items():
            for field, number in _mentions(theirs):
                if other != name and not field.fact and field.key in mine:
                    raise ScriptError(
                        f"{field.source} is used in {name}[{role.count}], where each process has "
                        f"its own, and in {other}: give one of them another name",
                        number,
                    )


def _bound(
    field: Field,
    number: int,
    group: str,
    member: str,
    members: dict[str, list[str]],
    known: set[str],
) -> Field:
    """Return the field as it is in one process's lines."""
    alike = group != member
    if field.fact:
        role = member if field.role == group else field.role
        if role not in known:
            raise ScriptError(_unknown(field, field.role, members, known), number)
        return msgspec.structs.replace(field, role=role, key=f"{role}.{field.fact}")
    key = f"{member}.{field.key}" if alike else field.key
    roles: list[str] = []
    for name in field.roles:
        found = members.get(name) or ([name] if name in known else [])
        if not found:
            raise ScriptError(_unknown(field, name, members, known), number)
        roles += found
    return msgspec.structs.replace(field, key=key, roles=tuple(dict.fromkeys(roles)))


def _unknown(field: Field, name: str, members: dict[str, list[str]], known: set[str]) -> str:
    if name in members:
        count = len(members[name])
        return (
            f"{field.source}: there are {count} {name}; write {{which:{name}}} for the pid of one "
            f"of them, or {{{name}#1.pid}} for a certain one"
        )
    near = difflib.get_close_matches(name, known, 1)
    hint = f"did you mean {near[0]}?" if near else f"roles here: {', '.join(sorted(known))}."
    return (
        f"{field.source}: no role {name}; {hint} "
        rf"(A process that prints nothing is written '{name.split('#')[0]}: \'.)"
    )
