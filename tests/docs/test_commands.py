"""Every command that the documentation shows works, and prints what it shows."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.docs.console import ROOT, Command, File, make_folder, matches, read, run, started

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
STEPS = {page: read(page.read_text(encoding="utf-8")) for page in PAGES}


TOGETHER = {"instructors.md": ["exports.md"]}
"""Pages that go on with the results that one has made: the batch of theirs finds nothing to do."""
ALONE = [
    page
    for page in PAGES
    if any(STEPS[page]) and not any(page.name in more for more in TOGETHER.values())
]


@pytest.mark.parametrize("first", [pytest.param(page, id=page.name) for page in ALONE])
def test_the_commands_of_a_page(first: Path, tmp_path: Path) -> None:
    make_folder(tmp_path)
    more = TOGETHER.get(first.name, [])
    with ExitStack() as background:
        for page in [first, *(first.with_name(name) for name in more)]:
            run_page(page, tmp_path, background)


def run_page(page: Path, folder: Path, background: ExitStack) -> None:
    for step in STEPS[page]:
        if isinstance(step, File):
            (folder / step.name).parent.mkdir(parents=True, exist_ok=True)
            (folder / step.name).write_text(step.text, encoding="utf-8")
        elif step.words[0] == "cd":
            folder /= step.words[1]
        elif step.background:
            background.enter_context(started(step, folder))
        elif not is_run_elsewhere(page, step):
            check(page, step, folder)


def is_run_elsewhere(page: Path, step: Command) -> bool:
    """Whether the README shows a command, and not what it prints, that another page shows, too."""
    others = [each for other in PAGES if other != page for each in STEPS[other]]
    shown = [each.words for each in others if isinstance(each, Command)]
    return page.name == "README.md" and not step.output and step.words in shown


def check(page: Path, step: Command, folder: Path) -> None:
    done = run(step, folder)
    place = f"{page.name}, line {step.line}: {' '.join(step.words)}"
    assert done.returncode == step.status, f"{place}\nprinted:\n{done.stdout}"
    if step.output:
        assert matches(step.output, done.stdout), (
            f"{place}\n--- the page shows:\n{step.output}\n--- it printed:\n{done.stdout}"
        )


def test_the_runner_sees_the_commands() -> None:
    """A page whose blocks were misread would pass without running anything."""
    commands = [step for steps in STEPS.values() for step in steps if isinstance(step, Command)]
    assert {"check", "trace", "list", "doctor"} <= {step.words[1] for step in commands}
