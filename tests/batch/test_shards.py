"""Parts of a batch, graded apart and put together."""

from __future__ import annotations

import pytest

from grader.batch import Results
from grader.batch.compare import differences
from grader.batch.shards import merge
from grader.model import UsageError

from .conftest import RIGHT, WRONG


@pytest.fixture
def parts(desk):
    """A class of five, graded whole and in three parts."""
    desk.hand_in(ana=RIGHT, bo=WRONG, cy="", di=RIGHT, ed=WRONG)
    desk.batch()
    folders = [desk.folder / f"part{n}" for n in (1, 2, 3)]
    for number, folder in enumerate(folders, 1):
        desk.batch(folder, jobs=1, shard=(number, 3))
    return folders


def test_parts_put_together_are_the_whole(desk, parts):
    assert [len([g for g in Results(p).graded() if g.result]) for p in parts] == [2, 2, 0]
    merged = merge(parts, desk.folder / "all")
    assert merged.counts == {"pass": 2, "fail": 2, "unusable": 1}
    assert list(differences(desk.results, desk.folder / "all")) == []
    desk.batch(desk.folder / "all")
    assert desk.told.done == []


def test_a_part_that_is_missing_is_told_and_can_come_later(desk, parts):
    merged = merge(parts[:2], desk.folder / "all")
    assert [entry.id for entry in merged.waiting] == []  # cy can't be run
    merged = merge(parts[:1], desk.folder / "some")
    assert [entry.id for entry in merged.waiting] == ["bo", "ed"]
    merged = merge(parts[1:], desk.folder / "some")
    assert merged.waiting == []
    assert list(differences(desk.results, desk.folder / "some")) == []


def test_one_that_grader_failed_for_is_taken_from_where_it_did_not(desk):
    program = f"{RIGHT}# grader fails"
    desk.hand_in(ana=program)
    bad, good = desk.folder / "bad", desk.folder / "good"
    assert desk.batch(bad).counts == {"error": 1}
    desk.batch(good)
    (good / "ana/record.json").write_bytes(
        (good / "ana/record.json").read_bytes().replace(b'"the kernel said no"', b"null")
    )
    assert merge([bad, good], desk.folder / "all").errors == []
    assert [why for _, why in merge([bad], desk.folder / "b").errors] == ["the kernel said no"]


def test_what_is_not_of_one_batch_is_refused(desk, parts):
    desk.hand_in(zoe=RIGHT)
    other = desk.folder / "other"
    desk.batch(other)
    with pytest.raises(UsageError, match=r"are not parts of one batch: .* \(zoe\)"):
        merge([parts[0], other], desk.folder / "all")
    with pytest.raises(UsageError, match="is one of the parts"):
        merge(parts, parts[0])
    with pytest.raises(UsageError, match="is not a folder of results"):
        merge([desk.assignment], desk.folder / "all")


def test_one_that_was_graded_in_two_ways_is_refused(desk, parts):
    desk.checks.write_text(desk.checks.read_text().replace("points(3)", "points(4)"))
    other = desk.folder / "other"
    desk.batch(other)
    with pytest.raises(UsageError, match=r"ana was graded in .*part1 and in .*: checks differ"):
        merge([parts[0], other], desk.folder / "all")
