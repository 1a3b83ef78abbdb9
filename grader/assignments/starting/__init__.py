"""Starting a repository in which students write an assignment, and CI judges it."""

from grader.assignments.starting.contents import NewFile, hidden_checks, repository_files
from grader.assignments.starting.installing import how_to_install
from grader.assignments.starting.workflows import Workflow
from grader.assignments.starting.writing import write_files

__all__ = [
    "NewFile",
    "Workflow",
    "hidden_checks",
    "how_to_install",
    "repository_files",
    "write_files",
]
