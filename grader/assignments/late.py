"""The rule for late submissions, ``[late]`` in ``assignment.toml``: pure functions of time.

Times are instants: a due date has an offset (``2026-10-01T23:59:00+02:00``), or a ``time_zone`` by
its name, in which days are counted as a calendar counts them: what is due on the evening before
clocks change is a day late on the next evening, 23 or 25 hours later.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import ceil
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from grader.model import Deduction, Result

Per = Literal["day", "hour"]

_SECONDS: dict[Per, int] = {"day": 86_400, "hour": 3_600}
_MOST_UNITS = 100_000
"""Days or hours; more than that late is no deadline of anybody's."""


class Late(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table ``[late]``. What is handed in late loses something for each day, or hour,
    that has begun since it was due."""

    due: datetime | None = None
    """When it is due. None: only where the learning management system says how late it is."""
    time_zone: str | None = None
    """Where the due date has no offset: the name of a zone, such as ``Europe/Berlin`` (the
    IANA time zone database)."""
    grace_minutes: float = 0.0
    """So late costs nothing. What is later than that is late by the whole time since it was due."""
    per: Per = "day"
    points: float | None = None
    """What each begun day or hour costs: points ..."""
    percent: float | None = None
    """... or that share of the points that there are."""
    most_points: float | None = None
    """No more than so many points are taken off ..."""
    most_percent: float | None = None
    """... or no more than that share of the points that there are."""
    last: datetime | None = None
    """What comes after this counts nothing."""


def late_problems(rule: Late) -> Iterator[tuple[str, str]]:
    """What the types allow and the rule does not: key and sentence."""
    zone = None
    if rule.time_zone is not None:
        try:
            zone = _zone(rule.time_zone)
        except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError
            yield (
                "time_zone",
                f"this system has no time zone {rule.time_zone!r}: expected a name such as "
                '"Europe/Berlin" (a container may need the package tzdata)',
            )
            return
    for key, time in (("due", rule.due), ("last", rule.last)):
        if time is None:
            continue
        if time.tzinfo is None and zone is None:
            yield key, 'which time zone is that? Add one: time_zone = "Europe/Berlin", or +02:00'
        elif time.tzinfo is None and zone is not None and not _exists(time, zone):
            yield key, f"there is no such time in {rule.time_zone}: clocks are put forward over it"
        elif not 1971 <= time.year <= 9000:
            yield key, "expected a year from 1971 to 9000"
    problems = list(_number_problems(rule))
    yield from problems
    if not problems and rule.due is not None and rule.last is not None:
        aware = all(time.tzinfo or zone for time in (rule.due, rule.last))
        if aware and _instant(rule, rule.last) < _instant(rule, rule.due):
            yield "last", "expected a time that is not before the due date"


def late_seconds(rule: Late | None, submitted: str | None) -> float | None:
    """How late a submission is, in seconds; 0 when it is on time, None where nothing tells.

    ``submitted``: ISO 8601; without an offset it is a time in the rule's time zone.
    """
    if rule is None or rule.due is None or submitted is None:
        return None
    time = _parsed(rule, submitted)
    if time is None:
        return None
    return max(0.0, (time - _instant(rule, rule.due)).total_seconds())


def deduction(
    rule: Late | None,
    score: float,
    max_score: float,
    *,
    submitted: str | None = None,
    seconds: float | None = None,
) -> Deduction | None:
    """What the rule takes off a score; None where that is nothing, or where nothing tells
    when it was handed in.

    ``seconds``: how late the learning management system says that it is; it knows of extensions,
    so this comes before ``submitted`` (ISO 8601).
    """
    if rule is None:
        return None
    if seconds is None:
        seconds = late_seconds(rule, submitted)
    if seconds is None or not seconds > max(0.0, rule.grace_minutes * 60):
        return None
    handed_in = None if rule.due is None else _instant(rule, rule.due) + _delta(seconds)
    if handed_in is None and submitted is not None:
        handed_in = _parsed(rule, submitted)
    how = f"handed in {_words(seconds)} late"
    if rule.last is not None and handed_in is not None and handed_in > _instant(rule, rule.last):
        last = rule.last.isoformat(sep=" ", timespec="minutes")
        return Deduction(points=score, reason=f"{how}: after {last}, nothing counts")
    units = _units(rule, seconds)
    each, share = _cost(rule.points, rule.percent, max_score)
    most, most_share = _cost(rule.most_points, rule.most_percent, max_score)
    points = float(min(each * units, most if most_share else each * units, Decimal(str(score))))
    if points <= 0:
        return None
    count = f"{units:,} {rule.per}{'s' if units > 1 else ''}"
    limit = f", {most_share} at most" if most_share else ""
    return Deduction(points=points, reason=f"{how}: {share} for each {rule.per} ({count}){limit}")


def with_deduction(
    result: Result, rule: Late | None, submitted: str | None, seconds: float | None
) -> Result:
    """The result with what the rule takes off; ``submitted`` and ``seconds`` as for
    ``deduction``. The result itself where that is what it has already."""
    taken = deduction(rule, result.score, result.max_score, submitted=submitted, seconds=seconds)
    if taken == result.deduction:
        return result
    return msgspec.structs.replace(result, deduction=taken)


def _number_problems(rule: Late) -> Iterator[tuple[str, str]]:
    if (rule.points is None) == (rule.percent is None):
        yield "", "expected one of points and percent: what each day or hour costs"
    if rule.most_points is not None and rule.most_percent is not None:
        yield "most_points", "expected one of most_points and most_percent, not both"
    for key in ("points", "most_points", "percent", "most_percent", "grace_minutes"):
        value = getattr(rule, key)
        most = 100 if key.endswith("percent") else 10**9
        if value is not None and not 0 <= value <= most:  # nor NaN, which TOML has
            yield key, f"expected a number from 0 to {most:,}"


def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _exists(time: datetime, zone: ZoneInfo) -> bool:
    """Whether clocks ever show this time; where they are put forward, they skip some."""
    there = time.replace(tzinfo=zone)
    return there.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == time


def _instant(rule: Late, time: datetime) -> datetime:
    """The moment, in UTC. Where clocks are put back a time comes twice: the later one counts,
    in favour of who hands in; likewise where clocks skip it."""
    if time.tzinfo is not None:
        return time.astimezone(UTC)
    zone = _zone(rule.time_zone) if rule.time_zone else UTC
    return max(time.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))


def _parsed(rule: Late, submitted: str) -> datetime | None:
    try:
        time = datetime.fromisoformat(submitted)
        return _instant(rule, time)
    except (ValueError, OverflowError):
        return None


def _delta(seconds: float) -> timedelta:
    return timedelta(seconds=min(seconds, float(_MOST_UNITS) * 86_400))


def _units(rule: Late, seconds: float) -> int:
    """How many days, or hours, have begun since it was due; at least one."""
    counted = max(1, min(ceil(seconds / _SECONDS[rule.per]), _MOST_UNITS))
    if rule.per == "hour" or rule.due is None or rule.due.tzinfo is not None or not rule.time_zone:
        return counted
    handed_in = _instant(rule, rule.due) + _delta(seconds)
    days = max(1, counted - 1)
    while _instant(rule, rule.due + timedelta(days=days)) < handed_in:
        days += 1
    return days


def _cost(points: float | None, percent: float | None, max_score: float) -> tuple[Decimal, str]:
    """A number of points, exact, and how to say it; nothing and "" where neither is given."""
    if points is not None:
        return Decimal(str(points)), f"{points:g} point{'' if points == 1 else 's'}"
    if percent is not None:
        share = Decimal(str(percent)) * Decimal(str(max_score)) / 100
        return share, f"{percent:g} %"
    return Decimal(0), ""


def _words(seconds: float) -> str:
    """``3 h 20 min``, ``2 days 4 h``: rounded down, and never nothing."""
    minutes = int(min(seconds, float(_MOST_UNITS) * 86_400)) // 60
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [f"{days:,} day{'s' if days > 1 else ''}"] if days else []
    parts += [f"{hours} h"] if hours else []
    parts += [f"{minutes} min"] if minutes and not days else []
    return " ".join(parts) or "less than a minute"
