"""Hidden checks count, and no format that students read tells of them."""

from __future__ import annotations

import json

import msgspec
import pytest

from grader.model import Flag
from grader.report.exports import FORMATS, document
from grader.report.student_view import NOT_SHOWN, student_view
from tests.report.exports.rows import OPTIONS, row
from tests.report.exports.test_autograders import RUNNER
from tests.report.html.results import check, result
from tests.report.telling import figure_18_3

SECRET = ("sekrit_check", "SEKRIT words", "SEKRIT message", "SEKRIT hint", "sekrit_scenario")


def outcome(visibility: str = "hidden", status: str = "fail"):
    secret = check(
        *("sekrit_check", status),
        description="SEKRIT words",
        message="SEKRIT message",
        hint="SEKRIT hint",
        scenario="sekrit_scenario",
        visibility=visibility,
        max_points=3.0,
    )
    skipped = check("after", "skipped", message="skipped because sekrit_check failed")
    shown = check("shown", "fail", scenario="terminal")
    traces = (
        msgspec.structs.replace(figure_18_3(), scenario="terminal"),
        msgspec.structs.replace(figure_18_3(), scenario="sekrit_scenario"),
    )
    flags = [Flag(kind="orphan", process="P.1", detail="SEKRIT message in sekrit_scenario")]
    return result(shown, secret, skipped, check("good", "pass"), traces=traces, flags=flags)


@pytest.mark.parametrize("name", [name for name, format_ in FORMATS.items() if format_.students])
def test_no_format_for_students_tells_of_a_hidden_check(name):
    options = msgspec.structs.replace(OPTIONS, environment=RUNNER)
    told = document(name, row(1, outcome()), options).data.decode()
    assert not [word for word in SECRET if word in told]
    everything = document(
        name, row(1, outcome()), msgspec.structs.replace(options, all_checks=True)
    ).data.decode()
    assert any(word in everything for word in SECRET)


def test_its_points_count():
    seen = student_view(outcome())
    (together,) = [each for each in seen.checks if each.id == NOT_SHOWN]
    assert together.description == "1 check that is not shown"
    assert (together.points, together.max_points) == (0, 3)
    assert (seen.score, seen.max_score) == (outcome().score, outcome().max_score)
    assert sum(each.max_points for each in seen.checks) == seen.max_score


def test_only_runs_that_a_visible_check_failed_in_are_left():
    seen = student_view(outcome())
    assert [trace.scenario for trace in seen.traces] == ["terminal"]
    assert seen.flags == []


def test_after_the_due_date_more_is_shown():
    late = outcome("after-due-date")
    assert NOT_SHOWN in [each.id for each in student_view(late).checks]
    assert student_view(late, after_due_date=True) is late
    hidden = student_view(outcome("hidden"), after_due_date=True)
    assert NOT_SHOWN in [each.id for each in hidden.checks]


def test_a_result_without_hidden_checks_is_left_as_it_is():
    plain = result(check("a", "fail"), check("b", "pass"))
    assert student_view(plain) is plain


def test_gradescope_knows_hidden_tests_itself():
    visibilities = {"hidden": "hidden", "after-due-date": "after_due_date", "visible": "visible"}
    for visibility, word in visibilities.items():
        found = json.loads(document("gradescope", row(1, outcome(visibility)), OPTIONS).data)
        by_name = {test["name"]: test for test in found["tests"]}
        assert by_name["SEKRIT words"]["visibility"] == word
        others = [test for test in found["tests"] if test["visibility"] == "visible"]
        if visibility != "visible":
            assert not [word for word in SECRET if word in json.dumps(others)]


@pytest.mark.parametrize(
    ("status", "shown"),
    [("pass", "pass"), ("fail", "fail"), ("skipped", "fail"), ("error", "error")],
)
def test_what_became_of_them_together(status, shown):
    (together,) = [
        each for each in student_view(outcome(status=status)).checks if each.id == NOT_SHOWN
    ]
    assert together.status == shown
