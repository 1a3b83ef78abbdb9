"""Making .venv: an interpreter of the project's own, with grader and what it needs.

Three ways, the first that works: ``venv``; ``virtualenv`` if it is installed; ``virtualenv``
from the package index, into .tools/. Debian and Ubuntu ship Python without ensurepip (it is in
python3-venv), and often without pip: then pip's wheel is fetched first, see package_index.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tools.package_index import SetupError, configuration_files, fetch_pip, sources

Say = Callable[[str], None]
STAMP = "grader-setup.txt"


def prepare(root: Path, extra: str | None, say: Say) -> Path:
    """Make or repair ``root/.venv``; return its interpreter.

    ``extra`` names an optional group of dependencies. Does nothing when a stamp says that all
    is there for this pyproject.toml, this Python and this folder. Raises SetupError.
    """
    folder = root / ".venv"
    python = folder / "bin" / "python"
    place, contents = _marks(root)
    made, installed, extras = _stamp(folder)
    if made not in (place, "") or not _works(python):
        if folder.exists():
            say("the old .venv does not fit this Python or this folder: making it anew")
            _remove(folder)
        _make(root, folder, say)
    elif made == place and installed == contents and (extra is None or extra in extras):
        return python
    target = str(root) if extra is None else f"{root}[{extra}]"
    say("installing grader and " + ("what its tests need" if extra else "what it needs"))
    _run(
        [python, "-m", "pip", "install", "--quiet", "--editable", target],
        "could not install grader's dependencies from the package index",
    )
    have = sorted({*([extra] if extra else []), *(extras if installed == contents else [])})
    text = "\n".join([place, contents, *have]) + "\n"
    (folder / f"{STAMP}.partial").write_text(text, encoding="utf-8")
    (folder / f"{STAMP}.partial").replace(folder / STAMP)
    return python


def _marks(root: Path) -> tuple[str, str]:
    """Two fingerprints: of what .venv is tied to, and of what is installed in it."""
    place = repr((str(root.resolve()), sys.version, os.path.realpath(sys.executable)))
    contents = (root / "pyproject.toml").read_bytes()
    return _sha256(place.encode()), _sha256(contents)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _stamp(folder: Path) -> tuple[str, str, list[str]]:
    """What .venv was made for, what was installed from, and the extras installed."""
    try:
        lines = (folder / STAMP).read_text(encoding="utf-8").split()
        return lines[0], lines[1], lines[2:]
    except (OSError, IndexError, UnicodeDecodeError):
        return "", "", []


def _works(python: Path) -> bool:
    """Whether the interpreter starts, is new enough, is in a venv, and has pip."""
    code = "import sys, pip; sys.exit(sys.version_info < (3, 11) or sys.prefix == sys.base_prefix)"
    return _succeeds([python, "-c", code])


def _make(root: Path, folder: Path, say: Say) -> None:
    """Make an empty environment with pip in it."""
    version = ".".join(map(str, sys.version_info[:3]))
    say(f"making .venv with Python {version} ({sys.executable})")
    if importlib.util.find_spec("ensurepip") and importlib.util.find_spec("venv"):
        if _succeeds([sys.executable, "-m", "venv", folder]) and _works(folder / "bin" / "python"):
            return
        _remove(folder)
    say("this Python has no working venv: using virtualenv instead")
    tools = root / ".tools"
    if not _succeeds([sys.executable, "-m", "virtualenv", "--version"]):
        _fetch_virtualenv(tools, say)
    environment = {"PYTHONPATH": str(tools)}
    _run(
        [sys.executable, "-m", "virtualenv", "--quiet", "--no-download", folder],
        "virtualenv could not make .venv",
        environment,
    )
    if not _works(folder / "bin" / "python"):
        raise SetupError(f"virtualenv made {folder}, but its Python does not work: remove it")


def _fetch_virtualenv(tools: Path, say: Say) -> None:
    """Install virtualenv into the folder, with pip if there is one, else with pip's wheel."""
    if _succeeds([sys.executable, "-m", "virtualenv", "--version"], {"PYTHONPATH": str(tools)}):
        return
    _remove(tools)
    pip: list[str | Path] = ["-m", "pip"]
    if not _succeeds([sys.executable, *pip, "--version"]):
        say("this Python has no pip: fetching it from the package index")
        files = configuration_files(os.environ, Path.home())
        pip = [fetch_pip(tools, sources(os.environ, files)) / "pip"]
    say("fetching virtualenv into .tools")
    _run(
        [sys.executable, *pip, "install", "--quiet", "--target", tools, "virtualenv"],
        "could not install virtualenv from the package index",
    )


def _remove(folder: Path) -> None:
    try:
        if folder.is_symlink() or folder.is_file():
            folder.unlink()
        elif folder.exists():
            shutil.rmtree(folder)
    except OSError as error:
        raise SetupError(f"{folder} is in the way and can't be removed: {error}") from None


def _environment(changes: dict[str, str] | None) -> dict[str, str]:
    """The environment for the commands that set up: settings that would misplace files undone."""
    kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")}
    pip = {"PIP_REQUIRE_VIRTUALENV": "0", "PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    for name in ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT"):
        kept.pop(name, None)
    return {**kept, **pip, **(changes or {})}


def _succeeds(command: Sequence[str | Path], environment: dict[str, str] | None = None) -> bool:
    try:
        done = subprocess.run(
            command,
            env=_environment(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except OSError:
        return False
    return done.returncode == 0


def _run(
    command: Sequence[str | Path], failure: str, environment: dict[str, str] | None = None
) -> None:
    """Run a command quietly; SetupError with what it said when it fails."""
    done = subprocess.run(
        command,
        env=_environment(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode:
        lines = done.stdout.strip().splitlines()
        errors = [line.strip() for line in lines if line.strip().startswith("ERROR")]
        said = "\n  ".join(errors or lines[-15:])
        raise SetupError(
            f"{failure}:\n  {said}\nIs there a network, and is pip's configuration right "
            f"(pip config list)? The command was: {' '.join(map(str, command))}"
        )
