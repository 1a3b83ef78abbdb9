"""Files are written whole, together, and over nothing that somebody might miss."""

from pathlib import PurePosixPath

import pytest

from grader.assignments.starting import NewFile, write_files
from grader.model import UsageError


def new(path, data=b"new\n", existing="refuse"):
    return NewFile(path=PurePosixPath(path), data=data, purpose="", existing=existing)


def done(folder, *files, force=False):
    return [what for _, what in write_files(folder, files, force=force)]


def everything(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_new_folder_is_made(tmp_path):
    assert done(tmp_path / "a" / "b", new("c/d"), new("e")) == ["written", "written"]
    assert everything(tmp_path / "a" / "b") == {"c/d": b"new\n", "e": b"new\n"}


def test_again_changes_nothing(tmp_path):
    done(tmp_path, new("a"), new(".gitignore", existing="complete"))
    before = (tmp_path / "a").stat()
    again = done(tmp_path, new("a"), new(".gitignore", existing="complete"))
    assert again == ["there already"] * 2
    assert (tmp_path / "a").stat() == before


def test_what_is_there_is_named_and_nothing_is_written(tmp_path):
    (tmp_path / "b").write_text("mine")
    (tmp_path / "c").write_text("mine, too")
    with pytest.raises(UsageError, match=r"nothing was written to .*: b, c are there already"):
        done(tmp_path, new("a"), new("b"), new("c"))
    assert everything(tmp_path) == {"b": b"mine", "c": b"mine, too"}


def test_force_replaces_but_not_a_submission(tmp_path):
    (tmp_path / "a").write_text("mine")
    (tmp_path / "fig18_03.py").write_text("my solution")
    files = new("a"), new("fig18_03.py", existing="keep")
    assert done(tmp_path, *files, force=True) == ["replaced", "kept"]
    assert everything(tmp_path) == {"a": b"new\n", "fig18_03.py": b"my solution"}


def test_lines_are_added_to_a_list_of_what_git_leaves_out(tmp_path):
    (tmp_path / ".gitignore").write_text("*.o\njunit.xml")
    lines = new(".gitignore", b"junit.xml\n.venv/\n", existing="complete")
    assert done(tmp_path, lines) == ["completed"]
    assert (tmp_path / ".gitignore").read_text() == "*.o\njunit.xml\n.venv/\n"


def test_links_are_not_followed(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("not in the repository")
    repo = tmp_path / "repo"
    repo.mkdir()
    (repo / "a").symlink_to(outside / "file")
    (repo / "folder").symlink_to(outside)
    (repo / "dangling").symlink_to("nowhere")
    (repo / "null").symlink_to("/dev/null")
    for name in ("a", "dangling", "null"):
        with pytest.raises(UsageError, match=f"{name} is there already"):
            done(repo, new(name))
        assert done(repo, new(name), force=True) == ["replaced"]
    with pytest.raises(UsageError, match="folder is a link"):
        done(repo, new("folder/b"), force=True)
    assert everything(outside) == {"file": b"not in the repository"}


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda folder: (folder / "a").mkdir(), "a is a folder, and should be a file"),
        (lambda folder: (folder / "b").write_text(""), "b is a file, and should be a folder"),
    ],
)
def test_what_stands_in_the_way_gets_a_sentence(tmp_path, make, sentence):
    make(tmp_path)
    with pytest.raises(UsageError, match=sentence):
        done(tmp_path, new("a"), new("b/c"), force=True)


def test_a_folder_that_is_a_file_gets_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="file is a file, and should be a folder"):
        done(tmp_path / "file", new("a"))


def test_where_the_system_refuses_there_is_a_sentence_and_no_half_file(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device", "somewhere")

    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(UsageError, match="somewhere can't be written: No space left"):
        done(tmp_path, new("a"))
    assert everything(tmp_path) == {}
