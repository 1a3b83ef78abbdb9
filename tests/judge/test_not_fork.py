"""What is used instead of os.fork."""

import msgspec
import pytest

from grader.judge import not_fork
from grader.model import ThreadStart
from tests.traces import Story

FORKS = "import os\nos.fork()\n"


def details(story: Story, source: str | None = None) -> list[str]:
    return [it.detail for it in not_fork(story.trace(), source)]


def test_os_fork_is_os_fork():
    story = Story()
    story.exec("P", "python3", "x.py")
    story.fork()
    assert details(story, FORKS) == []


def test_a_forked_child_may_run_another_program():
    story = Story()
    story.exec("P", "python3", "x.py")
    child = story.fork()
    story.exec(child, "ls")
    story.fork(child, call="vfork")  # the other program's business
    assert details(story, FORKS + "os.execvp('ls', ['ls'])\n") == []


def test_threads_without_a_fork():
    story = Story()
    n = story.add(ThreadStart, "P", started=1)
    trace = story.trace()
    root = msgspec.structs.replace(trace.root, threads=1)
    trace = msgspec.structs.replace(trace, processes=[root])
    (found,) = not_fork(trace)
    assert found.detail.startswith("The program started 1 thread and forked no process")
    assert found.events == [n]


def test_threads_beside_a_fork_are_allowed():
    story = Story()
    story.fork()
    trace = story.trace()
    root = msgspec.structs.replace(trace.root, threads=1)
    assert not_fork(msgspec.structs.replace(trace, processes=[root, *trace.descendants])) == []


@pytest.mark.parametrize("call", ["vfork", "clone"])
def test_another_call_than_fork(call):
    story = Story()
    story.exec("P", "python3", "x.py")
    story.fork(call=call)
    story.fork(call=call)
    (found,) = details(story, FORKS)
    assert f"made P.1 and P.2 with {call}, not with fork" in found


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("import subprocess; subprocess.run(['ls'])", "subprocess.run"),
        ("from subprocess import Popen; Popen('ls')", "subprocess.Popen"),
        ("from subprocess import *; run('ls')", "subprocess"),
        ("import os; os.system('ls')", "os.system"),
        ("import os; os.posix_spawn('ls', [], {})", "os.posix_spawn"),
        ("import multiprocessing as mp; mp.Process(target=f)", "multiprocessing.Process"),
        ("from multiprocessing import Pool\nclass P(Pool): pass", "multiprocessing.Pool"),
        ("from concurrent.futures import ProcessPoolExecutor as E; E()", "concurrent.futures.Pro"),
    ],
)
def test_a_module_is_told_by_name_and_line(line, shown):
    story = Story()
    story.fork(call="vfork")  # explained by the module, and not told again
    (found,) = details(story, "\n" + line)
    assert f" uses {shown}" in found
    assert found.startswith(("Line 2", "Line 3"))


@pytest.mark.parametrize(
    "line",
    [
        "import subprocess",
        "import multiprocessing; print(multiprocessing.cpu_count())",
        "try: pass\nexcept subprocess.TimeoutExpired: pass",
        "# subprocess.run()",
        "import os; os.spawning",
        "print 'python 2'",
    ],
)
def test_what_does_not_make_a_process_is_no_fault(line):
    story = Story()
    story.fork()
    assert details(story, line) == []


def test_sampling_still_has_the_source():
    story = Story()
    story.fork(call="vfork")
    assert not_fork(story.sampled(), FORKS) == []
    assert len(not_fork(story.sampled(), "import subprocess\nsubprocess.run('ls')\n")) == 1
