"""An assignment to try things on, and pytest runs that judge made-up traces."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from grader.assignments.recording import Recorded
from grader.model import ExitStatus, Fork, GraderError, Process, Schedules, Trace

REPOSITORY = Path(__file__).resolve().parents[2]

TOML = """\
schema = "grader/assignment/v1"
id = "waiting"
title = "Wait for a child"
file = "waiting.py"

[limits]
seconds = 5

[scenarios.terminal]

[scenarios.pipe]
stdio = "pipe"
"""

CHECKS = '''\
import pytest

@pytest.mark.points(3, hint="Call os.wait().")
def test_child_is_reaped(trace):
    """The parent waits for its child."""
    assert trace.unreaped == []

@pytest.mark.points(2)
@pytest.mark.requires("child_is_reaped")
def test_child_exits_0(trace):
    """The child exits with status 0."""
    assert trace.process("P.1").exit.ok
'''

GOOD = "import os\nos.fork() and os.wait()\n"
BAD = "import os\nos.fork()\n"


class FakeRuns:
    """Traces as the submission's text says, in place of runs."""

    def traces(self, submission):
        source = submission.source
        if "# engine fails" in source:
            raise GraderError("the kernel said no")
        ok = ExitStatus(code=0)
        sampled = "# sampled" in source
        fate = None if sampled else "reaped" if "os.wait" in source else "unreaped"
        refused = Fork(n=0, t=0.0, process="P", call="fork", error="EAGAIN")

        def run(name, stdio, fate, schedule=None):
            root = Process(id="P", pid=7, parent=None, fate="root", exit=ok)
            child = Process(id="P.1", pid=8, parent="P", fate=fate, exit=ok)
            return Trace(
                evidence="sampled" if sampled else "exact",
                engine="made up",
                scenario=name,
                command=["python", submission.name],
                stdio=stdio,
                ended="exit",
                exit=ok,
                seconds=0.1,
                processes=[root, child],
                schedule=schedule,
                doubts=["psutil disagrees"] if "# doubt" in source else [],
                events=[refused] if "# no process to be had" in source else [],
            )

        def recorded(name, stdio):
            if "# race" not in source:
                return Recorded(traces=[run(name, stdio, fate)])
            right, wrong = run(name, stdio, "reaped", "1:"), run(name, stdio, "orphaned", "1:b#")
            return Recorded(traces=[right, wrong], schedules=Schedules(runs=2, exhaustive=True))

        return {n: recorded(n, s.stdio) for n, s in submission.assignment.scenarios.items()}

    def shortest(self, submission, trace, fails):
        return trace


FAKE_RUNS = f"""\
from grader.assignments.judging import TRACE_SOURCE
from grader.assignments.recording import Recorded
from grader.model import ExitStatus, Fork, GraderError, Process, Schedules, Trace

{inspect.getsource(FakeRuns)}

def pytest_configure(config):
    config.stash[TRACE_SOURCE] = FakeRuns()
"""


class Desk:
    """A folder with an assignment, submissions and pytest to judge them by made-up traces."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester
        self.folder = pytester.mkdir("waiting")
        self.write("waiting/assignment.toml", TOML)
        self.write("waiting/test_waiting.py", CHECKS)
        self.write("good/waiting.py", GOOD)
        self.write("bad/waiting.py", BAD)
        self.write("conftest.py", FAKE_RUNS)

    def write(self, name: str, text: str) -> Path:
        path = self.pytester.path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return path

    def checks(self, body: str) -> None:
        """Replace the assignment's checks."""
        self.write("waiting/test_waiting.py", "import pytest\n" + body)

    def judge(self, *arguments: str, apart: bool = False) -> pytest.RunResult:
        """Run pytest on the assignment; in another process when ``apart``.

        Only the plugins concerned are loaded: an inner run takes a tenth of the time.
        """
        run = self.pytester.runpytest_subprocess if apart else self.pytester.runpytest_inprocess
        plugins = ["grader.assignments.plugin", "pytest_timeout"]
        if any(argument.startswith("-n") for argument in arguments):
            plugins += ["xdist.plugin", "xdist.looponfail"]
        if not any(argument.startswith(("waiting", "elsewhere")) for argument in arguments):
            arguments = ("waiting", *arguments)
        return run(*(f"-p{plugin}" for plugin in plugins), *arguments)


@pytest.fixture
def desk(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Desk:
    import grader.assignments.judging  # noqa: F401 - else each inner run would import it afresh

    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    return Desk(pytester)


@pytest.fixture
def fake_runs() -> FakeRuns:
    return FakeRuns()
