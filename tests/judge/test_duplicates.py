"""A buffer that fork copied, and what only looks like one."""

import pytest

from grader.judge.duplicates import duplicates
from grader.model import Unproved
from tests.traces import Story

HEADER = "Program executing\n\tpid: 100, processName: parent\n"


def piped(*forks: str) -> Story:
    story = Story(stdio="pipe")
    for parent in forks:
        story.fork(parent)
    return story


def test_fig_18_2_through_a_pipe_doubles_its_first_lines():
    story = piped("P")
    story.write("P", HEADER + "Parent executing\n")
    story.write("P.1", HEADER + "Child executing\n")
    (found,) = duplicates(story.trace())
    assert found.forker == "P"
    assert found.text == HEADER
    assert [write.process for write in found.writes] == ["P", "P.1"]
    assert found.certain


def test_on_a_terminal_lines_are_written_at_once():
    story = Story()
    story.fork()
    story.write("P", HEADER)
    story.write("P.1", HEADER)
    assert duplicates(story.trace()) == []


def test_lines_that_were_written_before_the_fork_are_not_in_the_buffer():
    story = Story(stdio="pipe")
    story.write("P", HEADER)
    story.fork()
    story.write("P", "Parent executing\n")
    story.write("P.1", "Child executing\n")
    assert duplicates(story.trace()) == []


def test_two_processes_that_greet_alike_are_two_that_greet():
    story = piped("P")
    story.write("P", "hello\n")
    story.write("P.1", "hello\n")
    assert duplicates(story.trace()) == []


def test_the_same_words_before_others_may_be_a_copy_but_are_no_proof():
    story = piped("P")
    story.write("P", "Starting\nparent\n")
    story.write("P.1", "Starting\nchild\n")
    (found,) = duplicates(story.trace())
    assert found.text == "Starting\n"
    assert not found.certain


def test_half_a_line_in_common_is_nothing():
    story = piped("P")
    story.write("P", "I am the parent\n")
    story.write("P.1", "I am the child\n")
    assert duplicates(story.trace()) == []


def test_a_number_that_contains_the_pid_is_not_the_pid():
    story = piped("P")
    story.write("P", "pid 21001\n")
    story.write("P.1", "pid 21001\n")
    assert duplicates(story.trace()) == []


def test_children_alone_have_copies_when_their_parent_loses_its_own():
    story = piped("P", "P")
    story.write("P.1", HEADER + "one\n")
    story.write("P.2", HEADER + "two\n")
    story.exit(signal=9)
    (found,) = duplicates(story.trace())
    assert found.forker == "P"
    assert {write.process for write in found.writes} == {"P.1", "P.2"}


def test_a_copy_of_a_copy_is_told_once():
    story = piped("P", "P.1")
    for process in ("P", "P.1", "P.1.1"):
        story.write(process, f"{HEADER}{process}\n")
    assert len(duplicates(story.trace())) == 1


def test_a_child_that_forks_has_a_buffer_of_its_own():
    story = piped("P", "P.1")
    story.write("P", "parent\n")
    story.write("P.1", f"child {story.pid('P.1')}\nrest\n")
    story.write("P.1.1", f"child {story.pid('P.1')}\n")
    (found,) = duplicates(story.trace())
    assert found.forker == "P.1"
    assert found.certain


def test_streams_are_apart():
    story = piped("P")
    story.write("P", HEADER, "stdout")
    story.write("P.1", HEADER, "stderr")
    assert duplicates(story.trace()) == []


def test_sampling_does_not_know():
    with pytest.raises(Unproved):
        duplicates(piped("P").sampled())
