"""The language of scripts: what is read as what, and what a broken script is told."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.judge import Mismatch, Script, ScriptError
from grader.model import UsageError
from tests.traces import make_trace


def prints(script: str, text: str) -> bool:
    """Whether P alone, printing ``text``, is what the script says."""
    try:
        Script.parse(script).match(make_trace(("P", text)))
    except Mismatch:
        return False
    return True


@pytest.mark.parametrize(
    ("script", "text"),
    [
        ("P: hello", "hello\n"),
        ("P:hello", "hello\n"),
        ("   P:      hello   ", "hello\n"),
        ("P:", "\n"),
        (r"P: \thello", "\thello\n"),
        ("P: \thello", "\thello\n"),
        (r"P: \  hello\ ", "  hello \n"),
        (r"P: a\nb", "a\nb\n"),
        (r"P: back\\slash {{brace}}", "back\\slash {brace}\n"),
        ("P: prompt>\\", "prompt>"),
        ("P: prompt> \\", "prompt> "),
        (r"P: \...", "...\n"),
        ("P: a:b", "a:b\n"),
        ("P: a\n\n# a comment\nP: b", "a\nb\n"),
    ],
)
def test_a_line_is_read_as_the_program_prints_it(script: str, text: str) -> None:
    assert prints(script, text)
    assert not prints(script, text + " ")


@given(st.text(st.sampled_from("ab \t\\{}.\n")))
def test_every_text_can_be_written(text: str) -> None:
    escapes = {"\\": r"\\", "\t": r"\t", "{": "{{", "}": "}}", " ": r"\ ", ".": r"\.", "\n": r"\n"}
    written = "".join(escapes.get(char, char) for char in text)
    assert prints(f"P: {written}\\", text) or text == ""


@pytest.mark.parametrize(
    ("script", "line", "words"),
    [
        ("", None, "it is empty"),
        ("hello", 1, "expected 'ROLE: text', found 'hello'"),
        ("P: a\n\nchild: b", 3, "a role begins with a capital letter"),
        ("P : a", 1, "the colon follows the role at once"),
        ("P: a\n...", 2, "say whose other lines are allowed"),
        ("P: {pid", 1, "'{' without its '}'"),
        ("P: pid}", 1, "'}' without its '{'"),
        ("P: {C.pid}", 1, "no role C"),
        ("P: {Child1.pid}\nChild2: x", 1, "did you mean Child2?"),
        ("P: {P.name}", 1, "expected P.pid, .ppid, .parent.pid or .status"),
        ("P: {x:f}", 1, "d (a number), w (a word), or the roles"),
        ("P: {two words}", 1, "{two words} is no field"),
        ("P: {n:d}\nP: {n}", 2, "{n}, but {n:d} before"),
        (r"P: \q", 1, r"unknown escape \q"),
        ("P[2]: a", 1, "exactly one"),
        ("C[0]: a", 1, "expected a number from 1 to"),
        ("C[3]: a\nC[2]: b", 2, "C[2], but C[3] before"),
        ("C[2]: {C.pid}\nP: {C.pid}", 2, "there are 2 C; write {which:C}"),
        ("C[2]: {s:d}\nP: {s:d}", 2, "each process has its own"),
        ("P: end\\\nP: more", 2, "nothing can follow"),
        ("*: hello", 1, "only '...' can follow"),
    ],
)
def test_a_broken_script_is_told_where_and_why(script: str, line: int | None, words: str) -> None:
    with pytest.raises(ScriptError) as caught:
        Script.parse(script)
    assert caught.value.line == line
    assert words in str(caught.value)
    assert isinstance(caught.value, UsageError)


@given(st.text(st.sampled_from("PC1[]:{}\\.dw|# \n*#")))
def test_no_text_makes_the_parser_fail_otherwise(text: str) -> None:
    with contextlib.suppress(ScriptError):
        Script.parse(text)
