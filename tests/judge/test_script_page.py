"""The page for authors of scripts shows what is so."""

from __future__ import annotations

import doctest
import re
from pathlib import Path
from typing import Any

import pytest

from grader.judge import Mismatch, Script
from tests.judge.test_script_match import fig_18_03
from tests.traces import make_trace

PAGE = (Path(__file__).parents[2] / "docs" / "scripts.md").read_text(encoding="utf-8")


def test_its_examples_give_what_it_shows() -> None:
    names: dict[str, Any] = {}
    examples = re.findall(r"^```python\n(.*?)^```", PAGE, re.M | re.S)
    assert len(examples) > 4
    runner = doctest.DocTestRunner(optionflags=doctest.REPORT_NDIFF)
    for example in examples:
        test = doctest.DocTestParser().get_doctest(example, {}, "scripts.md", "scripts.md", 0)
        test.globs = names
        runner.run(test, clear_globs=False)
    assert runner.summarize().failed == 0
    names["test_parent_reports_after_each_wait"](fig_18_03().trace())


@pytest.mark.parametrize(
    ("script", "right", "wrong"),
    [
        ("P: a\nC1: \\", [("P", "a\n")], [("P", "a\n"), ("P.1", "b\n")]),
        ("P: a\nP: ...\nP: b", [("P", "a\nx\nb\n")], [("P", "a\nx\n")]),
        ("P: a\\", [("P", "a")], [("P", "a\n")]),
        ("P: a\n*: ...", [("P", "a\n"), ("P.1", "b\n")], [("P", "b\n")]),
        (r"P: \...", [("P", "...\n")], [("P", "a\n")]),
        (r"P: \ a\tb", [("P", " a\tb\n")], [("P", "a\tb\n")]),
        ("P: {{a}}", [("P", "{a}\n")], [("P", "a\n")]),
    ],
)
def test_what_the_table_says_of_them_is_so(
    script: str, right: list[tuple[str, str]], wrong: list[tuple[str, str]]
) -> None:
    parsed = Script.parse(script)
    parsed.match(make_trace(*right, exits={"P.1": 0}))
    with pytest.raises(Mismatch):
        parsed.match(make_trace(*wrong, exits={"P.1": 0}))
