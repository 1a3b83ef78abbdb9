"""Coverage-guided fuzzing of what reads others' texts, by hand and as long as one likes.

``pip install atheris``, then ``python tests/fuzz/atheris_readers.py [FOLDER] -max_total_time=60``
(libFuzzer's options). It ends with a traceback, and leaves the input in ``crash-*``, when a reader
does anything but read its input or refuse it.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

with atheris.instrument_imports(include=["grader"]):
    from grader.assignments import find, load, open_submission
    from grader.assignments.messages import visible
    from grader.assignments.source_errors import find_source_error
    from grader.judge import flags
    from grader.judge.script import Mismatch, Script
    from grader.model import (
        Fault,
        Result,
        Schedule,
        Trace,
        Unproved,
        UsageError,
        from_json,
        to_json,
    )
    from grader.model.safe import safe_text, shell_line
    from grader.report import print_result, print_trace
from tests.report.nasty import problems
from tests.report.printing import printed
from tests.traces import make_trace

FOLDER = Path(tempfile.mkdtemp(prefix="grader-fuzz-"))
FIG = find("fig18_03")


def _document(data: bytes) -> None:
    trace = from_json(data, Trace)
    to_json(trace)
    assert problems(printed(print_trace, trace, flags(trace))) == []


def _result(data: bytes) -> None:
    assert problems(printed(print_result, from_json(data, Result))) == []


def _assignment(data: bytes) -> None:
    (FOLDER / "assignment.toml").write_bytes(data)
    load(FOLDER)


def _submission(data: bytes) -> None:
    path = FOLDER / "x.py"
    path.write_bytes(data)
    submission = open_submission(path, FIG)
    _ = submission.source
    find_source_error(data, "x.py")


def _script(data: bytes) -> None:
    text, _, output = data.partition(b"\0")
    script = Script.parse(text.decode(errors="replace"))
    trace = make_trace(("P", output), ("P.1", output[::-1]))
    for judge in (script.match, lambda t: script.match_text(t.text(), budget=1000)):
        try:
            judge(trace)
        except (Mismatch, Unproved) as verdict:
            visible(str(verdict))


def _words(data: bytes) -> None:
    text = data.decode(errors="surrogateescape")
    safe_text(text, "ascii").encode("ascii")
    shell_line([text], "ascii").encode("ascii")
    for kind in (Schedule, Fault):
        try:
            kind.parse(text)
        except UsageError:
            continue


READERS = (_document, _result, _assignment, _submission, _script, _words)


def one_input(data: bytes) -> None:
    """The first byte says which reader gets the rest."""
    try:
        READERS[data[0] % len(READERS) if data else 0](data[1:])
    except UsageError:
        return


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
