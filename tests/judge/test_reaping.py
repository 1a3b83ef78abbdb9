"""Who collected whom, who polled, and which zombies lingered."""

import signal

import pytest

from grader.judge import reaping
from grader.model import Delivered, Unproved, Wait
from tests.traces import Story


def nothing(story: Story, process: str = "P") -> int:
    """WNOHANG, and no child has ended."""
    return story.add(
        Wait, process, call="wait4", target="any", options=["WNOHANG"], outcome="nothing"
    )


def sigchld(story: Story, action: str = "handler") -> int:
    return story.add(
        Delivered, "P", signal=signal.SIGCHLD.value, name="SIGCHLD", action=action, sender=None
    )


def test_the_order_of_collecting_is_that_of_the_wait_calls():
    story = Story()
    first, second = story.fork(), story.fork()
    story.exit(first)
    story.exit(second)
    wait = story.wait("P", second)
    story.wait("P", first)
    trace = story.trace()
    assert reaping.collected(trace) == [second, first]
    assert reaping.reap_of(trace, second).n == wait
    assert reaping.reap_of(trace, "P") is None


def test_children_that_run_one_after_another_are_not_alive_together():
    story = Story()
    first = story.fork()
    story.exit(first)
    story.wait("P", first)
    second = story.fork()
    story.exit(second)
    story.wait("P", second)
    trace = story.trace()
    assert not reaping.alive_together(trace, trace.children())
    assert reaping.alive_together(trace, trace.children()[:1])


def test_a_child_that_has_ended_but_is_not_collected_counts_as_there():
    story = Story()
    first = story.fork()
    story.exit(first)
    second = story.fork()
    story.exit(second)
    story.wait("P", first)
    story.wait("P", second)
    trace = story.trace()
    assert reaping.alive_together(trace, trace.children())


def test_asking_in_a_loop_is_polling():
    story = Story()
    child = story.fork()
    calls = [nothing(story) for _ in range(5)]
    story.exit(child)
    story.wait("P", child)
    assert [wait.n for wait in reaping.polls(story.trace())] == calls


def test_a_handler_that_collects_all_it_can_does_not_poll():
    story = Story()
    children = [story.fork() for _ in range(3)]
    for child in children[:2]:
        story.exit(child)
    sigchld(story)
    for child in children[:2]:
        story.wait("P", child)
    nothing(story)  # the end of the loop in the handler
    sigchld(story)
    nothing(story)  # the second signal, and its child is collected already
    story.exit(children[2])
    sigchld(story)
    story.wait("P", children[2])
    nothing(story)
    assert reaping.polls(story.trace()) == []


def test_an_ignored_signal_is_no_reason_to_ask():
    story = Story()
    story.fork()
    sigchld(story, "ignored")
    nothing(story)
    nothing(story, "P.1")
    assert len(reaping.polls(story.trace())) == 1
    assert len(reaping.polls(story.trace(), "P.1")) == 1


def lingering_story(sleep: float) -> Story:
    story = Story()
    child = story.fork()
    story.sleep(child, 1)
    story.exit(child)
    story.sleep("P", sleep)
    story.wait("P", child)
    return story


def test_a_zombie_lingers_while_its_parent_sleeps():
    (found,) = reaping.lingering(lingering_story(3).trace(), 1.0)
    assert (found.process.id, found.parent, found.seconds) == ("P.1", "P", 3)
    assert len(found.sleeps) == 1


def test_a_short_sleep_is_no_lingering():
    assert reaping.lingering(lingering_story(0.5).trace(), 1.0) == []


def test_time_that_the_parent_does_not_sleep_is_no_lingering():
    story = Story()
    child = story.fork()
    story.exit(child)
    story.now += 30  # a busy machine
    story.wait("P", child)
    assert reaping.lingering(story.trace(), 1.0) == []


def test_only_the_part_of_a_sleep_counts_in_which_the_child_was_a_zombie():
    story = Story()
    child = story.fork()
    story.now = 4
    story.exit(child)
    story.now = 0
    story.sleep("P", 5)
    story.wait("P", child)
    (found,) = reaping.lingering(story.trace(), 0.5)
    assert found.seconds == pytest.approx(1)


def test_a_zombie_that_nobody_collects_lingers_until_its_parent_exits():
    story = Story()
    child = story.fork()
    story.exit(child)
    story.sleep("P", 2)
    story.exit()
    (found,) = reaping.lingering(story.trace(), 1.0)
    assert found.seconds == 2


def test_sampling_knows_none_of_it():
    trace = lingering_story(3).sampled()
    for question in (reaping.reaps, reaping.polls, reaping.lingering):
        with pytest.raises(Unproved):
            question(trace)
    with pytest.raises(Unproved):
        reaping.alive_together(trace, trace.children())
