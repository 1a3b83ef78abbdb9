"""Names that tell nothing, and texts without names."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from grader.batch import Results
from grader.model import Entry, Student, UsageError
from grader.report.anonymous import Anonymous
from grader.report.html import Options, write_report
from tests.report.html.results import check, graded, result, right, store
from tests.report.telling import Telling

ANA = Student(
    id="48213",
    name="Ana López Quintero",
    login="alopez7",
    email="ana.lopez@uni.example",
    columns={"SIS Login ID": "alq-77812", "Section": "Monday", "Fig. 18.3": "20"},
)
BOB = Student(id="51111", name="Bob Wait", login="bwait")


def entry(student: Student, id: str, **fields: object) -> Entry:
    given = {"name": f"all.zip/{id}_48213_fig18_03.py", "file": "fig18_03.py"}
    return Entry(id=id, student=student, **given | fields)  # type: ignore[arg-type]


@pytest.fixture
def results(tmp_path: Path) -> Results:
    source = (
        b"# Ana Lopez (alopez7), with Bob Wait's help; ana.lopez@uni.example\n"
        b"# LOPEZQUINTEROANA wrote this; id 48213, alq-77812\n"
        b"import os\nos.wait()\n"
    )
    run = Telling("python3", "/home/alopez7/lopez_ana_fig18_03.py")
    run.write("P", "hello from Ana Lo\u0301pez\n")
    run.exec("P", "/home/alopez7/bin/lopez", "x")
    run.exit("P", 1)
    failed = check(message="Ana L\u00f3pez printed it, at /home/alopez7/x", where=[1])
    told = result(failed, traces=(run.trace(scenario="terminal"),))
    rows = [
        msgspec.structs.replace(
            graded("x", told), entry=entry(ANA, "lopezana_48213", notes=["lopezana.zip was taken"])
        ),
        msgspec.structs.replace(graded("x", right()), entry=entry(BOB, "waitbob_51111")),
    ]
    return Results(store(tmp_path / "results", rows, source=source))


def test_nothing_in_an_anonymous_report_names_anybody(results: Results):
    opened = write_report(results, options=Options(anonymous=True))
    for path in opened.parent.rglob("*"):
        names = re.compile(r"l.?o.?pez|quintero|alopez|48213|77812|51111", re.I)
        assert not names.search(path.name)
        if path.is_file():
            text = path.read_text("utf-8")
            assert not names.search(text), names.search(text)
            assert not re.search(r"\b(ana|bob)\b", text, re.I)
    for page in opened.parent.rglob("s-*.html"):
        assert "os.wait()" in page.read_text()  # Bob's surname is what the program is about


def test_neutral_ids_stay_when_others_come(results: Results, tmp_path: Path):
    anonymous = Anonymous(results.batch, results.folder)
    before = [anonymous.id(entry) for entry in results.batch.entries]
    more = msgspec.structs.replace(
        results.batch, entries=[entry(BOB, "a_new_one"), *results.batch.entries]
    )
    again = Anonymous(more, results.folder)
    assert [again.id(each) for each in more.entries[1:]] == before
    elsewhere = Anonymous(results.batch, tmp_path)  # another batch, another key
    assert elsewhere.id(results.batch.entries[0]) != before[0]
    assert (results.folder / "anonymous.key").stat().st_mode & 0o077 == 0


def test_a_broken_key_is_not_used(results: Results):
    (results.folder / "anonymous.key").write_bytes(b"")
    with pytest.raises(UsageError, match="remove it"):
        Anonymous(results.batch, results.folder)
