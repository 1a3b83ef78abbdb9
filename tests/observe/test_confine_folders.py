"""Private folders: made, restored, removed whatever is in them, and by whoever is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from grader.model import GraderError, UsageError
from grader.observe.confine import place as places
from grader.observe.confine.place import Place
from grader.observe.confine.removal import empty, remove, size


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Private folders are made in a folder of the test's own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(places, "_swept", set())
    return tmp_path


@pytest.fixture
def source(tmp_path):
    file = tmp_path / "source.py"
    file.write_text("print(1)\n")
    return file


def place(source, name="demo", uid=None):
    return Place(name, {"a/demo.py": str(source)}, uid)


def test_a_copy_lies_in_it_and_nothing_is_left_of_it(here, source):
    private = place(source)
    copy = Path(private.folder, "a/demo.py")
    assert copy.read_text() == "print(1)\n"
    assert Path(private.root).parent.parent == here
    copy.write_text("changed")
    private.remove()
    assert source.read_text() == "print(1)\n"
    assert [entry.name for entry in here.iterdir()] == ["source.py"]


def test_the_same_program_has_the_same_folder_unless_it_is_in_use(here, source):
    first = place(source)
    second = place(source)
    folders = first.folder, second.folder
    assert len(set(folders)) == 2
    first.remove()
    second.remove()
    again = place(source)
    assert again.folder == folders[0]
    again.remove()


def test_it_is_restored_as_it_was(here, source):
    private = place(source)
    folder, temporary = Path(private.folder), Path(private.temporary)
    before = folder.stat().st_ino
    (folder / "a/demo.py").write_text("changed")
    (folder / "more").mkdir()
    (folder / "more/file").touch()
    (temporary / "file").touch()
    (folder / "link").symlink_to("/etc")
    folder.chmod(0)
    private.restore()
    assert sorted(path.name for path in folder.rglob("*")) == ["a", "demo.py"]
    assert (folder / "a/demo.py").read_text() == "print(1)\n"
    assert list(temporary.iterdir()) == []
    assert folder.stat().st_mode & 0o777 == 0o700
    assert folder.stat().st_ino == before, "a process may have it as its working folder"
    private.remove()


def test_a_mode_that_was_changed_is_restored(here, source):
    private = place(source)
    Path(private.folder, "a/demo.py").chmod(0o444)
    private.restore()
    assert Path(private.folder, "a/demo.py").stat().st_mode & 0o777 == 0o600
    private.remove()


def test_what_a_killed_grader_left_is_removed_by_the_next(here, source):
    left = here / f"grader-{os.geteuid()}" / "left-12345678" / "work" / "deep"
    left.mkdir(parents=True)
    (left / "file").touch()
    private = place(source)
    assert not left.exists()
    private.remove()


def test_what_a_living_grader_has_stays(here, source, monkeypatch):
    private = place(source)
    monkeypatch.setattr(places, "_swept", set())
    place(source, "other").remove()
    assert Path(private.folder, "a/demo.py").exists()
    private.remove()


@pytest.mark.skipif(sys.platform == "darwin", reason="the base is another there")
def test_a_folder_that_someone_else_could_write_to_is_not_used(here, source):
    base = here / f"grader-{os.geteuid()}"
    base.mkdir()
    base.chmod(0o777)
    private = place(source)
    assert Path(private.root).parent != base
    private.remove()


def test_the_janitor_removes_what_a_killed_grader_had(tmp_path, source):
    program = (
        "import os, signal, sys, tempfile\n"
        "tempfile.tempdir = sys.argv[1]\n"
        "from grader.observe.confine.place import Place\n"
        "place = Place('demo', {'demo.py': sys.argv[2]}, None)\n"
        "print(place.root, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    folder = tmp_path / "base"
    folder.mkdir()
    # The janitor holds the error stream open no more; that of the grader ends with it.
    with subprocess.Popen(
        [sys.executable, "-c", program, str(folder), str(source)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    ) as grader:
        assert grader.stdout is not None
        root = grader.stdout.readline().strip()
        assert root
    assert grader.returncode == -signal.SIGKILL
    # Nobody can wait for the janitor, which is an orphan now; it has ten seconds.
    assert any(_empty_soon(folder) for _ in range(500))


def _empty_soon(folder):
    if not list(folder.iterdir()):
        return True
    time.sleep(0.02)
    return False


@pytest.mark.parametrize(
    "where", ["../outside.py", "/absolute.py", "a/../../outside.py"], ids=["up", "root", "within"]
)
def test_copies_lie_inside(here, source, where):
    with pytest.raises(UsageError, match="not a place inside"):
        Place("demo", {where: str(source)}, None)
    assert not list(here.glob("grader-*"))


@pytest.mark.parametrize("kind", ["missing", "fifo", "device", "huge"])
def test_what_is_no_file_of_a_sensible_size_is_not_copied(here, kind):
    path = here / "submission"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "device":
        path = Path("/dev/zero")
    elif kind == "huge":
        with path.open("wb") as file:
            file.truncate(10**12)
    with pytest.raises(UsageError, match="can't be copied"):
        Place("demo", {"demo.py": str(path)}, None)
    assert not list(here.glob("grader-*"))


def test_links_in_a_folder_stay_links(here):
    secret = here / "secret"
    secret.write_text("s")
    folder = here / "submission"
    folder.mkdir()
    (folder / "link").symlink_to(secret)
    private = Place("demo", {".": str(folder)}, None)
    assert Path(private.folder, "link").is_symlink()
    private.remove()
    assert secret.read_text() == "s"


def test_no_room_is_the_graders_failure(monkeypatch, tmp_path, source):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    monkeypatch.setattr(places, "_swept", set())
    with pytest.raises((GraderError, FileNotFoundError)):
        place(source)


# -- removal ---------------------------------------------------------------------------------


def test_removal_goes_as_deep_as_a_program_can(tmp_path):
    top = tmp_path / "top"
    top.mkdir()
    here = os.open(top, os.O_RDONLY)
    levels = 3000  # deeper than Python recurses, and than a path may be long
    for _ in range(levels):
        os.mkdir("deeper", dir_fd=here)
        following = os.open("deeper", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = following
    os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    os.close(here)
    remove(str(top))
    assert not top.exists()


def test_removal_follows_no_links_and_opens_what_is_closed(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").touch()
    top = tmp_path / "top"
    (top / "closed/inner").mkdir(parents=True)
    (top / "closed/inner/file").touch()
    (top / "to-folder").symlink_to(outside)
    (top / "to-file").symlink_to(outside / "kept")
    os.mkfifo(top / "fifo")
    (top / os.fsdecode(b"\xff\n\x1b[2J")).touch()
    (top / "closed/inner").chmod(0)
    (top / "closed").chmod(0)
    top.chmod(0)
    empty(str(top))
    assert list(top.iterdir()) == []
    assert list(outside.iterdir()) == [outside / "kept"]


def test_removal_can_not_be_stopped_by_a_name(tmp_path, monkeypatch):
    # Whoever can tell the names that folders get on their way up can stand in the way.
    top = tmp_path / "top"
    top.mkdir()
    given = []
    real = os.rename

    def rename(name, up, **folders):
        given.append(os.fsdecode(up))
        real(name, up, **folders)

    monkeypatch.setattr(os, "rename", rename)
    for _ in range(2):
        (top / "a/b/c").mkdir(parents=True)
        for name in given:
            (top / name / "x/y").mkdir(parents=True)
        empty(str(top))
        assert list(top.iterdir()) == []


def test_sizes_count_what_is_claimed_and_what_is_taken(tmp_path):
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(10**9)
    assert size(str(tmp_path), 10**12) >= 10**9
    for number in range(100):
        (tmp_path / str(number)).write_bytes(b"x")
    assert size(str(tmp_path), 0) > 0
