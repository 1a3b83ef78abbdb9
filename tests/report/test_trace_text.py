"""The report on a run: what it says, at any width, on any terminal."""

from __future__ import annotations

import io
import re
from typing import get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.model import ENDED_AT, Ended, ExitStatus, Look, Output, Process, Reached, Trace
from grader.report import make_console, print_trace
from grader.report.folding import ALL_SHOWN
from grader.report.glyphs import glyphs_for
from grader.report.layout import lay_out
from grader.report.picture import draw
from tests.report.printing import on_a_terminal, printed
from tests.report.stories import everything, one_wait_only
from tests.report.telling import Telling, figure_18_3


@pytest.mark.parametrize("width", [40, 60, 80, 200])
@pytest.mark.parametrize("story", [figure_18_3, one_wait_only, everything])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_no_line_is_wider_than_the_terminal(story, width, encoding):
    report = printed(print_trace, story(), [], width=width, encoding=encoding)
    assert max(len(line) for line in report.splitlines()) <= width


@pytest.mark.parametrize("name", ENDED_AT)
def test_the_limit_that_ended_a_run_is_named_and_what_to_do(name):
    limit = Reached(name=name, allowed=64, process="P.1")
    trace = msgspec.structs.replace(figure_18_3(), ended=ENDED_AT[name], limit=limit)
    report = " ".join(printed(print_trace, trace, []).split())
    assert f"({name}: 64, passed by P.1)" in report
    assert f"--limit {name}=NUMBER" in report


def test_who_ended_by_itself_at_a_limit_was_not_ended_by_grader():
    limit = Reached(name="processes_alive", allowed=64)
    trace = msgspec.structs.replace(figure_18_3(), ended="process-limit", limit=limit)
    report = " ".join(printed(print_trace, trace, []).split())
    assert "it ended by itself: exit 0" in report
    assert "grader ended it" not in report


def test_a_pipe_gets_no_escape_sequences_and_a_terminal_does():
    assert "\x1b" not in printed(print_trace, figure_18_3(), [])
    assert "\x1b[" in on_a_terminal(print_trace, figure_18_3(), [])


def test_colour_adds_nothing_to_what_is_said():
    coloured = on_a_terminal(print_trace, everything(), [])
    plain = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert plain == printed(print_trace, everything(), [])


def test_no_color_is_respected(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    assert make_console().no_color


def test_a_console_is_80_columns_wide_where_nothing_is_known(monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    assert make_console(io.StringIO()).width == 80
    assert make_console(io.StringIO(), 20).width == 40


@pytest.mark.parametrize("ended", get_args(Ended))
def test_every_way_to_end_has_its_words(ended):
    run = Telling()
    run.exit("P", 0)
    report = printed(print_trace, run.trace(ended=ended), [])
    assert report.splitlines()[1].startswith("It ")


def test_a_run_without_output_says_so():
    run = Telling()
    run.exit("P")
    report = printed(print_trace, run.trace(), [])
    assert "Nothing was written." in report
    assert "No wait call collected a child." in report
    assert "made no other process" in report


def test_a_failed_wait_is_in_the_ledger_with_its_reason():
    run = Telling()
    run.wait("P", "failed", error="ECHILD")
    run.exit("P")
    assert "failed: no child left to wait for" in printed(print_trace, run.trace(), [])


def test_bytes_of_output_are_shown_with_their_writer():
    run = Telling()
    child = run.fork()
    run.write(child, "\ufffd\n", raw=b"\xff\n")
    run.write("P", "\n")
    run.exit("P")
    report = printed(print_trace, run.trace(), [])
    assert "[1] P.1 │ \\xff\n[2] P   │\n" in report


def test_a_character_cut_in_two_by_writes_of_one_process_is_whole():
    run = Telling()
    run.write("P", "\ufffd", raw=b"\xc3")
    run.write("P", "\ufffd\n", raw=b"\xa9\n")
    run.exit("P")
    assert "[1] P │ é\n" in printed(print_trace, run.trace(), [])


def test_a_flood_of_output_is_cut_in_the_middle():
    run = Telling()
    run.write("P", "".join(f"line {n}\n" for n in range(100_000)))
    run.exit("P")
    report = printed(print_trace, run.trace(), [])
    assert "line 0\n" in report
    assert "line 99999\n" in report
    assert "99,880 lines left out" in report
    assert len(report.splitlines()) < 200


def test_a_line_without_end_is_cut():
    run = Telling()
    run.write("P", "x" * 1_000_000)
    run.exit("P")
    report = printed(print_trace, run.trace(), [])
    assert "(1,000,000 characters in this line)" in report
    assert len(report.splitlines()) < 40


def test_many_children_take_few_lines():
    run = Telling()
    children = [run.fork() for _ in range(300)]
    for child in children:
        run.exit(child)
        run.reap("P", child)
    run.exit("P")
    report = printed(print_trace, run.trace(), [])
    assert report.count("… 298 more like P.2") == 2
    assert len(report.splitlines()) < 60


def test_many_unlike_children_take_few_lines():
    run = Telling()
    for number in range(200):
        run.exit(run.fork(), number)
    run.exit("P")
    report = printed(print_trace, run.trace(), [])
    assert "… 177 more" in report
    assert len(report.splitlines()) < 200


def test_a_picture_that_is_too_long_keeps_the_places_that_matter():
    run = Telling()
    one, other = run.fork(), run.fork()
    for number in range(2000):
        run.write(one if number * number % 7 < 3 else other, "x\n")
        run.wait("P", "failed" if number == 1000 else "nothing", error="ECHILD")
    run.exit("P")
    drawn = lay_out(run.trace())
    assert drawn is not None
    failure = next(w.n for w in run.trace().waits() if w.outcome == "failed")
    lines = [line.plain for line in draw(drawn, glyphs_for("utf-8"), 80, {"7": [failure]})]
    assert len(lines) < 160
    assert sum("moments left out" in line for line in lines) == 2
    assert any(line.startswith("see") and "7" in line for line in lines)


def test_a_chain_of_forks_deeper_than_the_terminal_is_wide():
    run = Telling()
    process = "P"
    for _ in range(100):
        process = run.fork(process)
    run.exit("P")
    report = printed(print_trace, run.trace(), [])
    assert max(len(line) for line in report.splitlines()) <= 80


def test_sampled_evidence_is_said_to_be_that():
    trace = Trace(
        evidence="sampled",
        engine="psutil",
        command=["./a.out"],
        ended="exit",
        exit=ExitStatus(code=0),
        seconds=1.5,
        processes=[
            Process(id="P", pid=1, parent=None, fate="root", exit=ExitStatus(code=0)),
            Process(id="P.1", pid=2, parent="P", fate=None),
        ],
        output=[Output(process=None, stream="terminal", text="hello\n")],
        blind_spots=["processes that live for less than a millisecond"],
    )
    report = printed(print_trace, trace, [])
    assert "Seen by sampling (psutil)" in report
    assert "fate not seen" in report
    assert "-  processes that live" in report
    assert "│ hello" in report


def test_a_look_that_disagrees_is_reported():
    run = Telling()
    run.exit("P")
    looks = [Look(event=0, process="P", parent=None, state="alive", agrees=False)]
    assert "disagreed 1 time" in printed(print_trace, run.trace(looks=looks), [])


@st.composite
def stories(draw):
    """Any trace that follows the rules of fork and wait."""
    run = Telling()
    alive, zombies = ["P"], {}
    for _ in range(draw(st.integers(0, 40))):
        process = draw(st.sampled_from(alive))
        deed = draw(st.sampled_from(["fork", "write", "sleep", "exit", "reap", "poll", "kill"]))
        mine = [z for z, parent in zombies.items() if parent == process]
        match deed:
            case "fork":
                alive.append(run.fork(process))
            case "write":
                run.write(process, draw(st.sampled_from(["a\n", "b", "\n", "c\nd"])))
            case "sleep":
                run.begin(process)
                run.t += draw(st.sampled_from([0.001, 1.0]))
                run.slept(process, 1)
            case "exit" if process != "P":
                run.exit(process, draw(st.sampled_from([0, 1])))
                alive.remove(process)
                zombies = {z: parent for z, parent in zombies.items() if parent != process}
                parent = process.rpartition(".")[0]
                if parent in alive and run.processes[process]["fate"] is None:
                    zombies[process] = parent
            case "reap" if mine:
                run.reap(process, mine[0])
                del zombies[mine[0]]
            case "poll":
                run.wait(process, "nothing", options=["WNOHANG"])
            case "kill":
                run.kill(process, draw(st.sampled_from(alive)), 10)
    if draw(st.booleans()):
        run.exit("P")
    return run.trace()


@settings(max_examples=60, deadline=None)
@given(stories(), st.integers(40, 120))
def test_any_run_can_be_printed(trace, width):
    report = printed(print_trace, trace, [], width=width)
    assert max(len(line) for line in report.splitlines()) <= width
    if len(trace.processes) <= ALL_SHOWN:
        assert all(process.id in report for process in trace.processes)
