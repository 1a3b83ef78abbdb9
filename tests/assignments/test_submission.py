"""What can't be judged is refused in a sentence; what is not Python 3 is named as such."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from grader.assignments import Submission, load, open_submission
from grader.assignments.source_errors import find_source_error
from grader.assignments.submission import NotPython
from grader.model import UsageError


@pytest.fixture
def assignment(tmp_path: Path):
    folder = tmp_path / "assignment"
    folder.mkdir()
    (folder / "assignment.toml").write_text(
        'schema = "grader/assignment/v1"\nid = "demo"\ntitle = "T"\nfile = "demo.py"\n'
    )
    return load(folder)


@pytest.fixture
def opened(assignment, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def write_and_open(data: bytes) -> Submission:
        Path("smith.py").write_bytes(data)
        return open_submission(Path("smith.py"), assignment)

    return write_and_open


def test_a_file_is_opened_whatever_its_name(opened, tmp_path):
    submission = opened(b"import os\r\nos.fork()\r\n")
    assert submission.path == tmp_path / "smith.py"
    assert submission.name == "smith.py"
    assert submission.source == "import os\nos.fork()\n"
    assert len(submission.tree.body) == 2


def test_a_folder_gives_the_file_that_the_assignment_expects(assignment, tmp_path):
    (tmp_path / "smith").mkdir()
    (tmp_path / "smith" / "demo.py").write_text("pass")
    submission = open_submission(tmp_path / "smith", assignment, name="smith/")
    assert (submission.path.name, submission.name) == ("demo.py", "smith/demo.py")


def test_source_is_decoded_as_python_does(opened):
    assert opened("# coding: latin-1\n# é\n".encode("latin-1")).source.endswith("# é\n")
    assert opened(b"\xef\xbb\xbfpass\n").source == "pass\n"
    assert "\ufffd" in opened(b"# \xe9\n").source


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "smith.py is empty"),
        (b"\n  \n", "smith.py is empty"),
        (b"\x7fELF\x02\0\0", r"smith.py is a binary file \(a program\), not Python source"),
        (b"\xa7\r\r\n\0\0\0\0", r"smith.py is a binary file \(compiled Python\)"),
        (b"PK\3\4\0\0", r"smith.py is a binary file \(a zip archive\)"),
        ("import os".encode("utf-16"), "smith.py is UTF-16 text: save it again as UTF-8"),
        (b"#" * 200_001, "smith.py is larger than 200,000 bytes"),
    ],
)
def test_what_is_no_source_text_is_refused(opened, data, words):
    with pytest.raises(UsageError, match=words):
        opened(data)


def test_what_is_not_there_is_refused(assignment, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=r"no such file: nowhere\.py"):
        open_submission(Path("nowhere.py"), assignment)
    with pytest.raises(UsageError, match="/dev/null is not a regular file"):
        open_submission(Path("/dev/null"), assignment)
    Path("smith").mkdir()
    with pytest.raises(UsageError, match=r"smith is an empty folder: it should contain demo\.py"):
        open_submission(Path("smith"), assignment)
    for n in range(10):
        Path(f"smith/{n}.py").touch()
    with pytest.raises(UsageError, match=r"no demo\.py in the folder smith, .*: 0\.py, .* 2 more"):
        open_submission(Path("smith"), assignment)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ('print "Program executing"', "print statement"),
        ("print x", "print statement"),
        ("try: pass\nexcept OSError, e:\n  pass", "'except X, e:'"),
        ("try: pass\nexcept (OSError, IOError), e:\n  pass", "'except X, e:'"),
        ("x = `5`", "backquotes"),
        ("raise OSError, 'no'", "'raise X, message'"),
        ("exec 'x = 1'", "exec statement"),
        ("os.chmod(f, 0777)", "an octal number"),
        ("x = 10L", "a long number"),
        ("if 1 <> 2: pass", "'<>'"),
    ],
)
def test_python_2_is_named_with_its_line(line, what):
    number = 4 if "except" in line else 3
    source = f"# a file\nimport os\n{line}\n"
    error = find_source_error(source.encode(), "smith.py")
    assert error is not None
    assert error.python_2 is not None
    assert what in error.python_2
    assert str(error).startswith(f"smith.py, line {number}: this is Python 2 code (")
    assert f'File "smith.py", line {number}' in str(error)


@pytest.mark.parametrize("python", [None, "other"])
def test_a_syntax_error_is_shown_as_python_shows_it(python, tmp_path):
    if python:
        python = str(tmp_path / "python3")  # any interpreter but the running one: a script here
        Path(python).write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
        Path(python).chmod(0o755)
    error = find_source_error(b"import os\nif os.fork() = 0:\n    pass\n", "smith.py", python)
    assert error is not None
    assert error.python_2 is None
    lines = str(error).splitlines()
    assert lines[0] == "smith.py has a syntax error, so it can't run:"
    assert lines[1] == '  File "smith.py", line 2'
    assert lines[2] == "    if os.fork() = 0:"
    assert set(lines[3]) == {" ", "^"}
    assert lines[4].startswith("SyntaxError: ")


@pytest.mark.parametrize("source", [b"pass\n", b"'\\d'\n", b"print('print \"x\"')\n", b"print\n"])
def test_python_3_is_left_alone(source):
    assert find_source_error(source, "smith.py") is None


def test_a_check_that_needs_the_syntax_tree_fails_and_is_no_error(opened):
    with pytest.raises(NotPython, match=r"smith\.py, line 1: this is Python 2 code") as caught:
        _ = opened(b"print 'x'\n").tree
    assert isinstance(caught.value, AssertionError)
