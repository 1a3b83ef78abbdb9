"""grader as the first process of a container: it collects orphans, as init would."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MISTAKE = "assignments/fig18_03/mistakes/sleep_as_synchronization.py"
UNSHARE = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]
if os.geteuid() != 0:
    UNSHARE += ["--user", "--map-root-user"]

BEGINNING = """
import os, signal, sys, time
from grader.cli.first_process import leave_to_a_child
leave_to_a_child()
assert os.getppid() == 1
"""
LEAVES_AN_ORPHAN = """
reading, writing = os.pipe()
if os.fork() == 0:
    if os.fork() == 0:
        os.write(writing, str(os.getpid()).encode())
    os._exit(0)
os.wait()
orphan = os.read(reading, 20).decode()
until = time.monotonic() + 30
while os.path.exists(f"/proc/{orphan}") and time.monotonic() < until:
    time.sleep(0.01)
print("zombie" if os.path.exists(f"/proc/{orphan}") else "collected")
sys.exit(7)
"""
IS_ASKED_TO_END = """
def end(number, frame):
    print("told")
    sys.exit(5)
signal.signal(signal.SIGTERM, end)
os.kill(1, signal.SIGTERM)
time.sleep(60)
"""
IS_KILLED = """
if os.fork() == 0:  # as a janitor does: cleans up after it
    while os.getppid() != 1:
        time.sleep(0.01)
    print("cleaned")
    sys.exit()
os.kill(os.getpid(), signal.SIGKILL)
"""


def as_first(*command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [*UNSHARE, sys.executable, *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def makes_namespaces() -> bool:
    if shutil.which("unshare") is None:
        return False
    return subprocess.run([*UNSHARE, "true"], capture_output=True).returncode == 0


pytestmark = pytest.mark.skipif(
    not makes_namespaces(), reason="unshare(1) can't make a pid namespace here"
)


def test_an_orphan_is_collected_and_the_status_is_the_graders():
    done = as_first("-c", BEGINNING + LEAVES_AN_ORPHAN)
    assert (done.stdout, done.returncode) == ("collected\n", 7), done.stderr


def test_what_the_first_process_is_sent_comes_to_the_grader():
    done = as_first("-c", BEGINNING + IS_ASKED_TO_END)
    assert (done.stdout, done.returncode) == ("told\n", 5), done.stderr


def test_after_a_grader_that_is_killed_there_is_time_to_clean_up():
    done = as_first("-c", BEGINNING + IS_KILLED)
    assert (done.stdout, done.returncode) == ("cleaned\n", 128 + signal.SIGKILL), done.stderr


def test_a_check_in_a_container_is_as_elsewhere():
    done = as_first("-m", "grader", "check", MISTAKE, "--assignment", "fig18_03")
    assert done.returncode == 1, done.stderr
    assert "14 of 20" in done.stdout
