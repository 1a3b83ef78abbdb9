"""Any tree that can be made is seen as it was made.

A tree of processes is generated, and turned into a program for ``interpreter.c``; what
must be in the trace follows from the tree alone.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from grader.model import ROOT, ExitStatus, Fate, Process, Scenario, Stdio, Trace, child_id
from grader.observe import run
from tests.observe.conftest import Compiled
from tests.observe.consistency import assert_consistent

# How a parent treats a child, and what becomes of the child by that.
BY_NAME: dict[str, Fate] = {
    "waitpid": "reaped",
    "waitid": "reaped",
    "no hang": "reaped",
    "peek": "reaped",
    "leave": "unreaped",
    "outlived": "orphaned",
}
_OPERATIONS = {
    "waitpid": "p{0}",
    "waitid": "i{0}",
    "no hang": "h{0}",
    "peek": "k{0}k{0}p{0}",
    "leave": "k{0}",
    "outlived": "",
}
_PEEKS = {"peek": 2, "leave": 1}


@dataclass
class Plan:
    """One process that is to be made."""

    end: ExitStatus
    text: str
    style: str
    """How it treats its children: ``by name``, ``any`` (wait), ``ignore`` (SIGCHLD)."""
    children: list[tuple[str, int, Plan]] = field(default_factory=list)
    """Each with the treatment, and a number that says when, among the others."""
    vfork: bool = False

    @property
    def order(self) -> list[int]:
        """In which order it deals with its children."""
        return sorted(range(len(self.children)), key=lambda i: self.children[i][1])


ends = st.one_of(
    st.integers(0, 255).map(lambda code: ExitStatus(code=code)),
    st.sampled_from([9, 15, 6, 11, 10]).map(lambda number: ExitStatus(signal=number)),
)
texts = st.sampled_from(["", "", "x", "line\n", "two\nlines\n", "ü€"])
by_name = st.sampled_from(sorted(BY_NAME))
leaves = st.builds(Plan, ends, texts, st.just("by name"), vfork=st.booleans())
plans = st.recursive(
    leaves,
    lambda inner: st.builds(
        Plan,
        ends,
        texts,
        st.sampled_from(["by name", "by name", "any", "ignore"]),
        st.lists(st.tuples(by_name, st.integers(0, 99), inner), max_size=4),
    ),
    max_leaves=10,
)


def is_vforked(plan: Plan) -> bool:
    """A vforked child shares its parent's memory: this one only exits, with a code."""
    return plan.vfork and not plan.children and not plan.text and plan.end.code is not None


def treatment(parent: Plan, index: int) -> str:
    asked, _, child = parent.children[index]
    if parent.style != "by name":
        return parent.style
    return "waitpid" if asked == "outlived" and is_vforked(child) else asked


def source(plan: Plan, outlives: bool = False) -> str:
    """The program for the interpreter."""
    parts = ["I" if plan.style == "ignore" else "D"]
    if plan.text:
        parts.append(f"o{plan.text};")
    for index, (_, _, child) in enumerate(plan.children):
        if is_vforked(child):
            parts.append(f"v(x{child.end.code})")
        else:
            parts.append(f"f({source(child, treatment(plan, index) == 'outlived')})")
    match plan.style:
        case "by name":
            parts += [_OPERATIONS[treatment(plan, i)].format(i) for i in plan.order]
        case "any":
            parts += "w" * (len(plan.children) + 1)
        case "ignore":
            parts.append("w")
    if outlives:
        parts.append("b")
    parts.append(f"s{plan.end.signal}" if plan.end.signal else f"x{plan.end.code}")
    return "".join(parts)


def expect(plan: Plan, process: Process, trace: Trace) -> int:
    """Compare a process and its descendants with the plan; returns how many there are."""
    assert process.exit == plan.end
    assert trace.text(process.id, "stdout") == plan.text
    children = trace.children(process.id)
    assert [child.id for child in children] == [
        child_id(process.id, i + 1) for i in range(len(plan.children))
    ]
    calls = [fork.call for fork in trace.forks(process.id)]
    assert calls == ["vfork" if is_vforked(child) else "fork" for _, _, child in plan.children]
    ledger = [
        (wait.outcome, wait.child, wait.status, wait.error)
        for wait in trace.reap_ledger
        if wait.process == process.id
    ]
    expected = expected_ledger(plan, children)
    if plan.style == "any":
        assert Counter(ledger) == Counter(expected)
        assert ledger[-1] == expected[-1]
    else:
        assert ledger == expected
    count = 1
    for index, (child, (_, _, inner)) in enumerate(zip(children, plan.children, strict=True)):
        how = treatment(plan, index)
        fates: dict[str, Fate] = {**BY_NAME, "any": "reaped", "ignore": "auto-reaped"}
        assert child.fate == fates[how], child
        count += expect(inner, child, trace)
    return count


Entry = tuple[str, str | None, ExitStatus | None, str | None]


def expected_ledger(plan: Plan, children: list[Process]) -> list[Entry]:
    nobody: Entry = ("failed", None, None, "ECHILD")
    reaped: list[Entry] = [
        ("reaped", child.id, inner.end, None)
        for child, (_, _, inner) in zip(children, plan.children, strict=True)
    ]
    if plan.style == "any":
        return [*reaped, nobody]
    if plan.style == "ignore":
        return [nobody]
    entries: list[Entry] = []
    for index in plan.order:
        how = treatment(plan, index)
        peeked: Entry = ("peeked", children[index].id, plan.children[index][2].end, None)
        entries += [peeked] * _PEEKS.get(how, 0)
        if BY_NAME[how] == "reaped":
            entries.append(reaped[index])
    return entries


@settings(
    max_examples=80,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(plan=plans, stdio=st.sampled_from(["terminal", "pipe"]))
def test_a_random_tree_is_seen_as_it_was_made(compiled: Compiled, plan: Plan, stdio: Stdio) -> None:
    command = [compiled("interpreter"), source(plan)]
    trace = run(Scenario(command=command, stdio=stdio), "exact")
    assert trace.ended == "exit"
    assert_consistent(trace)
    count = expect(plan, trace.process(ROOT), trace)
    assert count == len(trace.processes)
    event(f"{count} processes")
