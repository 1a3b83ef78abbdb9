"""The searches find every end of a program, none but those, and the shortest way to each."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from grader.explore.depth_first import DepthFirst
from grader.explore.preemption_bounded import PreemptionBounded
from grader.explore.random_priorities import RandomPriorities
from grader.explore.replay import Replay
from grader.explore.sleep_sets import SleepSets
from grader.model import Schedule, Strategy, Turn
from tests.explore.simulated import (
    Body,
    End,
    Exit,
    Fork,
    Give,
    Op,
    Parent,
    Poll,
    Spin,
    Take,
    TooMany,
    Wait,
    Write,
    drive,
    every_end,
)
from tests.sizes import size

SEARCHES: list[Callable[[], Strategy]] = [DepthFirst, PreemptionBounded, SleepSets]


def writers(n: int) -> Body:
    """A parent and n children that write."""
    return (*[Fork((Write("x"),))] * n, *[Wait()] * n)


def writers_and_parent(n: int) -> Body:
    """The parent, too, writes: after each wait."""
    return (*[Fork((Write("x"),))] * n, *[Wait(), Write("y")] * n)


def silent(n: int) -> Body:
    """Children only exit, the parent writes after each wait."""
    return (*[Fork(())] * n, *[Wait(), Write("y")] * n)


def in_order(n: int) -> Body:
    """As silent, with a waitpid for each child in turn."""
    return (*[Fork(())] * n, *[op for child in range(n) for op in (Wait(child), Write("y"))])


KNOWN = {
    # program, order of output, outputs, ends: those are the classes of the schedules
    "2 writers": (writers(2), True, 2, 4),
    "3 writers": (writers(3), True, 6, 36),
    "4 writers": (writers(4), False, 1, 24),
    "3 writers and the parent": (writers_and_parent(3), True, 30, 90),
    "4 silent ones": (silent(4), True, 1, 24),
    "4 in order": (in_order(4), True, 1, 1),
    "a loop of fork and wait": ((Fork((Write("x"),)), Wait()) * 4, True, 1, 1),
    "a chain": (
        (Fork((Fork((Fork((Write("x"),)), Wait())), Wait())), Wait()),
        True,
        1,
        1,
    ),
}


@pytest.mark.parametrize("name", KNOWN)
@pytest.mark.parametrize("search", SEARCHES)
def test_the_number_of_ends_is_the_known_one(search: Callable[[], Strategy], name: str) -> None:
    program, ordered, outputs, ends = KNOWN[name]
    made, schedules = drive(search(), program, ordered=ordered)
    assert len({run.finish.state for run in made}) == ends
    assert len({run.end.output for run in made}) == outputs
    assert schedules.exhaustive
    assert schedules.runs == len(made)


@pytest.mark.parametrize(
    ("program", "ends", "left"), [(writers(3), 36, 50), (silent(4), 24, 60), (in_order(4), 1, 10)]
)
def test_the_search_runs_each_end_once_and_leaves_few_runs(
    program: Body, ends: int, left: int
) -> None:
    made, schedules = drive(PreemptionBounded(), program)
    states = [run.finish.state for run in made]
    assert len(set(states)) == len(states) == ends
    assert schedules.pruned < left
    _, plain = drive(DepthFirst(), program)
    assert schedules.runs + schedules.pruned < (plain.runs + plain.pruned) * 0.6


class Limited:
    """A search that is stopped after so many runs."""

    every_step = True

    def __init__(self, search: Strategy, runs: int) -> None:
        self.choose, self.finished = search.choose, search.finished
        self.summary = search.summary
        self._search, self._left = search, runs

    def another(self) -> bool:
        self._left -= 1
        return self._left >= 0 and self._search.another()


# -- against all runs side by side -------------------------------------------------------


def bodies(depth: int) -> st.SearchStrategy[Body]:
    ops: list[st.SearchStrategy[Op]] = [
        st.builds(Write, st.sampled_from("ab")),
        st.builds(Wait, st.sampled_from([None, None, 0, 1])),
        st.builds(Parent),
        st.builds(Take, st.sampled_from("lm")),
        st.builds(Give, st.sampled_from("lm")),
    ]
    if depth > 0:
        ops += [st.builds(Fork, bodies(depth - 1))] * 3
    return st.lists(st.one_of(ops), max_size=4 if depth else 2).map(tuple)


PROGRAMS = bodies(2)
many = settings(
    max_examples=size(50, 150),
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],  # it is quicker to make a small one by hand
    suppress_health_check=[*HealthCheck],
)


def ends_of(program: Body, ordered: bool) -> dict[bytes, tuple[End, int, int]]:
    try:
        ends = every_end(program, ordered=ordered, most=400)
    except TooMany:
        assume(False)
    assume(len(ends) > 1)
    return ends


@many
@given(program=PROGRAMS, ordered=st.booleans())
def test_every_search_finds_every_end(program: Body, ordered: bool) -> None:
    ends = ends_of(program, ordered)
    for search in SEARCHES:
        made, schedules = drive(search(), program, ordered=ordered)
        assert {run.finish.state for run in made} == set(ends)
        assert all(run.end == ends[run.finish.state][0] for run in made)
        assert schedules.exhaustive


@many
@given(program=PROGRAMS, ordered=st.booleans())
def test_the_shortest_schedule_to_each_end_is_known(program: Body, ordered: bool) -> None:
    ends = ends_of(program, ordered)
    made, schedules = drive(PreemptionBounded(), program, ordered=ordered)
    costs = []
    for run in made:
        own = str(Schedule(turns=run.finish.turns))
        if own not in schedules.shortest:
            continue  # another run to the same end was shorter
        turns = Schedule.parse(schedules.shortest[own]).turns
        ((_, finish),), told = drive(Replay([turns]), program, ordered=ordered)
        assert told.reason is None
        assert finish.state == run.finish.state
        assert finish.turns == turns[: len(finish.turns)]
        _, preemptions, steps = ends[finish.state]
        assert finish.preemptions == preemptions
        assert finish.steps == steps or not turns
        costs.append((list(schedules.shortest).index(own), (preemptions, steps)))
    assert len(costs) == len(ends)
    costs.sort()
    assert costs == sorted(costs, key=lambda each: each[1])


def test_a_search_that_was_stopped_knows_no_false_ways() -> None:
    program = writers_and_parent(3)
    ends = every_end(program)
    shorter = 0
    for runs in range(1, 200, 7):
        made, schedules = drive(Limited(PreemptionBounded(), runs), program)
        for run in made:
            own = str(Schedule(turns=run.finish.turns))
            if schedules.shortest[own] == own:
                continue
            shorter += 1
            turns = Schedule.parse(schedules.shortest[own]).turns
            ((_, finish),), told = drive(Replay([turns]), program)
            assert told.reason is None
            assert finish.state == run.finish.state
            cost = finish.preemptions, finish.steps
            assert ends[finish.state][1:] <= cost
            assert cost < (run.finish.preemptions, run.finish.steps)
    assert shorter > 0


@many
@given(program=PROGRAMS, bound=st.integers(0, 2))
def test_a_bound_finds_the_ends_with_so_many_preemptions(program: Body, bound: int) -> None:
    ends = ends_of(program, ordered=True)
    search = PreemptionBounded(bound)
    made, schedules = drive(search, program)
    within = {state for state, (_, preemptions, _) in ends.items() if preemptions <= bound}
    assert {run.finish.state for run in made} == within
    assert all(run.finish.preemptions <= bound for run in made)
    assert schedules.exhaustive == (search.covered is None)
    if search.covered is not None:
        assert search.covered >= bound


# -- what has no end, or does not hold still --------------------------------------------


def test_a_loop_that_asks_is_no_hang() -> None:
    program = (Fork((Write("x"),)), Fork(()), Poll(), Write("y"), Poll())
    made, schedules = drive(PreemptionBounded(), program)
    assert {run.end.ended for run in made} == {"exit"}
    assert {run.end.output for run in made} == {("P.1 x", "P y"), ("P y", "P.1 x")}
    assert schedules.exhaustive


def test_what_goes_on_for_ever_in_some_schedules_is_shown() -> None:
    # Who comes second waits for a lock that is never given back, by asking others' time.
    child = (Take("l"), Write("x"))
    program = (Fork(child), Fork((Spin(),)), Write("y"), Wait(0))
    made, schedules = drive(PreemptionBounded(), program, steps=60)
    endless = [run for run in made if run.end.ended == "step-limit"]
    assert len(endless) == len(made) > 0
    assert schedules.exhaustive


def test_a_deadlock_of_some_schedules_is_found() -> None:
    one, other = (Take("l"), Take("m")), (Take("m"), Take("l"))
    give = (Give("l"), Give("m"))
    program = (Fork((*one, *give)), Fork((*other, *give)), Wait(), Wait())
    for search in SEARCHES:
        made, _ = drive(search(), program)
        assert {run.end.ended for run in made} == {"exit", "deadlock"}
    _, schedules = drive(PreemptionBounded(0), program)
    assert not schedules.exhaustive


@pytest.mark.parametrize("search", SEARCHES)
def test_a_program_that_does_not_do_the_same_twice_is_found_out(
    search: Callable[[], Strategy],
) -> None:
    program = (Fork((Write("x"),)), Fork((Write("x"),)), Write("y"), Wait(), Wait())
    _, schedules = drive(search(), program, noise=lambda run: run // 3)
    assert not schedules.exhaustive
    assert schedules.reason is not None
    assert "does not do the same again" in schedules.reason


def test_exit_is_an_operation_like_others() -> None:
    # An orphan and a zombie left behind differ by who ends first.
    for search in SEARCHES:
        made, _ = drive(search(), (Fork(()), Exit()))
        assert {run.end.fates for run in made} == {("orphaned",), ("unreaped",)}


# -- random ------------------------------------------------------------------------------


def test_random_priorities_find_a_bug_of_depth_2_as_often_as_they_promise() -> None:
    # It shows only if the child gets as far as its last write before its sibling begins:
    # with one change of priorities that is certain to be drawn once in n k runs.
    child = tuple(Write(letter) for letter in "abcdef")
    program = (Fork(child), Fork((Write("x"),)), Wait(), Wait())
    runs = 600
    made, _ = drive(RandomPriorities(runs, depths=(2,), seed=1), program)
    assert len(made) == runs
    shown = sum(
        run.end.output.index("P.2 x") == 5  # between e and f: a single place
        for run in made
    )
    n, k = 3, max(run.finish.steps for run in made)
    assert shown / runs >= 1 / (n * k)


def test_random_runs_are_a_function_of_the_seed() -> None:
    def turns(seed: int) -> list[tuple[Turn, ...]]:
        made, _ = drive(RandomPriorities(20, seed=seed), writers(3))
        return [run.finish.turns for run in made]

    assert turns(1) == turns(1) != turns(2)
