"""The checks of Fig. 18.2. Their docstrings are what students read."""

import pytest

from grader import CheckFailed, Mismatch, Script, Unproved, ending, not_fork, tree, who

BEFORE = r"""
    P: Program executing
    P: \tpid: {P.pid}, processName: {before:w}
"""
PARENT = r"""
    P: Parent executing
    P: \tpid: {P.pid}, forkPID: {C.pid}, processName: {parent:w}
    P: Process finishing
    P: \tpid: {P.pid}, processName: {parent_finishing:w}
"""
CHILD = r"""
    C: Child executing
    C: \tpid: {C.pid}, forkPID: 0, processName: {child:w}
    C: Process finishing
    C: \tpid: {C.pid}, processName: {child_finishing:w}
"""
# In parts, so that one wrong line costs what it is worth; "..." stands for the other lines.
BEFORE_PART = Script.parse("*: ..." + BEFORE + "P: ...")
PARENT_PART = Script.parse("C: ...\nP: ..." + PARENT + "P: ...")
CHILD_PART = Script.parse("P: ...\nC: ..." + CHILD + "C: ...")
WHOLE = Script.parse(BEFORE + PARENT + CHILD)
NAMED = Script.parse(
    (BEFORE + PARENT)
    .replace("{before:w}", "parent")
    .replace("{parent:w}", "parent")
    .replace("{parent_finishing:w}", "parent")
    + CHILD.replace("{child:w}", "child").replace("{child_finishing:w}", "child")
)


@pytest.mark.points(
    1,
    hint="Run it yourself in a terminal: does it print an error, or not stop? Where that happens "
    "in some schedules only, look at the order of events.",
)
def test_runs(trace):
    """Python can run the program, and the program comes to its end by itself."""
    problem = ending.unfinished(trace) or ending.stopped_at_once(trace)
    if problem:
        raise CheckFailed(
            f"The program was run, and {problem}.{ending.last_words(trace)}", process="P"
        )


@pytest.mark.points(
    1, hint="Make the child with os.fork(). The section is about what that function does."
)
@pytest.mark.requires("runs")
def test_uses_fork(trace, submission):
    """The child is made with os.fork: no threads, no subprocess, no multiprocessing."""
    for use in not_fork(trace, submission.source):
        raise CheckFailed(f"{use.detail}.", process=use.process, events=use.events)


@pytest.mark.points(
    2,
    hint="Call os.fork() once, keep what it returns in a variable, and test the variable: each "
    "call makes one more process.",
)
@pytest.mark.requires("uses_fork")
def test_forks_one_child(trace):
    """There is one child process: os.fork is called once."""
    tree.require_number(trace, 1)


@pytest.mark.points(
    1, hint="Print this before os.fork(): then there is one process, and it is printed once."
)
@pytest.mark.requires("runs")
def test_announces_before_fork(trace):
    """Before the fork, the program prints that it executes, with its pid and processName."""
    match = BEFORE_PART.match(trace)
    for fork in tree.made(trace, "P"):
        if match.line("P", 1) > fork.n:
            raise CheckFailed(
                "'Program executing' was printed after the fork.",
                process="P",
                events=[fork, match.line("P", 1)],
            )


@pytest.mark.points(
    1,
    hint="In the parent, os.fork returns the child's pid. What is written behind the if "
    "statement is executed by both processes.",
)
@pytest.mark.requires("forks_one_child")
def test_parent_prints(trace):
    """The parent prints that it executes, with its own pid and the child's as forkPID, and
    then that it finishes."""
    PARENT_PART.match(trace)


@pytest.mark.points(
    1,
    hint="In the child, os.fork returns 0, and os.getpid() is another number than in the parent. "
    "What is written behind the if statement is executed by both processes.",
)
@pytest.mark.requires("forks_one_child")
def test_child_prints(trace):
    """The child prints that it executes, with its own pid and the forkPID 0, and then that
    it finishes."""
    CHILD_PART.match(trace)


@pytest.mark.points(
    1,
    hint="Each process has its own copy of the variable: the child sets its copy to 'child', and "
    "the parent's stays 'parent'.",
)
@pytest.mark.requires("announces_before_fork", "parent_prints", "child_prints")
def test_process_names(trace):
    """processName is 'parent' in the parent and 'child' in the child, to the end."""
    if trace.evidence != "exact":
        _names_without_writers(trace)
        return
    before, parent, child = (p.match(trace) for p in (BEFORE_PART, PARENT_PART, CHILD_PART))
    for match, field, line, expected in (
        (before, "before", "Program executing", "parent"),
        (parent, "parent", "Parent executing", "parent"),
        (parent, "parent_finishing", "Process finishing", "parent"),
        (child, "child", "Child executing", "child"),
        (child, "child_finishing", "Process finishing", "child"),
    ):
        if match[field] != expected:
            process = "P" if expected == "parent" else "P.1"
            raise CheckFailed(
                f"Below {line!r}, {who(process)} has the processName {match[field]!r}; expected "
                f"{expected!r}.",
                process=process,
            )


@pytest.mark.points(1, hint="A program that comes to its last line has the exit status 0.")
@pytest.mark.requires("forks_one_child")
def test_all_succeed(trace):
    """Each process ends by itself and with exit status 0."""
    for process, sentence in ending.bad_ends(trace):
        raise CheckFailed(
            f"{sentence}.{ending.last_words(trace)}",
            process=process.id,
            events=[process.exited],
        )


@pytest.mark.points(
    1, hint="Compare with the sample output, character by character: spaces, commas, tabs."
)
@pytest.mark.requires("announces_before_fork", "parent_prints", "child_prints")
def test_prints_nothing_else(trace):
    """Nothing else is printed, and nothing on standard error."""
    WHOLE.match(trace)
    error = ending.error_text(trace)
    if error:
        raise CheckFailed(f"Printed on standard error: {error.strip()}")


def _names_without_writers(trace):
    """Where nobody knows who wrote what, a word may belong to either process."""
    try:
        NAMED.match(trace)
    except Mismatch:
        raise Unproved("sampling cannot tell which process wrote which name") from None
