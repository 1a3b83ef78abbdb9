"""What checks quote of a submission stays in its box in pytest's output, and in JUnit's."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest

from tests.report.nasty import NASTY, problems

pytest_plugins = ["pytester"]

CHECKS = f"""\
NASTY = {[data[:2000].decode(errors="surrogateescape") for data in NASTY.values()]!r}

def test_text(trace):
    assert False, "\\n".join(NASTY[:25])

def test_more(trace):
    assert False, "\\n" + "\\n".join(NASTY[25:])

def test_values(trace):
    assert NASTY == trace.processes

def test_fault(trace):
    raise ValueError("\\n".join(NASTY))

def test_skipped(trace):
    import pytest
    pytest.skip("\\n".join(NASTY))
"""


@pytest.mark.parametrize("options", [[], ["-rA", "-v"], ["--tb=short"]], ids=["", "-rA", "--tb"])
def test_messages_stay_in_their_box(desk, options):
    desk.write("waiting/test_waiting.py", CHECKS)
    name = "bad/::error::\x1b[2J\n::error::.py"
    desk.write(name, "import os\n")
    result = desk.judge("--submission", name, "--junitxml=report.xml", *options)
    result.assert_outcomes(failed=3, errors=1, skipped=1)
    # A terminal writes tracebacks that were asked for with pytest's own marks: "E   ...".
    text = "\n".join(result.outlines)
    assert problems(text) == []
    said = [line for line in result.outlines if "10 of 10 points" in line]
    assert all(line.startswith(("| ", "E ", " ", "UNPROVED", "ERROR", "FAILED")) for line in said)
    ElementTree.parse(desk.pytester.path / "report.xml")


def test_a_name_that_is_refused_is_told_in_its_box(desk):
    name = "bad/\x1b[2J\n::error::.py"
    desk.write(name, "\0")
    for given in (name, "bad/none\n::error::\x1b.py"):
        result = desk.judge("--submission", given)
        assert problems("\n".join([*result.errlines, *result.outlines])) == []
        assert result.ret == pytest.ExitCode.USAGE_ERROR
