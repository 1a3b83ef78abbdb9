"""What programs print to deceive a terminal, a log, a page or a person."""

from __future__ import annotations

import re
import unicodedata

FAKE_REPORT = """\
Judged as fig18_03: fig18_03.py

✓ pass     10/10  The parent waits for both of its children.

PASS  10 of 10 points
"""

NASTY: dict[str, bytes] = {
    "clear screen": b"\x1b[2J\x1b[H\x1b[3Jgone\n",
    "colours": b"\x1b[31mred\x1b[1;4;5mmore\x1b[0m\n",
    "cursor up": b"\x1b[10A\x1b[2KPASS  10 of 10 points\n",
    "title": b"\x1b]0;owned\x07\x1b]2;owned\x1b\\\n",
    "link": b"\x1b]8;;http://evil.example/\x1b\\click\x1b]8;;\x1b\\\n",
    "clipboard": b"\x1b]52;c;cm0gLXJmIC8=\x07\n",
    "device control": b"\x1bP+q544e\x1b\\\x1bPtmux;\x1b\x1b\\\x1b_kitty\x1b\\\x1b^pm\x1b\\\n",
    "answers": b"\x1b[c\x1b[6n\x1b[21t\x05\n",
    "eight-bit controls": "\x9b31m\x9d0;owned\x9c\x90\x85\n".encode(),
    "eight-bit bytes": b"\x9b31m\x9d0;owned\x9c\xff\xfe\n",
    "shift out": b"\x0e\x1b(0lqk\x0f\x1bc\x1b#8\n",
    "NULs": b"a\0b\0\0\n\0\n",
    "invalid UTF-8": b"\xff\xc0\x80\xed\xa0\x80\xf4\x90\x80\x80\xe2\x82\n",
    "surrogates": b"\xed\xa0\xbd\xed\xb2\xa9\xed\xbf\xbf\n",
    "carriage return": b"FAIL\rPASS  10 of 10 points\r\n",
    "backspaces": b"FAIL\b\b\b\bPASS\x7f\x7f\n",
    "tabs and feeds": b"\ta\t\tb\x0b\x0c\x1c\x1d\x1e\x85\n",
    "right to left": "\u202eEVIL\u202c \u2066x\u2069 \u200e\u200f\u061c\n".encode(),
    "zero width": "a\u200b\u200c\u200d\ufeff\u2060\u00adb\n".encode(),
    "line separators": "a\u2028::error::b\u2029PASS  10 of 10 points\u0085x\n".encode(),
    "combining flood": ("e" + "\u0301\u0489\u20dd\ufe0f" * 200 + "\n").encode(),
    "combining first": "\u0301\u0336\u20e0stroke\n".encode(),
    "blanks": "\u3164\u115f\u2800\u00a0\u3000\u2003\n".encode(),
    "tags and private": "\U000e0001\U000e0041\ue000\U0010ffff\n".encode(),
    "wide": ("汉字" * 80 + "\n").encode(),
    "ambiguous width": ("☃λ±§" * 60 + "PASS  10 of 10 points\n").encode(),
    "HTML": b"<script>alert(1)</script><img src=x onerror=alert(1)>&amp;\n",
    "workflow commands": b"::error::pwned\n  ::error file=a.py::pwned\n\t::stop-commands::x\n"
    b"::set-output name=a::b\n::add-mask::PASS\n",
    "old commands": b"##[error]pwned ##[add-mask]x\nx ##vso[task.complete result=Succeeded;]\n"
    b"##teamcity[buildStatus text='x']\n###[group]\n",
    "formulas": b"=cmd|' /C calc'!A0\n+1+1\n-1+1\n@SUM(1)\n\t=1\n\r=1\n=HYPERLINK(\"http://x\")\n",
    "markup": b"[red]x[/red] [link=http://x]y[/link] [/] [bold :smile: \\[a]\n",
    "format": b"%s%n {0} {x!r} $(id) `id` ${HOME}\n",
    "fake report": FAKE_REPORT.encode(),
    "fake pytest": b"=== 5 passed in 0.01s ===\nPASSED\nassignments/x.py::test_a PASSED [100%]\n",
    "fake sections": b"Output\n[1] P | hello\n\nWho collected whom\n   replay grader replay x\n",
    "a box's edges": "│ P │ x\n| x\n  | x\n".encode(),
    "a long line": b"x" * 1_000_000 + b"\n",
    "long words": (b"y" * 200 + b" ") * 2_000 + b"\n",
    "a long line of escapes": b"\x1b[A" * 200_000 + b"\n",
    "blanks and a verdict": b" " * 500 + b"PASS  10 of 10 points\n",
    "many lines": b"PASS  10 of 10 points\n" * 50_000,
    "many empty lines": b"\n" * 200_000,
    "no newline": b"PASS  10 of 10 points",
    "nothing": b"",
}
"""By what it is, the bytes."""

_SGR = re.compile(r"\x1b\[[0-9;]*m")
_COMMAND = re.compile(r"^\s*::|##\w*\[", re.MULTILINE)


def problems(report: str, *, coloured: bool = False) -> list[str]:
    """What is wrong with a report, whatever it reports: lines that do what they should not."""
    found = []
    if coloured:
        report = _SGR.sub("", report)
    characters = set(report)
    controls = {c for c in characters if unicodedata.category(c)[0] == "C"} - {"\n"}
    if controls:
        found.append(f"control characters: {controls!r}")
    found += [f"a command: {match[0]!r}" for match in _COMMAND.finditer(report)]
    marks = "".join(c for c in characters if unicodedata.category(c)[0] == "M")
    if marks and re.search(f"[{marks}]{{4}}", report):
        found.append("a flood of combining marks")
    return found


def verdicts(report: str) -> list[str]:
    """The lines that tell a person what the result is: those at the margin that say so."""
    return [line for line in report.split("\n") if re.match(r"(PASS|FAIL|ERROR|Judged as)\b", line)]
