"""grader export: what is written where, what is said, and the exit status for every ending."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import msgspec
import pytest

from grader import cli
from grader.report.exports import FORMATS
from tests.report.html.results import class_of


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return class_of(tmp_path / "results")


@pytest.fixture
def export(capfd):
    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as end:
            cli.main(["export", *arguments])
        out, err = capfd.readouterr()

        return int(end.value.code or 0), out, err

    return run


def test_one_document_goes_to_standard_output_or_a_file(results, export):
    status, out, _ = export("results", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert status == 0
    assert len(rows) == 10
    assert {row["submission"]: row["grade"] for row in rows}["dora"] == "3", "less what is late"
    assert export("results", "--format", "csv", "-o", "new/grades.csv")[:2] == (0, "")
    assert Path("new/grades.csv").read_text() == out.replace("\r\n", "\n")


def test_who_has_no_grade_is_named_on_standard_error(results, export):
    status, out, err = export("results", "--format", "canvas", "--column", "Homework (7)")
    assert status == 0
    assert len(list(csv.reader(io.StringIO(out)))) == 7
    assert "no row for Gus Hill: the file is empty" in err
    assert "no row for Ida Jones: not graded, by a failure of grader" in err
    status, out, err = export(
        *("results", "--format", "canvas", "--column", "Homework (7)"),
        *("--zero", "unusable,missing"),
    )
    assert len(list(csv.reader(io.StringIO(out)))) == 9
    assert "Ida Jones" in err, "a failure of grader is never a zero"


@pytest.mark.parametrize(
    "name", [name for name, each in FORMATS.items() if each.each and not each.whole]
)
def test_one_a_submission_goes_into_a_folder(results, export, name):
    status, out, err = export("results", "--format", name, "-o", "out")
    assert (status, out) == (0, "")
    suffix = FORMATS[name].suffix
    written = {path.name for path in Path("out").iterdir()}
    assert {f"ana{suffix}", f"ben{suffix}"} <= written
    assert f"{len(written)} files are in out" in err
    for path in Path("out").iterdir():
        assert path.stat().st_size
        if suffix == ".json":
            json.loads(path.read_bytes())


def test_names_are_left_out_where_asked_for(results, export):
    status, out, _ = export("results", "--format", "csv", "--anonymous")
    assert status == 0
    people = ("ana", "ben", "López", "Neill", "Chloé", "Dora", "Eve", "Gus", "Ida", "Jon ")
    assert not [name for name in people if name in out]
    rows = list(csv.DictReader(io.StringIO(out)))
    assert len({row["submission"] for row in rows}) == 10
    assert export("results", "--format", "csv", "--anonymous")[1] == out, "the same each time"


def test_a_gradebook_is_filled_with_what_is_known(results, export):
    Path("book.csv").write_text(
        "Student,ID,SIS User ID,SIS Login ID,Section,Fig. 18.3 (12)\n"
        "    Points Possible,,,,,4.00\n"
        '"López, Ana",1,,ana,A,\n"Hill, Gus",2,,gus,A,1\n'
    )
    status, out, err = export("results", "--format", "canvas", "--gradebook", "book.csv")
    assert status == 0
    assert list(csv.reader(io.StringIO(out)))[1:] == [
        ["López, Ana", "1", "", "ana", "A", "4"],
        ["Hill, Gus", "2", "", "gus", "A", "1"],
    ]
    assert "nothing is changed for Gus Hill: the file is empty" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere", "--format", "csv"], "not a folder of results"),
        (["results", "--format", "canvass"], "did you mean canvas?"),
        (["results", "--format", "classroom50", "-o", "x"], "no format 'classroom50' here"),
        (["results", "--format", "gradescope"], "give a folder with -o FOLDER"),
        (["results", "--format", "gradescope", "-o", "results/batch.json"], "is not a folder"),
        (["results", "--format", "csv", "-o", "results"], "can't be written"),
        (["results", "--format", "csv", "--zero", "error"], "never a zero"),
        (["results", "--format", "canvas", "--gradebook", "none.csv"], "No such file"),
        (["results", "--format", "canvas", "--anonymous"], "--anonymous is for csv"),
        (["results", "--format", "moodle"], "--roster"),
        (["results", "--format", "autolab", "-o", "x", "--problem", "a:b"], "colon"),
    ],
)
def test_what_can_not_be_used_is_one_line_and_status_2(results, export, arguments, words):
    status, out, err = export(*arguments)
    assert (status, out) == (2, "")
    assert words in err
    assert "Traceback" not in err


def test_a_result_that_is_broken_is_named(results, export):
    (results / "ana" / "result.json").write_text("{")
    status, _, err = export("results", "--format", "csv")
    assert status == 2
    assert "ana/result.json" in err


def test_nothing_is_left_half_written(results, export, monkeypatch):
    Path("grades.csv").write_text("before")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    status, _, err = export("results", "--format", "csv", "-o", "grades.csv")
    assert status == 2
    assert "No space left" in err
    assert Path("grades.csv").read_text() == "before"
    assert [path.name for path in Path().glob(".grader-*")] == []


def test_an_unplaced_file_is_nobody_s_row(results, export):
    batch = msgspec.json.decode((results / "batch.json").read_bytes())
    assert batch["unplaced"]
    assert "notes.txt" not in export("results", "--format", "csv")[1]
