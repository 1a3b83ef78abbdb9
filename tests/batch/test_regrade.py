"""Regrading: by what was seen, with nothing run; or a refusal that says why not."""

from __future__ import annotations

import gzip
import json
import shutil

import pytest

from grader.batch.compare import differences
from grader.model import UsageError

from .conftest import RACY, RIGHT, WRONG


@pytest.fixture
def graded(desk, monkeypatch):
    """A desk with results, at which nothing more can be run."""
    from grader.assignments import recording

    desk.hand_in(ana=RIGHT, bo=WRONG, cy=RACY, di="nothing")
    desk.batch()

    def never(*_):
        raise AssertionError("something was run")

    monkeypatch.setattr(recording.Recorder, "traces", never)
    monkeypatch.setattr(recording.Recorder, "shortest", never)
    return desk


def change(desk, before, after):
    text = desk.checks.read_text()
    assert before in text
    desk.checks.write_text(text.replace(before, after))


def contents(desk):
    return {path: path.read_bytes() for path in desk.results.rglob("*") if path.is_file()}


def test_the_same_checks_say_the_same_byte_for_byte(graded):
    before = contents(graded)
    regraded = graded.regrade()
    assert (regraded.judged, regraded.changes, regraded.errors) == (4, [], [])
    assert contents(graded) == before


def test_who_changed_from_what_to_what_and_why(graded):
    change(graded, "points(3)", "points(5)")
    regraded = graded.regrade()
    changes = {change.entry.id: change for change in regraded.changes}
    assert {id: (c.before.grade, c.now.grade) for id, c in changes.items()} == {
        "ana": (4, 6),
        "bo": (1, 1),
        "cy": (1, 1),
        "di": (0, 0),
    }
    [(before, now)] = changes["ana"].checks
    assert (before.id, before.points, now.points) == ("waits", 3, 5)
    assert changes["bo"].grade_changed  # of 6 now, and not of 4
    assert graded.score("ana") == 6


def test_checks_that_are_new_or_no_more(graded):
    change(graded, "def test_forks", "def test_really_forks")
    [one, *_] = graded.regrade(only=["ana"]).changes
    told = [(b and b.id, n and n.id) for b, n in one.checks]
    assert told == [("forks", None), (None, "really_forks")]
    assert [check["id"] for check in graded.read("ana")["checks"]] == ["waits", "really_forks"]
    assert [check["id"] for check in graded.read("bo")["checks"]] == ["waits", "forks"]


def test_the_shortest_failure_that_was_found_is_shown_again(graded):
    shown = graded.read("cy")["checks"][0]
    assert shown["schedule"] == "1:z"
    change(graded, '"nobody waited"', '"no one waited"')
    graded.regrade()
    again = graded.read("cy")["checks"][0]
    assert (again["schedule"], again["runs"]) == ("1:z", shown["runs"])
    assert again["message"].startswith("no one waited")


def test_a_dry_run_leaves_everything_as_it_is(graded):
    before = contents(graded)
    change(graded, "points(3)", "points(5)")
    assert len(graded.regrade(dry_run=True).changes) == 4
    assert contents(graded) == before


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("[scenarios.pipe]\nstdio = 'pipe'\n", r"the scenario pipe is new or was changed"),
        ("budget = 7\n", r"the scenario every is new or was changed \(all submissions\)"),
        ("[limits]\nseconds = 3\n", r"the table \[limits\] is new or was changed"),
        ("[confinement]\nnetwork = true\n", r"the table \[confinement\] is new or was changed"),
    ],
)
def test_what_needs_new_runs_is_refused_and_nothing_changes(graded, more, told):
    before = contents(graded)
    graded.toml.write_text(graded.toml.read_text() + more)
    with pytest.raises(UsageError, match=f"can't be judged from the stored runs: {told}"):
        graded.regrade()
    assert contents(graded) == before


def test_a_submission_that_was_exchanged_is_named(graded):
    (graded.results / "bo/submission/demo.py").write_text(RIGHT)
    with pytest.raises(UsageError, match=r"what was handed in is new or was changed \(bo\)"):
        graded.regrade()


def test_a_scenario_less_needs_no_runs(desk):
    desk.toml.write_text(desk.toml.read_text() + "[scenarios.pipe]\nstdio = 'pipe'\n")
    desk.hand_in(ana=RIGHT, bo=WRONG)
    desk.batch()
    desk.toml.write_text(desk.toml.read_text().split("[scenarios.pipe]")[0])
    desk.regrade()
    assert {each["scenario"] for each in desk.read("bo")["traces"]} == {"every"}
    desk.batch()
    assert desk.told.done == []  # that is what it would have given


def test_what_was_never_graded_is_left_to_the_batch(desk):
    desk.hand_in(ana=RIGHT, bo=f"{RIGHT} grader fails", cy="")
    desk.batch()
    regraded = desk.regrade()
    assert (regraded.judged, [entry.id for entry in regraded.left]) == (1, ["bo"])


def test_damaged_runs_are_an_error_and_the_result_stays(graded):
    path = graded.results / "bo/runs.json.gz"
    path.write_bytes(path.read_bytes()[:-20])
    before = (graded.results / "bo/result.json").read_bytes()
    regraded = graded.regrade()
    [(entry, why)] = regraded.errors
    assert (entry.id, "damaged" in why) == ("bo", True)
    assert (graded.results / "bo/result.json").read_bytes() == before


def test_an_assignment_that_has_moved_is_asked_for(graded):
    moved = graded.folder / "moved"
    shutil.move(graded.assignment, moved)
    with pytest.raises(UsageError, match=r"no longer in .*demo: say where it is, with -a"):
        graded.regrade()


def test_lateness_is_counted_again(desk):
    """By the due date of now."""
    desk.hand_in(ana=RIGHT)
    desk.batch()
    batch = desk.results / "batch.json"
    document = json.loads(batch.read_bytes())
    document["entries"][0]["late_seconds"] = 3600.0
    batch.write_text(json.dumps(document))
    desk.toml.write_text(
        desk.toml.read_text().replace("[scenarios", "[late]\npoints = 1\n[scenarios", 1)
    )
    [change] = desk.regrade().changes
    assert (change.before.grade, change.now.grade) == (4, 3)


def test_stored_runs_say_what_they_are(graded):
    document = json.loads(gzip.decompress((graded.results / "cy/runs.json.gz").read_bytes()))
    assert document["schema"] == "grader/runs/v1"
    assert len(document["scenarios"]["every"]["traces"]) == 2


def test_regraded_results_are_those_of_a_fresh_batch(desk):
    desk.hand_in(ana=RIGHT, bo=WRONG, cy=RACY)
    desk.batch()
    change(desk, "points(3)", "points(5)")
    desk.regrade()
    fresh = desk.folder / "fresh"
    desk.batch(fresh)
    assert list(differences(desk.results, fresh)) == []
