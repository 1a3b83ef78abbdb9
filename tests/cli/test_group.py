"""The command line as a whole: statuses, sentences, and quick help."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import click
import pytest

import grader
from grader import cli
from grader.cli.endings import lacking
from grader.model import GraderError, UsageError

REPOSITORY = Path(__file__).resolve().parents[2]


def status(*arguments: str) -> int:
    with pytest.raises(SystemExit) as stopped:
        cli.main(arguments)
    assert isinstance(stopped.value.code, int)
    return stopped.value.code


@pytest.fixture
def verb_that(monkeypatch):
    """A verb ``doctor`` that raises what the test gives."""

    def install(error: BaseException) -> None:
        @click.command("doctor")
        def command() -> None:
            raise error

        monkeypatch.setattr(cli.Verbs, "get_command", lambda self, ctx, name: command)

    return install


def test_the_overview_names_every_verb(capsys):
    assert status() == 0
    overview = capsys.readouterr().out
    assert all(verb in overview for verb in ("check", "list", "trace", "explore", "replay"))


@pytest.mark.parametrize("verb", ["check", "list", "trace", "explore", "replay", "doctor"])
def test_every_verb_has_help(verb, capsys):
    assert status(verb, "--help") == 0
    assert f"Usage: grader {verb}" in capsys.readouterr().out


def test_the_version_is_the_packages(capsys):
    assert status("--version") == 0
    assert capsys.readouterr().out == f"grader {grader.__version__}\n"


def test_a_mistyped_verb_is_guessed(capsys):
    assert status("tarce", "x.py") == 2
    assert capsys.readouterr().err == "grader: no verb 'tarce': did you mean 'trace'?\n"


def test_a_wrong_option_is_one_sentence_with_where_to_read_more(capsys):
    assert status("trace", "--nonsense") == 2
    error = capsys.readouterr().err
    assert error.startswith("grader: ")
    assert "see 'grader trace --help'" in error
    assert error.count("\n") == 1


def test_a_mistake_of_the_user_is_a_sentence_and_status_2(verb_that, capsys):
    verb_that(UsageError("no such file: x\x1b[2J.py"))
    assert status("doctor") == 2
    assert capsys.readouterr().err == "grader: no such file: x\\x1b[2J.py\n"


def test_the_graders_own_failure_is_status_3(verb_that, capsys):
    verb_that(GraderError("the engine lost a process"))
    assert status("doctor") == 3
    assert capsys.readouterr().err.startswith("grader: a failure of grader itself")


def test_a_fault_in_grader_shows_where_and_is_status_3(verb_that, capsys):
    verb_that(ZeroDivisionError("oops"))
    assert status("doctor") == 3
    error = capsys.readouterr().err
    assert "ZeroDivisionError: oops" in error
    assert "please report it" in error


def test_control_c_ends_quietly(verb_that, capsys):
    verb_that(KeyboardInterrupt())
    assert status("doctor") == 130
    assert capsys.readouterr().err.strip() == ""


@pytest.mark.parametrize("verb", [["--help"], ["trace", "--engine", "sampled", "--", "true"]])
def test_a_reader_that_goes_away_is_no_error(verb):
    reader, writer = os.pipe()
    os.close(reader)
    broken = subprocess.run(
        [sys.executable, "-m", "grader", *verb],
        cwd=REPOSITORY,
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
        timeout=60,
    )
    os.close(writer)
    assert broken.stderr == b""
    assert broken.returncode == cli.BROKEN_PIPE


def test_without_fork_one_sentence_points_to_wsl(monkeypatch, capsys):
    monkeypatch.delattr(os, "fork")
    assert status("trace", "x.py") == 2
    error = capsys.readouterr().err
    assert "Portability Tip 18.1" in error
    assert "Windows Subsystem for Linux" in error
    assert error.count("\n") == 1
    assert status("check", "--help") == 0


def test_nothing_is_imported_before_that_sentence_that_windows_lacks():
    """It has few signals (the library reference, signal.signal()) and no masks."""
    program = (
        "import os, signal\n"
        "there = {f'SIG{name}' for name in 'ABRT FPE ILL INT SEGV TERM _DFL _IGN'.split()}\n"
        "for name in {name for name in dir(signal) if name.startswith('SIG')} - there:\n"
        "    delattr(signal, name)\n"
        "for name in ('pthread_sigmask', 'sigtimedwait', 'setitimer'):\n"
        "    vars(signal).pop(name, None)\n"
        "del os.fork\n"
        "from grader.cli import main\n"
        "main(['check', 'x.py'])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Windows Subsystem for Linux" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("verb", ["check", "trace", "list", "explore", "replay", "doctor"])
def test_help_imports_nothing_heavy(verb):
    program = (
        "import sys\n"
        "from grader.cli import main\n"
        "try: main([sys.argv[1], '--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'rich', 'pytest', 'psutil', '_pytest', 'multiprocessing'} & {*sys.modules}\n"
        "print('HEAVY', *heavy)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, verb],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert ended.stdout.splitlines()[-1].split() == ["HEAVY"]


def test_the_module_can_be_run():
    ended = subprocess.run(
        [sys.executable, "-m", "grader", "--version"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert ended.stdout.startswith("grader ")


@pytest.mark.parametrize("limited", [True, False])
def test_a_module_that_memory_did_not_suffice_for_is_no_fault_of_its_text(
    monkeypatch: pytest.MonkeyPatch, limited: bool
) -> None:
    unlimited = resource.RLIM_INFINITY
    bounds = (1 << 27, unlimited) if limited else (unlimited, unlimited)
    monkeypatch.setattr(resource, "getrlimit", lambda _: bounds)
    assert ("memory" in (lacking(SyntaxError("expected ':'")) or "")) == limited
