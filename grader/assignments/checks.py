"""What a check says about itself: its markers and its docstring."""

from __future__ import annotations

import inspect
from typing import Any, get_args

import msgspec
import pytest

from grader.assignments.assignment import Assignment, did_you_mean
from grader.model import Visibility


class CheckSpec(msgspec.Struct, frozen=True, kw_only=True):
    """One check of an assignment, before it is judged."""

    assignment: Assignment
    id: str
    name: str
    """The id without parameters: what ``requires`` names."""
    description: str
    points: float
    hint: str
    requires: tuple[str, ...]
    scenarios: tuple[str, ...]
    arguments: tuple[str, ...]
    visibility: Visibility = "visible"

    @property
    def takes_trace(self) -> bool:
        """Whether it is called for every trace, and not once."""
        return "trace" in self.arguments


def read_check(item: pytest.Function, assignment: Assignment, names: list[str]) -> CheckSpec:
    """Read what a test function says about the check that it is.

    ``names`` are the assignment's checks. Raises CollectError for what can't be: that is
    the author's to mend, and pytest reports it without a traceback.
    """
    name = (item.originalname or item.name).removeprefix("test_")
    where = f"{item.path.name}: the check {name}"
    arguments = item._fixtureinfo.argnames
    if not {"trace", "submission"} & set(arguments):
        raise _fault(f"{where} takes neither 'trace' nor 'submission': it has nothing to judge")
    for fixture, definitions in item._fixtureinfo.name2fixturedefs.items():
        if fixture in ("trace", "submission") and len(definitions) > 1:
            raise _fault(
                f"{item.path.name}: the fixture {fixture!r} is grader's: call yours otherwise"
            )
        if any("trace" in definition.argnames for definition in definitions):
            raise _fault(
                f"{where} uses the fixture {fixture!r}, which takes 'trace'. A check runs once for "
                "every trace, a fixture only once: make it a function, and call it with the trace"
            )
    points, hint = _points(item, where)
    requires = tuple(n for mark in item.iter_markers("requires") for n in _words(mark, where))
    for required in requires:
        if required not in names or required == name:
            raise _fault(
                f"{where} requires {required!r}, which is no other check of this assignment"
                f"{did_you_mean(required, names)}"
            )
    return CheckSpec(
        assignment=assignment,
        id=name + _parameters(item),
        name=name,
        description=" ".join((inspect.getdoc(item.function) or name.replace("_", " ")).split()),
        points=points,
        hint=hint,
        requires=requires,
        scenarios=_scenarios(item, assignment, where),
        arguments=arguments,
        visibility=_visibility(item, where),
    )


def _points(item: pytest.Function, where: str) -> tuple[float, str]:
    mark = item.get_closest_marker("points")
    if mark is None:
        return 1.0, ""
    values: dict[str, Any] = {**dict(zip(("n", "hint"), mark.args, strict=False)), **mark.kwargs}
    points, hint = values.pop("n", None), values.pop("hint", "")
    good = isinstance(points, int | float) and not isinstance(points, bool) and points >= 0
    if not good or not isinstance(hint, str) or values or len(mark.args) > 2:
        raise _fault(f"{where}: expected points(n, hint='...') with a number n, 0 or more")
    return float(points), " ".join(hint.split())


def _scenarios(item: pytest.Function, assignment: Assignment, where: str) -> tuple[str, ...]:
    known = list(assignment.scenarios)
    mark = item.get_closest_marker("scenarios")
    if mark is None:
        ordinary = [name for name in known if not assignment.scenarios[name].faults]
        return tuple(ordinary or known)
    names = _words(mark, where)
    for name in names:
        if name not in known:
            raise _fault(
                f"{where}: no scenario {name!r}{did_you_mean(name, known)}; "
                f"assignment.toml has {', '.join(known)}"
            )
    return names


def _visibility(item: pytest.Function, where: str) -> Visibility:
    mark = item.get_closest_marker("visibility")
    if mark is None:
        return "visible"
    known: tuple[Visibility, ...] = get_args(Visibility)
    word = mark.args[0] if len(mark.args) == 1 and not mark.kwargs else None
    for visibility in known:
        if word == visibility:
            return visibility
    meant = did_you_mean(word, list(known)) if isinstance(word, str) else ""
    *most, last = (f"visibility({each!r})" for each in known)
    raise _fault(f"{where}: expected {', '.join(most)} or {last}{meant}")


def _words(mark: pytest.Mark, where: str) -> tuple[str, ...]:
    if not mark.args or mark.kwargs or not all(isinstance(arg, str) for arg in mark.args):
        raise _fault(f"{where}: expected names in {mark.name}('...')")
    return tuple(arg.removeprefix("test_") for arg in mark.args)


def _parameters(item: pytest.Function) -> str:
    """``[a-b]`` for a check that its author parametrised."""
    callspec = getattr(item, "callspec", None)
    if callspec is None:
        return ""
    values = [str(v) for name, v in callspec.params.items() if name != "submission"]
    return f"[{'-'.join(values)}]" if values else ""


def _fault(sentence: str) -> Exception:
    return pytest.Collector.CollectError(sentence)
