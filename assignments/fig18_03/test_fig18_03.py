"""The checks of Fig. 18.3. Their docstrings are what students read."""

import pytest

from grader import CheckFailed, Script, ending, not_fork, reaping, timing, tree, who

CHILDREN = r"""
    C1: Child1 sleeping for {s1:d} seconds...
    C1: \tpid: {C1.pid}, forkPID1: 0
    C2: Child2 sleeping for {s2:d} seconds...
    C2: \tpid: {C2.pid}, forkPID1: {C1.pid}, forkPID2: 0
"""
PARENT_BEFORE = r"""
    P:  Parent waiting for child processes...
    P:  \tpid: {P.pid}, forkPID1: {C1.pid}, forkPID2: {C2.pid}
"""
PARENT_FIRST = r"""
    P:  Parent: Child {first:C1|C2} finished first, one child left.
"""
PARENT_SECOND = r"""
    P:  Parent: Child {second:C1|C2} finished second, no children left.
"""
# In parts, so that one wrong line costs what it is worth; "..." stands for the other lines.
CHILDREN_PART = Script.parse("P: ...\nC1: ...\nC2: ..." + CHILDREN + "C1: ...\nC2: ...")
OTHERS = "C1: ...\nC2: ...\nP: ..."
BEFORE_PART = Script.parse(OTHERS + PARENT_BEFORE + "P: ...")
AFTER_PART = Script.parse(OTHERS + PARENT_FIRST + "P: ..." + PARENT_SECOND + "P: ...")
WHOLE = Script.parse(CHILDREN + PARENT_BEFORE + PARENT_FIRST + PARENT_SECOND)

FEW_POLLS = 3
"""Wait calls that may come back with nothing before it counts as asking in a loop."""


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
    1, hint="Make each child with os.fork(). The section is about what that function does."
)
@pytest.mark.requires("runs")
@pytest.mark.scenarios("terminal", "pipe")
def test_uses_fork(trace, submission):
    """Processes are made with os.fork: no threads, no subprocess, no multiprocessing."""
    for use in not_fork(trace, submission.source):
        raise CheckFailed(f"{use.detail}.", process=use.process, events=use.events)


@pytest.mark.points(
    1,
    hint="Each os.fork() makes one process, and both go on behind it. A child must not come to "
    "the parent's next os.fork(): test what os.fork returned (0 in the child).",
)
@pytest.mark.requires("uses_fork")
def test_forks_two_children(trace):
    """There are two child processes: os.fork is called twice, and no more."""
    tree.require_number(trace, 2)


@pytest.mark.points(
    1,
    hint="Only the parent calls os.fork the second time. If the first child does, the second "
    "child is the parent's grandchild, and the parent can't wait for it.",
)
@pytest.mark.requires("forks_two_children")
def test_parent_forks_both(trace):
    """The parent makes both children itself: they are siblings, not a chain."""
    for process in trace.descendants:
        if process.parent != "P":
            raise CheckFailed(
                f"{tree.describe(trace)}: {process.id} is no child of the parent.",
                process=process.id,
                events=[process.forked],
            )


@pytest.mark.points(
    1, hint="Fork both children first, and wait after that; else they run one after another."
)
@pytest.mark.requires("parent_forks_both")
@pytest.mark.scenarios("terminal", "pipe")
def test_children_run_together(trace):
    """Both children are made before the parent waits for either, so that they run at once."""
    if not reaping.alive_together(trace, trace.children()):
        first, second = trace.children()
        raise CheckFailed(
            f"{who(first.id)} had been waited for before {who(second.id)} was forked.",
            process=second.id,
            events=[first.reaped, second.forked],
        )


@pytest.mark.points(
    3,
    hint="One os.wait() collects one child, so two children need two. Sleeping is not waiting: "
    "a child that has ended stays a zombie until its parent calls wait.",
)
@pytest.mark.requires("forks_two_children")
def test_every_child_is_reaped(trace):
    """The parent collects each of its children with a wait call: none is left a zombie or an
    orphan."""
    for process in trace.with_fate("unreaped", "orphaned", "auto-reaped"):
        what = {
            "unreaped": "had ended, and its parent exited without waiting for it",
            "orphaned": "was still running when its parent exited without waiting for it",
            "auto-reaped": "could not be waited for: its parent ignores SIGCHLD, so the kernel "
            "threw its exit status away",
        }[process.fate]
        raise CheckFailed(f"{who(process.id)} {what}.", process=process.id, events=[process.exited])


@pytest.mark.points(
    1, hint="os.wait() blocks until a child has ended: no WNOHANG, no loop, no sleep is needed."
)
@pytest.mark.requires("every_child_is_reaped")
@pytest.mark.scenarios("terminal", "pipe")
def test_blocks_while_waiting(trace):
    """The parent blocks while it waits, and does not ask again and again."""
    polls = reaping.polls(trace)
    if len(polls) > FEW_POLLS:
        raise CheckFailed(
            f"The parent asked {len(polls)} times whether a child had ended (WNOHANG), and none "
            "had: that keeps the processor busy for nothing.",
            process="P",
            events=polls[:FEW_POLLS],
        )


@pytest.mark.points(
    1, hint="The longer of the two sleeps is over before the parent ends, if it waits for both."
)
@pytest.mark.requires("forks_two_children")
def test_parent_ends_last(trace):
    """The parent does not end before its children have."""
    for process in trace.orphans:
        raise CheckFailed(
            f"The parent ended while {who(process.id)} was still running.",
            process=process.id,
            events=[trace.root.exited, process.exited],
        )


@pytest.mark.points(
    1,
    hint="The last os.wait() returns at the moment at which the longer sleep is over. After that "
    "there is nothing to wait for: the parent needs no sleep.",
)
@pytest.mark.requires("every_child_is_reaped")
@pytest.mark.scenarios("terminal", "pipe")
def test_parent_ends_on_time(trace):
    """The parent ends when the longer of the two sleeps is over, and not later."""
    children = [child.id for child in trace.children()]
    late = timing.seconds_behind(trace, "P", *children)
    if late > timing.IMPRECISION:
        raise CheckFailed(
            f"The parent ended {late:.1f} seconds after both children had.",
            process="P",
            events=[*timing.sleeps(trace, "P"), trace.root.exited],
        )


@pytest.mark.points(
    1,
    hint="Exit status 0 means success, and a program that comes to its last line has it. Look "
    "at the message of the exception, if there is one.",
)
@pytest.mark.requires("forks_two_children")
def test_all_succeed(trace):
    """Each process ends by itself and with exit status 0."""
    for process, sentence in ending.bad_ends(trace):
        raise CheckFailed(
            f"{sentence}.{ending.last_words(trace)}",
            process=process.id,
            events=[process.exited],
        )


@pytest.mark.points(
    1,
    hint="Each child prints its own os.getpid() and what os.fork returned to it. If lines are "
    "missing in a pipe only, they were still in a buffer when the child ended: os._exit() and "
    "signals lose it, sys.exit() does not.",
)
@pytest.mark.requires("parent_forks_both")
def test_children_announce(trace):
    """Each child prints how long it will sleep, its pid and the forkPIDs that it knows: 0 is
    what os.fork returned to it."""
    match = CHILDREN_PART.match(trace)
    _in_order(match, trace)


@pytest.mark.points(
    1,
    hint="Choose random.randrange(1, 6) seconds once, and give the same number to print and to "
    "time.sleep().",
)
@pytest.mark.requires("children_announce")
@pytest.mark.scenarios("terminal", "pipe")
def test_children_sleep(trace):
    """Each child sleeps for the 1 to 5 whole seconds that it announces."""
    match = CHILDREN_PART.match(trace)
    for child, announced in zip(trace.children(), (match["s1"], match["s2"]), strict=True):
        slept = timing.seconds_slept(trace, child.id)
        if not 1 <= announced <= 5:
            raise CheckFailed(
                f"{who(child.id)} announced {announced} seconds; expected 1 to 5.",
                process=child.id,
            )
        if not timing.slept_about(trace, child.id, announced):
            raise CheckFailed(
                f"{who(child.id)} announced {announced} seconds and slept for {slept:.1f}.",
                process=child.id,
                events=timing.sleeps(trace, child.id),
            )


@pytest.mark.points(
    1,
    hint="Print this in the parent, after both forks and before the first os.wait(). In the "
    "parent, os.fork returns the child's pid.",
)
@pytest.mark.requires("parent_forks_both")
def test_parent_announces(trace):
    """The parent prints that it waits, with its pid and the pids of its two children in the
    order in which it forked them."""
    match = BEFORE_PART.match(trace)
    _in_order(match, trace)


@pytest.mark.points(
    1, hint="os.wait() returns a pair: the pid of the child that ended, and its exit status."
)
@pytest.mark.requires("parent_forks_both")
def test_parent_reports(trace):
    """The parent prints which child finished first and which one second, by their pids."""
    AFTER_PART.match(trace)


@pytest.mark.points(
    2,
    hint="Any child may end first. Print the pid that os.wait() returned, after it returned; "
    "not the one that you expect.",
)
@pytest.mark.requires("every_child_is_reaped", "parent_reports")
def test_reports_in_order(trace):
    """The parent names its children in the order in which it collected them, each one after
    the wait call that did it."""
    match = AFTER_PART.match(trace)
    waits = reaping.reaps(trace, "P")
    if match["first"] == trace.process(waits[1].child).pid and reaping.interrupted(trace, waits[1]):
        waits.reverse()  # a handler that SIGCHLD interrupts may note the later child first
    for line, (which, wait) in enumerate(zip(("first", "second"), waits, strict=True)):
        named, collected = match[which], trace.process(wait.child)
        written = match.line("P", line)
        if named != collected.pid:
            raise CheckFailed(
                f"The parent says that {named} finished {which}, but its {which} wait call "
                f"collected {who(collected.id)}, pid {collected.pid}.",
                process="P",
                events=[wait, written],
            )
        if written < wait.n:
            raise CheckFailed(
                f"The parent says that {named} finished {which} before a wait call had told so.",
                process="P",
                events=[written, wait],
            )


@pytest.mark.points(
    1, hint="Compare with the sample output, character by character: spaces, dots, tabs."
)
@pytest.mark.requires("children_announce", "parent_announces", "parent_reports")
def test_prints_nothing_else(trace):
    """Nothing else is printed, and nothing on standard error."""
    WHOLE.match(trace)
    error = ending.error_text(trace)
    if error:
        raise CheckFailed(f"Printed on standard error: {error.strip()}")


@pytest.mark.points(
    1,
    hint="The system may be out of processes: then os.fork() raises OSError. Catch it, and give "
    "sys.exit() a message: that prints it on standard error, and the exit status is 1.",
)
@pytest.mark.requires("parent_forks_both")
@pytest.mark.scenarios("first_fork_fails", "second_fork_fails")
def test_says_when_fork_fails(trace):
    """When a fork fails, the program says so on standard error, and its exit status is not 0."""
    failed = [fork for fork in trace.forks("P") if fork.injected]
    which = "first" if trace.scenario == "first_fork_fails" else "second"
    problem = ending.unfinished(trace)
    if problem:
        problem = f"did not end: {problem}"
    elif trace.exit.ok:
        problem = "ended with exit status 0, which means success"
    elif not ending.error_text(trace).strip():
        problem = "said nothing about it on standard error"
    if failed and problem:
        raise CheckFailed(
            f"The {which} os.fork() was made to fail ({failed[0].error}), and the program "
            f"{problem}.",
            process="P",
            events=[*failed, trace.root.exited],
        )


def _in_order(match, trace):
    """Raise CheckFailed unless forkPID1 is the child that was forked first."""
    for number, child in enumerate(trace.children(), 1):
        named = match[f"C{number}.pid"]
        if named != child.pid:
            trace.require_exact("which of two children was forked first")
            raise CheckFailed(
                f"The output has {named} as child {number}, but {who(child.id)} that the parent "
                f"forked has the pid {child.pid}.",
                process=child.id,
                events=[child.forked],
            )
