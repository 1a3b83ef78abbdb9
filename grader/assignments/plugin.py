"""The pytest plugin: options and markers, and nothing else until an assignment is met.

pytest imports this module in every project of an environment where grader is installed.
What judges (``grader.assignments.judging``) is imported when a module is collected whose
folder has an ``assignment.toml``, or when ``--submission`` is given.
"""

from __future__ import annotations

from pathlib import Path

import pytest

_MARKERS = (
    "points(n, hint=''): grader: what a check is worth, and a hint for who fails it.",
    "requires(*names): grader: skip this check when one of these failed (names without test_).",
    "scenarios(*names): grader: run this check in these scenarios only.",
    "visibility(who): grader: 'visible', 'after-due-date' or 'hidden': whether students see it.",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Register the options. None is called --timeout: pytest-timeout owns that."""
    group = parser.getgroup("grader", "grader: judge submissions to a process assignment")
    group.addoption(
        "--submission",
        dest="grader_submissions",
        action="append",
        default=[],
        metavar="PATH",
        help="a file to judge, or a folder with the file that the assignment expects; repeatable",
    )
    group.addoption(
        "--grader-engine",
        choices=("auto", "exact", "sampled"),
        default="auto",
        help="how to observe submissions (default: exact where the system allows it)",
    )
    group.addoption(
        "--grader-python",
        metavar="INTERPRETER",
        help="the Python that runs submissions (default: the one that runs pytest)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers; begin to judge when there are submissions."""
    for marker in _MARKERS:
        config.addinivalue_line("markers", marker)
    if config.getoption("grader_submissions"):
        _start(config)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Import nothing but checks: never a submission or a mistake, whatever it is called.

    It would run, and fork, inside pytest: ``mistakes/inverted_test.py`` looks like a module
    of tests.
    """
    if not _is_assignment(collection_path.parent):
        paths: list[str] = config.getoption("grader_submissions")
        given = any(config.invocation_params.dir / path == collection_path for path in paths)
        return True if given and collection_path.is_file() else None
    if collection_path.is_dir():
        return True
    from grader.assignments.assignment import load
    from grader.model import UsageError

    try:
        checks = [module.name for module in load(collection_path.parent).test_modules]
    except UsageError:
        return None  # what is wrong is said when the module is collected
    return None if collection_path.name in checks else True


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> None:
    """Begin to judge when the module belongs to an assignment; pytest makes the module."""
    if _is_assignment(module_path.parent):
        _start(parent.config)


def _is_assignment(folder: Path) -> bool:
    return (folder / "assignment.toml").is_file()


def _start(config: pytest.Config) -> None:
    if not config.pluginmanager.has_plugin("grader-judging"):
        from grader.assignments.judging import start

        start(config)
