"""Programs in C, compiled when a test asks for them."""

from __future__ import annotations

import functools
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

PROGRAMS = Path(__file__).parent / "programs"

Compiled = Callable[[str], str]


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    """The path of a program of ``programs/``, by its name; compiled once a session."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("there is no C compiler")
    folder = tmp_path_factory.mktemp("programs")

    @functools.cache
    def compile(name: str) -> str:
        target = folder / name
        source = PROGRAMS / f"{name}.c"
        subprocess.run([compiler, "-w", "-O1", "-pthread", "-o", target, source], check=True)
        return str(target)

    return compile


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The exact engine is Linux's."""
    if sys.platform != "linux":
        for item in items:
            if Path(__file__).parent in item.path.parents:
                item.add_marker(pytest.mark.skip(reason="the exact engine needs Linux"))
