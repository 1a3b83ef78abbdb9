"""dev.py answers in sentences, also where it can't work."""

import importlib.util
import subprocess
import sys

import pytest

from tests.docs.console import ROOT


@pytest.fixture
def dev():
    spec = importlib.util.spec_from_file_location("dev_under_test", ROOT / "dev.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["tset"], "no such command: tset (there are demo, test,"),
        (["demo", "now"], "demo takes no arguments, got now"),
    ],
)
def test_a_wrong_command_line_gets_a_sentence_and_status_2(arguments, sentence):
    command = [sys.executable, "dev.py", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_an_old_python_is_told_which_one_is_needed(dev, monkeypatch):
    assert dev.unsuitable() is None
    monkeypatch.setattr(dev.sys, "version_info", (3, 9, 1))
    assert "needs Python 3.11 or later; this is Python 3.9.1" in dev.unsuitable()


def test_windows_is_pointed_to_wsl(dev, monkeypatch):
    monkeypatch.setattr(dev.os, "name", "nt")
    assert "Portability Tip 18.1" in dev.unsuitable()


def test_what_the_demo_grades_exists(dev):
    assert (ROOT / dev.REFERENCE).is_file()
    assert (ROOT / dev.WRONG).is_file()


def test_the_licence_and_the_version_are_where_packaging_looks():
    assert "MIT License" in (ROOT / "LICENSE").read_text()
    version = importlib.import_module("grader").__version__
    assert (
        f"## {version}" in (ROOT / "CHANGELOG.md").read_text()
        or "Unreleased" in (ROOT / "CHANGELOG.md").read_text()
    )
