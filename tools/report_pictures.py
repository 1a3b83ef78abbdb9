"""Draws the pictures of a report that the pages in docs/ show.

Runs in .venv (``dev.py picture``): ``python -m tools.report_pictures docs/images``. A class of
seven is graded, its report opened in a headless Chromium, and parts of its pages are kept.
Needs playwright and a Chromium (Debian: chromium).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.docs.class_folder import make_class

WIDTH = 1000
_TOP = """(text) => {
    const heading = [...document.querySelectorAll('h2, h3')].find(
        (each) => each.textContent.startsWith(text));
    return heading.getBoundingClientRect().top + scrollY;
}"""


def main(target: Path) -> None:
    """Write the pictures into a folder."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        report = make_report(Path(scratch))
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = chromium.new_page(viewport={"width": WIDTH, "height": 900})

        def keep(name: str, top: float, bottom: float) -> None:
            page.screenshot(
                path=target / name,
                full_page=True,
                clip={"x": 0, "y": top, "width": WIDTH, "height": bottom - top},
            )

        def top(heading: str) -> float:
            return float(page.evaluate(_TOP, heading))

        page.goto((report / "index.html").as_uri())
        keep("report-class.png", 0, top("Checks, by how often") + 250)
        height = float(page.evaluate("document.documentElement.scrollHeight"))
        keep("report-groups.png", top("The same failure") - 24, height - 60)
        page.goto((report / "submissions" / "leebo_102.html").as_uri())
        keep("report-submission.png", 0, top("Checks") + 560)
        keep("report-timeline.png", top("Timeline") - 16, top("Processes") - 16)
        chromium.close()


def make_report(folder: Path) -> Path:
    """Grade the class as docs/instructors.md does; return the report's folder."""
    make_class(folder)
    handed_in = ["submissions.zip", "-a", "fig18_03", "--roster", "gradebook.csv"]
    for words in ["batch", *handed_in, "--out", "results"], ["report", "results"]:
        subprocess.run([sys.executable, "-m", "grader", *words], cwd=folder, check=True)
    return folder / "results" / "report"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
