"""How submissions are run: the options that are the same for one and for a class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--engine",
        type=click.Choice(["auto", "exact", "sampled"]),
        default="auto",
        help="How to observe a program. [default: exact where the system allows it]",
    ),
    click.option(
        "--python",
        metavar="INTERPRETER",
        help="The Python that runs it. [default: the one that runs grader]",
    ),
    click.option(
        "--timeout",
        type=click.FloatRange(min=0, min_open=True),
        metavar="SECONDS",
        help="End it after so long. [default: the assignment's limit]",
    ),
    click.option(
        "--runs",
        metavar="N",
        type=click.IntRange(min=1),
        help="Run no more schedules than this in each scenario. [default: the assignment's budget]",
    ),
)


def recording(function: F) -> F:
    """``--engine``, ``--python``, ``--timeout`` and ``--runs``."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function
