"""The fixtures that checks take, registered as a plugin while grader judges."""

from __future__ import annotations

from typing import NoReturn

import pytest

from grader.assignments.submission import Submission


class NotATrace:
    """The value of the fixture ``trace`` for anything that is not a check's argument.

    A check is called once for every trace, with each in turn in its argument's place.
    """

    def __getattr__(self, name: str) -> NoReturn:
        raise RuntimeError("a check takes 'trace' as an argument; it can't be had otherwise")


@pytest.fixture(scope="session")
def submission(request: pytest.FixtureRequest) -> Submission:
    """The submission that is judged: its path, source text and syntax tree."""
    given: Submission = request.param
    return given


@pytest.fixture
def trace(submission: Submission) -> NotATrace:
    """What a run of the submission did. The check runs once for every scenario's trace."""
    return NotATrace()
