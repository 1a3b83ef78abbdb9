"""Text of a submission in a page."""

from __future__ import annotations

import html
import re

from hypothesis import example, given
from hypothesis import strategies as st

from grader.model.safe import safe_text
from grader.report.html.rendering import asset, environment, policy, shown


def read(markup: str) -> str:
    """What somebody reads who looks at it."""
    return html.unescape(re.sub(r"</?i[^<>]*>", "", markup))


@given(st.text(max_size=60))
@example('<i class="x">&lt;\'"\x1b[0m\n\u202e')
@example("##[error]x ##vso[x]\u0301\u0301\u0301\u0301\u0301")
def test_a_text_reads_as_it_would_in_a_terminal(text: str):
    markup = str(shown(text))
    assert read(markup) == safe_text(text)
    assert not re.search(r"<(?!/?i[ >])", markup)


@given(st.text(max_size=300), st.integers(1, 50))
def test_a_long_text_is_cut_and_says_so(text: str, most: int):
    markup = str(shown(text, most=most))
    read_ = read(re.sub(r'<i class="cut">.*</i>$', "", markup))
    assert safe_text(text).startswith(read_)
    assert len(read_) <= most
    assert ('class="cut"' in markup) == (len(safe_text(text)) > most)


def test_nothing_comes_from_elsewhere():
    for name in ("page", "overview"):
        style = asset(f"{name}.css") + asset("style.css")
        assert "url(" not in re.sub(r"url\(#[\w-]+\)", "", style)
        assert "@import" not in style
        source = environment().loader.get_source(environment(), f"{name}.html.j2")[0]
        assert not re.search(r"https?:|//[a-z]", source)
        assert "unsafe" not in policy(style)
