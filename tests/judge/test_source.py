"""Questions about the source."""

from hypothesis import given
from hypothesis import strategies as st

from grader.judge import source

FIGURE = """\
import os, sys
import os as system
from os import fork as split, wait
from time import *
import multiprocessing.pool
import subprocess

def work():
    return system.getpid()

pid = os.fork()
other = split()
action = os.fork
wait()
multiprocessing.pool.Pool(2)
os = None
"""


def test_forks_are_found_by_any_name():
    assert source.fork_lines(FIGURE) == [11, 12]


def test_uses_have_their_full_names():
    found = {(use.name, use.line, use.called) for use in source.uses(FIGURE)}
    assert ("os.getpid", 9, True) in found
    assert ("os.fork", 12, True) in found
    assert ("os.fork", 13, False) in found
    assert ("multiprocessing.pool.Pool", 15, True) in found
    assert ("time.*", 4, False) in found


def test_an_import_alone_is_no_use():
    assert source.imports(FIGURE)["subprocess"] == 6
    assert source.used_of(FIGURE, "subprocess") == []


def test_a_function_may_come_before_its_import():
    assert source.fork_lines("def f():\n    return os.fork()\n\nimport os\n") == [2]


def test_names_of_the_program_itself_are_no_modules():
    assert source.uses("class fork: pass\nfork()\nself.os.fork()\n") == []


def test_a_module_is_not_mistaken_for_one_whose_name_begins_alike():
    assert source.used_of("import subprocessing\nsubprocessing.run()\n", "subprocess") == []


def test_python_2_has_no_answers():
    for text in ('print "x"', "(" * 5000, "\0"):
        assert source.uses(text) == []
        assert source.imports(text) == {}


def test_a_deep_source_does_no_harm():
    assert source.fork_lines("import os\nos.fork()\nx = " + "-" * 3000 + "1\n") in ([2], [])


@given(st.text(max_size=60))
def test_any_text_has_answers(text):
    source.uses(text)
    source.imports(text)
