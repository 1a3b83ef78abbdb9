"""The pages in a real browser."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from grader.batch import Results
from grader.report.html import write_report
from tests.report.html.browsing import page_of
from tests.report.html.results import (
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
from tests.report.telling import Telling, figure_18_3

MARKUP = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'><svg onload=alert(3)>"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = class_of(tmp_path_factory.mktemp("class") / "results")
    return write_report(Results(folder)).parent


def report_on(tmp_path: Path, *rows: Any, **fields: Any) -> Path:
    return write_report(Results(store(tmp_path / "results", list(rows), **fields))).parent


def names(page: Any) -> list[str]:
    """The names in the table that can be seen."""
    seen = "rows => rows.filter(r => r.offsetParent).map(r => r.querySelector('a').textContent)"
    return page.locator("#all tbody tr").evaluate_all(seen)


def column(page: Any, at: int) -> list[str]:
    return page.locator(f"#all tbody tr td:nth-child({at})").all_inner_texts()


def test_the_overview_tells_what_became_of_each(browser: Any, report: Path):
    with page_of(browser, report / "index.html") as page:
        tiles = page.locator(".tiles li").all_inner_texts()
        assert tiles[0].split() == ["9", "submissions"]  # and one who handed in nothing
        counts = {tile.split()[1]: tile.split()[0] for tile in tiles[1:7]}
        assert counts == {
            **{"pass": "2", "fail": "4", "error": "1"},
            **{"unusable": "1", "missing": "1", "waiting": "1"},
        }
        assert column(page, 2).count("error") == 1
        errors = dict(zip(names(page), column(page, 3), strict=True))
        assert errors["Ida Jones"] == ""  # never a zero
        assert errors["Dora Kim"] == "3"  # 4, less what is taken off
        for title in ("Right by luck: 1", "Nobody's: 1"):  # what failed itself is open
            page.get_by_text(title).click()
        assert page.get_by_text("the supervising process was killed").is_visible()
        assert page.get_by_text("notes.txt").is_visible()


def test_those_that_fail_alike_are_a_group(browser: Any, report: Path):
    with page_of(browser, report / "index.html") as page:
        group = page.locator(".group")
        assert group.count() == 1
        assert "2 submissions" in group.inner_text()
        group.get_by_role("button").click()
        assert names(page) == ["Ben O'Neill", "Chloé Smith"]
        page.get_by_role("button", name="Show all").click()
        page.wait_for_function("document.querySelectorAll('#all tbody tr[hidden]').length === 0")
        assert len(names(page)) == 10


def test_the_table_sorts_and_filters(browser: Any, report: Path):
    with page_of(browser, report / "index.html") as page:
        points = page.get_by_role("columnheader").filter(has_text="points")
        points.get_by_role("button").click()
        assert points.get_attribute("aria-sort") == "ascending"
        shown = [float(text) for text in column(page, 3) if text]
        assert shown == sorted(shown)
        assert column(page, 3)[-1] == ""  # what has no points is last either way
        points.get_by_role("button").click()
        assert points.get_attribute("aria-sort") == "descending"
        assert [float(text) for text in column(page, 3) if text] == shown[::-1]
        assert column(page, 3)[-1] == ""
        page.get_by_label("Find").fill("smith")
        assert names(page) == ["Chloé Smith"]
        assert page.get_by_role("status").inner_text() == "1 of 10 shown"
        page.get_by_label("Find").fill("")
        page.get_by_label("Status").select_option("missing")
        assert names(page) == ["Hal Ito"]


def test_the_keyboard_is_enough(browser: Any, report: Path):
    with page_of(browser, report / "index.html") as page:
        page.get_by_label("Find").focus()
        page.keyboard.type("o'neill")
        focused = "document.activeElement.textContent"
        for _ in range(20):
            page.keyboard.press("Tab")
            if page.evaluate(focused).startswith("status"):
                break
        page.keyboard.press("Enter")
        head = page.get_by_role("columnheader").filter(has_text="status")
        assert head.get_attribute("aria-sort") == "ascending"
        page.get_by_label("Find").fill("")
        page.locator("#all tbody a").first.focus()
        page.keyboard.press("ArrowDown")
        second = page.locator("#all tbody a").nth(1).inner_text()
        assert page.evaluate(focused) == second
        page.keyboard.press("Enter")
        page.wait_for_url("**/submissions/*.html")
        assert page.locator("h1").inner_text() == second


def test_pages_work_without_javascript(browser: Any, report: Path):
    with page_of(browser, report / "index.html", java_script_enabled=False) as page:
        assert len(names(page)) == 10
        assert not page.locator("#controls").is_visible()  # nothing that would do nothing
        page.get_by_role("link", name="Ben O'Neill").first.click()
        page.wait_for_url("**/ben.html")
        assert page.locator(".bands.events").is_visible()
        assert not page.locator(".bands.time").is_visible()
        page.get_by_label("time", exact=True).check()
        assert page.locator(".bands.time").is_visible()
        assert not page.locator(".bands.events").is_visible()


def boxes(page: Any, selector: str) -> list[dict[str, float]]:
    return [each.bounding_box() for each in page.locator(selector).all()]


def middle(locator: Any) -> float:
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2


def test_the_timeline_is_the_run(browser: Any, tmp_path: Path):
    """Fig. 18.3: both children are forked, the second one ends first."""
    place = report_on(tmp_path, graded("ana", right())) / "submissions/ana.html"
    with page_of(browser, place) as page:
        events = ".bands.events"
        lanes = page.locator(f"{events} .lane")
        assert [lane.get_attribute("data-p") for lane in lanes.all()] == ["P", "P.1", "P.2"]
        tops = [box["y"] for box in boxes(page, f"{events} .lane .p")]
        assert tops == sorted(tops)
        forks = page.locator(f"{events} .l.fork").all()
        assert [fork.get_attribute("data-to") for fork in forks] == ["P.1", "P.2"]
        reaps = page.locator(f"{events} .l.reap").all()
        assert [reap.get_attribute("data-to") for reap in reaps] == ["P.2", "P.1"]
        order = [each.bounding_box()["x"] for each in [*forks, *reaps]]
        assert order == sorted(order)
        for arrow in (*forks, *reaps):  # a fork points down at the child, an end up at the wait
            tip, whole = arrow.locator(".tip").bounding_box(), arrow.bounding_box()
            down = tip["y"] > whole["y"] + whole["height"] / 2
            assert down == ("fork" in arrow.get_attribute("class"))
        for child, fork, reap in (("P.1", forks[0], reaps[1]), ("P.2", forks[1], reaps[0])):
            lane = f'{events} .lane[data-p="{child}"]'
            begins = min(box["x"] for box in boxes(page, f"{lane} .running"))
            zombie = boxes(page, f"{lane} .zombie")[0]
            assert begins == pytest.approx(middle(fork), abs=1.5)
            ends = zombie["x"] + zombie["width"]
            assert ends == pytest.approx(middle(reap), abs=1.5)
        states = [
            {
                kind: len(boxes(page, f'{events} .lane[data-p="{p}"] .{kind}'))
                for kind in ("waiting", "sleeping", "zombie")
            }
            for p in ("P", "P.1", "P.2")
        ]
        assert states == [
            {"waiting": 2, "sleeping": 0, "zombie": 0},
            {"waiting": 0, "sleeping": 1, "zombie": 1},
            {"waiting": 0, "sleeping": 1, "zombie": 1},
        ]
        words = page.locator(f"{events} .s").all_text_contents()
        assert words == ["waits", "waits", "sleeps 3s", "zombie", "sleeps 1s", "zombie"]


def test_the_axis_of_time_is_in_proportion(browser: Any, tmp_path: Path):
    run = Telling("python3", "x.py")
    one, two = run.fork(), run.fork()
    run.begin(one)
    run.begin(two)
    run.at(1.0).slept(one, 1)
    run.at(4.0).slept(two, 4)
    run.exit(two)
    run.exit(one)
    run.reap("P", one)
    run.reap("P", two)
    run.exit("P")
    place = report_on(tmp_path, graded("ana", result(check("x", "pass"), traces=(run.trace(),))))
    with page_of(browser, place / "submissions/ana.html") as page:
        page.get_by_label("time", exact=True).check()
        short, long = boxes(page, ".bands.time .sleeping")
        assert long["x"] + long["width"] > short["x"] + short["width"]
        # What is after the short sleep is three seconds, what is before, one.
        after = long["x"] + long["width"] - short["x"] - short["width"]
        assert after / short["width"] == pytest.approx(3, abs=0.15)


def test_a_write_leads_to_its_output_and_back(browser: Any, tmp_path: Path):
    place = report_on(tmp_path, graded("ana", right())) / "submissions/ana.html"
    with page_of(browser, place) as page:
        page.locator(".bands.events #r1m4").click()
        assert page.evaluate("location.hash") == "#r1o4"
        row = page.locator("#r1o4")
        assert "Child 4244 finished first" in row.inner_text()
        assert row.locator("td").nth(1).inner_text() == "P"
        row.locator("a").click()
        assert page.evaluate("location.hash") == "#r1m4"


def test_a_failed_check_leads_to_the_moment_and_the_line(browser: Any, tmp_path: Path):
    told = with_one_wait()
    place = report_on(tmp_path, graded("ben", told)) / "submissions/ben.html"
    with page_of(browser, place) as page:
        failed = page.locator("#f1")
        assert "One os.wait() collects one child" in failed.inner_text()
        pin = page.locator('.bands.events a.n[href="#f1"]').bounding_box()
        end = page.locator('.bands.events .lane[data-p="P"] .exit').bounding_box()
        assert pin["x"] + pin["width"] / 2 == pytest.approx(end["x"] + end["width"] / 2, abs=6)
        hits = page.locator(".src .hit").all_inner_texts()
        assert any("os.wait()" in line for line in hits)
        assert page.get_by_role("link", name="run 1").count() == 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["index.html", "submissions/eve.html"])
def test_axe_finds_nothing(browser: Any, report: Path, name: str, scheme: str):
    """Every rule of axe-core, of WCAG 2.2 and its best practices."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    with page_of(browser, report / name, color_scheme=scheme, bypass_csp=True) as page:
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        found = axe.Axe().run(page).response["violations"]
        told = [(v["id"], [node["html"][:200] for node in v["nodes"][:3]]) for v in found]
        assert told == []


def test_it_prints(browser: Any, report: Path, tmp_path: Path):
    with page_of(browser, report / "submissions/ben.html") as page:
        page.pdf(path=tmp_path / "page.pdf")
        assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF-")
        page.emulate_media(media="print")
        page.set_viewport_size({"width": 700, "height": 900})  # about A4
        for box in boxes(page, ".bands.events .tl"):
            assert box["width"] <= 700
        assert page.evaluate("document.documentElement.scrollWidth") <= 700


@pytest.mark.parametrize("width", [360, 800, 1600])
def test_no_page_is_wider_than_its_window(browser: Any, report: Path, width: int):
    for name in ("index.html", "submissions/eve.html"):
        size = {"width": width, "height": 800}
        with page_of(browser, report / name, viewport=size) as page:
            assert page.evaluate("document.documentElement.scrollWidth") <= width


def hostile(name: str, words: str) -> Any:
    """A submission whose every word is the text."""
    run = Telling("python3", words)
    child = run.fork()
    run.write(child, words)
    run.exec(child, words, words)
    run.exit(child)
    run.reap("P", child)
    run.exit("P")
    failed = check("c", message=words, hint=words, description=words, where=[2])
    trace = run.trace(scenario="terminal", doubts=[words], faults=[])
    return graded(name, result(failed, traces=(trace,)), words[:100], notes=[words])


def test_nothing_of_a_submission_is_markup(browser: Any, tmp_path: Path):
    """What the files of all hostile texts hold is looked at without a browser."""
    texts = [MARKUP, "</style></title></svg></script>--> x", NASTY["HTML"].decode()]
    rows = [hostile(f"s{n}", text) for n, text in enumerate(texts)]
    place = report_on(tmp_path, *rows, source=("#" + "".join(texts)).encode())
    for name in ["index.html", *(f"submissions/s{n}.html" for n in range(len(rows)))]:
        with page_of(browser, place / name) as page:
            made = page.evaluate(
                "[document.scripts.length, document.images.length, document.styleSheets.length,"
                " document.querySelectorAll('iframe,object,embed,form[action],base').length]"
            )
            assert made == [1 if name == "index.html" else 0, 0, 1, 0], name


def test_what_is_injected_all_the_same_does_not_run(browser: Any, report: Path, tmp_path: Path):
    """The content security policy is a second wall: were something not escaped, it holds."""
    broken = tmp_path / "broken.html"
    text = (report / "submissions/ben.html").read_text("utf-8")
    attack = (
        "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
        "<style>h1{color:rgb(1, 2, 3)}</style>"
    )
    broken.write_text(text.replace("<main>", f"<main>{attack}"), "utf-8")
    context = browser.new_context()
    page = context.new_page()
    page.goto(broken.as_uri())
    assert page.title() != "owned"
    color = page.evaluate("getComputedStyle(document.querySelector('h1')).color")
    assert color != "rgb(1, 2, 3)"
    context.close()


def test_a_thousand_processes_are_folded(browser: Any, tmp_path: Path):
    trace = many_processes()
    told = result(
        check("few", process="P.900", where=[trace.process("P.900").exited]), traces=(trace,)
    )
    place = report_on(tmp_path, graded("ana", told)) / "submissions/ana.html"
    assert place.stat().st_size < 80_000
    with page_of(browser, place) as page:
        drawn = page.locator(".lane").evaluate_all("all => all.map(lane => lane.dataset.p)")
        lanes = set(drawn)
        assert len(lanes) < 40
        assert "P.900" in lanes  # the one concerned is always shown
        assert page.get_by_text(re.compile(r"… [\d,]+ more")).count() > 0


def test_a_class_of_a_thousand_opens_at_once(browser: Any, tmp_path: Path):
    """The numbers are printed with ``-s``; nothing depends on how fast this computer is."""
    number = int(os.environ.get("GRADER_LARGER", "0")) or 60
    some = [right(), with_one_wait(), with_one_wait(9000)]
    rows = [graded(f"s{n:05}", some[n % 3], f"Student {n}") for n in range(number)]
    place = report_on(tmp_path, *rows)
    with page_of(browser, place / "index.html") as page:
        assert page.locator("#all tbody tr").count() == number
        times = page.evaluate(
            "JSON.stringify(performance.getEntriesByType('navigation')[0].toJSON())"
        )
        told = json.loads(times)
        page.get_by_label("Find").fill("student 59")
        assert "Student 59" in names(page)
        print(
            f"{number} submissions: loaded in {told['loadEventEnd']:.0f} ms,"
            f" {(place / 'index.html').stat().st_size:,} bytes"
        )


def test_sampled_evidence_has_no_timeline_and_says_so(browser: Any, tmp_path: Path):
    trace = msgspec.structs.replace(
        figure_18_3(),
        evidence="sampled",
        events=[],
        output=[msgspec.structs.replace(o, process=None, event=None) for o in figure_18_3().output],
        processes=[
            msgspec.structs.replace(p, forked=None, exited=None, reaped=None)
            for p in figure_18_3().processes
        ],
    )
    told = result(check("a", "unproved"), traces=(trace,), evidence="sampled")
    place = report_on(tmp_path, graded("ana", told))
    with page_of(browser, place / "submissions/ana.html") as page:
        assert page.locator(".tl").count() == 0
        assert page.get_by_text("Sampling sees no single events").is_visible()
        assert "Child 4244 finished first" in page.locator(".out").inner_text()
