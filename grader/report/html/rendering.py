"""Makes documents of templates: whole pages that need nothing else, and run nothing but their
own script, whatever the data in them says."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup, escape

from grader.model.safe import pieces

_TEMPLATES = Path(__file__).parent / "templates"
_MOST = 4_000
"""Characters of one text."""

Scrub = Callable[[str], str]
"""Takes the names out of a text of the data."""


@cache
def environment() -> jinja2.Environment:
    """The templates; everything put into them is escaped."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def asset(name: str) -> str:
    """A style sheet or script, without comments and needless blanks."""
    text = (_TEMPLATES / name).read_text(encoding="utf-8")
    if name.endswith(".css"):
        text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
        text = re.sub(r"\s+", " ", text)
        return re.sub(r" ?([{};,>]) ?", r"\1", text).replace(";}", "}").strip()
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


@cache
def policy(style: str, script: str = "") -> str:
    """The content security policy of a page: its one style sheet and its one script, by their
    hashes, and nothing from anywhere (Content Security Policy Level 3, section 2.3.1)."""
    sheets = _hash(style)
    scripts = _hash(script) if script else "'none'"
    return (
        f"default-src 'none'; style-src {sheets}; script-src {scripts}; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def render(name: str, *, scripted: bool = False, **fields: Any) -> str:
    """Fill the template of this name, with its style sheet, and its script if it has one."""
    style = asset(f"{name}.css") + asset("style.css")
    script = asset(f"{name}.js") if scripted else ""
    return (
        environment()
        .get_template(f"{name}.html.j2")
        .render(style=Markup(style), script=Markup(script), policy=policy(style, script), **fields)
    )


def shown(text: str, scrub: Scrub | None = None, most: int = _MOST) -> Markup:
    """A text of the data: escaped for HTML; what has no glyph is set off as the escape that
    Python writes for it. Lines stay lines. Of a text that takes more than ``most`` characters
    so, the beginning, and how much is missing."""
    if scrub is not None:
        text = scrub(text)
    if len(text) <= most and text.isascii() and text.isprintable():
        return escape(text)
    parts, used = [], 0
    for piece, escaped in pieces(text[:most], keep="\n"):
        used += len(piece)
        if used > most:
            piece = piece[: len(piece) - used + most]
        parts.append((piece, escaped))
        if used > most:
            break
    result = "".join(
        f'<i class="x">{escape(piece)}</i>' if escaped else escape(piece)
        for piece, escaped in _joined(parts)
    )
    if used > most or len(text) > most:
        result += f'<i class="cut">… cut: {len(text):,} characters in all</i>'
    return Markup(result)


def _joined(parts: list[tuple[str, bool]]) -> Iterator[tuple[str, bool]]:
    """Neighbours of one kind as one piece."""
    for escaped, some in groupby(parts, key=itemgetter(1)):
        yield "".join(piece for piece, _ in some), escaped
