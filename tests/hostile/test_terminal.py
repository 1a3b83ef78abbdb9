"""grader on a terminal of its own: whatever a program does there, the terminal is as it was, and
nobody has typed or written on it but grader."""

from __future__ import annotations

import fcntl
import os
import select
import sys
import termios
from pathlib import Path

import pytest

from .heads import Program, all_programs
from .running import place, unsuitable
from .surroundings import Surroundings, differences

TRIED = {
    *("types_on_terminal", "raw_terminal", "steals_terminal", "writes_to_other_terminal"),
    *("hangs_up", "holds_output", "closes_its_streams", "kill_group_of_grader", "stop_itself"),
    *("fake_report", "group_of_others"),
}
PROGRAMS = [program for program in all_programs() if program.name in TRIED]
ROOT = str(Path(__file__).parents[2])
PATIENCE_SECONDS = 60
COMMANDS = (b"\x1b[2J", b"\x1b]0;", b"\x1b]8;", b"\x1b[H", b"\x9b")


@pytest.mark.parametrize("program", PROGRAMS, ids=str)
def test_the_terminal_of_grader_is_as_it_was(
    program: Program, around: Surroundings, renew: list[str]
) -> None:
    if why := unsuitable(program, "free"):
        pytest.skip(why)
    made = place(program, around)
    names = ["--", f"./{made.name}"] if program.in_c else [made.name]
    command = [sys.executable, "-m", "grader", "trace", "--timeout", "3", *names]
    before = around.look()
    with _Shell(around, [*command, *around.arguments], made.parent) as shell:
        shown, answer = shell.follow()
        renew += differences(before, around.look())
    if answer != "as before":
        renew.append(f"the shell says: {answer}")
    # What a program prints is shown, but never as commands to the terminal.
    renew += [f"{code!r} came through" for code in COMMANDS if code in shown]
    if any(line.startswith(b"REACHED") for line in shown.splitlines()):
        renew.append("it got through")
    assert not renew, "\n".join(["", *renew, shown[-2000:].decode(errors="replace")])


class _Shell:
    """A session on a terminal, as a shell has it, and grader in it."""

    def __init__(self, around: Surroundings, command: list[str], folder: Path) -> None:
        self._terminal = around.terminal
        self._told, telling = os.pipe()
        waiting, self._let_go = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            try:
                os.close(self._let_go)
                os.setsid()
                terminal = os.open(around.terminal_name, os.O_RDWR)
                fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
                environment = {**os.environ, "PYTHONPATH": ROOT, "TMPDIR": str(around.temporary)}
                os.write(telling, _run(command, folder, terminal, environment).encode())
                os.close(telling)
                os.read(waiting, 1)  # were it gone, its terminal would be hung up
            finally:
                os._exit(0)
        os.close(telling)
        os.close(waiting)

    def __enter__(self) -> _Shell:
        return self

    def follow(self) -> tuple[bytes, str]:
        """All that is shown on the terminal, and what the shell says of grader's end."""
        shown = b""
        while True:
            ready, _, _ = select.select([self._terminal, self._told], [], [], PATIENCE_SECONDS)
            if self._terminal in ready:
                shown += os.read(self._terminal, 1 << 16)
            else:
                return shown, os.read(self._told, 1000).decode() if ready else "it hangs"

    def __exit__(self, *exception: object) -> None:
        os.close(self._told)
        os.close(self._let_go)
        os.waitpid(self._pid, 0)


def _run(command: list[str], folder: Path, terminal: int, environment: dict[str, str]) -> str:
    """Run grader as the job in front; whether its end is a good one, and the terminal's still."""
    group = os.tcgetpgrp(terminal)
    grader = os.fork()
    if grader == 0:
        for number in range(3):
            os.dup2(terminal, number)
        os.chdir(folder)
        os.execve(command[0], command, environment)
    code = os.waitstatus_to_exitcode(os.waitpid(grader, 0)[1])
    if os.tcgetpgrp(terminal) != group:
        return f"another group is in front: {os.tcgetpgrp(terminal)}, not {group}"
    return "as before" if code in (0, 1) else f"grader's exit status is {code}"
