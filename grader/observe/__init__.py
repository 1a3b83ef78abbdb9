"""Runs one program once and returns a Trace. The only room that touches the kernel.

Two engines behind one protocol: ``exact`` sees every event by ptrace (Linux),
``sampled`` polls psutil (any POSIX system).
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.model import Scenario, Trace
from grader.observe.program import python_executable

__all__ = ["python_executable", "run", "run_all"]


def run(scenario: Scenario, engine: str = "auto") -> Trace:
    """Run one scenario. See ``run_all``."""
    return run_all([scenario], engine)[0]


def run_all(scenarios: Sequence[Scenario], engine: str = "auto") -> list[Trace]:
    """Run scenarios, all at the same time, and return their traces in the same order.

    ``engine`` is ``exact``, ``sampled``, or ``auto``: exact where it works.

    Raises UsageError when a program cannot be started, or an engine is asked for that
    does not work here; GraderError when the grader itself fails.
    """
    from grader.observe.exact import observe
    from grader.observe.running import run_together

    return run_together(scenarios, observe)
