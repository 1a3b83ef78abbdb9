"""What a Mismatch says: which process, which line, what was expected, what came, and why."""

from __future__ import annotations

import pytest

from grader.judge import Mismatch, Script
from grader.model import Trace
from tests.judge.figures import FIG_18_03, SAMPLES
from tests.traces import make_trace

P1 = "Parent waiting for child processes...\n\tpid: 100, forkPID1: 101, forkPID2: 102\n"
P2 = "Parent: Child 102 finished first, one child left.\n"
P3 = "Parent: Child 101 finished second, no children left.\n"
C1 = "Child1 sleeping for 3 seconds...\n\tpid: 101, forkPID1: 0\n"
C2 = "Child2 sleeping for 2 seconds...\n\tpid: 102, forkPID1: 101, forkPID2: 0\n"


def trace(*, p: str = P1 + P2 + P3, c1: str = C1, c2: str = C2) -> Trace:
    return make_trace(("P", p), ("P.1", c1), ("P.2", c2))


def mismatch(trace: Trace, script: Script = FIG_18_03) -> Mismatch:
    with pytest.raises(Mismatch) as caught:
        script.match(trace)
    return caught.value


def test_it_shows_the_place_the_reason_and_the_lines_around() -> None:
    found = mismatch(trace(c1=C1.replace("101", "100")))
    assert str(found) == (
        "C1 (process P.1, pid 101), line 2 of what it printed on standard output:\n"
        "  expected:  \\tpid: 101, forkPID1: 0\n"
        "  got:       \\tpid: 100, forkPID1: 0\n"
        "                    ^\n"
        "  101 is the pid of C1; 100 is the pid of P.\n"
        "  GOOD        Child1 sleeping for 3 seconds...\n"
        "  MISSING     \\tpid: 101, forkPID1: 0\n"
        "  UNEXPECTED  \\tpid: 100, forkPID1: 0"
    )
    assert (found.process, found.role, found.line) == ("P.1", "C1", 2)
    assert found.expected == "\\tpid: 101, forkPID1: 0"
    assert found.got == "\\tpid: 100, forkPID1: 0"


def test_it_names_the_writes_concerned() -> None:
    found = mismatch(make_trace(("P", "right\nwr"), ("P", "ong\n")), Script.parse("P: right\nP: x"))
    assert found.events == [0, 1]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"c1": C1.replace("101", "999")}, "no process of this run has the pid 999"),
        ({"p": P1 + P2.replace("102", "101") + P3}, "Here belongs the pid of C2 (C1 is named"),
        ({"p": P1 + P2.replace("102", "100") + P3}, "Here belongs the pid of C1 or C2; 100 is the"),
        ({"c2": C2.replace(" 2 ", " two ")}, "Here belongs a whole number."),
        ({"c1": C1.replace("\t", "    ")}, r"Here belongs a tab (\t), and not spaces."),
        ({"p": P1 + C1 + P2 + P3}, "That line is for C1 (process P.1, pid 101) to print."),
        ({"c2": C2 + C2}, "It has printed that line before."),
        ({"p": P1 + P2 + P3[:-1]}, "The text is right, but a newline is missing after it."),
        ({"c1": C1.replace("ing for", ""), "c2": C2.replace("ing for", "")}, "C2 differs too."),
    ],
)
def test_it_says_what_helps(changed: dict[str, str], words: str) -> None:
    assert words in str(mismatch(trace(**changed)))


def test_a_field_that_was_bound_before_is_shown_with_its_value() -> None:
    found = mismatch(make_trace(("P", "7\n8\n")), Script.parse("P: {n:d}\nP: {n:d}"))
    assert (found.expected, found.got) == ("7", "8")
    assert "It was 7 before, and must be the same everywhere." in str(found)


def test_a_process_that_died_early_is_told_with_its_last_words() -> None:
    found = mismatch(
        make_trace(
            ("P", P1 + P2 + P3),
            ("P.1", C1),
            ("P.2", C2.splitlines(keepends=True)[0]),
            exits={"P.2": 1},
            stderr={"P.2": 'Traceback (most recent call last):\n  File "x"\nNameError: pid\n'},
        )
    )
    assert found.got is None
    assert "  got:       nothing more\n" in str(found)
    assert "P.2 ended with exit status 1." in str(found)
    assert "On standard error its last words were: NameError: pid" in str(found)


def test_the_role_is_the_one_whose_lines_are_most_like_the_output() -> None:
    script = Script.parse("A: alpha one\nA: alpha two\nB: beta one\nB: beta two")
    first, second = ("P.1", "beta won\nbeta two\n"), ("P.2", "alpha one\nalpha two\n")
    found = mismatch(make_trace(first, second), script)
    assert (found.role, found.process, found.line) == ("B", "P.1", 1)
    assert (found.expected, found.got) == ("beta one", "beta won")


def test_a_missing_line_that_another_process_printed_is_found_there() -> None:
    script = Script.parse("C: ...\nC: child {C.pid}\nC: ...\nP: ...")
    found = mismatch(make_trace(("P", "child 101\n"), exits={"P.1": 0}), script)
    assert "P (the program itself, pid 100) printed such a line." in str(found)
    found = mismatch(make_trace(("P.1", "child 101\n")), Script.parse("P: child 101\nC: child 101"))
    assert "printed such a line" not in str(found)


def test_behind_three_dots_nothing_is_called_unexpected() -> None:
    script = Script.parse("P: one\nP: two\nP: ...")
    found = mismatch(make_trace(("P", "one\n2\nthree\nfour\n")), script)
    assert [(r.tag, r.text) for r in found.around] == [
        ("GOOD", "one"),
        ("MISSING", "two"),
        ("UNEXPECTED", "2"),
    ]


def test_too_few_processes_and_too_many() -> None:
    found = mismatch(make_trace(("P", P1 + P2 + P3), ("P.1", C1)))
    assert "No process is left to be C2" in str(found)
    assert (found.role, found.process) == ("C2", None)
    found = mismatch(make_trace(("P", P1 + P2 + P3), ("P.1", C1), ("P.2", C2), ("P.3", C2)))
    assert found.process == "P.3"
    assert "should print nothing" in str(found)


def test_where_other_lines_are_allowed_the_likeliest_line_is_shown() -> None:
    script = Script.parse("P: ...\nP: Total: 10\nP: ...")
    found = mismatch(make_trace(("P", "noise\nTotal: 11\nmore noise\n")), script)
    assert (found.line, found.expected, found.got) == (2, "Total: 10", "Total: 11")
    found = mismatch(make_trace(("P", "noise\n")), script)
    assert found.got is None
    assert "It may print other lines here, but this one must come." in str(found)


def test_control_characters_are_shown_and_not_obeyed() -> None:
    found = mismatch(make_trace(("P", "\x1b[2J\a\u202e \x80\r\n")), Script.parse("P: x"))
    assert found.got == r"\e[2J\x07\u202e \x80\r"
    assert all(char.isprintable() or char == "\n" for char in str(found))


def test_a_flood_is_told_in_few_lines() -> None:
    found = mismatch(make_trace(("P", "y" * 100_000 + "\n" + "y\n" * 10_000)), Script.parse("P: x"))
    assert len(str(found)) < 1500
    assert "more characters)" in str(found)


# -- plain text ---------------------------------------------------------------------------


def text_mismatch(text: str, script: Script = FIG_18_03) -> Mismatch:
    with pytest.raises(Mismatch) as caught:
        script.match_text(text)
    return caught.value


def test_in_a_text_it_shows_the_line_that_no_process_can_have_printed() -> None:
    text = SAMPLES[5][1]
    found = text_mismatch(text.replace("Child2 sleeping", "Child2 sleping"))
    assert (found.line, found.role, found.process) == (4, "C2", None)
    assert found.expected == "Child2 sleeping for <a number> seconds..."
    assert found.got == "Child2 sleping for 3 seconds..."
    assert str(found).startswith("Line 4 of the text fits no order of the processes:\n")


def test_in_a_text_a_choice_shows_what_it_can_be() -> None:
    text = SAMPLES[5][1]
    found = text_mismatch(text.replace("Child 9584 finished first", "Child 9582 finished first"))
    assert found.expected == "Parent: Child <9583 or 9584> finished first, one child left."


def test_a_text_that_ends_too_early_tells_what_is_missing() -> None:
    text = SAMPLES[5][1]
    found = text_mismatch("".join(text.splitlines(keepends=True)[:-1]))
    assert found.expected == "Parent: Child 9583 finished second, no children left."
    assert found.got is None
    assert "more should have come" in str(found)


def test_a_text_that_goes_on_tells_that_all_has_come() -> None:
    found = text_mismatch(SAMPLES[5][1] + "bye\n")
    assert (found.expected, found.got, found.line) == (None, "bye", 9)
    assert "All that should be printed has come before." in str(found)
