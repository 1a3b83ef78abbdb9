"""Draws the picture in README.md: what ``grader check`` really says about a submission.

Runs in .venv (``dev.py picture``): ``python -m tools.picture SUBMISSION ASSIGNMENT OUT.svg``.
"""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

from rich.console import Console

from grader.assignments import check, find
from grader.report import print_result

WIDTH = 88


def main(submission: str, assignment: str, out: str) -> None:
    """Judge the submission and draw the report as a terminal's window."""
    result = check(find(assignment), Path(submission))
    console = Console(
        record=True,
        file=io.StringIO(),
        width=WIDTH,
        force_terminal=True,
        color_system="truecolor",
        markup=False,
        highlight=False,
        emoji=False,
    )
    print_result(result, console)
    svg = console.export_svg(title=f"grader check {Path(submission).name}", unique_id="grader")
    # Without the fonts that the browser would fetch from elsewhere, and does not inside <img>.
    svg = re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    svg = svg.replace("Fira Code, monospace", "'DejaVu Sans Mono', Menlo, Consolas, monospace")
    Path(out).parent.mkdir(parents=True, exist_ok=True)
    Path(out).write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
