"""Flags: each kind, when it is raised and when not, and that it teaches."""

from typing import get_args

import msgspec
import pytest

from grader.judge import flags
from grader.judge.flags import flags_of_all
from grader.model import ROOT, FlagKind, Fork, Refused, Trace, Wait
from tests.traces import Story


def kinds(trace: Trace, source: str | None = None) -> list[str]:
    return [flag.kind for flag in flags(trace, source)]


def detail(trace: Trace, kind: str) -> str:
    (flag,) = (flag for flag in flags(trace) if flag.kind == kind)
    return flag.detail


def failed_wait(story: Story, process: str = "P", target: str = "any", error: str = "ECHILD"):
    return story.add(Wait, process, call="wait4", target=target, outcome="failed", error=error)


def good() -> Story:
    story = Story()
    child = story.fork()
    story.exit(child)
    story.wait("P", child)
    return story


def test_of_many_alike_a_few_are_told_and_the_rest_counted():
    story = Story()
    for _ in range(50):
        story.fork()
    story.exit()
    orphans = [flag for flag in flags(story.trace()) if flag.kind == "orphan"]
    assert [flag.process for flag in orphans[:10]] == [f"P.{n}" for n in range(1, 11)]
    assert orphans[10].detail == "The same of 40 more, as P.11."
    assert len(orphans) == 11


def test_a_program_that_waits_has_no_flags():
    story = good()
    story.exit()
    assert flags(story.trace(), "import os\nos.fork()\nos.wait()\n") == []


def test_unreaped_child():
    story = Story()
    story.exit(story.fork())
    story.exit()
    assert "without a wait call" in detail(story.trace(), "unreaped-child")
    assert "slept" not in detail(story.trace(), "unreaped-child")


def test_sleeping_in_place_of_waiting_is_named():
    story = Story()
    story.exit(story.fork())
    story.sleep("P", 3)
    story.exit()
    assert kinds(story.trace()) == ["unreaped-child", "lingering-zombie"]
    assert "slept (3 seconds), but sleeping is not waiting" in detail(
        story.trace(), "unreaped-child"
    )


def test_orphan():
    story = Story()
    child = story.fork()
    story.exit()
    story.exit(child)
    assert kinds(story.trace()) == ["orphan"]
    assert "adopted by the system" in detail(story.trace(), "orphan")


def test_lingering_zombie():
    story = Story()
    child = story.fork()
    story.exit(child)
    story.sleep("P", 2.5)
    story.wait("P", child)
    assert kinds(story.trace()) == ["lingering-zombie"]
    assert "slept (2.5 seconds)" in detail(story.trace(), "lingering-zombie")
    assert flags(story.trace(), lingering_seconds=3) == []


def test_auto_reaped_child():
    story = Story()
    child = story.fork()
    story.exit(child)
    story.fate(child, "auto-reaped")
    n = failed_wait(story)
    trace = story.trace()
    assert kinds(trace) == ["auto-reaped-child", "failed-wait"]
    assert "as SIGCHLD is ignored" in detail(trace, "failed-wait")
    assert n


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("any", "it had no child left. That is no fault where a program waits until this happens"),
        ("P.1", "had been collected before, and a child is collected once"),
        ("pid 4711", "pid 4711 is no child of it"),
        ("P.1.1", "P.1.1 is no child of it"),
    ],
)
def test_failed_wait_says_why(target, words):
    story = good()
    failed_wait(story, target=target)
    assert words in detail(story.trace(), "failed-wait")


def test_a_child_that_waits_has_no_children():
    story = good()
    failed_wait(story, process="P.1")
    assert "it had forked no child" in detail(story.trace(), "failed-wait")


def test_many_failed_waits_are_one_flag():
    story = good()
    for _ in range(50):
        failed_wait(story)
    assert kinds(story.trace()) == ["failed-wait"]
    assert "(50 times)" in detail(story.trace(), "failed-wait")


def test_an_interrupted_wait_is_no_fault():
    story = good()
    failed_wait(story, error="EINTR")
    assert flags(story.trace()) == []


def test_duplicated_buffer_is_worded_by_its_certainty():
    story = Story(stdio="pipe")
    story.fork()
    story.write("P", "pid 100\nx\n")
    story.write("P.1", "pid 100\n")
    story.exit("P.1")
    story.wait("P", "P.1")
    sure = detail(story.trace(), "duplicated-buffer")
    assert "'pid 100' was written by each of P and P.1: it was still in the buffer" in sure
    assert "if it was printed once" not in sure

    story = Story(stdio="pipe")
    story.fork()
    story.write("P", "begin\nb\nx\n")
    story.write("P.1", "begin\nb\ny\n")
    story.exit("P.1")
    story.wait("P", "P.1")
    unsure = detail(story.trace(), "duplicated-buffer")
    assert "'begin' and 1 more line was written" in unsure
    assert "if it was printed once" in unsure


def test_survivor():
    trace = msgspec.structs.replace(good().trace(), survivors=["P.1", "pid 77 (sh)"])
    found = [flag for flag in flags(trace) if flag.kind == "survivor"]
    assert [flag.process for flag in found] == ["P.1", None]
    assert found[1].detail.startswith("Pid 77 (sh) was still there")


def test_nothing_forked():
    assert kinds(Story().trace()) == ["nothing-forked"]
    story = Story()
    story.add(Fork, "P", call="fork", error="EAGAIN")
    assert "each call failed with EAGAIN" in detail(story.trace(), "nothing-forked")


def test_threads_are_told_once():
    trace = Story().trace()
    root = msgspec.structs.replace(trace.root, threads=2)
    assert kinds(msgspec.structs.replace(trace, processes=[root])) == ["not-fork"]


def test_refused_calls_are_told_once_each():
    story = good()
    for _ in range(3):
        story.add(Refused, "P", call="clone", error="EPERM", reason="it would hide the child")
    assert kinds(story.trace()) == ["refused"]
    assert "it would hide the child" in detail(story.trace(), "refused")


def test_a_process_that_the_grader_ended_is_nobodys_fault():
    story = Story()
    child = story.fork()
    story.exit(child, signal=9)
    story.fate(child, "killed")
    assert flags(story.trace(ended="time-limit")) == []


def test_sampled_evidence_gives_what_it_knows():
    story = Story()
    story.exit(story.fork())
    story.exit()
    assert flags(story.sampled()) == []
    trace = story.sampled()
    known = [msgspec.structs.replace(p, fate="orphaned") for p in trace.descendants]
    trace = msgspec.structs.replace(trace, processes=[trace.root, *known])
    assert kinds(trace) == ["orphan"]


def test_every_flag_is_a_sentence():
    story = Story(stdio="pipe")
    story.exit(story.fork())
    story.fork()
    story.sleep("P", 2)
    failed_wait(story, target="pid 3")
    story.add(Refused, "P", call="clone", error="EPERM", reason="it would hide the child")
    story.exit()
    found = flags(story.trace(), "import subprocess\nsubprocess.run('ls')\n")
    assert len(found) > 4
    for flag in found:
        assert flag.kind in get_args(FlagKind)
        assert flag.detail[0].isupper()
        assert flag.detail.endswith(".")
        assert ".." not in flag.detail
        assert flag.process is None or flag.process.startswith(ROOT)


def left(*, dead: bool) -> Trace:
    """A child that nobody waits for, and that has ended before its parent, or not."""
    story = Story()
    child = story.fork()
    if dead:
        story.exit(child)
    story.exit()
    if not dead:
        story.exit(child)
    return story.trace(time="adversarial")


def test_over_many_schedules_each_thing_is_told_once_with_how_often():
    story = good()
    story.exit()
    runs = {"ideal": [left(dead=False)], "every": [left(dead=True)] * 3 + [left(dead=False)] * 6}
    orphan, unreaped = flags_of_all(runs)
    assert (orphan.kind, unreaped.kind) == ("orphan", "unreaped-child")
    assert orphan.detail.endswith("ends after them. That happens in 6 of 9 schedules.")
    assert unreaped.detail.endswith(" That happens in 3 of 9 schedules.")
    [always] = flags_of_all({"every": [left(dead=True)] * 9})
    assert "schedules" not in always.detail
    assert flags_of_all({"every": [story.trace()] * 2}) == []


def test_what_happens_only_when_a_call_fails_is_told_as_that():
    failing = msgspec.structs.replace(left(dead=False), faults=["fork:EAGAIN@P#2"])
    story = good()
    story.exit()
    [flag] = flags_of_all({"failing": [failing], "usual": [story.trace()]})
    assert flag.detail.startswith("When a call fails (fork:EAGAIN@P#2): The first child (P.1) was")
    [flag] = flags_of_all({"failing": [failing], "usual": [left(dead=False)]})
    assert flag.detail.startswith("The first child (P.1) was")


def test_a_call_that_was_made_to_fail_is_no_flag():
    story = Story()
    story.add(Fork, "P", call="fork", error="EAGAIN", injected=True)
    story.add(
        Wait, "P", call="wait4", target="any", outcome="failed", error="ECHILD", injected=True
    )
    story.exit(code=1)
    assert flags(story.trace(faults=["fork:EAGAIN@P#1", "wait:ECHILD@P#1"])) == []


def test_a_zombie_lingers_only_where_time_is_faithful():
    story = Story()
    child = story.fork()
    story.exit(child)
    story.sleep("P", 2.5)
    story.wait("P", child)
    assert kinds(story.trace(time="ideal")) == ["lingering-zombie"]
    assert kinds(story.trace(time="adversarial")) == []
