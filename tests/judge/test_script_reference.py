"""Both matchers agree with one that tries everything, on small random scripts.

The reference tries every value of every field and every assignment of roles, and follows
all ways to divide the text at once. It shares no code with the matchers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import combinations, permutations, product

from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from grader.judge import Mismatch, Script
from grader.model import Trace
from tests.traces import make_trace

ROLES = ("P", "A", "B")
PIDS = ("10", "11", "12")
FIELDS = ("{P.pid}", "{A.pid}", "{B.pid}", "{n:d}", "{m:d}", "{t}", "{one:A|B}", "{two:A|B}")
VALUES = {"n": ("1", "10", "-1"), "m": ("1", "2"), "t": ("a", "1b", "10")}


@dataclass(frozen=True)
class Case:
    """A script, and what each role prints with certain values for its fields."""

    lines: dict[str, list[list[str]]]
    """For each role its lines, each a list of parts: words or fields."""
    values: dict[str, str]

    @property
    def script(self) -> str:
        return "\n".join(
            f"{role}: {''.join(parts)}" for role in self.lines for parts in self.lines[role]
        )

    def fields(self) -> set[str]:
        """Every field that occurs."""
        return {p for ls in self.lines.values() for parts in ls for p in parts if p in FIELDS}

    def text(self, role: str, values: dict[str, str]) -> str:
        return "".join(
            "".join(values[p] if p in FIELDS else p for p in parts) + "\n"
            for parts in self.lines[role]
        )


@st.composite
def cases(draw: st.DrawFn, fields: tuple[str, ...] = FIELDS) -> Case:
    roles = ROLES[: draw(st.integers(1, 3))]
    usable = [f for f in fields if {*re.findall("[PAB]", f)} <= {*roles}]
    part = st.one_of(st.sampled_from(["a", "b", "1", "ab"]), st.sampled_from(usable))
    line = st.lists(part, min_size=1, max_size=3)
    lines = {role: draw(st.lists(line, min_size=1, max_size=2)) for role in roles}
    values = dict(zip([f"{{{r}.pid}}" for r in ROLES], PIDS, strict=True))
    for name, possible in VALUES.items():
        values[f"{{{name}:d}}" if name != "t" else "{t}"] = draw(st.sampled_from(possible))
    first = draw(st.sampled_from(["A", "B"]))
    values["{one:A|B}"] = values[f"{{{first}.pid}}"]
    values["{two:A|B}"] = values["{B.pid}" if first == "A" else "{A.pid}"]
    return Case(lines, values)


def interleaved(draw: st.DrawFn, texts: dict[str, str]) -> list[tuple[str, str]]:
    """Cut the texts anywhere and mix them; the writers with what they write."""
    rest = {role: text for role, text in texts.items() if text}
    writes = []
    while rest:
        role = draw(st.sampled_from(sorted(rest)))
        size = draw(st.integers(1, len(rest[role])))
        writes.append((role, rest[role][:size]))
        rest[role] = rest[role][size:]
        rest = {r: t for r, t in rest.items() if t}
    return writes


def mutated(draw: st.DrawFn, text: str) -> str:
    """Change, drop, add or exchange something, or nothing."""
    at = draw(st.integers(0, len(text)))
    to = draw(st.integers(at, min(len(text), at + 2)))
    return text[:at] + draw(st.sampled_from(["", "a", "1", "0", "2", "\n", "b"])) + text[to:]


def is_interleaving(text: str, parts: tuple[str, ...]) -> bool:
    """Whether the text is some interleaving of the parts, character by character."""
    if len(text) != sum(map(len, parts)):
        return False
    reached = {(0,) * len(parts)}
    for char in text:
        reached = {
            (*at[:r], at[r] + 1, *at[r + 1 :])
            for at in reached
            for r, part in enumerate(parts)
            if at[r] < len(part) and part[at[r]] == char
        }
    return bool(reached)


def every_value(
    case: Case, pids: list[dict[str, str]], numbers: set[str], words: set[str]
) -> list[dict[str, str]]:
    """Every way to fill in the fields; ``pids``: the ways in which the roles have pids."""
    domains: dict[str, list[str]] = {}
    for field in sorted(case.fields()):
        if field.endswith(":d}"):
            domains[field] = [n for n in numbers if re.fullmatch("-?[0-9]+", n)]
        elif field == "{t}":
            domains[field] = [w for w in words if w and "\n" not in w]
    found = []
    for chosen in product(*domains.values()):
        for pid in pids:
            base = dict(zip(domains, chosen, strict=True))
            base |= {f"{{{role}.pid}}": p for role, p in pid.items()}
            for one, two in permutations([pid.get("A"), pid.get("B")]):
                found.append(base | {"{one:A|B}": str(one), "{two:A|B}": str(two)})
    return found


def text_fits(case: Case, text: str) -> bool:
    """The reference for match_text; the values are any that the text's digits can form."""
    digits = [c for c in text if c.isdecimal() or c == "-"]
    numbers = {
        "".join(chosen) for n in range(1, len(digits) + 1) for chosen in combinations(digits, n)
    }
    named = [*sorted(n for n in numbers if re.fullmatch("[1-9][0-9]*", n)), "901", "902", "903"]
    used = {f[1] for f in case.fields() if f.endswith(".pid}")}
    used |= {"A", "B"} if case.fields() & {"{one:A|B}", "{two:A|B}"} else set()
    pids = [
        dict(zip(sorted(used), choice, strict=True)) for choice in permutations(named, len(used))
    ]
    return any(
        is_interleaving(text, tuple(case.text(role, values) for role in case.lines))
        for values in every_value(case, pids, numbers, set())
    )


def trace_fits(case: Case, texts: dict[str, str], pids: dict[str, str]) -> bool:
    """The reference for match: every assignment of roles to processes."""
    roles, others = list(case.lines), [p for p in pids if p != "P"]
    pieces = {t[i:j] for t in texts.values() for j in range(len(t) + 1) for i in range(j)}
    for order in permutations(others, len(roles) - 1):
        part = dict(zip(roles, ("P", *order), strict=True))
        if any(text and p not in part.values() for p, text in texts.items()):
            continue
        pid = {role: pids[process] for role, process in part.items()}
        for values in every_value(case, [pid], pieces, pieces):
            if all(case.text(r, values) == texts.get(p, "") for r, p in part.items()):
                return True
    return False


def says(script: Script, evidence: str | Trace) -> bool:
    try:
        if isinstance(evidence, str):
            script.match_text(evidence)
        else:
            script.match(evidence)
    except Mismatch as mismatch:
        return not str(mismatch)
    return True


@given(st.data(), cases())
def test_what_the_roles_print_is_accepted_in_any_interleaving(
    data: st.DataObject, case: Case
) -> None:
    texts = {role: case.text(role, case.values) for role in case.lines}
    children = data.draw(st.permutations(["P.1", "P.2"]))
    names = dict(zip(ROLES, ("P", *children), strict=True))
    writes = [(names[role], part) for role, part in interleaved(data.draw, texts)]
    trace = make_trace(*writes, pids={names[r]: int(p) for r, p in zip(ROLES, PIDS, strict=True)})
    script = Script.parse(case.script)
    match = script.match(trace)
    assert {role: match.roles[role].pid for role in case.lines} == {
        role: match[f"{role}.pid"] for role in case.lines
    }
    assert says(script, trace.text())


@given(st.data(), cases(("{P.pid}", "{A.pid}", "{n:d}", "{one:A|B}", "{two:A|B}")))
@settings(deadline=None)
def test_a_text_is_accepted_exactly_when_the_reference_accepts_it(
    data: st.DataObject, case: Case
) -> None:
    texts = {role: case.text(role, case.values) for role in case.lines}
    text = "".join(part for _, part in interleaved(data.draw, texts))
    text = mutated(data.draw, text)
    assume(sum(c.isdecimal() for c in text) < 7)
    fits = text_fits(case, text)
    event("accepted" if fits else "rejected")
    assert says(Script.parse(case.script), text) == fits


@given(st.data(), cases())
@settings(deadline=None)
def test_a_trace_is_accepted_exactly_when_the_reference_accepts_it(
    data: st.DataObject, case: Case
) -> None:
    names = {"P": "P", "A": "P.1", "B": "P.2"}
    pids = dict(zip(("P", "P.1", "P.2"), PIDS, strict=True))
    texts = {names[role]: case.text(role, case.values) for role in case.lines}
    victim = data.draw(st.sampled_from(sorted(texts)))
    texts[victim] = mutated(data.draw, texts[victim])
    if data.draw(st.booleans()) and "P.2" in texts:
        texts["P.1"], texts["P.2"] = texts["P.2"], texts["P.1"]
    fits = trace_fits(case, texts, pids)
    event("accepted" if fits else "rejected")
    trace = make_trace(
        *[(p, t) for p, t in texts.items() if t], pids={p: int(n) for p, n in pids.items()}
    )
    assert says(Script.parse(case.script), trace) == fits
