"""What such a repository holds, for one assignment."""

from __future__ import annotations

import ast
import shlex
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Literal, TypeGuard

import msgspec

from grader.assignments.assignment import FILE_NAME, Assignment
from grader.assignments.reading import exists, read_file
from grader.assignments.starting import workflows
from grader.assignments.starting.workflows import Workflow
from grader.model import UsageError
from grader.model.safe import safe

Existing = Literal["refuse", "keep", "complete"]
"""What becomes of a file that is there: it is in the way, it is kept as it is, or the lines that
it lacks are added."""

STARTER = "starter.py"
"""In the assignment's folder: what students begin with, where its author gives it."""

_LARGEST = 1_000_000
"""Bytes of a file that is copied."""

_IGNORED = f"""\
__pycache__/
.pytest_cache/
.venv/
{workflows.JUNIT}
{workflows.CODE_QUALITY}
"""


class NewFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the new repository."""

    path: PurePosixPath
    """In the repository."""
    data: bytes
    purpose: str
    """In a few words, for people."""
    existing: Existing = "refuse"


def repository_files(
    assignment: Assignment, workflow: Workflow | None, *, github: bool = False, gitlab: bool = False
) -> list[NewFile]:
    """Return the files of a repository for an assignment.

    The assignment itself is copied into it, without its mistakes and its reference solution: so
    the checks that a class is told about are those that run. ``workflow`` is what GitHub,
    GitLab or both do on each push.

    Raises UsageError when a file of the assignment can't be read.
    """
    home = PurePosixPath("assignments", assignment.id)
    if not assignment.file.isprintable():
        raise UsageError(f"{safe(assignment.file)!r} is no name for a file in a repository")
    option = assignment.file.startswith("-")  # a command would take it for one
    submission = shlex.quote(f"./{assignment.file}" if option else assignment.file)
    check = f"grader check {submission} -a {home}"
    files = [
        NewFile(path=PurePosixPath("README.md"), data=_handout(assignment), purpose="the handout"),
        NewFile(
            path=PurePosixPath(assignment.file),
            data=starter(assignment),
            purpose="to begin with",
            existing="keep",
        ),
        *(
            NewFile(path=home / place, data=_read(assignment.folder / place), purpose="the checks")
            for place in _parts(assignment)
        ),
        NewFile(
            path=PurePosixPath("pytest.ini"),
            data=_pytest_settings(submission, home).encode(),
            purpose="so that 'pytest' runs the checks, too",
        ),
        NewFile(
            path=PurePosixPath(".gitignore"),
            data=_IGNORED.encode(),
            purpose="what git leaves out",
            existing="complete",
        ),
    ]
    if workflow is not None and github:
        files.append(
            NewFile(
                path=PurePosixPath(
                    f".github/workflows/{'classroom' if workflow.classroom else 'grader'}.yml"
                ),
                data=workflows.github(workflow, check).encode(),
                purpose="GitHub: checks each push",
            )
        )
    if workflow is not None and gitlab:
        files.append(
            NewFile(
                path=PurePosixPath(".gitlab-ci.yml"),
                data=workflows.gitlab(workflow, check).encode(),
                purpose="GitLab: checks each push",
            )
        )
    return files


def starter(assignment: Assignment) -> bytes:
    """Return what students begin with: ``starter.py`` of the assignment's folder, or else the
    little that its settings tell.

    Raises UsageError when it can't be read, or is the reference solution.
    """
    path = assignment.folder / STARTER
    if not exists(path):
        return _derived(assignment).encode()
    data = _read(path)
    try:
        reference = assignment.reference_path.read_bytes()
    except (UsageError, OSError):
        return data
    if data.split() == reference.split():
        raise UsageError(f"{safe(str(path))} is the reference solution: students would get it")
    return data


def hidden_checks(assignment: Assignment) -> list[str]:
    """The names of the checks that are marked as not for students, or not yet, read from the
    modules without running them: whoever has the modules can read these checks."""
    found = []
    for module in assignment.test_modules:
        tree = ast.parse(module.read_bytes())
        marks = [node.value for node in tree.body if _names_marks(node)]
        all_of_it = any(map(_hides, marks))
        found += [
            node.name.removeprefix("test_")
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
            if all_of_it or any(map(_hides, node.decorator_list))
        ]
    return found


def _names_marks(node: ast.stmt) -> TypeGuard[ast.Assign]:
    """Whether a statement marks all the checks of its module."""
    names = node.targets if isinstance(node, ast.Assign) else []
    return any(isinstance(name, ast.Name) and name.id == "pytestmark" for name in names)


def _hides(mark: ast.expr) -> bool:
    text = ast.unparse(mark)
    return "mark.visibility(" in text and "'visible'" not in text


def _handout(assignment: Assignment) -> bytes:
    if exists(assignment.handout):
        return _read(assignment.handout)
    title = safe(assignment.title)
    return f"# {title}\n\nHand in one file, `{safe(assignment.file)}`.\n".encode()


def _derived(assignment: Assignment) -> str:
    """A beginning that gives nothing away, as nothing is known but what the settings say."""
    lines = [assignment.title, assignment.section, "README.md says what to write here."]
    comments = "".join(f"# {safe(line)}\n" for line in lines if line)
    return f"{comments}\nimport os\nimport sys\n"


def _parts(assignment: Assignment) -> Iterator[PurePosixPath]:
    """What is copied of the assignment: no mistakes, no reference, no starter."""
    folder = assignment.folder
    yield PurePosixPath(FILE_NAME)
    modules = [path.name for path in assignment.test_modules]
    if (folder / "conftest.py").is_file():
        modules.insert(0, "conftest.py")
    yield from map(PurePosixPath, modules)
    for name in assignment.confinement.files:
        place = folder / name
        inside = sorted(place.rglob("*")) if place.is_dir() else [place]
        for path in inside:
            if path.is_file() and "__pycache__" not in path.parts:
                yield PurePosixPath(path.relative_to(folder).as_posix())


def _pytest_settings(submission: str, home: PurePosixPath) -> str:
    return f"""\
[pytest]
# 'pytest' runs the checks on the submission: with tracebacks (--tb=short), JUnit files, and so on.
testpaths = {home}
addopts = --submission {submission} --import-mode=importlib
required_plugins = grader
"""


def _read(path: Path) -> bytes:
    return read_file(path, str(path), _LARGEST)
