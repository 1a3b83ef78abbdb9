"""The shape of the process tree."""

import pytest

from grader.judge import CheckFailed, tree, who
from grader.model import Fork, Unproved
from tests.traces import Story


def grown(*parents: str) -> Story:
    """A story in which each of these processes forks, in this order."""
    story = Story()
    for parent in parents:
        story.fork(parent)
    return story


def test_a_fan_is_no_chain():
    trace = grown("P", "P", "P").trace()
    assert tree.is_fan(trace)
    assert not tree.is_chain(trace)
    assert tree.describe(trace) == "the parent (P) forked P.1, P.2 and P.3"


def test_a_chain_is_no_fan():
    trace = grown("P", "P.1", "P.1.1").trace()
    assert tree.is_chain(trace)
    assert not tree.is_fan(trace)
    assert (
        tree.describe(trace) == "the parent (P) forked P.1; P.1 forked P.1.1; P.1.1 forked P.1.1.1"
    )


def test_a_tree_is_neither():
    trace = grown("P", "P", "P.1").trace()
    assert not tree.is_chain(trace)
    assert not tree.is_fan(trace)


def test_the_number_of_processes_is_required():
    trace = grown("P", "P.1").trace()
    tree.require_number(trace, 2)
    with pytest.raises(CheckFailed, match=r"1 process beside the parent, and there were 2: the"):
        tree.require_number(trace, 1)
    with pytest.raises(CheckFailed, match=r"3 processes .*forked P.1; P.1 forked P.1.1") as failed:
        tree.require_number(trace, 3)
    assert failed.value.events == [0, 1]
    with pytest.raises(CheckFailed, match=r"there were none: the parent \(P\) forked nothing"):
        tree.require_number(grown().trace(), 1)


def test_sampling_may_have_missed_a_process_but_saw_none_too_many():
    trace = grown("P", "P").sampled()
    tree.require_number(trace, 2)
    with pytest.raises(Unproved):
        tree.require_number(trace, 3)
    with pytest.raises(CheckFailed):
        tree.require_number(trace, 1)


def test_a_fork_that_failed_made_nothing():
    story = grown("P")
    story.add(Fork, "P", call="fork", error="EAGAIN")
    trace = story.trace()
    assert [fork.child for fork in tree.made(trace)] == ["P.1"]
    assert [fork.error for fork in tree.failed_forks(trace)] == ["EAGAIN"]


@pytest.mark.parametrize(
    ("process", "name"),
    [
        ("P", "the parent (P)"),
        ("P.2", "the second child (P.2)"),
        ("P.1.3", "the third child of P.1 (P.1.3)"),
        ("P.12", "child 12 (P.12)"),
    ],
)
def test_processes_have_names_for_people(process, name):
    assert who(process) == name


def test_a_failure_begins_with_a_capital_and_carries_its_events():
    story = grown("P")
    failed = CheckFailed(f"{who('P')} fell", process="P", events=[*story.events, 7, None])
    assert str(failed) == "The parent (P) fell"
    assert failed.events == [0, 7]
    assert failed.process == "P"
