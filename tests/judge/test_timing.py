"""Sleeps, and what came before what."""

import pytest

from grader.judge import timing
from grader.model import Sleep, Unproved, Wait
from tests.traces import Story


def test_sleeps_add_up():
    story = Story()
    story.sleep("P", 1)
    story.sleep("P", 2)
    assert timing.seconds_slept(story.trace(), "P") == 3


@pytest.mark.parametrize("outcome", ["interrupted", "unfinished"])
def test_a_sleep_that_was_cut_short_counts_until_then(outcome):
    story = Story()
    story.now = 2
    story.add(Sleep, "P", call="clock_nanosleep", seconds=5, outcome=outcome, began=0.5, after=0)
    story.now = 10
    assert timing.seconds_slept(story.trace(), "P") == 1.5


def test_a_failed_sleep_was_none():
    story = Story()
    story.add(Sleep, "P", call="nanosleep", seconds=5, outcome="failed")
    assert timing.seconds_slept(story.trace(), "P") == 0


def test_the_clock_does_not_lengthen_a_sleep():
    story = Story()
    story.now = 60  # the machine was busy
    story.add(Sleep, "P", call="clock_nanosleep", seconds=2, outcome="slept", began=0, after=0)
    assert timing.seconds_slept(story.trace(), "P") == 2


def test_a_whole_number_of_seconds_is_recognised():
    story = Story()
    story.sleep("P", 2.999812)
    trace = story.trace()
    assert timing.slept_about(trace, "P", 3)
    assert not timing.slept_about(trace, "P", 2)


def test_another_time_than_a_whole_number_is_not():
    story = Story()
    story.sleep("P", 2.7)
    assert not timing.slept_about(story.trace(), "P", 3)


def test_a_busy_machine_does_not_shorten_a_sleep():
    story = Story()
    child = story.fork("P")
    story.write(child, "sleeping for 3 seconds\n")
    story.now += 2  # between time.sleep's look at the clock and its system call
    story.sleep(child, 1)
    assert timing.slept_about(story.trace(), child, 3)
    assert not timing.slept_about(story.trace(), child, 4)


def test_who_ended_last():
    story = Story()
    one, two = story.fork(), story.fork()
    story.exit(one)
    story.exit()
    story.exit(two)
    trace = story.trace()
    assert timing.ended_after(trace, "P", one)
    assert not timing.ended_after(trace, "P", one, two)
    assert timing.ended_after(trace, two, "P", one)


def test_a_wait_that_had_begun_before_did_not_begin_after():
    story = Story()
    child = story.fork()
    n = story.exit(child)
    story.wait("P", child, began=0.0, after=n)
    story.add(Wait, "P", call="wait4", target="any", outcome="failed", error="ECHILD")
    trace = story.trace()
    during, later = trace.waits()
    assert not timing.began_after(during, trace.events[n])
    assert timing.began_after(later, trace.events[n])


def test_sampling_sees_no_sleep():
    with pytest.raises(Unproved):
        timing.seconds_slept(Story().sampled(), "P")
