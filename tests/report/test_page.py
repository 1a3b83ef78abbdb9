"""The page that explains reports shows reports as they are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reading-a-trace.md"
GOLDEN = Path(__file__).parent / "golden"
EXAMPLES = re.findall(r"^```text\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.M | re.S)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: text.split("\n")[0])
def test_what_the_page_shows_is_what_grader_prints(example):
    reports = [file.read_text(encoding="utf-8") for file in GOLDEN.glob("*.txt")]
    assert any(example in report for report in reports)


def test_the_page_has_examples():
    assert len(EXAMPLES) >= 6
