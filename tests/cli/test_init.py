"""A new repository, from an empty folder to its CI: wrong commits fail, right ones pass."""

import base64
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from xml.etree import ElementTree

import pytest

from grader.assignments import find
from tests.cli import runners
from tests.docs.console import ROOT

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
needs_pip = pytest.mark.skipif(
    not Path(sysconfig.get_path("purelib"), "pip").is_dir(), reason="needs pip in this environment"
)
FIGURE = find("fig18_03")
WRONG = FIGURE.folder / "mistakes" / "one_wait.py"


def grader(folder, *words):
    """Run this checkout's grader."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "grader", *map(str, words)]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """grader as CI gets it."""
    pytest.importorskip("hatchling", reason="building the wheel needs hatchling")
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture
def environment(tmp_path):
    """A virtual environment with pip and what grader needs, but without grader."""
    folder = tmp_path / "environment"
    venv.create(folder, symlinks=True, with_pip=False)
    needed = tmp_path / "needed"
    needed.mkdir()
    for path in Path(sysconfig.get_path("purelib")).iterdir():
        if not path.name.lower().startswith(("grader", "_grader", "__editable__", "_virtualenv")):
            (needed / path.name).symlink_to(path)
    (site,) = folder.glob("lib/python*/site-packages")
    (site / "needed.pth").write_text(f"{needed}\n")
    pip = folder / "bin" / "pip"
    pip.write_text('#!/bin/sh\nexec python -m pip "$@"\n')
    pip.chmod(0o755)
    return folder


class Repository:
    """A student's repository."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def git(self, *words):
        identity = ["-c", "user.name=Ana", "-c", "user.email=ana@example.org"]
        command = ["git", *identity, "-c", "init.defaultBranch=main", *words]
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True)

    def commit(self, program: Path | str) -> Path:
        """Commit a program; return a fresh checkout, as a runner has it."""
        text = program if isinstance(program, str) else program.read_text(encoding="utf-8")
        (self.folder / "fig18_03.py").write_text(text, encoding="utf-8")
        self.git("add", "-A")
        self.git("commit", "-m", "My solution")
        checkout = self.folder.with_name("checkout")
        shutil.rmtree(checkout, ignore_errors=True)
        self.git("clone", "--quiet", ".", str(checkout))
        return checkout


@pytest.fixture
def repository(tmp_path, wheel):
    """Started in an empty folder."""
    folder = tmp_path / "repository"
    folder.mkdir()
    install = f"pip install --no-index --no-deps {wheel}"
    done = grader(folder, "init", ".", "-a", "fig18_03", "--install", install)
    assert done.returncode == 0, done.stderr
    found = Repository(folder)
    found.git("init")
    return found


def line_of(program: Path | str, text: str) -> int:
    source = program if isinstance(program, str) else program.read_text(encoding="utf-8")
    (number,) = (n for n, line in enumerate(source.splitlines(), 1) if text in line)
    return number


BROKEN = "import os\n\nif os.fork() = 0:\n    pass\n"
FORGER = f"""\
print("::error file=fig18_03.py,line=1::I was here")
print("::set-output name=result::e30=")
print("\\r::stop-commands::x\\n##[error]and here")
{WRONG.read_text(encoding="utf-8")}"""


@needs_git
@needs_pip
def test_on_github_a_wrong_commit_fails_and_a_right_one_passes(repository, environment, tmp_path):
    def run(program):
        return runners.github(repository.commit(program), environment, tmp_path)

    wrong = run(WRONG)
    assert wrong.status == 1, wrong.log
    collected = next(
        each for each in wrong.annotations() if "second child" in each.text and "P.2" in each.text
    )
    assert collected.properties["file"] == "fig18_03.py"
    assert int(collected.properties["line"]) == line_of(WRONG, "fork_pid2 = os.fork()")
    assert "os.wait()" in collected.text, "no hint"
    assert "10 of 20" in wrong.log
    assert "10" in wrong.summary
    result = json.loads(base64.b64decode(wrong.outputs["result"]))
    assert result["status"] == "fail"
    assert sum(test["score"] for test in result["tests"]) == 10

    forged = run(FORGER)
    assert forged.status == 1
    assert {each.name for each in forged.commands} <= {"error", "warning", "notice"}
    assert not [each for each in forged.commands if each.text in ("I was here", "and here")]

    broken = run(BROKEN)
    assert broken.status == 2
    (error,) = broken.annotations()
    assert (error.properties["file"], error.properties["line"]) == ("fig18_03.py", "3")

    right = run(FIGURE.reference_path)
    assert right.status == 0, right.log
    assert not right.annotations()
    assert json.loads(base64.b64decode(right.outputs["result"]))["status"] == "pass"


@needs_git
@needs_pip
def test_on_gitlab_a_wrong_commit_fails_and_a_right_one_passes(repository, environment):
    def run(program):
        checkout = repository.commit(program)
        done = runners.gitlab(checkout, environment)
        suite = ElementTree.parse(checkout / "junit.xml").getroot()
        quality = json.loads((checkout / "gl-code-quality-report.json").read_text())
        return done, suite, quality

    done, suite, quality = run(WRONG)
    assert done.status == 1, done.log
    assert "10 of 20" in done.log
    cases = {case.get("name"): case for case in suite.iter("testcase")}
    assert len(cases) == len(FIGURE.check_names())
    assert cases["every_child_is_reaped"].find("failure") is not None
    assert cases["runs"].find("failure") is None
    place = next(each["location"] for each in quality if "every_child" in each["check_name"])
    assert place["path"] == "fig18_03.py"
    assert place["lines"]["begin"] == line_of(WRONG, "fork_pid2 = os.fork()")

    done, suite, quality = run(FIGURE.reference_path)
    assert done.status == 0, done.log
    assert not list(suite.iter("failure"))
    assert quality == []


@needs_git
def test_in_the_repository_pytest_runs_the_checks(repository, environment, wheel):
    pip = [environment / "bin" / "python", "-m", "pip", "install", "--no-index", "--no-deps"]
    subprocess.run([*pip, "--quiet", wheel], check=True)
    checkout = repository.commit(WRONG)
    command = [environment / "bin" / "python", "-m", "pytest", "-q", "--no-header"]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "3 failed, 10 passed" in done.stdout


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["."], "missing option '-a'"),
        ([".", "-a", "fig18_03"], "say how to install it, with --install"),
        ([".", "-a", "fig18_3"], "did you mean fig18_03?"),
        ([".", "-a", "fig18_03", "--install", "a\nb"], "--install: expected one line of text"),
        ([".", "-a", "fig18_03", "--ci", "gitlab", "--classroom"], "--classroom is GitHub's"),
        (["there", "-a", "fig18_03", "--ci", "none"], "README.md is there already"),
    ],
)
def test_what_can_not_be_started_gets_one_sentence(tmp_path, words, sentence):
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "README.md").write_text("mine")
    done = grader(tmp_path, "init", *words)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1
    assert {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")} == {
        "there",
        "there/README.md",
    }


def test_who_starts_a_repository_is_told_of_hidden_checks(tmp_path):
    own = tmp_path / "own"
    shutil.copytree(FIGURE.folder, own)
    module = own / "test_fig18_03.py"
    text = module.read_text()
    marked = '@pytest.mark.visibility("hidden")\ndef test_runs('
    module.write_text(text.replace("def test_runs(", marked))
    done = grader(tmp_path, "init", "new", "-a", "./own", "--ci", "none")
    assert done.returncode == 0, done.stderr
    assert "not for all to see: runs" in done.stdout
