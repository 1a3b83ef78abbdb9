"""Draws the picture in README.md: what ``grader check`` really says about a submission.

Runs in .venv (``dev.py picture``): ``python -m tools.picture SUBMISSION ASSIGNMENT OUT.svg``.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path

from rich.console import Console

from grader.assignments import check, find, open_submission
from grader.cli.check import replay_command
from grader.report import print_result

COLUMNS = 84
CELL = 12.2
"""The width of a character in rich's drawing."""


def main(submission: str, assignment: str, out: str) -> None:
    """Judge the submission, called as a student would call it, and draw the report."""
    path = Path(out).absolute()
    meant_for = find(assignment)
    console = Console(
        record=True,
        file=io.StringIO(),
        width=COLUMNS,
        force_terminal=True,
        color_system="truecolor",
        markup=False,
        highlight=False,
        emoji=False,
    )
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(submission, Path(folder) / meant_for.file)
        os.chdir(folder)
        opened = open_submission(Path(meant_for.file), meant_for)
        replay = partial(replay_command, opened, None, None)
        print_result(check(meant_for, opened), console, replay)
        os.chdir(path.anchor)
    svg = console.export_svg(title=f"$ grader check {meant_for.file}", unique_id="grader")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(tidy(svg), encoding="utf-8")


def tidy(svg: str) -> str:
    """Make rich's drawing look the same everywhere.

    It names fonts for the browser to fetch, which does not happen inside <img>; and some
    programs drop the blanks at the beginning of a text, so that columns shift.
    """
    svg = re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    svg = svg.replace("Fira Code, monospace", "'DejaVu Sans Mono', Menlo, Consolas, monospace")
    text = r'(<text class="[^"]*" x=")([\d.]+)(" y="[\d.]+" textLength=")([\d.]+)("[^>]*>)'
    return re.sub(rf"{text}((?:&#160;)+)(?=[^<&\s])", _shift, svg)


def _shift(match: re.Match[str]) -> str:
    blanks = match[6].count("&#160;") * CELL
    x, length = float(match[2]) + blanks, float(match[4]) - blanks
    return f"{match[1]}{x:g}{match[3]}{length:g}{match[5]}"


if __name__ == "__main__":
    main(*sys.argv[1:])
