"""The layout of a timeline: what is drawn, where."""

from __future__ import annotations

from itertools import pairwise

from grader.model import Delivered, Disposition, ExitStatus, Pipe, Trace
from grader.report.lanes import Lane, Layout
from grader.report.layout import lay_out
from tests.report.telling import Telling, figure_18_3


def layout(trace: Trace) -> Layout:
    result = lay_out(trace)
    assert result is not None
    return result


def lane(drawn: Layout, process: str) -> Lane:
    return next(lane for lane in drawn.lanes if lane.process == process)


def kinds(drawn: Layout, process: str) -> list[str]:
    return [mark.kind for mark in lane(drawn, process).marks]


def states(drawn: Layout, process: str) -> list[str]:
    return [segment.state for segment in lane(drawn, process).segments]


def test_a_lane_tells_the_life_of_its_process():
    drawn = layout(figure_18_3())
    assert [lane.process for lane in drawn.lanes] == ["P", "P.1", "P.2"]
    assert kinds(drawn, "P") == [
        *("start", "fork", "fork", "write"),
        *("reap", "write", "reap", "write", "exit"),
    ]
    assert kinds(drawn, "P.1") == ["born", "write", "exit", "reaped"]
    assert states(drawn, "P") == ["running", "waiting", "running", "waiting", "running"]
    assert states(drawn, "P.1") == ["running", "sleeping", "running", "zombie"]


def test_states_have_no_gaps_and_no_overlaps():
    for lane in layout(figure_18_3()).lanes:
        edges = [(s.start, s.end) for s in lane.segments]
        assert edges[0][0] == lane.start
        assert edges[-1][1] == lane.end
        assert all(end == start for (_, end), (start, _) in pairwise(edges))


def test_a_zombie_lasts_from_its_exit_to_its_reaping():
    trace = figure_18_3()
    drawn = layout(trace)
    child = trace.process("P.2")
    zombie = lane(drawn, "P.2").segments[-1]
    assert drawn.moments[zombie.start].events == [child.exited]
    assert drawn.moments[zombie.end].events == [child.reaped]


def test_links_join_forker_and_child_and_reaper_and_child():
    drawn = layout(figure_18_3())
    assert [(link.kind, link.source, link.target) for link in drawn.links] == [
        ("fork", "P", "P.1"),
        ("fork", "P", "P.2"),
        ("reap", "P", "P.2"),
        ("reap", "P", "P.1"),
    ]


def test_an_orphan_lives_on_and_a_zombie_without_a_parent_is_gone():
    run = Telling()
    orphan, zombie = run.fork(), run.fork()
    run.exit(zombie, 3)
    end = run.exit("P")
    run.exit(orphan)
    drawn = layout(run.trace())
    assert kinds(drawn, orphan) == ["born", "orphaned", "exit"]
    assert kinds(drawn, zombie) == ["born", "exit", "uncollected"]
    assert end in drawn.moments[lane(drawn, zombie).end].events
    assert drawn.moments[lane(drawn, orphan).end].events == [run.processes[orphan]["exited"]]


def test_a_signal_handler_runs_on_top_of_a_sleep():
    run = Telling()
    run.begin("P")
    began = run.begun.pop("P")
    run.handler("P", 10)
    run.write("P", "in the handler\n")
    run.begun["P"] = began
    run.slept("P", 5)
    run.exit("P")
    assert states(layout(run.trace()), "P") == ["running", "sleeping", "running"]


def test_a_wait_call_that_returns_at_once_is_not_drawn_as_waiting():
    run = Telling()
    child = run.fork()
    run.exit(child)
    run.reap("P", child)
    run.exit("P")
    assert states(layout(run.trace()), "P") == ["running"]


def test_writes_with_nothing_between_them_are_one_stretch_of_output():
    run = Telling()
    first, second = run.write("P", "a"), run.write("P", "b")
    third = run.write("P", "c", "stderr")
    child = run.fork()
    fourth = run.write(child, "d")
    run.exit(child)
    run.exit("P")
    assert layout(run.trace()).writes == [[first, second], [third], [fourth]]


def test_a_loop_is_drawn_short_and_every_event_keeps_a_place():
    run = Telling()
    child = run.fork()
    for _ in range(200):
        run.wait("P", "nothing", options=["WNOHANG"])
        run.begin("P")
        run.t += 0.01
        run.slept("P", 0.01)
    run.exit(child)
    run.reap("P", child)
    run.exit("P")
    trace = run.trace()
    drawn = layout(trace)
    assert len(drawn.moments) < 20
    repeat = next(mark for mark in lane(drawn, "P").marks if mark.kind == "repeat")
    assert repeat.count == 197
    placed = {n for moment in drawn.moments for n in moment.events}
    assert placed == {event.n for event in trace.events}
    assert [link.kind for link in drawn.links] == ["fork", "reap"]
    assert lane(drawn, child).segments[-1].state == "zombie"


def test_a_process_killed_at_a_limit_is_neither_orphaned_nor_never_collected():
    run = Telling()
    child = run.fork()
    run.processes[child]["fate"] = "killed"
    run.exit("P", signal=9)
    run.exit(child, signal=9)
    drawn = layout(run.trace(ended="time-limit"))
    assert kinds(drawn, "P") == ["start", "fork", "limit"]
    assert kinds(drawn, child) == ["born", "limit"]


def test_a_trace_that_breaks_off_ends_every_lane():
    run = Telling()
    child = run.fork()
    trace = run.trace(ended="event-limit", exit=ExitStatus(signal=9))
    drawn = layout(trace)
    assert kinds(drawn, "P")[-1] == kinds(drawn, child)[-1] == "limit"
    assert {lane.end for lane in drawn.lanes} == {len(drawn.moments) - 1}


def test_three_hundred_children_that_do_the_same_are_folded():
    run = Telling()
    children = [run.fork() for _ in range(300)]
    for number, child in enumerate(children):
        run.exit(child, 1 if number == 250 else 0)
    for child in children:
        run.reap("P", child)
    run.exit("P")
    drawn = layout(run.trace())
    assert [lane.process for lane in drawn.lanes] == ["P", "P.1", "P.2", "P.251"]
    assert [(fold.count, fold.like) for fold in drawn.folds] == [(297, "P.2")]
    assert len(drawn.moments) < 30


def test_a_process_that_a_check_names_has_a_lane_however_many_there_are():
    run = Telling()
    children = [run.fork() for _ in range(300)]
    for child in children:
        run.exit(child)
    run.exit("P")
    drawn = lay_out(run.trace(), keep={"P.200"})
    assert drawn is not None
    assert "P.200" in [lane.process for lane in drawn.lanes]


def test_a_handler_in_a_thread_does_not_end_the_sleep_of_the_process():
    run = Telling()
    run.begin("P")
    began = run.begun.pop("P")
    run.tell(Delivered, "P", thread=1, signal=10, name="SIGUSR1", action="handler")
    run.begun["P"] = began
    run.slept("P", 5)
    run.exit("P")
    assert states(layout(run.trace()), "P") == ["running", "sleeping", "running"]


def test_sampled_evidence_has_no_timeline():
    assert lay_out(Telling().trace(evidence="sampled", events=[])) is None


def test_an_event_that_is_not_drawn_has_the_place_of_the_next_that_is():
    run = Telling()
    pipe = run.tell(Pipe, "P", pipe="pipe 1", read=3, write=4)
    child = run.fork()
    run.exit(child)
    last = run.exit("P")
    drawn = layout(run.trace())
    assert drawn.places([pipe, last]) == [1, 3]
    assert drawn.places([last + 1]) == []


def test_ignoring_sigchld_is_drawn_and_other_dispositions_are_not():
    run = Telling()
    run.tell(Disposition, "P", signal=2, name="SIGINT", action="handler")
    run.tell(Disposition, "P", signal=17, name="SIGCHLD", action="ignored")
    child = run.fork()
    run.processes[child]["fate"] = "auto-reaped"
    run.exit(child)
    run.exit("P")
    drawn = layout(run.trace())
    assert kinds(drawn, "P") == ["start", "ignores", "fork", "exit"]
    assert states(drawn, child) == ["running"]
