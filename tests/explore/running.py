"""Explores programs that tests write, and says what was found in the oracle's words."""

from __future__ import annotations

import functools
import shutil
import subprocess
from pathlib import Path

import pytest

from grader.explore import Budget, Explored, document, explore
from grader.model import ExitStatus, Exploration, Scenario, Stdio
from grader.observe import python_executable
from tests.oracle.kernel import Outcome

PATIENT = Budget(runs=50_000, seconds=600)
"""So that what can be exhaustive is, on a slow machine too."""


@functools.cache
def compiler() -> str:
    """The C compiler; the test is skipped where there is none."""
    found = shutil.which("cc") or shutil.which("gcc")
    if found is None:
        pytest.skip("there is no C compiler")
    return found


def command_for(source: Path, folder: Path) -> list[str]:
    """What runs a C or Python program; C is compiled into ``folder``."""
    if source.suffix == ".py":
        # No site, so that it starts at once.
        return [python_executable(), "-I", "-S", str(source)]
    program = folder / source.stem
    subprocess.run([compiler(), "-w", "-O0", "-o", program, source], check=True)
    return [str(program)]


def scenario_for(
    source: Path, folder: Path, *, output_order: bool = True, stdio: Stdio = "terminal"
) -> Scenario:
    """Every schedule of a C or Python program."""
    return Scenario(
        command=command_for(source, folder),
        script=str(source) if source.suffix == ".py" else None,
        time="adversarial",
        output_order=output_order,
        stdio=stdio,
    )


def explored(scenario: Scenario, *, asks: bool = False) -> tuple[Explored, Exploration]:
    """What exploring gives; nothing in it is doubtful, and nothing was left out.

    ``asks``: the program asks again and again, so there are more schedules than can be run.
    """
    found = explore(scenario, PATIENT)
    for trace in found.traces:
        assert trace.doubts == [], trace.doubts
        why = trace.uncontrolled
        assert why is None or (asks and "again and again" in why), why
    if asks:
        assert found.schedules.exhaustive or found.schedules.reason
    else:
        assert found.schedules.exhaustive, found.schedules.reason
    return found, document(found, scenario.output_order)


def outputs(found: Exploration) -> set[str]:
    """The distinct outputs, with plain line ends."""
    texts = [output.text.replace("\r\n", "\n") for output in found.outputs]
    assert len(texts) == len(set(texts))
    return set(texts)


def outcomes(found: Exploration) -> set[Outcome]:
    """The distinct outcomes, as the oracle says them."""
    made = []
    for outcome in found.outcomes:
        assert outcome.ended in ("exit", "deadlock")
        assert outcome.exits["P"] == outcome.exit
        made.append(
            Outcome(
                outcome.ended,  # type: ignore[arg-type]
                tuple(sorted(outcome.fates.items())),
                tuple(sorted((id, number(exit)) for id, exit in outcome.exits.items())),
            )
        )
    assert len(made) == len(set(made))
    return set(made)


def number(status: ExitStatus) -> int:
    """A code, or a signal below 0."""
    if status.code is not None:
        return status.code
    assert status.signal is not None
    return -status.signal
