"""Output made to keep a judge busy: it is judged wrong as soon as any other wrong output.

No times are asserted: each of these took minutes, or all memory, before there were bounds, and
the tests' own time-out ends them.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.assignments.messages import MAX_CHARACTERS, MAX_LINES, visible
from grader.judge import flags
from grader.judge.duplicates import duplicates
from grader.judge.script import Mismatch, Script
from grader.model import Unproved
from tests.report.nasty import NASTY, problems
from tests.traces import Story, make_trace

pytestmark = pytest.mark.timeout(60)

SCRIPTS = {
    "text fields": "P: hello {a}, {b} and {c}\nC1: {d}\n",
    "gaps": "P: ...\nP: one {n:d}\nP: ...\nP: two {m}\nP: ...\n*: ...\n",
    "numbers": "P: {a:d}{b:d}\nC1: {P.pid} {x:w}\n",
    "alike": "P: hello {P.pid}\nC[3]: I am {C.pid} of {P.pid}, {t}\n",
}
OUTPUTS: dict[str, bytes] = {
    "one word": b"hello " * 600_000 + b"\n",
    "many readings": b"hello " + b", and " * 500_000 + b"\n",
    "digits": b"1" * 3_000_000 + b"\n",
    "digits, line by line": b"11111111111111111111\n" * 100_000,
    "empty lines": b"\n" * 3_000_000,
    "no newline": b"one 1 two " * 300_000,
    "half right": b"one 1\n" * 300_000,
    "letters": b" e" * 1_000_000,
    "sorted letters": b"".join(bytes([c]) * 40 + b"\n" for c in range(33, 126)) * 400,
}


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("output", OUTPUTS)
def test_a_judge_is_not_kept_busy(script, output):
    data = OUTPUTS[output]
    trace = make_trace(("P", data), ("P.1", data[: len(data) // 2]), ("P.2", data[-1000:]))
    for judge in (Script.parse(SCRIPTS[script]).match, _by_the_text(script)):
        with pytest.raises((Mismatch, Unproved)) as caught:
            judge(trace)
        assert len(str(caught.value)) < 5_000
        assert problems(visible(str(caught.value))) == []


def _by_the_text(script):
    """As for sampled evidence, with a smaller budget, which is bounded by itself."""
    return lambda trace: Script.parse(SCRIPTS[script]).match_text(trace.text(), budget=3_000)


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("text", [" e" * 500 + "\n", "", "hello 1\n" * 20], ids=["e", "none", "20"])
def test_many_processes_that_all_print_the_same(script, text):
    story = Story()
    children = [story.fork("P") for _ in range(500)]
    for child in children:
        story.write(child, text)
        story.exit(child)
        story.wait("P", child)
    story.exit("P")
    with pytest.raises((Mismatch, Unproved)) as caught:
        Script.parse(SCRIPTS[script]).match(story.trace())
    assert len(str(caught.value)) < 20_000


@pytest.mark.parametrize("same", [True, False])
def test_a_thousand_copies_of_a_buffer(same):
    """Each compared with each, by a recursion as deep as there were processes."""
    story = Story(stdio="pipe")
    children = [story.fork("P") for _ in range(1000)]
    for number, child in enumerate(children):
        story.write(child, ("" if same else f"{number}\n") + f"I am {story.pid('P')}\n" * 200)
        story.exit(child)
        story.wait("P", child)
    story.exit("P")
    trace = story.trace()
    found = duplicates(trace)
    assert len(found) == (1 if same else 0)
    for flag in flags(trace):
        assert len(flag.detail) < 1_000


@pytest.mark.parametrize("kind", NASTY)
def test_flags_quote_briefly(kind):
    story = Story(stdio="pipe")
    child = story.fork("P")
    for process in (child, "P"):
        story.write(process, NASTY[kind] + b"100\n")
    story.exit(child)
    story.wait("P", child)
    story.exit("P")
    for flag in flags(story.trace()):
        assert len(flag.detail) < 1_000
        assert "\n" not in flag.detail


@pytest.mark.parametrize("kind", NASTY)
def test_messages_quote_briefly(kind):
    shown = visible(NASTY[kind].decode(errors="surrogateescape"))
    assert len(shown) < MAX_CHARACTERS * 10
    assert shown.count("\n") <= MAX_LINES
    assert [p for p in problems(shown) if "'::'" not in p and "::" not in p] == []


@given(st.text(st.characters(exclude_categories=())))
@settings(max_examples=100)
def test_any_message_is_shown(text):
    shown = visible(text)
    shown.encode()
    assert [p for p in problems(shown) if "::" not in p] == []
