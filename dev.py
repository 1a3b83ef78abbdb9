"""Runs what a checkout of grader can do; it sets itself up in .venv first, when it must.

    python3 dev.py demo         grade the reference and a wrong submission of Fig 18.3
    python3 dev.py test         every check of this project: style, types, imports, tests
    python3 dev.py test ARGS    pytest with these arguments only, such as tests/judge -x
    python3 dev.py lint         style, types and imports only
    python3 dev.py fix          put imports and layout in order
    python3 dev.py bench ARGS   measure grader beside strace and bare runs (see benchmarks/)
    python3 dev.py picture      make the pictures in docs/ again (needs a Chromium)
    python3 dev.py setup        set .venv up and say how to use it

It needs Python 3.11 or later and nothing else. Exit status 0 when all is well.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
NEEDED = (3, 11)
REFERENCE = "reference/fig18_03.py"
WRONG = "assignments/fig18_03/mistakes/one_wait.py"
LINTERS = {
    "ruff check": ["-m", "ruff", "check", "."],
    "ruff format": ["-m", "ruff", "format", "--check", "."],
    "mypy": ["-m", "mypy"],
    "mypy for macOS": ["-m", "mypy", "--platform", "darwin"],
    "import-linter": ["-c", "from importlinter.cli import lint_imports_command as run; run()"],
}


def main(arguments: list[str]) -> int:
    """Do what the command line asks; return the exit status."""
    verb, *rest = arguments or ["help"]
    verbs = {
        "demo": demo,
        "test": test,
        "lint": lint,
        "fix": fix,
        "bench": bench,
        "picture": picture,
        "setup": setup,
    }
    if verb in ("help", "-h", "--help"):
        print(__doc__.strip())
        return 0
    if verb not in verbs:
        return complain(f"no such command: {verb} (there are {', '.join(verbs)})")
    if rest and verb not in ("test", "bench"):
        return complain(f"{verb} takes no arguments, got {' '.join(rest)}")
    from tools.package_index import SetupError

    try:
        return verbs[verb](rest)
    except SetupError as error:
        return complain(str(error))
    except KeyboardInterrupt:
        return 130


def demo(_: list[str]) -> int:
    """Grade the reference and a wrong submission; 0 when one passed and the other failed."""
    python = prepared(None)
    wanted = {REFERENCE: 0, WRONG: 1}
    got = {}
    for file in wanted:
        command = ["grader", "check", file, "-a", "fig18_03"]
        print(f"\n$ {' '.join(command)}", flush=True)
        got[file] = run(python, ["-m", *command])
    if got != wanted:
        return complain(f"expected exit statuses {wanted}, got {got}")
    say("as it should be: full marks for the reference, and the mistake was found")
    return 0


def test(arguments: list[str]) -> int:
    """Run every check, pytest last, so that its closing line ends the log."""
    python = prepared("dev")
    failed = [] if arguments else linters(python)
    if not any(each.startswith(("-n", "--numprocesses")) for each in arguments):
        # Most tests wait for submissions that sleep: more workers than processors pay.
        arguments = ["-n", str(max(4, 2 * (os.cpu_count() or 2))), "-rs", *arguments]
    status = run(python, ["-m", "pytest", *arguments])
    if failed:
        complain(f"failed before the tests: {', '.join(failed)} (see above)")
    return status or bool(failed)


def lint(_: list[str]) -> int:
    """Run the linters alone."""
    return 1 if linters(prepared("dev")) else 0


def linters(python: Path) -> list[str]:
    """Run each linter, show what it says, and return the names of those that found something."""
    failed = []
    for name, command in LINTERS.items():
        say(name)
        if run(python, command):
            failed.append(name)
    return failed


def fix(_: list[str]) -> int:
    """Let ruff correct what it can."""
    python = prepared("dev")
    status = run(python, ["-m", "ruff", "check", "--fix", "."])
    return run(python, ["-m", "ruff", "format", "."]) or status


def bench(arguments: list[str]) -> int:
    """Measure, and print tables."""
    return run(prepared(None), ["-m", "benchmarks.run", *arguments])


def picture(_: list[str]) -> int:
    """Draw a real ``grader check`` of a wrong submission, and a real report of a class."""
    python = prepared("dev")
    drawn = run(python, ["-m", "tools.picture", WRONG, "fig18_03", "docs/images/check.svg"])
    return run(python, ["-m", "tools.report_pictures", "docs/images"]) or drawn


def setup(_: list[str]) -> int:
    """Set up with everything for development."""
    python = prepared("dev")
    say(f"ready: {python.parent / 'grader'}, or: source {python.parent / 'activate'}")
    return 0


def prepared(extra: str | None) -> Path:
    """The interpreter of .venv, which is set up if it was not."""
    from tools.environment import prepare

    return prepare(ROOT, extra, say)


def run(python: Path, arguments: list[str]) -> int:
    """Run .venv's Python in the checkout, its output shown; return its exit status."""
    sys.stdout.flush()
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")}
    return subprocess.run([python, *arguments], cwd=ROOT, env=environment).returncode


def say(text: str) -> None:
    """Tell what goes on, apart from what the commands print."""
    print(f"dev.py: {text}", file=sys.stderr, flush=True)


def complain(text: str) -> int:
    """Say what went wrong; return the exit status for it."""
    say(text)
    return 2


def unsuitable() -> str | None:
    """Why this Python can't be used, and what to do; None when it can."""
    if os.name == "nt":
        return (
            "grader is about os.fork, which Windows does not have (Portability Tip 18.1). "
            "Use it in the Windows Subsystem for Linux: https://learn.microsoft.com/windows/wsl"
        )
    if sys.version_info >= NEEDED:
        return None
    have = ".".join(map(str, sys.version_info[:3]))
    newer = next(filter(starts, (f"python3.{minor}" for minor in range(20, 10, -1))), None)
    do = f"Run it with {newer}." if newer else "Get one at https://www.python.org/downloads"
    return f"grader needs Python 3.11 or later; this is Python {have} ({sys.executable}). {do}"


def starts(python: str) -> bool:
    """Whether a Python of this name is there and works (a version manager's may not)."""
    command = [python, "-c", "pass"]
    return (
        bool(shutil.which(python))
        and subprocess.run(command, stderr=subprocess.DEVNULL).returncode == 0
    )


if __name__ == "__main__":
    reason = unsuitable()
    sys.exit(complain(reason) if reason else main(sys.argv[1:]))
