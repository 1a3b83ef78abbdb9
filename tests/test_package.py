"""What ``import grader`` gives to authors of checks."""

import subprocess
import sys

import pytest

import grader


def test_every_name_that_is_offered_is_there():
    for name in grader.__all__:
        assert getattr(grader, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'scriptt'"):
        _ = grader.scriptt


def test_type_checkers_see_the_same_names():
    import ast
    import pathlib

    tree = ast.parse(pathlib.Path(grader.__file__).read_text())
    (guarded,) = (node for node in tree.body if isinstance(node, ast.If))
    seen = {alias.asname for node in guarded.body for alias in node.names}
    assert seen == set(grader.__all__)


def test_import_is_cheap():
    code = "import sys, grader; print([m for m in sys.modules if m.startswith('grader.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
