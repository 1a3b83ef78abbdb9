"""What processes and folders use."""

from __future__ import annotations

import mmap
import os
import subprocess
import tempfile
from pathlib import Path

import pytest

from grader.observe import usage
from tests.observe.running import run_python

MANY = 1 << 40


def test_a_hole_takes_no_room(tmp_path: Path) -> None:
    with (tmp_path / "hole").open("wb") as file:
        file.truncate(1 << 40)
    assert usage.folder_bytes(str(tmp_path), MANY) < 100_000


def test_files_at_any_depth_count_and_links_do_not(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b" / "c"
    deep.mkdir(parents=True)
    (deep / "data").write_bytes(os.urandom(300_000))
    (deep / "up").symlink_to(tmp_path)
    (tmp_path / "outside").symlink_to("/usr")
    assert 300_000 <= usage.folder_bytes(str(tmp_path), MANY) < 400_000


def test_empty_files_are_something_too(tmp_path: Path) -> None:
    for number in range(500):
        (tmp_path / str(number)).touch()
    assert usage.folder_bytes(str(tmp_path), MANY) >= 500 * 1000


def test_no_folder_is_too_deep(tmp_path: Path) -> None:
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("abc", dir_fd=here)
        deeper = os.open("abc", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = deeper
    file = os.open("data", os.O_CREAT | os.O_WRONLY, dir_fd=here)
    os.write(file, os.urandom(20_000_000))
    os.close(file)
    os.close(here)
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    assert 20_000_000 <= usage.folder_bytes(str(tmp_path), MANY) < 40_000_000
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208
    subprocess.run(["rm", "-rf", tmp_path / "abc"], check=True)  # pytest can't


def test_it_is_not_counted_much_further_than_asked(tmp_path: Path) -> None:
    for number in range(50):
        (tmp_path / str(number)).touch()
    assert usage.folder_bytes(str(tmp_path), 10_000) < 20_000


def test_a_folder_that_is_gone_is_empty(tmp_path: Path) -> None:
    assert usage.folder_bytes(str(tmp_path / "none"), MANY) == 0


def test_a_file_without_a_name_is_found_by_who_has_it_open() -> None:
    before = usage.nameless_bytes([os.getpid()])
    with tempfile.TemporaryFile() as file:
        file.write(os.urandom(200_000))
        file.flush()
        again = os.dup(file.fileno())
        assert 200_000 <= usage.nameless_bytes([os.getpid()]) - before < 300_000
        os.close(again)


def test_what_processes_share_is_counted_once() -> None:
    size = 40 << 20
    with mmap.mmap(-1, size) as shared:
        shared.write(b"x" * size)
        read, write = os.pipe()
        pids = [os.fork() for _ in range(1)]
        if pids[0] == 0:
            os.close(write)
            shared.seek(0)
            len(shared.read(size))
            os.read(read, 1)
            os._exit(0)
        try:
            both = usage.shares_of_memory([os.getpid(), *pids])
            alone = usage.memory(os.getpid()).resident
            assert both < alone + size
        finally:
            os.close(read)
            os.close(write)
            os.waitpid(pids[0], 0)


def test_the_dead_use_nothing() -> None:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    assert usage.memory(pid) == (0, 0)
    assert usage.cpu_seconds(pid) == 0
    assert usage.shares_of_memory([pid]) == 0
    assert usage.nameless_bytes([pid]) == 0
    assert not usage.out_of_descriptors(pid, 3)


@pytest.mark.parametrize("limit", ["CORE", "CPU", "FSIZE", "NOFILE", "MEMLOCK", "RTPRIO", "NICE"])
def test_a_program_can_be_held_by_the_kernel_alone(limit: str) -> None:
    source = (
        f"import resource; os.write(1, repr(resource.getrlimit(resource.RLIMIT_{limit})).encode())"
    )
    soft, hard = eval(run_python(source, stdio="pipe").text())  # a pair of numbers
    assert soft == hard >= 0
    if limit == "CORE":
        assert soft == 1  # which the kernel takes for none at all, where 0 may mean a pipe
