"""Results: points and status from verdicts, and nothing of the surroundings gets in."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from grader.assignments import Submission, judge, judge_all, load, open_submission
from grader.model import UsageError

CHECKS = '''\
import pytest
from grader.model import Unproved

@pytest.mark.points(3, hint="Call os.wait().")
def test_reaped(trace):
    """The parent waits
    for its child."""
    assert trace.unreaped == []

@pytest.mark.points(2)
@pytest.mark.requires("reaped")
def test_exits(trace):
    """The child exits with status 0."""
    assert trace.process("P.1").exit.ok

@pytest.mark.points(1.5)
def test_forks(submission):
    """It forks."""
    print("this is not for anyone to read")
    assert "fork" in submission.source, "there is no fork"
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "asg" / "demo"
    folder.mkdir(parents=True)
    (folder / "assignment.toml").write_text(
        'schema = "grader/assignment/v1"\nid = "demo"\ntitle = "T"\nfile = "demo.py"\n'
        "[scenarios.terminal]\n[scenarios.pipe]\nstdio = 'pipe'\n"
    )
    (folder / "test_demo.py").write_text(CHECKS)
    return folder


def submit(folder: Path, source: str, name: str = "demo.py") -> Submission:
    path = folder.parent.parent / name
    path.write_text(source)
    return open_submission(path, load(folder), name=name)


@pytest.fixture
def result_of(folder, fake_runs):
    def judge_source(source: str):
        submission = submit(folder, source)
        return judge(submission, fake_runs.traces(submission))

    return judge_source


def statuses(result):
    return {check.id: check.status for check in result.checks}


def test_all_passed(result_of):
    result = result_of("os.fork() and os.wait()")
    assert (result.status, result.score, result.max_score) == ("pass", 6.5, 6.5)
    assert [check.id for check in result.checks] == ["reaped", "exits", "forks"]
    assert result.checks[0].description == "The parent waits for its child."
    assert (result.assignment, result.submission, result.evidence) == ("demo", "demo.py", "exact")
    assert [trace.scenario for trace in result.traces] == ["terminal", "pipe"]


def test_a_failure_costs_its_points_and_those_of_what_requires_it(result_of):
    result = result_of("os.fork()")
    assert (result.status, result.score) == ("fail", 1.5)
    assert statuses(result) == {"reaped": "fail", "exits": "skipped", "forks": "pass"}
    failed, skipped, passed = result.checks
    assert failed.hint == "Call os.wait()."
    assert failed.scenario == "terminal"
    assert failed.message == (
        "This does not hold: trace.unreaped == []\n"
        "Here it is: [P.1 (pid 8, exit 0, unreaped)] == []"
    )
    assert skipped.message == "skipped because reaped failed"
    assert passed.message == ""


def test_flags_are_told_once_for_all_scenarios(result_of):
    flags = [(flag.kind, flag.process) for flag in result_of("os.fork()").flags]
    assert flags.count(("unreaped-child", "P.1")) == 1


def test_weak_evidence_costs_nothing_and_stays_visible(result_of):
    result = result_of("os.fork() # sampled")
    assert (result.status, result.score, result.evidence) == ("pass", 6.5, "sampled")
    assert statuses(result) == {"reaped": "unproved", "exits": "pass", "forks": "pass"}


def test_a_doubtful_trace_makes_the_result_an_error(result_of):
    result = result_of("os.fork() # doubt")
    assert result.status == "error"
    assert statuses(result) == {"reaped": "error", "exits": "error", "forks": "pass"}


def test_a_failure_says_which_process_and_events_it_is_about(folder, result_of):
    (folder / "test_demo.py").write_text(
        "class Failure(AssertionError):\n"
        "    process, events = 'P.1', [3, 5]\n"
        "def test_it(trace):\n    raise Failure('it\\tdid \\x1b[2J not wait')\n"
    )
    [check] = result_of("pass").checks
    assert (check.process, check.where) == ("P.1", [3, 5])
    assert check.message == "it\\tdid \\x1b[2J not wait"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("assert 1 == 2, 'the author says so'", "the author says so"),
        ("assert 1 == 2, 'two\\nlines'", "two\nlines"),
        ("assert not True", "This does not hold: not True"),
        ("x = [1]; assert len(x) == 2", "This does not hold: len(x) == 2\nHere it is: 1 == 2"),
        ("assert helper(3)", "This does not hold: n == 4\nHere it is: 3 == 4"),
        ("raise AssertionError('plainly')", "plainly"),
        ("raise AssertionError", "This does not hold."),
        ("pytest.fail('by hand')", "by hand"),
    ],
)
def test_messages_are_for_students(folder, result_of, body, message):
    (folder / "test_demo.py").write_text(
        "import pytest\n"
        "def helper(n):\n    assert n == 4\n    return True\n"
        f"def test_it(trace):\n    {body}\n"
    )
    [check] = result_of("pass").checks
    assert (check.status, check.message) == ("fail", message)


def test_many_submissions_in_one_session_each_get_their_own_result(folder, fake_runs):
    sources = ["os.fork()", "os.fork() and os.wait()", "os.wait()"]
    submissions = [submit(folder, source, f"{n}.py") for n, source in enumerate(sources)]
    results = judge_all([(each, fake_runs.traces(each)) for each in submissions])
    assert [result.submission for result in results] == ["0.py", "1.py", "2.py"]
    assert [result.score for result in results] == [1.5, 6.5, 5.0]


def test_checks_that_changed_are_judged_afresh_and_nothing_is_left_behind(folder, result_of):
    before = sorted(folder.rglob("*"))
    assert len(result_of("pass").checks) == 3
    (folder / "test_demo.py").write_text("def test_other(trace): pass\n")
    assert statuses(result_of("pass")) == {"other": "pass"}
    assert sorted(folder.rglob("*")) == before


def test_surroundings_do_not_get_in(folder, result_of, monkeypatch, capfd):
    monkeypatch.setenv("PYTEST_ADDOPTS", "--collect-only")
    monkeypatch.setenv("PYTEST_PLUGINS", "no_such_plugin")
    for place in (folder.parent, folder.parent.parent):
        (place / "conftest.py").write_text("1 / 0\n")
        (place / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n")
    assert result_of("os.fork() and os.wait()").status == "pass"
    assert capfd.readouterr() == ("", "")


def test_no_file_but_the_checks_is_ever_imported(folder, result_of):
    """A mistake that forks would fork pytest, and two of them would judge on."""
    (folder / "mistakes").mkdir()
    for name in ("mistakes/inverted_test.py", "mistakes/test_it.py", "reference_test.py"):
        (folder / name).write_text(f"import os\nos.mkdir({str(folder / 'imported')!r})\n")
    assert result_of("os.fork() and os.wait()").status == "pass"
    assert not (folder / "imported").exists()


def test_it_works_in_a_thread_other_than_the_main_one(result_of):
    results = []
    thread = threading.Thread(target=lambda: results.append(result_of("os.fork()")))
    thread.start()
    thread.join()
    assert results[0].status == "fail"


@pytest.mark.parametrize(
    ("checks", "words"),
    [
        ("import no_such_module\ndef test_it(trace): pass\n", "No module named 'no_such_module'"),
        ("def test_it(): pass\n", "the check it takes neither 'trace' nor 'submission'"),
        ("def test_it(trace) pass\n", r"test_demo\.py, line 1: expected ':'"),
        ("x = 1\n", "there are no checks in "),
    ],
)
def test_checks_that_cannot_be_used(folder, result_of, checks, words):
    (folder / "test_demo.py").write_text(checks)
    with pytest.raises(UsageError, match=words):
        result_of("pass")
