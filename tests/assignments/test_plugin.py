"""The plugin judges submissions: one item a check, three outcomes and the grader's own."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]


def test_a_right_submission_passes_with_one_item_a_check(desk):
    result = desk.judge("--submission", "good/waiting.py")
    result.assert_outcomes(passed=2)
    assert result.ret == 0


def test_a_folder_is_a_submission_too(desk):
    desk.judge("--submission", "good").assert_outcomes(passed=2)


def test_a_wrong_submission_fails_in_words_and_what_requires_it_is_skipped(desk):
    result = desk.judge("--submission", "bad/waiting.py", "-rs")
    result.assert_outcomes(failed=1, skipped=1)
    result.stdout.fnmatch_lines(
        [
            "The parent waits for its child. (scenario terminal)",
            "| This does not hold: trace.unreaped == []",
            "| Here it is: [[]P.1 (pid 8, *unreaped)[]] == [[][]]",
            "Hint: Call os.wait().",
            "*skipped because child_is_reaped failed*",
        ]
    )
    result.stdout.no_fnmatch_line("*Error*")


def test_an_author_who_asks_for_tracebacks_gets_them(desk):
    result = desk.judge("--submission", "bad", "--tb=long")
    result.stdout.fnmatch_lines([">       assert trace.unreaped == []", "*in the scenario*"])


def test_several_submissions_are_told_apart(desk):
    result = desk.judge("--submission", "good", "--submission", "bad", "-v")
    result.assert_outcomes(passed=2, failed=1, skipped=1)
    result.stdout.fnmatch_lines(
        [
            "*child_is_reaped[[]good/waiting.py[]] PASSED*",
            "*child_is_reaped[[]bad/waiting.py[]] FAILED*",
        ]
    )


def test_a_check_sees_every_trace_and_the_first_failure_names_its_scenario(desk):
    desk.checks(
        "def test_it(trace):\n"
        "    print('saw', trace.scenario)\n"
        "    assert trace.stdio != 'pipe', 'no pipes, please'\n"
    )
    result = desk.judge("--submission", "good", "-s")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*saw terminal", "saw pipe", "it (scenario pipe)", "| no pipes*"])


def test_a_failure_in_some_schedules_says_how_to_see_it_again(desk):
    desk.write("good/waiting.py", "# race\n")
    result = desk.judge("--submission", "good", "-v")
    result.assert_outcomes(failed=1, passed=1)  # what requires it is judged in the other runs
    result.stdout.fnmatch_lines(
        [
            "| This does not hold: trace.unreaped == []",
            "| It fails in 1 of 2 schedules.",
            "Hint: Call os.wait().",
            "Replay: grader replay *good/waiting.py --schedule '1:b#'",
        ]
    )


def test_a_check_can_be_limited_to_scenarios(desk):
    desk.checks(
        "@pytest.mark.scenarios('pipe')\ndef test_it(trace):\n    assert trace.scenario == 'pipe'\n"
    )
    desk.judge("--submission", "good").assert_outcomes(passed=1)


def test_weak_evidence_is_unproved_and_not_failed(desk):
    desk.write("good/waiting.py", "# sampled\nos.wait")
    result = desk.judge("--submission", "good", "-v", "-rs")
    result.assert_outcomes(skipped=1, passed=1)
    result.stdout.fnmatch_lines(["*UNPROVED*", "*sampling could not tell*P.1*"])


def test_a_failure_on_one_trace_outweighs_weak_evidence_on_another(desk):
    desk.checks(
        "from grader.model import Unproved\n"
        "def test_it(trace):\n"
        "    if trace.scenario == 'terminal': raise Unproved('who knows')\n"
        "    assert False, 'proved wrong'\n"
    )
    desk.judge("--submission", "good").assert_outcomes(failed=1)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("# doubt", "*the grader's own failure*can't be trusted: psutil disagrees"),
        ("# no process to be had", "*the grader's own failure*refused a fork*"),
        ("# engine fails", "*the grader's own failure*could not be run: the kernel said no"),
    ],
)
def test_a_run_that_went_wrong_is_an_error_and_no_failure(desk, source, words):
    desk.write("good/waiting.py", source)
    result = desk.judge("--submission", "good")
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines([words])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_a_bug_in_a_check_is_an_error_and_no_failure(desk):
    desk.checks("def test_it(trace):\n    trace.process('P.9')\n")
    result = desk.judge("--submission", "good", "--junitxml=junit.xml")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*the grader's own failure*KeyError*no process P.9*"])
    assert _properties(desk, "it") == {"status": "error", "points": "0.0", "max_points": "1.0"}


def test_a_check_cut_off_by_pytest_timeout_is_an_error(desk):
    desk.checks("import time\ndef test_it(trace):\n    time.sleep(30)\n")
    result = desk.judge("--submission", "good", "--timeout=0.2", apart=True)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*the check took too long*"])


def test_each_check_has_a_backstop_unless_told_otherwise(desk):
    desk.checks(
        "def test_it(trace, request):\n"
        "    assert request.node.get_closest_marker('timeout').args == (65.0,)\n"
        "@pytest.mark.timeout(3)\n"
        "def test_own(trace, request):\n"
        "    assert request.node.get_closest_marker('timeout').args == (3,)\n"
    )
    desk.judge("--submission", "good").assert_outcomes(passed=2)


def test_junit_carries_points_and_hint(desk):
    desk.judge("--submission", "bad", "--junitxml=junit.xml")
    assert _properties(desk, "child_is_reaped") == {
        "status": "fail",
        "points": "0.0",
        "max_points": "3.0",
        "hint": "Call os.wait().",
    }
    assert _properties(desk, "child_exits_0") == {
        "status": "skipped",
        "points": "0.0",
        "max_points": "2.0",
    }


@pytest.mark.parametrize("order", [(), ("-p", "no:randomly", "--dist=loadgroup"), ("-x",)])
def test_xdist_gives_the_same_outcomes(desk, order):
    pytest.importorskip("xdist")
    result = desk.judge("--submission", "bad", "--submission", "good", "-n2", *order, apart=True)
    outcomes = result.parseoutcomes()
    assert outcomes["failed"] == 1
    if "-x" not in order:
        assert outcomes == {"failed": 1, "skipped": 1, "passed": 2}


def test_a_required_check_is_judged_first_even_if_it_is_not_selected(desk):
    desk.checks(
        "@pytest.mark.requires('b')\n"
        "def test_a(trace): pass\n"
        "@pytest.mark.requires('c')\n"
        "def test_b(trace): pass\n"
        "def test_c(trace): assert False, 'no'\n"
    )
    desk.judge("--submission", "good").assert_outcomes(failed=1, skipped=2)
    desk.judge("--submission", "good", "-k", "test_a").assert_outcomes(skipped=1, deselected=2)
    result = desk.judge("waiting/test_waiting.py::test_a", "--submission", "good")
    result.assert_outcomes(skipped=1)


def test_without_a_submission_checks_are_skipped_and_say_why(desk):
    result = desk.judge("-rs")
    result.assert_outcomes(skipped=2)
    result.stdout.fnmatch_lines(["*nothing to judge: give --submission FILE*"])


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("nowhere.py", "ERROR: --submission: no such file: *nowhere.py"),
        ("empty", "ERROR: *empty is an empty folder: it should contain waiting.py"),
        ("other", "ERROR: no waiting.py in the folder *other, which contains: a.py"),
    ],
)
@pytest.mark.parametrize("workers", [(), ("-n1",)])
def test_a_wrong_path_is_one_line(desk, path, words, workers):
    if workers:
        pytest.importorskip("xdist")
    desk.pytester.mkdir("empty")
    desk.write("other/a.py", "")
    result = desk.judge("--submission", path, *workers, apart=True)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([words])
    assert len([line for line in result.stderr.lines if line.strip()]) == 1
    assert result.stdout.str().strip() == ""


@pytest.mark.parametrize(
    ("checks", "words"),
    [
        ("def test_it(): pass", "*takes neither 'trace' nor 'submission'*"),
        (
            "@pytest.fixture\ndef lines(trace): return trace.text()\n"
            "def test_it(trace, lines): pass",
            "*uses the fixture 'lines', which takes 'trace'*make it a function*",
        ),
        (
            "@pytest.mark.requires('on')\ndef test_it(trace): pass\ndef test_one(trace): pass",
            "*the check it requires 'on', which is no other check*did you mean one?*",
        ),
        (
            "@pytest.mark.scenarios('pip')\ndef test_it(trace): pass",
            "*no scenario 'pip' (did you mean pipe?)*",
        ),
        ("@pytest.mark.points('3')\ndef test_it(trace): pass", "*expected points(n, hint=*"),
        ("@pytest.mark.points(3, hnt='')\ndef test_it(trace): pass", "*expected points(n*"),
    ],
)
def test_an_authors_slip_is_named_without_a_traceback(desk, checks, words):
    desk.checks(checks)
    result = desk.judge("--submission", "good")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([words])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_a_fixture_of_the_authors_may_use_the_submission(desk):
    desk.checks(
        "@pytest.fixture\n"
        "def calls(submission):\n"
        "    import ast\n"
        "    return [n for n in ast.walk(submission.tree) if isinstance(n, ast.Call)]\n"
        "def test_it(calls, submission):\n"
        "    assert len(calls) == 2\n"
    )
    desk.judge("--submission", "good").assert_outcomes(passed=1)
    desk.write("good/waiting.py", 'print "hello"\n')
    result = desk.judge("--submission", "good")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["| waiting.py, line 1: this is Python 2 code (print statement)*"])


def test_no_submission_and_no_mistake_is_imported_whatever_its_name(desk):
    desk.pytester.mkdir("waiting/mistakes")
    for name in ("waiting/mistakes/inverted_test.py", "waiting/wait_test.py", "good/test_1.py"):
        desk.write(name, "import os\nos.mkdir('imported')\nos.wait\n")
    arguments = ("waiting", "good", "--submission", "good/test_1.py")
    desk.judge(*arguments).assert_outcomes(passed=2)
    desk.judge(*arguments, "-n1", apart=True).assert_outcomes(passed=2)
    assert not (desk.pytester.path / "imported").exists()


def test_what_a_submission_prints_cannot_reach_the_terminal(desk):
    desk.checks("def test_it(trace):\n    assert False, 'got \\x1b[31m\\u202e red'\n")
    result = desk.judge("--submission", "good")
    result.stdout.fnmatch_lines(["| got \\x1b[[]31m\\u202e red"])


def test_submissions_are_run_for_real_and_not_inside_pytest(desk):
    Path("conftest.py").unlink()
    desk.write("good/waiting.py", "import os\nif os.fork() == 0: os._exit(0)\nos.wait()\n")
    desk.write("bad/waiting.py", "import os\nif os.fork() == 0: os._exit(3)\n")
    result = desk.judge("--submission", "good", "--submission", "bad", apart=True)
    result.assert_outcomes(passed=2, failed=1, skipped=1)


def test_it_does_nothing_in_a_project_without_assignments(desk):
    desk.write(
        "elsewhere/test_other.py",
        "import sys, pytest\n"
        "@pytest.fixture\n"
        "def trace(): return 5\n"
        "def test_it(trace, request):\n"
        "    assert trace == 5\n"
        "    assert not request.config.pluginmanager.has_plugin('grader-judging')\n"
        "    assert not [m for m in sys.modules if m.startswith('grader.') and m not in\n"
        "                ('grader.assignments', 'grader.assignments.plugin')]\n",
    )
    Path("conftest.py").unlink()
    result = desk.judge("elsewhere", apart=True)
    result.assert_outcomes(passed=1)


def _properties(desk, check: str) -> dict[str, str]:
    root = ElementTree.parse(desk.pytester.path / "junit.xml").getroot()
    for case in root.iter("testcase"):
        if case.attrib["name"].startswith(f"test_{check}["):
            return {p.attrib["name"]: p.attrib["value"] for p in case.iter("property")}
    raise AssertionError(f"no test case {check}")
