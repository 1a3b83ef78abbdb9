"""How a program is started: what it finds, and what cannot be started."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from grader.model import Scenario, UsageError
from grader.observe import run
from tests.observe.running import run_python

REPORT = """
    import json, fcntl, struct, termios
    def status(name):
        return next(l.split()[1] for l in open("/proc/self/status") if l.startswith(name))
    terminal = os.isatty(0)
    print(json.dumps({
        "descriptors": sorted(map(int, os.listdir("/proc/self/fd")))[:-1],
        "terminals": [os.isatty(n) for n in range(3)],
        "foreground": os.tcgetpgrp(0) == os.getpgrp() if terminal else None,
        "leads group": os.getpgrp() == os.getpid(),
        "leads session": os.getsid(0) == os.getpid(),
        "size": struct.unpack("hhhh", fcntl.ioctl(0, termios.TIOCGWINSZ, b"x" * 8))[:2]
            if terminal else None,
        "ignored": int(status("SigIgn:"), 16),
        "blocked": int(status("SigBlk:"), 16),
        "environment": dict(os.environ),
        "directory": os.getcwd(),
    }))
    """

# Python itself ignores these (signal(7), and bpo-1652 for the first).
PYTHON_IGNORES = 1 << (signal.SIGPIPE - 1) | 1 << (signal.SIGXFSZ - 1)


def test_on_a_terminal() -> None:
    found = json.loads(run_python(REPORT).text())
    assert found["descriptors"] == [0, 1, 2]
    assert found["terminals"] == [True, True, True]
    assert found["foreground"]
    assert found["leads group"]
    assert not found["leads session"]
    assert found["size"] == [24, 80]
    assert found["ignored"] & ~PYTHON_IGNORES == 0
    assert found["blocked"] == 0


def test_through_pipes() -> None:
    found = json.loads(run_python(REPORT, stdio="pipe").text())
    assert found["descriptors"] == [0, 1, 2]
    assert found["terminals"] == [False, False, False]
    assert not found["leads session"]


GRADER = """
import signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1, signal.SIGCHLD])
from tests.observe.running import run_python
print(run_python(sys.argv[1]).text())
"""


def test_what_the_grader_ignores_and_blocks_is_not_inherited() -> None:
    graders = subprocess.run(
        [sys.executable, "-c", GRADER, REPORT],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
    )
    found = json.loads(graders.stdout)
    assert found["ignored"] & ~PYTHON_IGNORES == 0
    assert found["blocked"] == 0


def test_variables_that_change_behaviour_are_cleared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONUNBUFFERED", "1")
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    monkeypatch.setenv("MINE", "kept")
    found = json.loads(run_python(REPORT).text())["environment"]
    assert found["MINE"] == "kept"
    assert not [name for name in found if name.startswith(("PYTHON", "PYTEST"))]


def test_in_the_directory_that_was_asked_for(tmp_path: Path) -> None:
    found = json.loads(run_python(REPORT, directory=str(tmp_path)).text())
    assert found["directory"] == str(tmp_path.resolve())


def test_a_program_is_named_relative_to_the_directory(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\necho here\n")
    program.chmod(0o755)
    trace = run(Scenario(command=["./program"], directory=str(tmp_path)), "exact")
    assert trace.text() == "here\n"


def _file(folder: Path, content: bytes, mode: int) -> None:
    (folder / "file").write_bytes(content)
    (folder / "file").chmod(mode)


@pytest.mark.parametrize(
    ("name", "content", "mode", "words"),
    [
        ("./nothing", b"", 0o644, "no such file"),
        ("no-such-command-at-all", b"", 0o644, "no such command"),
        (".", b"", 0o644, "no such command|folder"),
        ("./", b"", 0o644, "folder"),
        ("./file", b"#!/bin/sh\n", 0o644, "not executable"),
        ("./file", b"nothing that runs", 0o755, "cannot be started.*format"),
        ("./file", b"\x7fELF but not really", 0o755, "cannot be started"),
        ("./file", b"#!/no/such/interpreter\n", 0o755, "cannot be started"),
        ("./file", b"", 0o755, "cannot be started"),
    ],
)
def test_what_cannot_be_started(
    tmp_path: Path, name: str, content: bytes, mode: int, words: str
) -> None:
    _file(tmp_path, content, mode)
    with pytest.raises(UsageError, match=words) as raised:
        run(Scenario(command=[name], directory=str(tmp_path)), "exact")
    assert name in str(raised.value)


def test_a_missing_directory(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such folder"):
        run(Scenario(command=["true"], directory=str(tmp_path / "missing")), "exact")


def test_a_program_that_cannot_be_read_is_still_seen(tmp_path: Path) -> None:
    """An executable without read permission is not dumpable; root reads it all the same."""
    program = tmp_path / "echo"
    program.write_bytes(Path("/bin/echo").read_bytes())
    program.chmod(0o111)
    trace = run(Scenario(command=[str(program), "x"], stdio="pipe"), "exact")
    assert trace.exit.code == 0
    if os.getuid() == 0:
        assert trace.text("P") == "x\n"
