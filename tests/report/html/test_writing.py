"""Writing a report: what is in its folder, what it replaces, and what it does not touch."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest

from grader.batch import Results
from grader.model import Check, UsageError
from grader.report.html import Options, write_report
from grader.report.html.shapes import depends_on_schedule, failure_shape
from tests.report.html.results import (
    SOURCE,
    check,
    class_of,
    graded,
    many_processes,
    result,
    right,
    store,
    with_one_wait,
)
from tests.report.nasty import NASTY
from tests.report.stories import one_wait_only
from tests.report.telling import Telling, figure_18_3

MARKUP = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'><svg onload=alert(3)></title>"


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def text_of(page: str) -> str:
    """What can be read on a page."""
    text: list[str] = []
    parser = HTMLParser()
    parser.handle_data = text.append  # type: ignore[method-assign]
    parser.feed(page.partition("</style>")[2])
    return "".join(text)


def report_on(tmp_path: Path, *rows: object, options: Options | None = None, **fields: object):
    folder = store(tmp_path / "results", list(rows), **fields)  # type: ignore[arg-type]
    opened = write_report(Results(folder), options=options)
    return opened if opened.is_dir() else opened.parent


def test_every_entry_has_a_page_and_the_same_results_make_the_same_report(tmp_path: Path):
    folder = class_of(tmp_path / "results")
    results = Results(folder)
    opened = write_report(results)
    assert opened == folder / "report" / "index.html"
    first = files(opened.parent)
    pages = {f"submissions/{entry.id}.html" for entry in results.batch.entries}
    assert set(first) == {"index.html", "report.json"} | pages
    write_report(results)
    assert files(opened.parent) == first


def test_several_processes_write_what_one_does(tmp_path: Path):
    rows = [graded(f"s{n:03}", with_one_wait() if n % 3 else right()) for n in range(70)]
    folder = store(tmp_path / "results", rows)
    told: list[tuple[int, int]] = []
    many = write_report(Results(folder), progress=lambda *done: told.append(done)).parent
    assert told[-1] == (70, 70)
    few = store(tmp_path / "few", rows[:50])
    one = write_report(Results(few)).parent
    assert (many / "submissions/s049.html").read_text().replace(str(folder), str(few)) == (
        one / "submissions/s049.html"
    ).read_text()


def test_a_report_replaces_a_report_and_nothing_else(tmp_path: Path):
    folder = store(tmp_path / "results", [graded("ana", right()), graded("ben", right())])
    place = tmp_path / "out"
    write_report(Results(folder), place)
    write_report(Results(folder), place, Options(anonymous=True))
    left = [path.name for path in (place / "submissions").iterdir()]
    assert len(left) == 2
    assert "ana.html" not in left  # nothing is left of the report that named people
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("three years of work")
    with pytest.raises(UsageError, match="has other files"):
        write_report(Results(folder), mine)
    assert (mine / "thesis.txt").exists()
    (tmp_path / "link").symlink_to(mine)
    with pytest.raises(UsageError, match="is no folder"):
        write_report(Results(folder), tmp_path / "link")
    leftovers = {path.name for path in tmp_path.iterdir()}
    assert leftovers == {"results", "out", "mine", "link"}


def test_a_folder_that_can_not_be_written_is_named(tmp_path: Path):
    folder = store(tmp_path / "results", [graded("ana", right())])
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match=r"can't be written to .*file/report: .*-o names another"):
        write_report(Results(folder), tmp_path / "file" / "report")


def test_a_broken_result_is_a_usage_error(tmp_path: Path):
    folder = store(tmp_path / "results", [graded("ana", right())])
    (folder / "ana" / "result.json").write_bytes(b"{")
    with pytest.raises(UsageError, match=r"ana/result\.json"):
        write_report(Results(folder))
    assert not (folder / "report").exists()


# -- what a page says ----------------------------------------------------------------------


def test_a_page_says_what_a_report_in_a_terminal_says(tmp_path: Path):
    place = report_on(tmp_path, graded("ben", with_one_wait(), "Ben O'Neill"))
    page = text_of((place / "submissions/ben.html").read_text())
    for words in (
        "Ben O'Neill",
        "3 of 10 points",
        "The second child (P.2) was still running when its parent exited.",
        "One os.wait() collects one child, so two children need two.",
        "orphaned: alive when P ended",
        "Child 4243 finished first",
        "unproved",
        "orphan P.2: The second child",
    ):
        assert words in page


def test_the_command_to_see_it_again_is_for_who_reads_it(tmp_path: Path):
    failed = check("reaps", schedule="1:b,pipe", scenario="pipe")
    rows = [graded("ana", result(failed))]
    folder = store(tmp_path / "results", rows)
    page = (write_report(Results(folder)).parent / "submissions/ana.html").read_text()
    there = f"{folder}/ana/submission/fig18_03.py"
    assert f"grader replay {there} --schedule 1:b,pipe" in text_of(page)
    student = write_report(Results(folder), options=Options(student=True))
    page = (student / "ana.html").read_text()
    assert "grader replay fig18_03.py --schedule 1:b,pipe" in text_of(page)
    assert str(tmp_path) not in page


def test_a_late_deduction_is_told(tmp_path: Path):
    page = text_of((report_on_class(tmp_path) / "submissions/dora.html").read_text())
    assert "3 of 4 points" in page
    assert "4 points from the checks, less 1: 2 hours late" in page


def report_on_class(tmp_path: Path, **options: bool) -> Path:
    opened = write_report(Results(class_of(tmp_path / "results")), options=Options(**options))
    return opened if opened.is_dir() else opened.parent


def test_no_verdict_is_no_zero(tmp_path: Path):
    place = report_on_class(tmp_path) / "submissions"
    for name, words in {
        "ida": "which is no fault of the submission: the supervising process was killed",
        "gus": "Why it can't be run: the file is empty",
        "hal": "nothing was handed in",
        "jon": "not graded yet",
    }.items():
        page = text_of((place / f"{name}.html").read_text())
        assert words in page
        assert "points" not in page


@pytest.mark.parametrize("name", [*NASTY, "markup"])
def test_a_page_holds_whatever_is_in_it(tmp_path: Path, name: str):
    text = NASTY.get(name, MARKUP.encode())
    words = text[:3000].decode(errors="surrogateescape")
    run = Telling("python3", words)
    child = run.fork()
    run.write(child, text[:200_000])
    run.exec(child, words[:500], words[:500])
    run.exit(child)
    run.reap("P", child)
    run.exit("P")
    bad = check("c", message=words, hint=words, description=words, where=[2])
    told = result(bad, traces=(run.trace(scenario="terminal", doubts=[words]),))
    row = graded("ana", told, words[:100], notes=[words])
    place = report_on(tmp_path, row, source=text[:300_000])
    for page in (place / "submissions/ana.html", place / "index.html"):
        data = page.read_text("utf-8")
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e]", data)
        assert not re.search(r"<(?!meta|style|/style)[^<>]*\son\w+=", data)
        assert data.count("<script") == (page.name == "index.html")
        assert "<img" not in data
        assert len(data.encode()) <= 80_000


def test_a_page_is_small_even_for_a_thousand_processes(tmp_path: Path):
    trace = many_processes()
    last = trace.process("P.900")
    told = result(check("few", process="P.900", where=[last.exited]), traces=(trace,))
    place = report_on(tmp_path, graded("ana", told)) / "submissions/ana.html"
    assert place.stat().st_size <= 80_000
    page = text_of(place.read_text())
    assert "It made 1,000 other processes" in page
    assert re.search(r"… [\d,]+ more like P\.\d+", page)
    assert "910 lines left out" in page


# -- students --------------------------------------------------------------------------------


def secret() -> Check:
    return check("secret", visibility="hidden", message="the secret way", hint="a secret hint")


def test_students_see_hints_and_no_hidden_checks(tmp_path: Path):
    late = check("later", visibility="after-due-date", message="told later")
    open_ = check("open", message="told now", hint="think of os.wait")
    told = result(secret(), late, open_)
    place = report_on(tmp_path, graded("ana", told), options=Options(student=True))
    assert [path.name for path in place.iterdir()] == ["ana.html"]
    assert not (place.parent / "index.html").exists()  # it would tell everyone's scores
    page = (place / "ana.html").read_text()
    assert "think of os.wait" in page
    assert "secret" not in page
    assert "Told later" not in page
    assert "All submissions" not in page
    folder = tmp_path / "results"
    later = write_report(
        Results(folder), tmp_path / "later", Options(student=True, after_due_date=True)
    )
    page = (later / "ana.html").read_text()
    assert "Told later" in page
    assert "secret" not in page


def test_instructors_see_which_checks_are_hidden(tmp_path: Path):
    place = report_on(tmp_path, graded("ana", result(secret())))
    page = text_of((place / "submissions/ana.html").read_text())
    assert "The secret way" in page
    assert "hidden" in page


# -- failing alike -----------------------------------------------------------------------------


def test_pids_and_times_are_no_part_of_a_shape():
    one, other = with_one_wait(), with_one_wait(9000)
    assert one.traces != other.traces
    assert failure_shape(one) == failure_shape(other)
    assert failure_shape(right()) is None


def test_another_end_or_check_is_another_shape():
    shapes = {failure_shape(with_one_wait())}
    trace = one_wait_only()
    for told in (
        result(check("reaps"), traces=(trace,)),
        result(check("reaps"), check("forks"), traces=(trace,)),
        result(check("reaps", where=[2]), traces=(trace,)),
        result(check("reaps"), traces=(msgspec.structs.replace(trace, ended="deadlock"),)),
        result(
            check("reaps"), traces=(msgspec.structs.replace(figure_18_3(), scenario="terminal"),)
        ),
    ):
        shapes.add(failure_shape(told))
    assert len(shapes) == 6


def test_right_by_luck_is_what_fails_in_another_schedule_than_the_usual():
    usual = msgspec.structs.replace(figure_18_3(), scenario="terminal", schedule="1:")
    rare = msgspec.structs.replace(one_wait_only(), schedule="1:b")
    assert depends_on_schedule(result(check(schedule="1:b"), traces=(usual, rare)))
    assert not depends_on_schedule(result(check(schedule="1:"), traces=(usual,)))
    assert not depends_on_schedule(right())


def test_the_source_is_shown_with_the_lines_concerned(tmp_path: Path):
    place = report_on(tmp_path, graded("ben", with_one_wait()))
    page = (place / "submissions/ben.html").read_text()
    hits = re.findall(r'class="hit" id="L(\d+)"', page)
    assert str(1 + SOURCE.splitlines().index(b"os.wait()")) in hits
    assert "<code>os.wait()</code>" in page


def test_a_long_program_is_cut_around_the_lines_concerned(tmp_path: Path):
    long = b"import os\n" + b"x = 1\n" * 3_000 + b"os.wait()\n" + b"y = 2\n" * 3_000
    place = report_on(tmp_path, graded("ben", with_one_wait()), source=long)
    page = (place / "submissions/ben.html").read_text()
    assert 'id="L3002"' in page
    assert "lines left out" in page
    assert len(page.encode()) <= 80_000
