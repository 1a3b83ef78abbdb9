"""In which order processes ran, where it made a difference, in few words."""

from grader.judge.order import difference, in_how_many
from grader.model import Delivered, Disposition, Wait
from tests.traces import Story


def two_children(first: int, second: int) -> Story:
    story = Story()
    children = [story.fork(), story.fork()]
    story.write("P", "waiting\n")
    for n in (first, second):
        story.exit(children[n - 1])
        story.wait("P", children[n - 1])
    story.exit()
    return story


def test_the_order_in_which_children_end():
    assert (
        difference(two_children(2, 1).trace(), [two_children(1, 2).trace()])
        == "In this schedule the second child (P.2) ends before the first child (P.1)."
    )


def test_a_wait_call_that_comes_too_early():
    def polling(*, early: bool) -> Story:
        story = Story()
        child = story.fork()
        if not early:
            story.exit(child)
            story.wait("P", child, options=["WNOHANG"])
        else:
            story.add(Wait, "P", call="wait4", target="any", options=["WNOHANG"], outcome="nothing")
            story.exit(child)
        story.exit()
        return story

    assert difference(polling(early=True).trace(), [polling(early=False).trace()]) == (
        "In this schedule the parent (P) asks whether a child has ended (WNOHANG) before the "
        "first child (P.1) ends."
    )


def test_a_handler_that_comes_too_late():
    def handling(*, late: bool) -> Story:
        story = Story()
        child = story.fork()
        if late:
            story.exit(child)
        story.add(Disposition, "P", signal=17, name="SIGCHLD", action="handler")
        if not late:
            story.exit(child)
            story.add(Delivered, "P", signal=17, name="SIGCHLD", action="handler")
        story.exit()
        return story

    assert difference(handling(late=True).trace(), [handling(late=False).trace()]) == (
        "In this schedule the first child (P.1) ends before the parent (P) sets its handler of "
        "SIGCHLD."
    )


def test_it_is_told_beside_the_run_that_differs_least():
    story = two_children(2, 1)
    other, like = two_children(1, 2), two_children(2, 1)
    other.write("P", "more\n")
    assert difference(story.trace(), [like.trace(), other.trace()]) is not None
    assert difference(story.trace(), [like.trace()]) is None
    assert difference(story.trace(), []) is None


def test_how_often():
    assert in_how_many(3, 9) == "in 3 of 9 schedules"
    assert in_how_many(9, 9) == "in all 9 schedules"
    assert in_how_many(1, 1) == "in the only schedule"
