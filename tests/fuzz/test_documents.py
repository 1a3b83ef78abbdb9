"""Documents that anybody may have written: refused in a sentence, or good for every reader."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.judge import flags
from grader.model import Exploration, Result, Schedule, Trace, UsageError, from_json, to_json
from grader.report import print_exploration, print_replay, print_result, print_trace
from tests.report.exploring import lost_wakeup, many_outputs, pipe_left_open
from tests.report.nasty import problems
from tests.report.printing import printed
from tests.report.stories import everything, one_wait_result, zombie
from tests.report.telling import figure_18_3

VALID: dict[type[Any], list[Any]] = {
    Trace: [
        json.loads(to_json(trace))
        for trace in (figure_18_3(), everything(), zombie(), lost_wakeup(), pipe_left_open())
    ],
    Result: [json.loads(to_json(one_wait_result()))],
    Exploration: [json.loads(to_json(many_outputs(3)))],
}
KINDS = list(VALID)

words = st.sampled_from(
    [
        *("P", "P.1", "P.2", "P.1.1", "P.9", "Q", "", "P.", "P.01", "p.1", "outside", "terminal"),
        *("stdout", "pipe 1", "pipe x", "pipe 99999999999", "real", "exact", "sampled", "killed"),
        *("reaped", "orphaned", "unreaped", "failed", "nothing", "fork", "wait", "exit", "write"),
        *("1:ab", "1:", "1:zzz", "fork:EAGAIN@P#1", "x" * 5000, "\x1b[2J", "::error::", "a\nb"),
    ]
)
numbers = st.sampled_from(
    [*range(-2, 30), 2**31, 2**63, 2**64, 10**30, -(10**30), 0.5, -1.0, 1e9, 1e308, -1e-300]
)
anything = st.one_of(
    words, numbers, st.none(), st.booleans(), st.just([]), st.just({}), words.map(lambda w: [w])
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a document, as keys from the top."""
    here = [path] if path else []
    keys = value.items() if isinstance(value, dict) else ()
    keys = enumerate(value) if isinstance(value, list) else keys
    return here + [place for key, item in keys for place in places(item, (*path, key))]


@st.composite
def mutated(draw: st.DrawFn, kind: type[Any]) -> Any:
    """A document of the kind, with something else in a few of its places."""
    document = copy.deepcopy(draw(st.sampled_from(VALID[kind])))
    for _ in range(draw(st.integers(1, 3))):
        all_places = places(document)
        if not all_places:
            break
        *above, last = draw(st.sampled_from(all_places))
        holder = document
        for key in above:
            holder = holder[key]
        match draw(st.sampled_from(["replace", "replace", "delete", "repeat", "move"])):
            case "replace":
                holder[last] = draw(anything)
            case "delete":
                del holder[last]
            case "repeat" if isinstance(holder, list):
                holder.insert(draw(st.integers(0, len(holder))), holder[last])
            case "move" if isinstance(holder, list):
                holder.insert(draw(st.integers(0, len(holder) - 1)), holder.pop(last))
    return document


def use(document: Any) -> None:
    """Everything that is done with a document that could be read."""
    to_json(document, 2)
    if isinstance(document, Exploration):
        shown = printed(lambda e, c: print_exploration(e, [], lambda s: ["grader", s], c), document)
    elif isinstance(document, Result):
        shown = printed(lambda r, c: print_result(r, c, lambda check: ["x"]), document)
    else:
        found = flags(document, "import os\nos.fork()\n")
        shown = printed(print_trace, document, found, width=60)
        shown += printed(print_replay, document, Schedule(), found)
    assert problems(shown) == []


def read_and_use(data: bytes, kind: type[Any]) -> None:
    try:
        document = from_json(data, kind, "some\x1b file")
    except UsageError as error:
        refused = str(error)
    else:
        use(document)
        return
    assert refused.startswith("some\\x1b file: ")
    assert len(refused) < 1000


@given(st.data(), st.sampled_from(KINDS))
@settings(max_examples=400)
def test_a_document_with_something_else_in_it(data, kind):
    read_and_use(json.dumps(data.draw(mutated(kind))).encode(), kind)


@given(st.binary(max_size=60), st.sampled_from(KINDS))
def test_any_bytes(data, kind):
    read_and_use(data, kind)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "data",
    [
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b'{"schema":' + b"9" * 10_000 + b"}",
        b'{"seconds": 1e999}',
        b'{"seconds": NaN}',
        b'{"command": "\xff"}',
        b'{"command": ["\\ud800"]}',
        b'{"processes": [' + b"{}," * 10_000 + b"{}]}",
        b"null",
        b"",
        b"\xef\xbb\xbf{}",
    ],
    ids=lambda data: data[:12].decode(errors="replace"),
)
def test_what_breaks_readers_of_json(data, kind):
    with pytest.raises(UsageError):
        from_json(data, kind)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("events", 3, "process"), "P.7"),
        (("events", 3, "n"), 30),
        (("events", 1, "child"), "P.7"),
        (("processes", 1, "forked"), 0),
        (("processes", 1, "exited"), 10**6),
        (("processes", 1, "parent"), "P.2"),
        (("processes", 1, "pid"), 10**40),
        (("processes",), []),
        (("output", 0, "event"), 0),
        (("output", 0, "stream"), "pipe \n"),
        (("seconds",), 1e300),
        (("exit",), {"code": 1, "signal": 9}),
        (("exit",), {"code": -1}),
        (("schedule",), "not one"),
        (("faults",), ["fork:NONSENSE@P#1"]),
    ],
)
def test_a_document_that_contradicts_itself_is_refused(path, value):
    document = copy.deepcopy(VALID[Trace][0])
    *above, last = path
    holder = document
    for key in above:
        holder = holder[key]
    holder[last] = value
    with pytest.raises(UsageError, match="this trace can't be"):
        from_json(json.dumps(document).encode(), Trace)
