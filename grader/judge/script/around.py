"""What is good, missing and unexpected around the place where a role's output differs."""

from __future__ import annotations

from collections.abc import Sequence

from grader.judge.script.fields import Bindings
from grader.judge.script.language import Cast, Gap, Line, Role
from grader.judge.script.lines import Reached, line_fits
from grader.judge.script.mismatch import Remark
from grader.judge.script.printed import Printed, visible
from grader.judge.script.words import expected

_WINDOW = 40
"""So many lines are aligned."""
_BEFORE, _AFTER = 2, 6
"""So many lines are shown before the difference, and from it on."""


def _aligned(
    cast: Cast, lines: Sequence[Line], output: Sequence[Printed], bindings: Bindings
) -> list[list[int]]:
    """The table of longest common subsequences, of the ends: [0][0] is that of the whole."""
    n, m = len(lines), len(output)
    table = [[0] * (m + 1) for _ in range(n + 1)]
    for i in range(n - 1, -1, -1):
        for j in range(m - 1, -1, -1):
            table[i][j] = max(table[i + 1][j], table[i][j + 1])
            if _same(cast, lines[i], output[j], bindings):
                table[i][j] = max(table[i][j], 1 + table[i + 1][j + 1])
    return table


def _same(cast: Cast, line: Line, came: Printed, bindings: Bindings) -> bool:
    return line.newline == came.newline and any(
        True for _ in line_fits(cast, line, came.text, bindings)
    )


def in_common(
    cast: Cast, lines: Sequence[Line], output: Sequence[Printed], bindings: Bindings
) -> int:
    """How many of the lines were printed, in their order."""
    return _aligned(cast, lines[:_WINDOW], output[:_WINDOW], bindings)[0][0]


def around(cast: Cast, role: Role, output: Sequence[Printed], reached: Reached) -> list[Remark]:
    """Show the lines before the difference, and how it may go on after it."""
    bindings = reached.bindings
    good = [
        Remark("GOOD", visible(line.text))
        for line in output[max(0, reached.at - _BEFORE) : reached.at]
    ]
    steps = role.steps[reached.step : reached.step + _WINDOW]
    lines = [step for step in steps if isinstance(step, Line) and (step.parts or step.newline)]
    rest = output[reached.at : reached.at + _WINDOW]
    gap = next((k for k, step in enumerate(steps) if isinstance(step, Gap)), None)
    if gap is not None:
        # Behind "..." anything may come: only what comes before it can be unexpected.
        lines, rest = lines[:gap], rest[:gap]
    table = _aligned(cast, lines, rest, bindings)
    remarks: list[Remark] = []
    i = j = 0
    while i < len(lines) or j < len(rest):
        if i < len(lines) and j < len(rest) and _same(cast, lines[i], rest[j], bindings):
            remarks.append(Remark("GOOD", visible(rest[j].text)))
            i, j = i + 1, j + 1
        elif j == len(rest) or (i < len(lines) and table[i + 1][j] >= table[i][j + 1]):
            remarks.append(Remark("MISSING", expected(cast, lines[i], bindings)))
            i += 1
        else:
            remarks.append(Remark("UNEXPECTED", visible(rest[j].text)))
            j += 1
    return good + remarks[:_AFTER]
