"""Where others have taken all processes of the system, nothing is left either."""

from __future__ import annotations

import errno
import itertools
import os
from collections.abc import Callable

import pytest

from grader.explore import Budget
from grader.explore.exploring import explore_all
from grader.model import Confinement, GraderError, Scenario, UsageError
from grader.observe import choose, run_all

from .surroundings import Surroundings

PROGRAM = Scenario(command=["true"], confinement=Confinement())
WAYS: dict[str, Callable[[], object]] = {
    "free": lambda: run_all([PROGRAM, PROGRAM], "exact"),
    "sampled": lambda: run_all([PROGRAM, PROGRAM], "sampled"),
    "controlled": lambda: explore_all([(PROGRAM, Budget(runs=1))], engine="exact"),
}
MOST = 20


@pytest.mark.parametrize("way", WAYS)
def test_a_fork_of_the_graders_that_fails_is_told_and_leaves_nothing(
    way: str, around: Surroundings, renew: list[str]
) -> None:
    choose("exact")  # which tries it, once

    def body() -> bytes:
        real = os.fork
        for failing in range(MOST):
            numbers = itertools.count()

            def fork(failing: int = failing, numbers: itertools.count[int] = numbers) -> int:
                if next(numbers) == failing:
                    raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
                return real()

            os.fork = fork
            try:
                WAYS[way]()
                if next(numbers) <= failing:
                    return b"done"  # that many it does not make
            except (GraderError, UsageError):
                pass
            finally:
                os.fork = real
        return b""

    data, found = around.watch(body)
    renew += found
    assert not renew, "\n".join(["", *renew])
    assert data == b"done"
