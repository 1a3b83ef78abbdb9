"""Does one process's output fit one role's lines? With every way in which it can."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec

from grader.judge.script.fields import Bindings, bind, complete, longest
from grader.judge.script.language import Cast, Field, Gap, Line, Role
from grader.judge.script.printed import Printed

Places = tuple[int, ...]
"""For each line of a role, the index of the printed line that it matched."""


class Reached(msgspec.Struct):
    """How far an attempt came before it failed: the deepest partial match."""

    step: int = 0
    """The step of the role that was not met."""
    at: int = 0
    """The index of the printed line that did not fit; their number at the end of the output."""
    bindings: Bindings = {}
    first: int = 0
    """The first printed line at which that step was tried: after a ``...`` there are many."""

    def note(self, step: int, at: int, bindings: Bindings) -> None:
        """Remember this point when it is deeper than the one before."""
        if step > self.step:
            self.first = at
        if (step, at) > (self.step, self.at) or not self.bindings:
            self.step, self.at, self.bindings = step, at, bindings


_MOST_TRIES = 100_000
"""A line that can be read in more ways than these was made for that; it fits none."""


class _Tries(msgspec.Struct):
    """How often a value is still tried for a field of a line."""

    left: int = _MOST_TRIES


class Column(msgspec.Struct):
    """Where in a line the first difference is."""

    at: int = 0
    field: Field | None = None
    """The field that did not fit there, if it was one."""


def line_fits(
    cast: Cast, line: Line, text: str, bindings: Bindings, column: Column | None = None
) -> Iterator[Bindings]:
    """Yield the bindings of each way in which ``text`` is this line (newline apart)."""
    return _parts_fit(cast, line.parts, 0, text, 0, bindings, column, _Tries())


def _parts_fit(
    cast: Cast,
    parts: Sequence[str | Field],
    k: int,
    text: str,
    at: int,
    bindings: Bindings,
    column: Column | None,
    tries: _Tries,
) -> Iterator[Bindings]:
    if k == len(parts):
        if at == len(text):
            yield bindings
        elif column and at >= column.at:
            column.at, column.field = at, None
        return
    part = parts[k]
    expected = part if isinstance(part, str) else bindings.get(part.key)
    if expected is not None:
        if text.startswith(expected, at):
            after = at + len(expected)
            yield from _parts_fit(cast, parts, k + 1, text, after, bindings, column, tries)
        elif column is not None:
            same = _common(expected, text, at) if isinstance(part, str) else 0
            if at + same >= column.at:
                column.at = at + same
                column.field = None if isinstance(part, str) else part
        return
    assert isinstance(part, Field)
    following = parts[k + 1] if k + 1 < len(parts) else None
    fitted = False
    # The longest first: what follows a number or a word seldom goes on with it.
    for end in range(longest(part.kind, text, at), at, -1):
        if following is None and end != len(text) and column is None:
            break
        if isinstance(following, str) and column is None and not text.startswith(following, end):
            continue
        tries.left -= 1
        if tries.left < 0:
            return
        if not complete(part.kind, text[at:end]):
            continue
        bound = bind(cast, bindings, part, text[at:end])
        if bound is not None:
            fitted = True
            yield from _parts_fit(cast, parts, k + 1, text, end, bound, column, tries)
    if not fitted and column is not None and at >= column.at:
        column.at, column.field = at, part


def _common(expected: str, text: str, at: int) -> int:
    """How many characters of ``expected`` stand at ``at``."""
    same = 0
    while same < len(expected) and text[at + same : at + same + 1] == expected[same]:
        same += 1
    return same


def role_fits(
    cast: Cast,
    role: Role,
    output: Sequence[Printed],
    bindings: Bindings,
    reached: Reached | None = None,
    spend: Callable[[], None] = lambda: None,
) -> Iterator[tuple[Bindings, Places]]:
    """Yield each way in which ``output`` is exactly what ``role`` prints.

    ``reached`` learns the deepest partial match; ``spend`` is called for each line tried.
    """
    steps = role.steps

    def ways(step: int, at: int, bindings: Bindings) -> Iterator[tuple[int, int, Bindings, bool]]:
        """Yield (next step, next printed line, bindings, whether a line was matched)."""
        spend()
        if reached is not None:
            reached.note(step, at, bindings)
        if step == len(steps):
            return
        current = steps[step]
        if isinstance(current, Gap):
            if step == len(steps) - 1:
                yield step + 1, len(output), bindings, False
                return
            yield step + 1, at, bindings, False
            if at < len(output):
                yield step, at + 1, bindings, False
            return
        if not current.newline and not current.parts:
            yield step + 1, at, bindings, False
        elif at < len(output) and output[at].newline == current.newline:
            for bound in line_fits(cast, current, output[at].text, bindings):
                yield step + 1, at + 1, bound, True

    # What two gaps can reach in many ways is tried once: the bindings are what matters.
    seen: set[tuple[int, int, tuple[tuple[str, str], ...]]] | None = None
    if any(isinstance(step, Gap) for step in steps):
        seen = set()
    # An explicit stack: a role may have more lines than Python allows recursion.
    stack = [ways(0, 0, bindings)]
    places: list[tuple[int, ...]] = [()]
    if not steps and not output:
        yield bindings, ()
    while stack:
        following = next(stack[-1], None)
        if following is None:
            stack.pop()
            places.pop()
            continue
        step, at, bound, matched = following
        if seen is not None:
            key = (step, at, tuple(sorted(bound.items())))
            if key in seen:
                continue
            seen.add(key)
        place = (*places[-1], at - 1) if matched else places[-1]
        if step == len(steps) and at == len(output):
            yield bound, place
        stack.append(ways(step, at, bound))
        places.append(place)
