"""assignment.toml is read strictly: what is wrong is named with file, line, key and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.assignments import load
from grader.model import Fault, UsageError

MINIMAL = """\
schema = "grader/assignment/v1"
id = "demo"
title = "A demonstration"
file = "demo.py"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "demo").mkdir()
    return tmp_path / "demo"


def load_text(folder: Path, text: str):
    (folder / "assignment.toml").write_text(text)
    return load(folder)


def test_four_keys_are_enough(folder):
    assignment = load_text(folder, MINIMAL)
    assert (assignment.id, assignment.file) == ("demo", "demo.py")
    assert list(assignment.scenarios) == ["terminal"]
    assert assignment.reaping == "required"


FILES = {"demo.py": "/s/demo.py"}


def test_scenarios_become_runs(folder):
    assignment = load_text(
        folder,
        MINIMAL
        + "[limits]\nseconds = 9\nprocesses = 20\n"
        + '[scenarios.first]\nstdio = "pipe"\nstdin = "two\\n"\nargs = ["-x"]\n'
        + "[scenarios.second]\n",
    )
    first, second = assignment.scenarios_for("demo.py", FILES, "/bin/python3")
    assert first.command == ["/bin/python3", "demo.py", "-x"]
    assert (first.name, first.stdio, first.stdin) == ("first", "pipe", b"two\n")
    assert second.stdio == "terminal"
    assert second.confinement is not None
    assert second.confinement.files == FILES
    assert (first.limits.seconds, first.limits.processes) == (9, 20)
    [shorter, _] = assignment.scenarios_for("demo.py", FILES, "/bin/python3", seconds=2)
    assert (shorter.limits.seconds, shorter.limits.processes) == (2, 20)


def test_scenarios_say_which_runs_are_made(folder):
    assignment = load_text(
        folder,
        MINIMAL
        + "[scenarios.every]\noutput_order = true\nbudget = 20\nseed = 3\n"
        + '[scenarios.failing]\nfaults = ["fork:EAGAIN@P#2", "wait:ECHILD@P.1#1"]\n'
        + '[scenarios.both]\nrun = "schedules"\nfaults = ["fork:EAGAIN@P#1"]\n'
        + '[scenarios.faithful]\nrun = "ideal"\n'
        + '[scenarios.free]\nrun = "real"\n',
    )
    scenarios = assignment.scenarios_for("demo.py", FILES, "/bin/python3")
    every, failing, both, faithful, free = scenarios
    times = [scenario.time for scenario in scenarios]
    assert times == ["adversarial", "ideal", "adversarial", "ideal", "real"]
    assert (every.output_order, every.seed, every.script) == (True, 3, "demo.py")
    assert failing.faults == (Fault("fork", "EAGAIN", "P", 2), Fault("wait", "ECHILD", "P.1", 1))
    assert both.faults == (Fault("fork", "EAGAIN", "P", 1),)
    assert not faithful.output_order
    assert free.faults == ()
    assert assignment.scenarios["every"].budget == 20


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            MINIMAL + "[scenarios.b]\nrun = 'twice'\n",
            'line 6: scenarios.b.run: expected "ideal", "schedules" or "real", got "twice"',
        ),
        (
            MINIMAL + "[scenarios.b]\n\nfaults = ['fork:EAGAIN@P#1', 'frok:EAGAIN@P#1']\n",
            "line 7: scenarios.b.faults[1]: fault frok:EAGAIN@P#1: no call 'frok': did you mean",
        ),
        (
            MINIMAL + "[scenarios.b]\nfaults = ['often']\n",
            "line 6: scenarios.b.faults[0]: 'often' is no fault: write CALL:WHAT@PROCESS#N",
        ),
        (
            MINIMAL + "[scenarios.b]\nrun = 'real'\nfaults = ['fork:EAGAIN@P#1']\n",
            "line 7: scenarios.b.faults: faults need virtual time: expected run = ",
        ),
        (MINIMAL + "[scenarios.b]\nbudget = 0\n", "line 6: scenarios.b.budget: expected a number"),
        (MINIMAL + "[scenarios.b]\nseed = -1\n", "line 6: scenarios.b.seed: expected a whole"),
        (
            MINIMAL + "lingering_second = 2\n",
            "line 5: lingering_second: unknown key (did you mean ",
        ),
        (MINIMAL + "colour = 2\n", "line 5: colour: unknown key; known keys: schema, id, title"),
        (
            MINIMAL + "\n[limits]\ncpu = 2\n",
            "line 7: limits.cpu: unknown key; known keys: seconds, cpu_seconds",
        ),
        (
            MINIMAL + "[scenarios.a]\n[scenarios.b]\nstdoi = 'pipe'\n",
            "line 7: scenarios.b.stdoi: unknown key (did you mean stdio?)",
        ),
        (
            MINIMAL + "[scenarios.b]\nstdio = 'tty'\n",
            'line 6: scenarios.b.stdio: expected "terminal" or "pipe", got "tty"',
        ),
        (
            MINIMAL + "[scenarios.b]\nargs = ['a', 2]\n",
            "line 6: scenarios.b.args[1]: expected str, got int",
        ),
        (
            MINIMAL + "[limits]\nseconds = 'many'\n",
            "line 6: limits.seconds: expected float, got str",
        ),
        (MINIMAL + "[limits]\nseconds = 0\n", "line 6: limits.seconds: expected a number greater"),
        (
            MINIMAL + "reaping = 'maybe'\n",
            'line 5: reaping: expected "required" or "reported", got',
        ),
        (MINIMAL + "reference = '../x.py'\n", "line 5: reference: expected a file name, without"),
        (MINIMAL + "reference = 'x_test.py'\n", "line 5: reference: expected a name that pytest"),
        (MINIMAL + "scenarios = {}\n", "line 5: scenarios: expected at least one scenario"),
        (MINIMAL + "folder = 'x'\n", "line 5: folder: unknown key"),
        (MINIMAL.replace('"demo"', '"de mo"'), "line 2: id: expected letters, digits"),
        (MINIMAL.replace('"demo"', "3"), "line 2: id: expected str, got int"),
        (MINIMAL.replace("v1", "v9"), 'line 1: schema: expected "grader/assignment/v1", got'),
        (MINIMAL.replace('title = "A demonstration"\n', ""), "the key title is missing"),
        (MINIMAL + "oops\n", "not valid TOML: Expected '=' after a key"),
        (MINIMAL + "oops\n", "line 5"),
    ],
)
def test_what_is_wrong_is_named(folder, text, words):
    with pytest.raises(UsageError) as caught:
        load_text(folder, text)
    message = str(caught.value)
    assert message.startswith(str(folder / "assignment.toml"))
    assert words in message
    assert "\n" not in message


def test_a_folder_without_the_file_is_no_assignment(folder):
    with pytest.raises(UsageError, match=r"is not an assignment: it has no assignment\.toml"):
        load(folder)


def test_bytes_that_are_no_text_are_refused(folder):
    (folder / "assignment.toml").write_bytes(b"title = '\xff'")
    with pytest.raises(UsageError, match="not UTF-8"):
        load(folder)


def test_the_reference_is_found_beside_the_folder_of_assignments(tmp_path):
    folder = tmp_path / "assignments" / "demo"
    folder.mkdir(parents=True)
    assignment = load_text(folder, MINIMAL + "reference = 'demo.py'\n")
    with pytest.raises(UsageError, match=r"no reference solution demo\.py"):
        _ = assignment.reference_path
    (tmp_path / "reference").mkdir()
    reference = tmp_path / "reference" / "demo.py"
    reference.touch()
    assert assignment.reference_path == reference


def test_check_names_are_read_without_running_the_modules(folder):
    (folder / "test_b.py").write_text("1 / 0\ndef test_last(trace): ...\ndef other(): ...\n")
    (folder / "test_a.py").write_text(
        "def test_first(trace): ...\nclass TestMore:\n  def test_second(self, trace): ...\n"
    )
    assert load_text(folder, MINIMAL).check_names() == ["first", "second", "last"]
    (folder / "test_b.py").write_text("def test_last(trace) ...\n")
    with pytest.raises(UsageError, match=r"test_b\.py, line 1: expected ':'"):
        load(folder).check_names()
