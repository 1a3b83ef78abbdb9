"""The submitted program as a page shows it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from grader.model import Check, Result
from grader.report.html.shapes import deciding
from grader.report.source_lines import Program

_MOST_LINES = 260
_HEAD = 120
_AROUND = 6


class SourceLine(msgspec.Struct, frozen=True):
    """One line."""

    number: int
    text: str
    checks: list[int]
    """The numbers of the failed checks that it concerns."""


class Source(msgspec.Struct, frozen=True):
    """A program as it is shown."""

    parts: list[SourceLine | int]
    """Lines; a number: so many are left out here."""


def source_of(
    data: bytes,
    name: str,
    failed: Mapping[int, Check],
    result: Result | None,
    most: int,
) -> Source:
    """The lines of a program, with the numbers of the failed checks beside those concerned.

    ``result`` has the runs that decided. Of a long program, the beginning and what is around
    the lines concerned, ``most`` characters at most.
    """
    program = Program(data, name)
    hits: dict[int, list[int]] = {}
    for number, check in failed.items():
        run = deciding(result, check) if result is not None else None
        for line in program.lines_of(check, run):
            hits.setdefault(line, []).append(number)
    return Source(_cut(program.lines, hits, most))


def _cut(lines: list[str], hits: Mapping[int, list[int]], most: int) -> list[SourceLine | int]:
    """The lines to show."""
    wanted = set(range(1, len(lines) + 1))
    if len(lines) > _MOST_LINES or sum(map(len, lines)) > most:
        wanted = set(range(1, _HEAD + 1))
        for hit in hits:
            wanted |= set(range(hit - _AROUND, hit + _AROUND + 1))
    parts: list[SourceLine | int] = []
    left_out = used = 0
    for number, line in enumerate(lines, 1):
        used += len(line) if number in wanted else 0
        if number not in wanted or (used > most and number not in hits):
            left_out += 1
            continue
        if left_out:
            parts.append(left_out)
            left_out = 0
        parts.append(SourceLine(number, line.expandtabs(8), hits.get(number, [])))
    return [*parts, left_out] if left_out else parts
