"""What a late submission loses: exact about time zones, and never more than the rule says."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.assignments import load
from grader.assignments.late import Late, deduction, late_seconds, with_deduction
from grader.model import UsageError
from tests.report.html.results import check, result

BERLIN = "Europe/Berlin"
DAILY = Late(due=datetime(2026, 10, 1, 23, 59), time_zone=BERLIN, percent=10)
HOUR = 3600.0


def taken(rule: Late, submitted: str | None = None, seconds: float | None = None) -> float:
    found = deduction(rule, 20.0, 20.0, submitted=submitted, seconds=seconds)
    return found.points if found else 0.0


@pytest.mark.parametrize(
    ("submitted", "points"),
    [
        ("2026-10-01T23:59:00+02:00", 0),
        ("2026-10-01T21:59:00Z", 0),
        ("2026-10-01T21:59:00.000001Z", 2),
        ("2026-10-01T23:59:00+00:00", 2),  # two hours late: an offset is not ignored
        ("2026-10-02T23:59:00+02:00", 2),
        ("2026-10-02T23:59:01+02:00", 4),
        ("2026-10-01T23:59:01", 2),  # without an offset, it is the rule's zone
        ("2026-10-01T17:58:59-04:00", 0),
        ("2027-10-01T00:00:00Z", 20),  # never more than the score
        ("yesterday", 0),
        (None, 0),
    ],
)
def test_each_day_that_has_begun_costs_its_share(submitted, points):
    assert taken(DAILY, submitted) == points


def test_a_day_is_a_day_of_the_calendar_where_clocks_change():
    """Clocks are put back on 2026-10-25 in Berlin: that day has 25 hours."""
    rule = Late(due=datetime(2026, 10, 24, 23, 59), time_zone=BERLIN, points=1)
    assert taken(rule, "2026-10-25T23:59:00+01:00") == 1
    assert taken(rule, "2026-10-25T23:59:01+01:00") == 2
    assert taken(msgspec.structs.replace(rule, per="hour"), "2026-10-25T23:59:00+01:00") == 20
    spring = Late(due=datetime(2026, 3, 28, 23, 59), time_zone=BERLIN, points=1)
    assert taken(spring, "2026-03-29T23:59:00+02:00") == 1
    assert taken(spring, "2026-03-30T00:00:00+02:00") == 2


def test_a_due_time_that_comes_twice_is_the_later_one():
    rule = Late(due=datetime(2026, 10, 25, 2, 30), time_zone=BERLIN, points=1)
    assert taken(rule, "2026-10-25T02:30:00+01:00") == 0
    assert taken(rule, "2026-10-25T02:30:01+01:00") == 1


def test_an_offset_needs_no_zone():
    rule = Late(due=datetime.fromisoformat("2026-10-01T23:59:00+02:00"), points=1.5, per="hour")
    assert taken(rule, "2026-10-01T22:59:00Z") == 1.5
    assert taken(rule, "2026-10-01T23:00:00Z") == 3


def test_grace_costs_nothing_and_what_is_later_is_late_from_the_beginning():
    rule = msgspec.structs.replace(DAILY, grace_minutes=15)
    assert taken(rule, "2026-10-02T00:14:00+02:00") == 0
    assert taken(rule, "2026-10-02T00:14:01+02:00") == 2


def test_no_more_than_the_most_and_nothing_counts_after_the_last():
    rule = msgspec.structs.replace(DAILY, most_percent=30, last=datetime(2026, 10, 20, 12))
    assert taken(rule, "2026-10-15T00:00:00+02:00") == 6
    assert taken(rule, "2026-10-20T12:00:00+02:00") == 6
    late = deduction(rule, 13.0, 20.0, submitted="2026-10-20T12:00:01+02:00")
    assert late is not None
    assert (late.points, "nothing counts" in late.reason) == (13.0, True)
    assert taken(Late(due=DAILY.due, time_zone=BERLIN, points=3, most_points=5), seconds=1e6) == 5


def test_what_the_learning_management_system_says_comes_first():
    """It knows of extensions."""
    assert taken(DAILY, "2026-10-05T00:00:00+02:00", seconds=0.0) == 0
    assert taken(DAILY, "2026-10-01T00:00:00+02:00", seconds=25 * HOUR) == 4
    assert taken(Late(points=2), seconds=25 * HOUR) == 4, "without a due date, too"


def test_points_are_exact():
    rule = Late(points=0.1, per="hour")
    assert taken(rule, seconds=3 * HOUR) == 0.3


def test_it_says_how_late_and_by_which_rule():
    found = deduction(DAILY, 20.0, 20.0, submitted="2026-10-04T04:09:00+02:00")
    assert found is not None
    assert found.reason == "handed in 2 days 4 h late: 10 % for each day (3 days)"


def test_without_a_rule_nothing_is_taken_off():
    assert deduction(None, 20.0, 20.0, seconds=HOUR) is None
    assert late_seconds(None, "2026-10-04T04:09:00+02:00") is None
    assert late_seconds(DAILY, "2026-10-02T00:09:00+02:00") == 600


def test_a_result_gets_its_deduction_and_keeps_its_score():
    right = result(check("a", "pass", points=20.0, max_points=20.0))
    late = with_deduction(right, DAILY, "2026-10-02T12:00:00+02:00", None)
    assert (late.score, late.grade) == (20, 18)
    assert with_deduction(late, DAILY, "2026-10-02T12:00:00+02:00", None) is late
    assert with_deduction(late, None, None, None).grade == 20, "the rule is no more"


moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1))
zones = st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "UTC"])
rules = st.builds(
    Late,
    due=moments,
    time_zone=zones,
    grace_minutes=st.sampled_from([0.0, 15.0]),
    per=st.sampled_from(["day", "hour"]),
    percent=st.sampled_from([1.0, 10.0, 33.3]),
    most_percent=st.sampled_from([None, 25.0]),
)


@given(rules, moments, st.timedeltas(timedelta(0), timedelta(days=60)))
def test_later_never_costs_less_and_never_more_than_there_is(rule, at, later):
    zone = ZoneInfo(rule.time_zone)
    first = at.replace(tzinfo=zone)
    second = (first.astimezone(ZoneInfo("UTC")) + later).astimezone(zone)
    early, late = (taken(rule, time.isoformat()) for time in (first, second))
    assert 0 <= early <= late <= 20
    if rule.most_percent is not None:
        assert late <= 5


TOML = 'schema = "grader/assignment/v1"\nid = "demo"\ntitle = "T"\nfile = "demo.py"\n[late]\n'


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("due = 2026-10-01T23:59:00\npoints = 1", "late.due: which time zone is that?"),
        ('due = 2026-10-01T23:59:00\ntime_zone = "Berlin"\npoints = 1', "no time zone 'Berlin'"),
        ('due = 2026-03-29T02:30:00\ntime_zone = "Europe/Berlin"\npoints = 1', "no such time"),
        ("due = 2026-10-01T23:59:00Z", "expected one of points and percent"),
        ("due = 2026-10-01T23:59:00Z\npoints = 1\npercent = 1", "expected one of points and"),
        ("due = 2026-10-01T23:59:00Z\npercent = 110", "late.percent: expected a number from 0"),
        ("due = 2026-10-01T23:59:00Z\npoints = nan", "late.points: expected a number from 0"),
        ("points = 1\nmost_points = 1\nmost_percent = 1", "most_points: expected one of"),
        ("due = 2026-10-01T23:59:00Z\nlast = 2026-10-01T00:00:00Z\npoints = 1", "late.last"),
        ("due = 2026-10-01T23:59:00Z\npoint = 1", "did you mean points?"),
        ('per = "week"\npoints = 1', 'expected "day" or "hour", got "week"'),
        ("due = 2026-10-01\npoints = 1", "late.due"),
        ('time_zone = "../../etc/passwd"\npoints = 1', "no time zone"),
    ],
)
def test_a_rule_that_can_not_be_is_told_by_its_line(tmp_path, lines, words):
    (tmp_path / "assignment.toml").write_text(TOML + lines + "\n")
    with pytest.raises(UsageError) as error:
        load(tmp_path)
    assert words in str(error.value)
    assert "assignment.toml" in str(error.value)


def test_a_rule_is_read(tmp_path):
    (tmp_path / "assignment.toml").write_text(
        TOML + 'due = 2026-10-01T23:59:00\ntime_zone = "Europe/Berlin"\ngrace_minutes = 10\n'
        'per = "hour"\npercent = 5\nmost_percent = 50\nlast = 2026-10-08T23:59:00\n'
    )
    rule = load(tmp_path).late
    assert rule is not None
    assert late_seconds(rule, "2026-10-01T22:59:00Z") == 3600
