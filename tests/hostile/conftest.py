"""Surroundings for hostile programs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .surroundings import Surroundings


@pytest.fixture(scope="session")
def _kept() -> Iterator[list[Surroundings]]:
    """The surroundings that are in use: one at most."""
    kept: list[Surroundings] = []
    yield kept
    for around in kept:
        around.end()


@pytest.fixture
def around(_kept: list[Surroundings]) -> Surroundings:
    """Where the program is tried: the same for many, until one of them has changed it."""
    if not _kept:
        _kept.append(Surroundings())
    return _kept[0]


@pytest.fixture
def renew(_kept: list[Surroundings]) -> Iterator[list[str]]:
    """A list for what was found: if anything was, the next test gets new surroundings."""
    found: list[str] = []
    yield found
    if found and _kept:
        _kept.pop().end()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What holds these programs is Linux's."""
    if sys.platform != "linux":
        for item in items:
            if Path(__file__).parent in item.path.parents:
                item.add_marker(pytest.mark.skip(reason="confinement needs Linux"))
