"""What a script says of a trace: roles, fields, alike roles, other lines, and the Match."""

from __future__ import annotations

import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.judge import Mismatch, Script
from grader.model import Output, Trace, Unproved
from tests.judge.figures import FIG_18_03
from tests.traces import Story, make_trace


def accepts(script: Script, trace: Trace, stream: str = "stdout") -> bool:
    try:
        script.match(trace, stream)
    except Mismatch:
        return False
    return True


def fig_18_03() -> Story:
    """A right run of Fig 18.3, in which the second child ends first."""
    s = Story(pid=100)
    c1, c2 = s.fork(), s.fork()
    s.print(
        "P", "Parent waiting for child processes...", "\tpid: 100, forkPID1: 101, forkPID2: 102"
    )
    s.print(c2, "Child2 sleeping for 2 seconds...", "\tpid: 102, forkPID1: 101, forkPID2: 0")
    s.print(c1, "Child1 sleeping for 5 seconds...", "\tpid: 101, forkPID1: 0")
    s.sleep(c2, 2)
    s.exit(c2)
    s.wait("P", c2)
    s.print("P", "Parent: Child 102 finished first, one child left.")
    s.sleep(c1, 3)
    s.exit(c1)
    s.wait("P", c1)
    s.print("P", "Parent: Child 101 finished second, no children left.")
    s.exit("P")
    return s


def test_a_match_tells_who_is_who_and_what_the_fields_are() -> None:
    match = FIG_18_03.match(fig_18_03().trace())
    assert {role: process.id for role, process in match.roles.items()} == {
        "P": "P",
        "C1": "P.1",
        "C2": "P.2",
    }
    assert (match["s1"], match["s2"], match["first"], match["C1.pid"]) == (5, 2, 102, 101)
    assert match.process("first").id == "P.2"
    assert match.process("C1").id == "P.1"
    with pytest.raises(KeyError, match="no field s3; there are"):
        match["s3"]


def test_an_order_between_processes_is_stated_in_terms_of_events() -> None:
    trace = fig_18_03().trace()
    match = FIG_18_03.match(trace)
    first, second = trace.waits("P")
    assert match.line("P", 1) < first.n < match.line("P", 2) < second.n < match.line("P", -1)
    assert trace.events[match.line("C1", 0)].process == "P.1"
    with pytest.raises(IndexError, match="C1 has 2 lines in the script, none at 2"):
        match.line("C1", 2)
    with pytest.raises(KeyError, match="no role or field C3"):
        match.line("C3", 0)


def test_the_line_is_completed_by_the_write_of_its_newline() -> None:
    s = Story()
    s.write("P", "on")
    s.write("P", "e")
    newline = s.write("P", "\ntwo\n")
    s.exit("P")
    match = Script.parse("P: one\nP: two").match(s.trace())
    assert match.line("P", 0) == match.line("P", 1) == newline


def test_roles_are_found_whatever_the_order_of_the_processes() -> None:
    script = Script.parse("A: I am A\nB: I am B\nP: A is {A.pid}, B is {B.pid}")
    trace = make_trace(("P.1", "I am B\n"), ("P.2", "I am A\n"), ("P", "A is 102, B is 101\n"))
    match = script.match(trace)
    assert (match.roles["A"].id, match.roles["B"].id) == ("P.2", "P.1")


def test_a_role_is_given_back_when_another_one_needs_that_process() -> None:
    # A's line alone fits both children; only the parent's line tells which is A.
    script = Script.parse("A: hello\nB: hello\nP: A is {A.pid}")
    trace = make_trace(("P.1", "hello\n"), ("P.2", "hello\n"), ("P", "A is 102\n"))
    assert script.match(trace).roles["A"].id == "P.2"


def test_pids_parents_and_statuses_are_the_kernels() -> None:
    script = Script.parse(r"""
        P: child {C.pid} gave {C.status}
        C: I am {C.pid}, my parent is {C.ppid}, that is {C.parent.pid}
    """)

    def run(said: str, gave: str, code: int) -> bool:
        return accepts(
            script,
            make_trace(("P.1", said), ("P", f"child 101 gave {gave}\n"), exits={"P.1": code}),
        )

    right = "I am 101, my parent is 100, that is 100\n"
    assert run(right, "3", 3)
    assert not run(right, "768", 3)
    assert not run(right, "3", 0)
    assert not run(right.replace("101", "102"), "3", 3)
    assert not run(right.replace("is 100,", "is 1,"), "3", 3)


def test_a_killed_childs_status_is_minus_the_signal() -> None:
    s = Story()
    child = s.fork()
    s.exit(child, signal=9)
    s.wait("P", child)
    s.write("P", "status -9\n")
    s.exit("P")
    script = "C: \\\nP: status {C.status}"
    assert accepts(Script.parse(script), s.trace())


def test_the_same_field_has_the_same_value_everywhere() -> None:
    script = Script.parse("P: {n:d} and {n:d}\nC: {n:d} too, {w:w} and {rest}")
    child = ("P.1", "7 too, x_1 and anything at all\n")
    match = script.match(make_trace(("P", "7 and 7\n"), child))
    assert (match["n"], match["w"], match["rest"]) == (7, "x_1", "anything at all")
    assert not accepts(script, make_trace(("P", "7 and 8\n"), child))
    assert not accepts(script, make_trace(("P", "8 and 8\n"), child))
    assert not accepts(script, make_trace(("P", "7 and 7\n"), ("P.1", "7 too, x-1 and all\n")))


def test_choices_with_different_names_are_different_processes() -> None:
    script = Script.parse("C[2]: hi\nP: {a:C} then {b:C}")

    def parent(text: str) -> bool:
        return accepts(script, make_trace(("P.1", "hi\n"), ("P.2", "hi\n"), ("P", text + "\n")))

    assert parent("101 then 102")
    assert parent("102 then 101")
    assert not parent("101 then 101")
    assert not parent("100 then 101")
    assert not parent("101 then 103")


def test_alike_roles_are_exactly_so_many_each_with_fields_of_its_own() -> None:
    script = Script.parse("C[3]: {C.pid} sleeps {s:d}")
    lines = [(f"P.{i}", f"{100 + i} sleeps {i}\n") for i in (1, 2, 3, 4)]
    match = script.match(make_trace(*lines[:3]))
    assert [match[f"C#{i}.s"] for i in (1, 2, 3)] == [1, 2, 3]
    assert not accepts(script, make_trace(*lines[:2]))
    assert not accepts(script, make_trace(*lines))
    assert not accepts(script, make_trace(*lines[:2], ("P.3", "102 sleeps 3\n")))


def test_hundreds_of_alike_processes_are_no_burden() -> None:
    script = Script.parse("C[300]: child {C.pid}\nP: done")
    right = [(f"P.{i}", f"child {100 + i}\n") for i in range(1, 301)]
    assert accepts(script, make_trace(("P", "done\n"), *right))
    assert not accepts(script, make_trace(("P", "done\n"), *right[:-1], ("P.300", "child 1\n")))
    assert not accepts(script, make_trace(("P", "done\n"), *right[:-1]))


def test_a_process_without_a_role_prints_nothing_unless_the_script_says_so() -> None:
    trace = make_trace(("P", "a\n"), ("P.1", "other\n"))
    assert accepts(Script.parse("P: a"), make_trace(("P", "a\n"), exits={"P.1": 0}))
    assert not accepts(Script.parse("P: a"), trace)
    assert accepts(Script.parse("P: a\n*: ..."), trace)


def test_a_silent_role_is_a_process_that_prints_nothing() -> None:
    script = Script.parse("P: child {C.pid}\nC: \\")
    assert accepts(script, make_trace(("P", "child 101\n"), exits={"P.1": 0}))
    assert not accepts(script, make_trace(("P", "child 101\n")))
    assert not accepts(script, make_trace(("P", "child 101\n"), ("P.1", "\n")))


def test_streams_are_judged_apart() -> None:
    trace = make_trace(("P", "out\n"), stderr={"P": "err\n"})
    assert accepts(Script.parse("P: out"), trace)
    assert accepts(Script.parse("P: err"), trace, "stderr")


def test_a_character_may_be_cut_between_two_writes() -> None:
    euro = "\N{EURO SIGN}".encode()
    trace = make_trace(("P", euro[:1]), ("P", euro[1:] + b"\n"))
    assert accepts(Script.parse("P: \N{EURO SIGN}"), trace)


LINES = st.lists(st.sampled_from(["a", "b", "c"]), max_size=6)


@given(st.lists(st.sampled_from(["a", "b", "..."]), min_size=1, max_size=5), LINES)
def test_three_dots_are_any_number_of_lines(script: list[str], printed: list[str]) -> None:
    pattern = "".join("(.*\n)*" if step == "..." else f"{step}\n" for step in script)
    text = "".join(f"{line}\n" for line in printed)
    parsed = Script.parse("\n".join(f"P: {step}" for step in script))
    fits = re.fullmatch(pattern, text) is not None
    assert accepts(parsed, make_trace(("P", text))) == fits
    try:
        parsed.match_text(text)
    except Mismatch:
        assert not fits
    else:
        assert fits


@given(st.data(), st.lists(LINES, min_size=3, max_size=3))
def test_alike_roles_are_as_good_as_roles_with_numbers(
    data: st.DataObject, printed: list[list[str]]
) -> None:
    lines = data.draw(st.lists(st.sampled_from(["a", "b", "{x:w}"]), min_size=1, max_size=3))
    alike = Script.parse("\n".join(f"C[3]: {line}" for line in lines) + "\nP: \\")
    apart = Script.parse(
        "\n".join(f"C{i}: {line.replace('x', f'x{i}')}" for i in (1, 2, 3) for line in lines)
        + "\nP: \\"
    )
    if data.draw(st.booleans()):
        words = st.sampled_from(["a", "b", "c"])
        printed = [
            [data.draw(words) if line == "{x:w}" else line for line in lines] for _ in range(3)
        ]
    texts = ["".join(f"{line}\n" for line in ls) for ls in printed]
    writes = [(f"P.{i}", text) for i, text in enumerate(texts, 1) if text]
    trace = make_trace(*writes, exits={"P.1": 0, "P.2": 0, "P.3": 0})
    assert accepts(alike, trace) == accepts(apart, trace)


@given(st.data())
def test_other_lines_of_several_processes_are_found_in_any_order_of_lines(
    data: st.DataObject,
) -> None:
    script = Script.parse("P: ...\nP: a\nP: ...\nP: b {n:d}\nA: ...\nA: a\nA: b {n:d}\nA: ...")
    other = st.lists(st.sampled_from(["a", "x", "", "b 1"]), max_size=2)
    own = {
        "P": [*data.draw(other), "a", *data.draw(other), "b 7"],
        "P.1": [*data.draw(other), "a", "b 7", *data.draw(other)],
    }
    writes = []
    while any(own.values()):
        process = data.draw(st.sampled_from([p for p, lines in own.items() if lines]))
        writes.append((process, own[process].pop(0) + "\n"))
    trace = make_trace(*writes)
    script.match(trace)
    script.match_text(trace.text())


def test_other_lines_of_a_text_are_whole_lines() -> None:
    script = Script.parse("P: ...\nC: Child1 here")
    assert script.match_text("noise\nChild1 here\nnoise\n")
    assert script.match_text("noiseChild1 here\n\n")  # the noise's newline came later
    with pytest.raises(Unproved, match="only if lines that the script leaves open were torn"):
        script.match_text("Child 1 here\nnoise")
    with pytest.raises(Mismatch):
        script.match_text("Child2 here\nnoise\n")


# -- sampled evidence -------------------------------------------------------------------


def test_sampled_evidence_is_judged_as_a_text_with_the_known_pids() -> None:
    match = FIG_18_03.match(fig_18_03().sampled())
    assert {role: process.id for role, process in match.roles.items()} == {
        "P": "P",
        "C1": "P.1",
        "C2": "P.2",
    }
    with pytest.raises(Unproved, match="which write printed which line"):
        match.line("P", 0)


def test_sampled_evidence_refutes_a_wrong_pid_of_the_program_itself() -> None:
    s = Story(pid=200)
    s.write("P", "I am 100\n")
    assert not accepts(Script.parse("P: I am {P.pid}"), s.sampled())


def test_sampled_evidence_does_not_prove_a_pid_that_was_not_seen() -> None:
    s = Story()
    s.write("P", "child 4711\n")
    with pytest.raises(Unproved, match="no process with the pid 4711"):
        Script.parse("P: child {C.pid}\nC: \\").match(s.sampled())


def test_sampled_evidence_without_output_is_a_text_too() -> None:
    with pytest.raises(Mismatch, match="There is no text"):
        Script.parse("P: a\nC: b").match(Story().sampled())


def test_one_unknown_writer_makes_the_output_a_text() -> None:
    trace = make_trace(("P", "a\n"))
    output = [Output(process=None, stream="terminal", text="a\n")]
    match = Script.parse("P: a").match(msgspec.structs.replace(trace, output=output))
    assert match.roles["P"].id == "P"


# -- effort -----------------------------------------------------------------------------


def test_what_takes_too_long_is_unproved_and_never_false() -> None:
    script = Script.parse("\n".join(f"{role}: aaaaaaaa" for role in "ABCDEF") + "\nP: aaaab")
    text = "aaaaaaaa\n" * 6 + "aaaab\n"
    with pytest.raises(Unproved, match="too many ways"):
        script.match_text(
            text[:20] + text[20:].replace("b", "", 1).replace("a", "ab", 1), budget=50
        )


def test_forty_lines_of_six_processes_are_soon_divided() -> None:
    roles = "PABCDE"
    script = Script.parse(
        "\n".join(f"{r}: step {i} of {{{r}.pid}}" for r in roles for i in range(7))
    )
    own = {r: [f"step {i} of {100 + k}\n" for i in range(7)] for k, r in enumerate(roles)}
    by_lines = "".join(own[r][i] for i in range(7) for r in roles)
    assert script.match_text(by_lines, budget=20_000)["P.pid"] in range(100, 106)
    # As on a terminal: the newlines come later, as writes of their own.
    torn = "".join(
        part
        for i in range(7)
        for two in ("PA", "BC", "DE")
        for part in (own[two[0]][i][:-1], own[two[1]][i][:-1], "\n\n")
    )
    assert script.match_text(torn, budget=20_000).values
