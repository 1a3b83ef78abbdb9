"""The page about all submissions."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from statistics import mean, median

import msgspec
from markupsafe import Markup

from grader.model import Batch, GradedStatus
from grader.report.html.options import Options
from grader.report.html.page import STATUS_WORDS
from grader.report.html.rendering import render, shown
from grader.report.html.summaries import Row

_BARS = 11
_MOST_MEMBERS = 40
_MOST_GROUPS, _FIRST_GROUPS = 60, 6
"""Groups that are shown, and those that are in sight at once."""
_MOST_LISTED = 200
_ORDER: tuple[GradedStatus, ...] = ("pass", "fail", "error", "unusable", "missing", "waiting")


class Group(msgspec.Struct):
    """Submissions that fail in the same way."""

    name: str
    checks: list[str]
    """The descriptions of the checks that fail."""
    message: Markup
    """What happened in one of them."""
    shape: Markup
    """Of the run in which the first check failed, in words."""
    rows: list[Row]

    @property
    def listed(self) -> list[Row]:
        """Those that are named."""
        return self.rows[:_MOST_MEMBERS]


class Rate(msgspec.Struct):
    """How often a check fails."""

    description: Markup
    id: str
    passed: int = 0
    failed: int = 0
    other: int = 0

    @property
    def judged(self) -> int:
        """In how many submissions it was asked."""
        return self.passed + self.failed + self.other

    @property
    def share(self) -> float:
        """The part that fails."""
        return self.failed / self.judged if self.judged else 0.0


def _span(times: Sequence[str]) -> str:
    """When they were handed in, in words."""
    if not times:
        return ""
    first, last = min(times)[:10], max(times)[:10]
    return f"handed in on {first}" if first == last else f"handed in from {first} to {last}"


def overview_page(batch: Batch, rows: Sequence[Row], options: Options) -> str:
    """Make the page about all submissions."""
    groups = _groups(rows)
    name_of = {row.subject.id: group.name for group in groups for row in group.rows}
    graded = [row.score for row in rows if row.score is not None]
    most = max((row.max_score for row in rows), default=0.0)
    counts = Counter(row.status for row in rows)
    unproved = [row for row in rows if any(c.status == "unproved" for c in row.checks)]
    kept_back = options.anonymous
    return render(
        "overview",
        scripted=True,
        title=shown(batch.title or batch.assignment),
        assignment=batch.assignment,
        layout=batch.layout,
        total=len(rows) - counts["missing"],
        submitted=_span([entry.submitted for entry in batch.entries if entry.submitted]),
        counts=[(status, counts[status], STATUS_WORDS[status]) for status in _ORDER],
        most=f"{most:g}",
        middle=f"{median(graded):g}" if graded else "",
        average=f"{mean(graded):.1f}" if graded else "",
        histogram=_histogram(graded, most),
        rates=_rates(rows),
        groups=groups[:_MOST_GROUPS],
        first_groups=_FIRST_GROUPS,
        more_groups=max(len(groups) - _MOST_GROUPS, 0),
        attention=_attention(rows, unproved),
        unplaced=[]
        if kept_back
        else [
            (shown(one.name, None, 200), shown(one.reason, None, 200))
            for one in batch.unplaced[:_MOST_LISTED]
        ],
        unplaced_count=len(batch.unplaced),
        table=_table(rows, name_of),
        several_groups=bool(groups),
        anonymous=options.anonymous,
        shown=shown,
    )


# -- the table -----------------------------------------------------------------------------


def _table(rows: Sequence[Row], groups: Mapping[str, str]) -> Markup:
    """The rows of the table; by hand, as they are many."""
    parts = []
    for row in rows:
        score = "" if row.score is None else f"{row.score:g}"
        failed = sum(check.status == "fail" for check in row.checks)
        words = []
        if row.deduction:
            words.append(f"late, less {row.deduction:g}")
        elif row.late:
            words.append("late")
        if row.by_schedule:
            words.append("some schedules")
        if any(check.status == "unproved" for check in row.checks):
            words.append("unproved")
        if row.notes:
            words.append("note")
        about = row.subject.about[0] if row.subject.about else ""
        small = f' <span class="dim">{shown(about, None, 60)}</span>' if about else ""
        parts.append(
            f'<tr><td><a href="submissions/{row.subject.id}.html">'
            f"{shown(row.subject.name, None, 80)}</a>{small}</td>"
            f'<td><span class="badge {row.status}">{row.status}</span></td>'
            f'<td class="r">{score}</td><td class="r">{failed or ""}</td>'
            f"<td>{groups.get(row.subject.id, '')}</td><td>{', '.join(words)}</td></tr>"
        )
    return Markup("\n".join(parts))


# -- the distribution ----------------------------------------------------------------------


def _histogram(scores: Sequence[float], most: float) -> Markup:
    """How many have how many points, as bars; their numbers stand on them."""
    if not scores or most <= 0:
        return Markup()
    bars = min(_BARS, int(most) + 1)
    counts = [0] * bars
    for score in scores:
        counts[min(max(int(score / most * (bars - 1) + 1e-9), 0), bars - 1)] += 1
    width, height, bottom = 520, 196, 160
    step = width / bars
    highest = max(counts)
    parts = []
    for at, count in enumerate(counts):
        tall = (bottom - 24) * count / highest
        x = at * step
        least = most * at / (bars - 1) if bars > 1 else 0
        next_ = most * (at + 1) / (bars - 1) if bars > 1 else most
        label = f"{least:.3g}"
        said = label if at == bars - 1 else f"{label} to less than {next_:.3g}"
        parts.append(
            f'<rect x="{x + 4:.0f}" y="{bottom - tall:.0f}" width="{step - 8:.0f}" '
            f'height="{tall:.0f}"><title>{said} points: {count:,}</title></rect>'
            f'<text x="{x + step / 2:.0f}" y="{bottom + 15}">{label}</text>'
        )
        if count:
            y = bottom - tall - 5
            parts.append(f'<text class="v" x="{x + step / 2:.0f}" y="{y:.0f}">{count:,}</text>')
    words = "; ".join(
        f"{most * at / (bars - 1) if bars > 1 else 0:.3g}: {count}"
        for at, count in enumerate(counts)
    )
    return Markup(
        f'<svg class="hist" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="Submissions by points, from each number on: {words}">'
        f"{''.join(parts)}"
        f'<path d="M0 {bottom + 0.5}H{width}"/><text x="{width / 2:.0f}" y="{bottom + 29}">'
        "points, from this number up to the next</text></svg>"
    )


# -- checks and groups ---------------------------------------------------------------------


def _rates(rows: Sequence[Row]) -> list[Rate]:
    """The checks, the one that fails most first."""
    rates: dict[str, Rate] = {}
    for row in rows:
        for check in row.checks:
            rate = rates.get(check.id)
            if rate is None:
                text = shown(" ".join(check.description.split()), None, 200)
                rate = rates[check.id] = Rate(text, check.id)
            if check.status == "pass":
                rate.passed += 1
            elif check.status == "fail":
                rate.failed += 1
            else:
                rate.other += 1
    return sorted(rates.values(), key=lambda rate: (-rate.share, -rate.failed))


def _groups(rows: Sequence[Row]) -> list[Group]:
    """Submissions that fail alike, the most first; one that fails like no other is no group."""
    alike: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.shape is not None:
            alike[row.shape].append(row)
    several = sorted((g for g in alike.values() if len(g) > 1), key=lambda g: -len(g))
    groups = []
    for number, members in enumerate(several, 1):
        failed = [check for check in members[0].checks if check.status == "fail"]
        groups.append(
            Group(
                name=f"G{number}",
                checks=[" ".join(check.description.split()) for check in failed],
                message=shown(failed[0].message, None, 500),
                shape=shown(members[0].shape_words, None, 300),
                rows=members,
            )
        )
    return groups


def _attention(
    rows: Sequence[Row], unproved: Sequence[Row]
) -> list[tuple[str, str, list[tuple[Row, Markup]], int]]:
    """What somebody should look at: a title, what it means, the submissions, how many more."""
    kinds = [
        (
            "grader itself failed",
            "No verdict, and no zero: the same command tries these again.",
            [row for row in rows if row.status == "error"],
        ),
        (
            "Nothing that could be run",
            "Handed in, and not a program that can be judged.",
            [row for row in rows if row.status == "unusable"],
        ),
        ("Nothing handed in", "", [row for row in rows if row.status == "missing"]),
        ("Not graded yet", "", [row for row in rows if row.status == "waiting"]),
        (
            "Right by luck",
            "These fail in some orders of events only, and often look right.",
            [row for row in rows if row.by_schedule],
        ),
        (
            "Not proved",
            "What was seen can't tell for some checks.",
            unproved,
        ),
        (
            "Seen by sampling",
            "What is too quick may have been missed.",
            [row for row in rows if row.sampled],
        ),
        ("With a note", "", [row for row in rows if row.notes]),
    ]
    found = []
    for title, words, those in kinds:
        if those:
            listed = [
                (row, shown(row.reason or "; ".join(row.notes), None, 300))
                for row in those[:_MOST_LISTED]
            ]
            found.append((title, words, listed, len(those)))
    return found
