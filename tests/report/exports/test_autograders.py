"""Gradescope, Classroom 50, PrairieLearn, Autolab and check50: each read as its reader does."""

from __future__ import annotations

import json
import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.model import Deduction, UsageError
from grader.report.exports import document
from grader.report.exports.options import number, whole
from tests.report.exports.rows import OPTIONS, anything, failed_grader, half, missing, row, unusable
from tests.report.html.results import check, result

LATE = half(deduction=Deduction(points=0.5, reason="handed in 2 h late"))
RUNNER = {
    "CLASSROOM": "os",
    "ASSIGNMENT": "fig18-03",
    "SUBMISSION_TAG": "submit/2026-06-01T14-32-05Z-a1b2c3d",
    "COMMIT_URL": "https://github.com/x/commit/abc",
    "RELEASE_URL": "https://github.com/x/releases/tag/y",
    "OWNER": "alice",
}


def made(name: str, row, **fields: object) -> bytes:
    return document(name, row, msgspec.structs.replace(OPTIONS, **fields)).data


# -- Gradescope: https://gradescope-autograders.readthedocs.io/en/latest/specs/


def gradescope(row, **fields: object) -> dict:
    found = json.loads(made("gradescope", row, **fields))
    tests = found["tests"]
    assert isinstance(found["score"], int | float) or all("score" in test for test in tests)
    formats = {"text", "html", "simple_format", "md", "ansi"}
    for each in (found, *tests):
        assert each.get("visibility", "visible") in {
            *("hidden", "after_due_date", "after_published", "visible")
        }
        assert each.get("output_format", "text") in formats
    assert found["output_format"] == "text", "HTML is the default for the output on top"
    for test in tests:
        assert test.get("status") in ("passed", "failed")
        assert isinstance(test["name"], str)
        assert isinstance(test.get("output", ""), str)
    return found


def test_gradescope_has_the_score_on_top_and_each_check():
    found = gradescope(row(1, LATE))
    assert found["score"] == 1.5
    assert [test.get("score") for test in found["tests"]] == [2, 0, None]
    assert found["tests"][2]["output"] == "handed in 2 h late"
    assert gradescope(row(1, LATE), out_of=8.0)["score"] == 3


def test_gradescope_gets_no_document_where_there_is_no_verdict():
    """It knows none without a score, and calls a run without one failed."""
    broken = result(check("x", "error"), status="error")
    for each in (failed_grader(1), row(1, broken), unusable(1), missing(1)):
        assert made("gradescope", each) == b""
    zero = gradescope(unusable(1), zero=frozenset({"unusable"}))
    assert (zero["score"], zero["output"]) == (0, "the file is empty")


# -- Classroom 50: schemas/result-v1.schema.json of foundation50/classroom50


def classroom50(row, **fields: object) -> dict:
    found = json.loads(made("classroom50", row, environment=RUNNER, **fields))
    words = ("classroom", "assignment", "owner", "submission", "commit", "release", "review")
    numbers = ("score", "max-score")
    known = {"schema", "assignment_type", "datetime", "tests", *words, *numbers}
    assert set(found) == known, "additionalProperties is false"
    assert found["schema"] == "classroom50/result/v1"
    assert found["assignment_type"] in ("individual", "group")
    assert all(isinstance(found[word], str) and found[word] for word in words)
    assert found["submission"].startswith("submit/")
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ", found["datetime"])
    for each in (found, *found["tests"]):
        assert type(each["score"]) is int
        assert type(each["max-score"]) is int
        assert 0 <= each["score"] <= each["max-score"]
    for test in found["tests"]:
        assert test["test-name"]
        assert type(test["passed"]) is bool
    return found


@given(st.lists(st.tuples(st.floats(0, 9), st.floats(0, 9)), min_size=1, max_size=5))
def test_classroom50_has_whole_points_within_bounds(points):
    checks = [
        check(f"c{n}", "fail", points=min(pair), max_points=max(pair))
        for n, pair in enumerate(points)
    ]
    found = classroom50(row(1, result(*checks)))
    assert abs(found["score"] - sum(min(pair) for pair in points)) <= 1


def test_points_with_a_half_are_rounded_up_and_never_above_the_most():
    assert [whole(value) for value in (0.49, 0.5, 1.5, 2.5)] == [0, 1, 2, 3]
    assert whole(2.5, 2.4) == 2
    assert classroom50(row(1, LATE))["score"] == 2


def test_classroom50_needs_its_runner():
    with pytest.raises(UsageError, match="SUBMISSION_TAG"):
        made("classroom50", row(1, half()), environment={**RUNNER, "SUBMISSION_TAG": ""})
    with pytest.raises(UsageError, match="submit/"):
        made("classroom50", row(1, half()), environment={**RUNNER, "SUBMISSION_TAG": "main"})


def test_classroom50_writes_its_own_result_where_grader_failed():
    assert made("classroom50", failed_grader(1), environment=RUNNER) == b""


# -- PrairieLearn: processGradingResult of externalGrader.ts, pl-external-grader-results.py


def prairielearn(row, **fields: object) -> tuple[bool, float]:
    data = made("prairielearn", row, **fields)
    assert len(data) < 1_000_000
    found = json.loads(data)
    gradable = found.get("gradable", True)
    if not gradable:
        assert isinstance(found["format_errors"], str | list)
        return False, 0.0
    assert isinstance(found["score"], int | float)
    assert 0 <= found["score"] <= 1
    for test in found.get("tests", []):
        assert test["points"] is not None
        assert test["max_points"] is not None
        assert "\x1b" not in test["message"]
    return True, found["score"]


def test_prairielearn_gets_a_share_or_no_grade_at_all():
    assert prairielearn(row(1, half())) == (True, 0.5)
    assert prairielearn(row(1, LATE)) == (True, 0.375)
    assert prairielearn(failed_grader(1)) == (False, 0)
    assert prairielearn(unusable(1)) == (False, 0)
    assert prairielearn(unusable(1), zero=frozenset({"unusable"})) == (True, 0)


def test_prairielearn_takes_no_more_than_a_megabyte():
    checks = [check(f"c{n}", "fail", message="☃" * 4_000) for n in range(90)]
    prairielearn(row(1, result(*checks)))


# -- Autolab: saveAutograde, parseAutoresult and parseFeedback


def autolab(data: bytes, problems: tuple[str, ...]) -> dict[str, float]:
    lines = data.decode().rstrip().splitlines()
    scores = json.loads(re.sub(r"([a-zA-Z0-9]+):", r'"\1":', lines[-1]))["scores"]
    assert scores, "empty autoresult"
    assert set(scores) <= set(problems), "problems that the assessment does not have"
    feedback = json.loads(lines[-2])
    assert feedback["_presentation"] == "semantic"
    for stage in feedback["stages"]:
        assert all("passed" in test for test in feedback[stage].values())
    return scores


@given(anything, anything)
def test_autolab_reads_the_last_line_whatever_was_printed(description, message):
    rows = row(1, result(check("a", "fail", description=description, message=message)))
    assert autolab(made("autolab", rows), ("fig18_03",)) == {"fig18_03": 0}


def test_autolab_gets_the_points_for_the_problem_asked_for():
    data = made("autolab", row(1, LATE), problem="Correct output")
    assert autolab(data, ("Correct output",)) == {"Correct output": 1.5}
    with pytest.raises(UsageError, match="colon"):
        made("autolab", row(1, half()), problem="Fig: output")


def test_autolab_gets_no_autoresult_where_grader_failed():
    found = document("autolab", failed_grader(1), OPTIONS)
    assert b"scores" not in found.data
    assert "grade it again" in found.warnings[0]


# -- check50: docs/source/json_specification.rst


def test_check50_says_null_where_it_could_not_tell_and_a_cause_where_it_did_not_pass():
    statuses = ("pass", "fail", "skipped", "unproved", "error")
    outcome = result(*(check(status, status, hint="h") for status in statuses))
    found = json.loads(made("check50", row(1, outcome)))
    assert set(found) == {"slug", "results", "version"}
    passed = [each["passed"] for each in found["results"]]
    assert passed == [True, False, None, True, None]
    for each in found["results"]:
        assert set(each) == {
            *("name", "description", "passed", "log", "cause", "data", "dependency")
        }
        assert (each["cause"] is None) == (each["passed"] is True)
        if each["cause"] is not None:
            assert isinstance(each["cause"]["rationale"], str)
        assert isinstance(each["log"], list)
    assert set(found["results"][4]["cause"]["error"]) == {"type", "value", "traceback", "data"}


def test_check50_has_an_error_in_the_place_of_results():
    found = json.loads(made("check50", failed_grader(1)))
    assert "results" not in found
    assert set(found["error"]) == {"type", "value", "traceback", "data"}


@given(st.floats(-1e6, 1e6))
def test_numbers_are_whole_where_they_are(value):
    assert number(value) == pytest.approx(value, abs=5e-5)
    assert isinstance(number(float(round(value))), int)
