"""Runs a few lines of Python under the exact engine."""

from __future__ import annotations

import textwrap
from typing import Any

from grader.model import Limits, Scenario, Trace
from grader.observe import python_executable, run

PREAMBLE = """
import os, signal, sys, time
def fork(body, *arguments):
    pid = os.fork()
    if pid == 0:
        try: code = body(*arguments) or 0
        except BaseException as e: os.write(2, repr(e).encode()); code = 99
        os._exit(code)
    return pid
"""


def run_python(source: str, *arguments: str, **options: Any) -> Trace:
    """Run Python source, after ``PREAMBLE``; ``options`` are the scenario's."""
    program = PREAMBLE + textwrap.dedent(source)
    # No site, so that it starts at once.
    command = [python_executable(), "-I", "-S", "-c", program, *arguments]
    options.setdefault("limits", Limits(seconds=20))
    return run(Scenario(command=command, **options), "exact")
