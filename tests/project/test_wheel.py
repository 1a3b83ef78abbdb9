"""A wheel carries the assignments and references, and works away from any checkout."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.docs.console import ROOT

pytest.importorskip("hatchling", reason="building the wheel needs hatchling")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the wheel is installed, alone."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def grader(site: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the installed grader in a folder, with the dependencies of this environment."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    environment["PYTHONPATH"] = str(site)
    command = [sys.executable, "-P", "-m", "grader", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def test_it_lists_the_bundled_assignments(site, tmp_path):
    done = grader(site, tmp_path, "list")
    assert done.returncode == 0, done.stderr
    for folder in (ROOT / "assignments").glob("*/assignment.toml"):
        assert folder.parent.name in done.stdout


def test_it_judges_its_bundled_reference_and_leaves_nothing_behind(site, tmp_path):
    before = sorted(path for path in site.rglob("*") if "__pycache__" not in path.parts)
    file = site / "grader/_bundled/reference/fig18_02.py"
    done = grader(site, tmp_path, "check", str(file))
    assert done.returncode == 0, done.stdout + done.stderr
    assert not list(tmp_path.iterdir())
    assert sorted(path for path in site.rglob("*") if "__pycache__" not in path.parts) == before


def test_it_holds_what_is_needed_and_no_more(site):
    (wheel,) = site.parent.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    top = {name.partition("/")[0] for name in names}
    assert {name for name in top if not name.endswith(".dist-info")} == {"grader"}
    assert "grader/py.typed" in names
    assert not [name for name in names if name.endswith((".pyc", ".db"))]


def test_it_declares_the_command_the_plugin_and_the_licence(site):
    (info,) = site.glob("*.dist-info")
    entry_points = (info / "entry_points.txt").read_text()
    assert "grader = grader.cli:main" in entry_points
    assert "grader = grader.assignments.plugin" in entry_points
    assert "MIT License" in (info / "licenses/LICENSE").read_text()
