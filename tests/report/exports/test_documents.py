"""JUnit XML, Markdown, Code Quality and trace events: valid, whatever a program printed."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from collections import defaultdict

import msgspec
import pytest
from hypothesis import example, given
from markdown_it import MarkdownIt

from grader.report.exports import document, table
from tests.report.exports.rows import (
    OPTIONS,
    anything,
    failed_grader,
    half,
    missing,
    row,
    unusable,
)
from tests.report.html.results import SOURCE, check, everything_told, result, with_one_wait
from tests.report.telling import figure_18_3

# -- JUnit: the rules of junit-10.xsd of Jenkins' xUnit plugin


def junit(data: bytes) -> ElementTree.Element:
    root = ElementTree.fromstring(data)
    assert root.tag == "testsuites"
    for suite in root:
        assert suite.tag == "testsuite"
        cases = suite.findall("testcase")
        assert suite.get("name")
        assert int(suite.get("tests")) == len(cases)
        for tag, key in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
            assert int(suite.get(key)) == len(suite.findall(f"testcase/{tag}"))
        assert [child.tag for child in suite] == ["properties"] + ["testcase"] * len(cases)
        for part in suite.find("properties"):
            assert set(part.attrib) == {"name", "value"}
        for case in cases:
            assert case.get("name")
            assert set(case.attrib) <= {"name", "classname", "time"}
            assert len(case) <= 1
    return root


def test_every_submission_is_a_suite_and_every_check_a_case():
    statuses = ("pass", "fail", "skipped", "unproved", "error")
    outcome = result(*(check(status, status) for status in statuses))
    rows = [row(1, outcome), missing(2), unusable(3), failed_grader(4)]
    root = junit(table("junit", rows, OPTIONS).data)
    first, *others = root
    children = [[child.tag for child in case] for case in first.findall("testcase")]
    assert children == [[], ["failure"], ["skipped"], ["skipped"], ["error"]]
    assert [suite.find("testcase/error").get("message") for suite in others] == [
        "nothing was handed in",
        "the file is empty",
        "not graded, by a failure of grader: the supervising process was killed",
    ]
    values = {p.get("name"): p.get("value") for p in first.find("properties")}
    assert values["points of pass"] == "2/2"
    assert values["out of"] == "10"


@given(anything, anything, anything)
def test_junit_is_xml_whatever_was_printed(name, description, message):
    outcome = result(check("a", "fail", description=description, message=message))
    junit(table("junit", [row(1, outcome, name=name or "x")], OPTIONS).data)


# -- Markdown, read by a parser of CommonMark with tables


def tokens(text: str):
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        yield token
        yield from token.children or ()


@given(anything, anything, anything)
@example("x", "````\n```\n# x", "<b>x</b> &lt; [a](http://e) ![a](b) *x*")
@example("a`b``c", "~~~\n```text", "`x` <!-- ")
def test_nothing_of_a_message_or_a_name_is_rendered(name, message, hint):
    outcome = result(check("a", "fail", message=message, hint=hint))
    text = document("markdown", row(1, outcome, name=name), OPTIONS).data.decode()
    seen = list(tokens(text))
    kinds = {token.type for token in seen}
    assert not kinds & {"html_block", "html_inline", "link_open", "image", "em_open"}
    assert sum(token.type == "fence" for token in seen) == bool(message.strip())
    assert sum(token.type == "heading_open" for token in seen) == 2
    for token in seen:  # nobody is mentioned, no issue is linked: outside of code
        if token.type == "text":
            assert "@" not in token.content or "&#64;" in text


def test_mentions_and_references_are_only_ever_in_code():
    failing = check("a", "fail", description="ask @staff, see #12", message="@all #1", hint="@x #2")
    text = document("markdown", row(1, result(failing)), OPTIONS).data.decode()
    outside = text.partition("```text")[0] + text.rpartition("```")[2]
    assert "@" not in outside
    assert "#12" not in outside
    assert "#2" not in outside


def test_a_comment_is_never_longer_than_github_takes():
    checks = [check(f"c{n}", "fail", message="x" * 4_000) for n in range(50)]
    text = document("markdown", row(1, result(*checks)), OPTIONS).data.decode()
    assert len(text) < 65_536
    assert "more: see the report" in text


def test_what_has_no_result_says_why():
    text = document("markdown", unusable(1), OPTIONS).data.decode()
    assert "the file is empty" in text


# -- GitLab Code Quality


def test_findings_have_a_place_and_a_fingerprint_of_their_own():
    options = msgspec.structs.replace(OPTIONS, file="./src/fig18_03.py", source=lambda _: SOURCE)
    found = json.loads(document("codequality", row(1, with_one_wait()), options).data)
    assert len({finding["fingerprint"] for finding in found}) == len(found) > 1
    for finding in found:
        assert finding["location"]["path"] == "src/fig18_03.py"
        assert 1 <= finding["location"]["lines"]["begin"] <= SOURCE.count(b"\n")
        assert finding["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert finding["description"]
    assert (
        json.loads(document("codequality", row(1, result(check("a", "pass"))), options).data) == []
    )


# -- Trace events, as Perfetto's importer binds them


@pytest.mark.parametrize("told", [figure_18_3, everything_told], ids=["figure", "everything"])
def test_states_are_slices_and_flows_are_bound_to_them(told):
    failing = check("a", "fail", scenario=told().scenario, schedule=told().schedule)
    outcome = result(failing, traces=(told(), figure_18_3()))
    found = json.loads(document("perfetto", row(1, outcome), OPTIONS).data)["traceEvents"]
    named = {e["pid"] for e in found if e["name"] == "process_name"}
    assert len(named) >= len(told().processes[:3])
    open_until: dict[int, tuple[int, int]] = defaultdict(lambda: (-1, -1))
    flows: dict[tuple[str, str, int], list[tuple[str, int]]] = defaultdict(list)
    last = -1
    for event in found:
        if event["ph"] == "M":
            continue
        assert event["ts"] >= last, "in the order of time"
        last = event["ts"]
        assert event["pid"] in named
        track = event["tid"]
        if event["ph"] == "X":
            assert event["dur"] > 0
            assert event["ts"] >= open_until[track][1], "slices of a track do not overlap"
            open_until[track] = (event["ts"], event["ts"] + event["dur"])
        elif event["ph"] in "sf":
            begin, end = open_until[track]
            assert begin <= event["ts"] <= end, f"no slice is open for {event}"
            assert event["ph"] == "s" or event["bp"] == "e"
            flows[event["cat"], event["name"], event["id"]].append((event["ph"], event["pid"]))
        else:
            assert (event["ph"], event["s"]) == ("I", "t")
            assert track != event["pid"], "marks are on a track of their own"
    assert flows
    tracks = {e["pid"]: e["args"]["name"].split()[0] for e in found if e["name"] == "process_name"}
    for (kind, _, _), ends in flows.items():
        assert [phase for phase, _ in ends] == ["s", "f"]
        source, target = (tracks[pid] for _, pid in ends)
        if kind == "fork":
            assert target.startswith(f"{source}."), "from the parent to its child"
        elif kind == "reap":
            assert source.startswith(f"{target}."), "from the child to who collects it"
    assert {"fork", "reap"} <= {cat for cat, _, _ in flows}


def test_what_takes_no_time_can_be_seen():
    trace = msgspec.structs.replace(figure_18_3(), time="adversarial")
    outcome = result(check("a", "pass"), traces=(trace,))
    found = json.loads(document("perfetto", row(1, outcome), OPTIONS).data)["traceEvents"]
    slices = [event for event in found if event["ph"] == "X"]
    assert slices
    assert all(event["dur"] >= 1000 for event in slices)


def test_what_never_ran_has_no_trace_events():
    found = document("perfetto", missing(1), OPTIONS)
    assert found.data == b""
    assert "nothing was handed in" in found.warnings[0]


def test_json_is_the_result_or_the_reason():
    assert json.loads(document("json", row(1, half()), OPTIONS).data)["score"] == 2
    assert json.loads(document("json", missing(1), OPTIONS).data)["status"] == "missing"
