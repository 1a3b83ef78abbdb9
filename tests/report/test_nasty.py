"""Whatever a program prints, reports show it inside their boxes, and say what they would."""

from __future__ import annotations

import json
import re

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from grader.judge import flags
from grader.judge.script import Mismatch, Script
from grader.model import (
    Check,
    Exploration,
    FoundOutput,
    Result,
    Schedule,
    Schedules,
    Trace,
    from_json,
    to_json,
)
from grader.report import print_exploration, print_replay, print_result, print_trace
from tests.report.nasty import NASTY, problems, verdicts
from tests.report.printing import on_a_terminal, printed
from tests.report.telling import Telling

SCRIPT = Script.parse("P: parent\nC1: child {x}\nC1: ...\n")
_LONGEST = 60_000
"""Characters of a report on a run of two processes."""
_UNCUT = re.compile(r" *(replay|schedule|Schedule:|Asked for:|grader replay) ")
"""Lines to be copied, which are on one line however long."""


def run_that_prints(data: bytes, name: str = "x.py", engine: str = "made by hand") -> Trace:
    """A run with this output: on both streams, by two processes, torn in the middle."""
    run = Telling("python3", name)
    child = run.fork()
    run.exec(child, "/bin/" + name, name, "-x", data[:2000].decode(errors="surrogateescape"))
    run.write("P", data[: len(data) // 2])
    run.write(child, data, "stderr")
    run.write("P", data[len(data) // 2 :])
    run.write(child, data)
    run.exit(child)
    run.reap("P", child)
    run.exit("P")
    return run.trace(scenario="run", schedule="1:ab", engine=engine)


def result_on(trace: Trace, name: str = "x.py") -> Result:
    """A verdict that quotes the output, as the judge does."""
    checks = []
    for stream in ("stdout", "stderr"):
        with pytest.raises(Mismatch) as caught:
            SCRIPT.match(trace, stream)
        checks.append(
            Check(
                id=stream,
                description="It prints what it should.",
                status="fail",
                points=0,
                max_points=5,
                message=str(caught.value),
                scenario="run",
                where=caught.value.events,
                process=caught.value.process,
                schedule="1:ab",
            )
        )
    return Result(
        assignment="fig18_03",
        submission=name,
        evidence="exact",
        status="fail",
        score=0,
        max_score=10,
        checks=checks,
        flags=flags(trace, f"# {name}"),
        traces=[trace],
    )


def exploration_of(trace: Trace) -> Exploration:
    outputs = [FoundOutput(text=trace.text(), schedule="1:ab")]
    return Exploration(command=trace.command, schedules=Schedules(runs=1), outputs=outputs)


def replay_of(_: object) -> list[str]:
    return ["grader", "replay", "x.py", "--schedule", "1:ab"]


def reports_on(trace: Trace, name: str = "x.py") -> dict[str, tuple[object, ...]]:
    """Each report, with what it is called with."""
    result = result_on(trace, name)
    words = ["grader", "replay", name, "--schedule", "1:ab"]
    return {
        "trace": (print_trace, trace, result.flags),
        "replay": (print_replay, trace, Schedule.parse("1:ab"), result.flags),
        "result": (lambda r, c: print_result(r, c, lambda _: words), result),
        "explore": (
            lambda e, c: print_exploration(e, [trace], lambda _: words, c),
            exploration_of(trace),
        ),
    }


@pytest.mark.parametrize("kind", NASTY)
@pytest.mark.parametrize(("width", "encoding"), [(80, "utf-8"), (40, "ascii"), (200, "latin-1")])
def test_what_is_printed_stays_in_its_box(kind, width, encoding):
    trace = run_that_prints(NASTY[kind])
    for report, how in reports_on(trace).items():
        text = printed(*how, width=width, encoding=encoding)
        assert problems(text) == [], report
        assert len(text) < _LONGEST, report
        wide = [line for line in text.split("\n") if cell_len(line) > width]
        assert [line for line in wide if not _UNCUT.match(line)] == [], report
        expected = ["Judged as fig18_03: x.py", "FAIL  0 of 10 points"]
        assert verdicts(text) == (expected if report == "result" else [])


@pytest.mark.parametrize("kind", NASTY)
def test_a_terminal_gets_no_sequences_but_our_own_colours(kind):
    trace = run_that_prints(NASTY[kind])
    for how in reports_on(trace).values():
        assert problems(on_a_terminal(*how), coloured=True) == []


@pytest.mark.parametrize("kind", NASTY)
def test_documents_stay_what_they_are(kind):
    trace = run_that_prints(NASTY[kind])
    for document in (trace, result_on(trace), exploration_of(trace)):
        for indent in (None, 2):
            data = to_json(document, indent)
            json.loads(data, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
            assert problems(data.decode()) in ([], ["a flood of combining marks"])
    again = from_json(to_json(trace), Trace)
    assert [output.data for output in again.output] == [output.data for output in trace.output]


# -- any text, anywhere ------------------------------------------------------------------

MARK = "ZQX"
_pieces = st.sampled_from(
    [
        *("\n", "\r", "\x1b[2J", "\x1b]0;", "\x07", "::", "::error::", "##[error]", "##vso[x]"),
        *(" ", "  ", "\t", "\u202e", "\u0301", "\ud800", "\udcff", "\u2028", "\x85", "[red]"),
        *(
            "PASS  10 of 10 points",
            "FAIL",
            "Output",
            "é",
            "汉",
            "λ",
            "<b>",
            "=1+1",
            "│ ",
            "'",
            "\\",
        ),
    ]
)
hostile = st.lists(st.one_of(_pieces, st.text(max_size=5)), min_size=1, max_size=30).map(
    # Each word begins with a mark, so that one sees where what is hostile begins.
    lambda parts: MARK + re.sub(r"(\s+)", rf"\1{MARK}", "".join(parts))
)


def at_the_margin(text: str) -> list[str]:
    """Lines that begin with what is hostile: nothing of ours stands before, not even blanks."""
    lines = [line for line in text.split("\n") if MARK in line]
    before = [(line[: line.index(MARK)], line) for line in lines]
    return [line for own, line in before if not own.strip() and len(own) < 2]


@given(hostile, hostile, st.sampled_from([40, 41, 57, 80, 132]))
@settings(max_examples=60)
def test_no_line_begins_with_what_others_wrote(text, name, width):
    name = name.replace("\0", "")
    data = text.encode(errors="surrogateescape" if "\ud800" not in text else "replace")
    trace = run_that_prints(data, name, engine=text)
    trace = msgspec.structs.replace(
        trace,
        survivors=[name],
        blind_spots=[text],
        uncontrolled=text,
        confined=[text],
        unconfined=[name],
    )
    for report, how in reports_on(trace, name).items():
        shown = printed(*how, width=width)
        assert problems(shown) == [], report
        assert at_the_margin(shown) == [], report
        expected = ["FAIL  0 of 10 points"] if report == "result" else []
        assert [line for line in verdicts(shown) if "Judged" not in line] == expected


@given(hostile)
@settings(max_examples=60)
def test_a_trace_becomes_a_document_whatever_is_in_it(text):
    trace = run_that_prints(b"x\n", text.replace("\0", ""), engine=text)
    data = to_json(trace, 2)
    assert problems(data.decode()) in ([], ["a flood of combining marks"])
    json.loads(data)
    from_json(data, Trace)


# -- what held the program ---------------------------------------------------------------


def test_a_trace_says_what_held_the_program_and_what_did_not():
    run = run_that_prints(b"x\n")
    held = msgspec.structs.replace(run, confined=["Landlock ABI 7", "user 61184"])
    assert "Confined by Landlock ABI 7, user 61184.\n" in printed(print_trace, held, [])
    partly = msgspec.structs.replace(held, unconfined=["seccomp"])
    for how in reports_on(partly).values():
        text = printed(*how)
        assert " ".join(text.split()).count("missing here: seccomp.") == 1
    free = printed(print_trace, run, [])
    assert "onfined" not in free


def test_a_check_says_nothing_of_what_held_the_program_when_all_is_there():
    held = msgspec.structs.replace(run_that_prints(b"x\n"), confined=["Landlock ABI 7"])
    assert "Landlock" not in printed(*reports_on(held)["result"])


def test_paths_are_those_within_the_private_folder():
    folder = "/tmp/grader-1234/program"
    trace = run_that_prints(f'  File "{folder}/x.py", line 3\n'.encode())
    trace = msgspec.structs.replace(trace, folder=folder)
    for report in ("trace", "result"):
        text = printed(*reports_on(trace)[report])
        assert '  File "x.py", line 3' in text
        assert folder not in text.replace("expected", "").split("Output")[1]


# -- very many, very deep ----------------------------------------------------------------


def chain(length: int) -> Trace:
    """Each process forks the next, all print, and nobody waits."""
    run = Telling("python3", "x.py")
    deepest = ["P"]
    for _ in range(length):
        deepest.append(run.fork(deepest[-1]))
        run.write(deepest[-1], "x\n")
    for process in reversed(deepest):
        run.exit(process)
    return run.trace(scenario="run", schedule="1:ab", survivors=deepest)


@pytest.mark.parametrize("width", [40, 80])
def test_a_chain_of_processes_is_shown_within_the_width(width):
    for report, how in reports_on(chain(400)).items():
        text = printed(*how, width=width)
        assert len(text) < _LONGEST, report
        wide = [line for line in text.split("\n") if cell_len(line) > width]
        assert [line for line in wide if not _UNCUT.match(line)] == [], report


def test_a_program_of_a_great_many_words_is_shown_by_its_beginning():
    run = Telling("python3", *["a word" * 1000] * 1000)
    run.exec("P", "/bin/true", *["::error::\n" * 1000] * 100)
    run.exit("P")
    trace = run.trace()
    for how in ((print_trace, trace, []), (print_replay, trace, Schedule(), [])):
        text = printed(*how)
        assert problems(text) == []
        assert len(text) < 5_000
