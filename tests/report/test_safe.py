"""What a program prints is shown, never obeyed."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.model import Check, Flag, Result
from grader.model.safe import decoded, safe, safe_text
from grader.report import print_result, print_trace
from tests.report.printing import on_a_terminal, printed
from tests.report.telling import Telling

HOSTILE = "\x1b]0;owned\x07\x1b[2J\u202e\u2066\0\x9b31m\u200b\ufeff[bold]:smile:\r"

any_text = st.text(st.characters(exclude_categories=()), max_size=40)


@given(any_text)
def test_nothing_but_characters_with_a_glyph_is_left(text):
    for character in safe(text):
        assert unicodedata.category(character)[0] != "C"
        assert character not in "\u2028\u2029"


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_ordinary_text_is_shown_as_it_is(text):
    assert safe(text) == text


@given(any_text)
def test_what_the_terminal_cannot_encode_is_escaped(text):
    safe(text, "ascii").encode("ascii")
    safe(text, "latin-1").encode("latin-1")
    safe(text, "no such encoding").encode("ascii")


@given(st.binary(max_size=40))
def test_bytes_that_are_not_utf_8_are_shown_as_bytes(data):
    shown = safe(decoded(data))
    assert all(unicodedata.category(character)[0] != "C" for character in shown)


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b"caf\xc3\xa9", "café"),
        (b"\xff\n", "\\xff\\n"),
        (b"\x1b[2J", "\\x1b[2J"),
        ("\u202eabc".encode(), "\\u202eabc"),
        ("\U000e0001".encode(), "\\U000e0001"),
        (b"e" + "\u0301".encode() * 5, "e\u0301\u0301\u0301\\u0301\\u0301"),
    ],
)
def test_escapes_are_those_of_python(data, shown):
    assert safe(decoded(data)) == shown


def test_a_message_keeps_its_lines():
    assert safe_text("a\nb\x1b") == "a\nb\\x1b"


def _hostile_run():
    run = Telling("python3", HOSTILE)
    child = run.fork()
    run.exec(child, "/bin/" + HOSTILE)
    run.write(child, HOSTILE + "\n", "stderr")
    run.write("P", HOSTILE)
    run.exit(child)
    run.reap("P", child)
    run.exit("P")
    return run.trace(engine=HOSTILE, survivors=[HOSTILE], blind_spots=[HOSTILE], doubts=[HOSTILE])


def _hostile_result():
    check = Check(
        id="x",
        description=HOSTILE,
        status="fail",
        points=0,
        max_points=1,
        message=HOSTILE,
        hint=HOSTILE,
        scenario="run",
        where=[1],
    )
    return Result(
        assignment=HOSTILE,
        submission=HOSTILE,
        evidence="exact",
        status="fail",
        score=0,
        max_score=1,
        checks=[check],
        flags=_HOSTILE_FLAGS,
        traces=[_hostile_run()],
    )


_HOSTILE_FLAGS = [Flag(kind="orphan", process="P", detail=HOSTILE)]


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_no_report_passes_anything_on_to_the_terminal(encoding):
    for text in (
        printed(print_trace, _hostile_run(), _HOSTILE_FLAGS, encoding=encoding),
        printed(print_result, _hostile_result(), encoding=encoding),
    ):
        controls = {c for c in text if unicodedata.category(c)[0] == "C"}
        assert controls == {"\n"}
        assert "[bold]:smile:" in text


def test_on_a_terminal_only_our_own_colours_are_sent():
    text = on_a_terminal(print_trace, _hostile_run(), _HOSTILE_FLAGS)
    sequences = text.split("\x1b")[1:]
    assert sequences
    assert all(sequence[0] == "[" and "m" in sequence[:12] for sequence in sequences)
    assert "\\x1b]0;owned\\x07" in text.replace("\x1b[7m", "").replace("\x1b[0m", "")
