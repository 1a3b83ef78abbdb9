"""How runs end, in words."""

from typing import get_args

import msgspec
import pytest

from grader.judge import ending
from grader.model import ENDED_AT, Ended, Fork, Reached, Unproved
from tests.traces import Story


@pytest.mark.parametrize("word", [word for word in get_args(Ended) if word != "exit"])
def test_every_limit_has_words(word):
    assert len(ending.unfinished(Story().trace(ended=word)).split()) > 3


@pytest.mark.parametrize("name", ENDED_AT)
def test_a_limit_is_named_with_what_it_allows(name):
    limit = Reached(name=name, allowed=64, process="P.1")
    words = ending.unfinished(Story().trace(ended=ENDED_AT[name], limit=limit))
    assert f"({name}: 64, passed by P.1)" in words


def test_what_failed_at_the_cap_is_counted():
    story = Story()
    story.add(Fork, "P", call="fork", error="EAGAIN", capped=True)
    story.add(Fork, "P", call="fork", error="EAGAIN", capped=True)
    limit = Reached(name="processes_alive", allowed=64, process="P")
    words = ending.unfinished(story.trace(ended="process-limit", limit=limit))
    assert "2 calls beyond that failed with EAGAIN" in words


def test_a_deep_descendant_is_not_spelled_out():
    limit = Reached(name="processes_alive", allowed=64, process="P" + ".1" * 60)
    words = ending.unfinished(Story().trace(ended="process-limit", limit=limit))
    assert "generation 60" in words
    assert ".1.1" not in words


def test_a_run_that_ended_by_itself_is_finished():
    assert ending.unfinished(Story().trace()) is None


def test_a_crash_before_the_first_fork():
    story = Story()
    story.write("P", "Traceback (most recent call last):\n", "stderr")
    story.write("P", "NameError: name 'osfork' is not defined\n", "stderr")
    story.exit(code=1)
    trace = story.trace()
    assert "exit status 1" in ending.stopped_at_once(trace)
    assert ending.last_words(trace).endswith("NameError: name 'osfork' is not defined")


def test_a_crash_after_it_is_not_judged_as_one_before():
    story = Story()
    story.fork()
    story.exit(code=1)
    assert ending.stopped_at_once(story.trace()) is None


def test_bad_ends_name_the_processes():
    story = Story()
    one, two, three = (story.fork() for _ in range(3))
    story.exit(one, 0)
    story.exit(two, 3)
    story.exit(three, signal=9)
    story.exit()
    found = {process.id: words for process, words in ending.bad_ends(story.trace())}
    assert list(found) == [two, three]
    assert "exit status 3" in found[two]
    assert "killed by SIGKILL" in found[three]


def test_nobody_knows_how_a_process_ended_that_sampling_lost():
    trace = Story().sampled()
    lost = msgspec.structs.replace(trace.root, exit=None)
    with pytest.raises(Unproved):
        ending.bad_ends(msgspec.structs.replace(trace, processes=[lost]))


def test_a_quiet_program_has_no_last_words():
    assert ending.last_words(Story().trace()) == ""
