"""The engine's model of the tree, event by event, without a kernel."""

from __future__ import annotations

import signal

import pytest

from grader.model import ExitStatus
from grader.observe.exact.tree import OUTSIDE, Node, Reaction, Tree

OK = ExitStatus(code=0)
IGNORED = Reaction("ignored")
HANDLER = Reaction("handler")


@pytest.fixture
def tree() -> Tree:
    tree = Tree()
    tree.add_root(100)
    return tree


def fork(tree: Tree, parent: Node, pid: int) -> Node:
    return tree.fork(parent, pid, 0)


def test_ids_are_paths_in_the_order_of_the_forks(tree: Tree) -> None:
    one, two = fork(tree, tree.root, 101), fork(tree, tree.root, 102)
    inner = fork(tree, two, 103)
    assert [node.id for node in (one, two, inner)] == ["P.1", "P.2", "P.2.1"]
    assert tree["P.2.1"] is inner
    assert tree.find(102) is two


def test_a_reused_pid_means_the_latest_process(tree: Tree) -> None:
    one = fork(tree, tree.root, 101)
    tree.end_task(one.tasks[101])
    tree.exit(one, OK, 1, 1.0)
    tree.reap(one, tree.root, 2, 1.5)
    again = fork(tree, tree.root, 101)
    assert tree.find(101) is again
    assert (one.fate, again.fate) == ("reaped", None)
    assert tree.tasks[101].node is again


def test_reaped_with_its_zombie_interval(tree: Tree) -> None:
    child = fork(tree, tree.root, 101)
    tree.exit(child, OK, 1, 1.0)
    assert child.state == "zombie"
    tree.reap(child, tree.root, 2, 1.25)
    process = child.as_process()
    assert (process.fate, process.reaped_by, process.zombie_seconds) == ("reaped", "P", 0.25)
    assert child.state == "gone"


def test_a_parents_exit_makes_orphans_and_unreaped_zombies(tree: Tree) -> None:
    parent = fork(tree, tree.root, 101)
    alive, dead = fork(tree, parent, 102), fork(tree, parent, 103)
    tree.exit(dead, OK, 1, 1.0)
    assert tree.exit(parent, OK, 2, 3.0) == [alive]
    assert (alive.fate, alive.supervisor) == ("orphaned", OUTSIDE)
    assert (dead.fate, dead.state, dead.zombie_seconds) == ("unreaped", "gone", 2.0)
    tree.exit(alive, OK, 3, 4.0)
    assert alive.state == "gone"


def test_reaped_children_are_left_alone_by_their_parents_exit(tree: Tree) -> None:
    parent = fork(tree, tree.root, 101)
    child = fork(tree, parent, 102)
    tree.exit(child, OK, 1, 1.0)
    tree.reap(child, parent, 2, 1.0)
    assert tree.exit(parent, OK, 3, 2.0) == []
    assert child.fate == "reaped"


@pytest.mark.parametrize(
    "reaction", [IGNORED, Reaction("handler", discards_children=True)], ids=["ignored", "flag"]
)
def test_children_of_a_parent_that_wants_none_are_discarded(tree: Tree, reaction: Reaction) -> None:
    tree.root.reactions[signal.SIGCHLD] = reaction
    child = fork(tree, tree.root, 101)
    tree.exit(child, OK, 1, 1.0)
    assert (child.fate, child.state, child.zombie_seconds) == ("auto-reaped", "gone", 0.0)


def test_the_nearest_living_subreaper_adopts(tree: Tree) -> None:
    tree.root.subreaper = True
    near = fork(tree, tree.root, 101)
    near.subreaper = True
    middle = fork(tree, near, 102)
    one, two = fork(tree, middle, 103), fork(tree, middle, 104)
    tree.exit(two, OK, 1, 1.0)
    tree.exit(middle, OK, 2, 2.0)
    assert (one.supervisor, two.supervisor) == (near, near)
    assert (one.adopted_by, two.state) == ("P.1", "zombie")
    tree.reap(two, near, 3, 3.0)
    assert (two.fate, two.reaped_by) == ("unreaped", "P.1")
    tree.exit(near, OK, 4, 4.0)
    assert (one.supervisor, one.fate, one.adopted_by) == (tree.root, "orphaned", "P")
    tree.exit(tree.root, OK, 5, 5.0)
    assert one.supervisor == OUTSIDE


def test_a_subreaper_that_ignores_sigchld_discards_what_it_adopts(tree: Tree) -> None:
    tree.root.subreaper = True
    tree.root.reactions[signal.SIGCHLD] = IGNORED
    middle = fork(tree, tree.root, 101)
    zombie = fork(tree, middle, 102)
    middle.reactions.clear()
    tree.exit(zombie, OK, 1, 1.0)
    tree.exit(middle, OK, 2, 2.0)
    assert (zombie.state, zombie.fate) == ("gone", "unreaped")


def test_being_a_subreaper_is_not_inherited(tree: Tree) -> None:
    tree.root.subreaper = True
    assert not fork(tree, tree.root, 101).subreaper


def test_reactions_are_inherited_and_handlers_end_at_an_exec(tree: Tree) -> None:
    tree.root.reactions = {signal.SIGCHLD: IGNORED, signal.SIGUSR1: HANDLER}
    child = fork(tree, tree.root, 101)
    tree.root.reactions.clear()
    assert child.reaction(signal.SIGUSR1) == HANDLER
    tree.exec(child.tasks[101], 101, ["program"])
    assert child.reactions == {signal.SIGCHLD: IGNORED}
    assert (child.program, tree.root.program) == (["program"], [])


def test_a_thread_that_execs_becomes_the_leader(tree: Tree) -> None:
    leader, thread = tree.root.tasks[100], tree.start_thread(tree.root, 200)
    other = tree.start_thread(tree.root, 201)
    survivor = tree.exec(leader, 200, ["program"])
    assert survivor is thread
    assert (thread.tid, thread.ordinal) == (100, 0)
    assert tree.tasks == {100: thread}
    assert other not in tree.root.tasks.values()
    assert tree.root.threads == 2


def test_a_child_killed_by_the_grader_keeps_that_fate(tree: Tree) -> None:
    child = fork(tree, tree.root, 101)
    child.fate = "killed"
    tree.exit(tree.root, OK, 1, 1.0)
    assert child.fate == "killed"
