"""The checks of waitpid_order. Their docstrings are what students read."""

import pytest

from grader import CheckFailed, Script, ending, not_fork, reaping, timing, tree, who

CHILDREN = "".join(
    rf"""
    C{n}: Child{n} sleeping for {{s{n}:d}} seconds...
    C{n}: \tpid: {{C{n}.pid}}, exit code: {{code{n}:d}}
"""
    for n in (1, 2, 3)
)
PARENT_BEFORE = r"""
    P: Parent waiting for child processes in order...
    P: \tpid: {P.pid}, forkPID1: {C1.pid}, forkPID2: {C2.pid}, forkPID3: {C3.pid}
"""
PARENT_AFTER = r"""
    P: Parent: Child {C1.pid} exited with code {C1.status}: {result1:w}.
    P: Parent: Child {C2.pid} exited with code {C2.status}: {result2:w}.
    P: Parent: Child {C3.pid} exited with code {C3.status}: {result3:w}.
"""
# In parts, so that one wrong line costs what it is worth; "..." stands for the other lines.
OTHERS = "P: ...\nC1: ...\nC2: ...\nC3: ..."
CHILDREN_PART = Script.parse(OTHERS + CHILDREN + "C1: ...\nC2: ...\nC3: ...")
BEFORE_PART = Script.parse(OTHERS + PARENT_BEFORE + "P: ...")
AFTER_PART = Script.parse(OTHERS + PARENT_AFTER + "P: ...")
WHOLE = Script.parse(CHILDREN + PARENT_BEFORE + PARENT_AFTER)

SLEEPS = 3, 2, 1
"""The child that is forked first sleeps longest, so that none ends in the order of the waits."""

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
    2,
    hint="A child must leave the loop that forks, with sys.exit(): else it goes round and forks "
    "as well, and three rounds make seven processes.",
)
@pytest.mark.requires("uses_fork")
def test_forks_three_children(trace):
    """The parent makes three child processes, and they make none."""
    tree.require_number(trace, 3)
    if not tree.is_fan(trace):
        raise CheckFailed(
            f"Expected three children of the parent; {tree.describe(trace)}.",
            events=[process.forked for process in trace.descendants],
        )


@pytest.mark.points(
    1, hint="Fork all children first, and wait after that; else they run one after another."
)
@pytest.mark.requires("forks_three_children")
@pytest.mark.scenarios("terminal", "pipe")
def test_children_run_together(trace):
    """All children are made before the parent waits for one, so that they run at once."""
    children = trace.children()
    if not reaping.alive_together(trace, children):
        raise CheckFailed(
            f"A child had been waited for before {who(children[-1].id)} was forked.",
            process=children[-1].id,
            events=[process.reaped for process in children[:-1]] + [children[-1].forked],
        )


@pytest.mark.points(
    2,
    hint="Wait for each of the three. A child that has ended stays a zombie until its parent "
    "calls wait for it.",
)
@pytest.mark.requires("forks_three_children")
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
    3,
    hint="os.waitpid(pid, 0) waits for the child with that pid, and for no other. os.wait() "
    "returns whichever child ends first.",
)
@pytest.mark.requires("every_child_is_reaped", "children_run_together")
def test_waits_in_order(trace):
    """The parent waits for a particular child each time: in the order in which it forked
    them, whoever ends first."""
    for child, wait in zip(trace.children(), reaping.reaps(trace, "P"), strict=True):
        if wait.target != child.id:
            target = "any child" if wait.target == "any" else wait.target
            raise CheckFailed(
                f"It was {who(child.id)}'s turn, and the parent waited for {target}.",
                process="P",
                events=[wait],
            )


@pytest.mark.points(
    1, hint="os.waitpid(pid, 0) blocks until that child has ended: no WNOHANG and no loop."
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
    2,
    hint="Each child prints its own os.getpid(). If lines are missing in a pipe only, they were "
    "still in a buffer when the child ended: os._exit() loses it, sys.exit() does not.",
)
@pytest.mark.requires("forks_three_children")
def test_children_announce(trace):
    """Each child prints how long it will sleep, its pid and its exit code."""
    _in_order(CHILDREN_PART.match(trace), trace)


@pytest.mark.points(1, hint="Give the same number to print and to time.sleep().")
@pytest.mark.requires("children_announce")
@pytest.mark.scenarios("terminal", "pipe")
def test_children_sleep(trace):
    """Child1 sleeps for 3 seconds, Child2 for 2 and Child3 for 1, as they announce."""
    match = CHILDREN_PART.match(trace)
    for number, (child, expected) in enumerate(zip(trace.children(), SLEEPS, strict=True), 1):
        announced, slept = match[f"s{number}"], timing.seconds_slept(trace, child.id)
        if announced != expected:
            raise CheckFailed(
                f"{who(child.id)} announced {announced} seconds; expected {expected}.",
                process=child.id,
            )
        if not timing.slept_about(trace, child.id, announced):
            raise CheckFailed(
                f"{who(child.id)} announced {announced} seconds and slept for {slept:.1f}.",
                process=child.id,
                events=timing.sleeps(trace, child.id),
            )


@pytest.mark.points(1, hint="sys.exit(code) ends a process with that exit code.")
@pytest.mark.requires("children_announce")
def test_children_exit_as_announced(trace):
    """Each child ends by itself with the exit code that it announces, 0 to 3."""
    match = CHILDREN_PART.match(trace)
    trace.require_exact("which child was forked first")
    for number, child in enumerate(trace.children(), 1):
        announced, ended = match[f"code{number}"], ending.status_of(child)
        if not 0 <= announced <= 3:
            raise CheckFailed(
                f"{who(child.id)} announced the exit code {announced}; expected 0 to 3.",
                process=child.id,
            )
        if ended.code != announced:
            raise CheckFailed(
                f"{who(child.id)} announced the exit code {announced}; it ended so: {ended}.",
                process=child.id,
                events=[child.exited],
            )


@pytest.mark.points(
    1,
    hint="Print this in the parent, after all forks and before the first os.waitpid(). In the "
    "parent, os.fork returns the child's pid: keep it.",
)
@pytest.mark.requires("forks_three_children")
def test_parent_announces(trace):
    """The parent prints that it waits, with its pid and the pids of its three children in the
    order in which it forked them."""
    _in_order(BEFORE_PART.match(trace), trace)


@pytest.mark.points(
    3,
    hint="The status that os.waitpid returns is not the exit code: os.waitstatus_to_exitcode() "
    "decodes it. Print pids in the order of the forks.",
)
@pytest.mark.requires("every_child_is_reaped")
def test_parent_reports(trace):
    """The parent prints, in the order of the forks, each child's pid, its exit code, and
    'success' for 0 or 'error' for any other."""
    match = AFTER_PART.match(trace)
    _in_order(match, trace)
    trace.require_exact("which child was forked first")
    for number, child in enumerate(trace.children(), 1):
        expected = "success" if ending.status_of(child).ok else "error"
        if match[f"result{number}"] != expected:
            raise CheckFailed(
                f"{who(child.id)} ended so: {child.exit}. That is {expected!r}, and the parent "
                f"printed {match[f'result{number}']!r}.",
                process="P",
                events=[match.line("P", number - 1)],
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


def _in_order(match, trace):
    """Raise CheckFailed unless Child1 is the child that was forked first, and so on."""
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
