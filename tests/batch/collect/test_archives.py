"""Archives that students make, or make up: refused for a reason, or read; nothing gets out."""

from __future__ import annotations

import bz2
import errno
import gzip
import io
import tarfile
import tracemalloc
import zipfile
from contextlib import suppress
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.assignments import find
from grader.batch.collect import collect
from grader.batch.collect.archives import open_small
from grader.batch.collect.members import MOST_BYTES, Refused, walk, within_bounds
from tests.sizes import LARGER

from ..classes import FILE, ROOT, Content, Link, zipped

FIG = find("fig18_03")
RIGHT = (ROOT / "reference" / FILE).read_bytes()


def _read(data: bytes) -> dict[str, bytes]:
    members = within_bounds(walk(open_small(data, "work.zip")))
    return {place: member.read(MOST_BYTES) for place, member in members.items()}


def _tar(tree: dict[str, Content], **fields: object) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        for name, content in tree.items():
            info = tarfile.TarInfo(name)
            if isinstance(content, Link):
                info.type, info.linkname, content = tarfile.SYMTYPE, content.target, b""
            info.size = len(content)
            for key, value in fields.items():
                setattr(info, key, value)
            archive.addfile(info, io.BytesIO(content))
    return data.getvalue()


TREE: dict[str, Content] = {FILE: RIGHT, "more/notes.txt": b"hello\n"}


@pytest.mark.parametrize(
    "data",
    [zipped(TREE), _tar(TREE), gzip.compress(_tar(TREE)), bz2.compress(_tar(TREE))],
    ids=["zip", "tar", "tar.gz", "tar.bz2"],
)
def test_what_is_in_an_archive_is_read(data: bytes) -> None:
    assert _read(data) == TREE


EVIL: dict[str, tuple[bytes, str]] = {
    "dot dot": (zipped({"../../evil.py": b""}), "leads out"),
    "dot dot in the middle": (zipped({"a/../../evil.py": b""}), "leads out"),
    "dot dot for Windows": (zipped({"a\\..\\..\\evil.py": b""}), "leads out"),
    "absolute": (zipped({"/etc/evil.py": b""}), "absolute"),
    "absolute for Windows": (zipped({"C:\\evil.py": b""}), "absolute"),
    "link": (zipped({"a.py": Link("/etc/passwd")}), "it is a link"),
    "encrypted": (zipped({"a.py": b"1"}, encrypted=True), "encrypted"),
    "many": (zipped({f"{n}.py": b"" for n in range(1_001)}), "more than 1,000 files"),
    "bomb": (zipped({"a.py": bytes(MOST_BYTES + 1)}), "unpacks to more than 20,000,000 bytes"),
    "upper and lower case": (zipped({"a.py": b"", "A.py": b""}), "upper and lower case"),
    "file and folder": (zipped({"a": b"", "a/b.py": b""}), "a file and as a folder"),
    "too deep": (zipped({"a/" * 50 + "b.py": b""}), "folders deep"),
    "a long name": (zipped({"a" * 251: b""}), "its name is too long"),
    "a long place": (zipped({"/".join(["a" * 200] * 6): b""}), "its name is too long"),
    "no archive": (b"print()", "work.zip is no archive"),
    "broken": (zipped(TREE)[:60], "broken"),
    "tar: dot dot": (_tar({"../evil.py": b""}), "leads out"),
    "tar: absolute": (_tar({"/evil.py": b""}), "absolute"),
    "tar: link": (_tar({"a.py": Link("../../b.py")}), "it is a link"),
    "tar: hard link": (_tar({"a.py": b""}, type=tarfile.LNKTYPE, linkname="b"), "a link"),
    "tar: device": (_tar({"a.py": b""}, type=tarfile.CHRTYPE), "no regular file"),
    "tar: FIFO": (_tar({"a.py": b""}, type=tarfile.FIFOTYPE), "no regular file"),
    "tar: twice": (_tar({"a.py": b""})[:512] + _tar({"a.py": b""}), "twice"),
    "tar.gz: bomb": (gzip.compress(bytes(3 * MOST_BYTES)), "more than 20,000,000 bytes"),
}


@pytest.mark.parametrize("name", EVIL)
def test_what_could_do_harm_is_refused_for_a_reason(name: str) -> None:
    data, reason = EVIL[name]
    with pytest.raises(Refused, match=reason):
        _read(data)


def test_what_an_archive_says_of_its_sizes_is_not_believed() -> None:
    honest = zipped({"a.py": bytes(MOST_BYTES + 1)})
    lying = honest.replace((MOST_BYTES + 1).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert lying != honest
    tracemalloc.start()
    with pytest.raises(Refused):
        _read(lying)
    assert tracemalloc.get_traced_memory()[1] < 3 * MOST_BYTES
    tracemalloc.stop()


def test_an_archive_with_an_enormous_directory_is_refused_before_it_is_read() -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for number in range(20_000):
            archive.writestr(str(number), b"")
    large = data.getvalue()
    tracemalloc.start()
    with pytest.raises(Refused, match="more than 1,000 files"):
        open_small(large, "work.zip")
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


SOUND = {"zip": zipped(TREE), "tar": _tar(TREE), "tar.gz": gzip.compress(_tar(TREE))}


def _overwritten(data: bytes, at: int, more: bytes) -> bytes:
    return data[:at] + more + data[at + len(more) :]


BROKEN = st.one_of(
    st.binary(max_size=600),
    st.builds(
        lambda kind, at, more: _overwritten(SOUND[kind], at % len(SOUND[kind]), more),
        st.sampled_from(["zip", "tar", "tar.gz"]),
        st.integers(0, 1 << 20),
        st.binary(max_size=8),
    ),
)


@settings(max_examples=LARGER * 500 or 150)
@given(BROKEN)
def test_broken_archives_are_refused_or_read_and_never_a_crash(data: bytes) -> None:
    with suppress(Refused):
        _read(data)


PIECES = st.sampled_from(["..", ".", "", "a", "A", "b.py", FILE, "C:", "\\", "~", "\x1b[2J", "ß"])
NAMES = st.lists(PIECES | st.text(max_size=6), min_size=1, max_size=5).map("/".join)


@settings(max_examples=LARGER * 50 or 30)
@given(st.lists(st.tuples(NAMES, st.booleans()), min_size=1, max_size=6), st.booleans())
def test_no_name_in_an_archive_leads_anywhere_else(
    tmp_path_factory: pytest.TempPathFactory, names: list[tuple[str, bool]], whole_class: bool
) -> None:
    around = tmp_path_factory.mktemp("around")
    source, unpacked = around / "source", around / "unpacked"
    source.mkdir()
    tree: dict[str, Content] = {
        name: Link("/etc/passwd") if link else RIGHT
        for name, link in names
        if name.strip("/") and "\0" not in name
    }
    try:
        data = zipped({**tree, "ana/fig18_03.py": RIGHT, "bob/fig18_03.py": RIGHT})
    except (UnicodeError, ValueError):
        return
    archive = source / "class.zip"
    archive.write_bytes(data if whole_class else zipped(tree))
    before = sorted(around.rglob("*"))
    found = collect(archive if whole_class else source, FIG, unpacked)
    assert found.batch.entries
    for entry in found.batch.entries:
        places = [PurePosixPath(place) for place in found.files[entry.id]]
        assert not any(place.is_absolute() or ".." in place.parts for place in places)
        assert len({str(place).casefold() for place in places}) == len(places)
        for path in found.files[entry.id].values():
            assert path.is_file()
            assert not path.is_symlink()
            assert path.resolve().is_relative_to(around)
        assert entry.problem or entry.file in found.files[entry.id]
    new = set(around.rglob("*")) - {*before}
    assert all(path.is_relative_to(unpacked) for path in new)


def test_a_full_disk_is_not_the_archives_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object, **kwargs: object) -> io.BytesIO:
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / "class.tgz").write_bytes(gzip.compress(_tar(TREE)))
    monkeypatch.setattr("tempfile.TemporaryFile", full)
    with pytest.raises(OSError, match="No space left"):
        collect(tmp_path / "class.tgz", FIG, tmp_path / "unpacked")


def test_a_members_fault_is_its_own_students_only(tmp_path: Path) -> None:
    data = zipped({"ana/fig18_03.py": RIGHT, "bob/fig18_03.py": RIGHT, "bob/../../x.py": b""})
    (tmp_path / "class.zip").write_bytes(data)
    found = collect(tmp_path / "class.zip", FIG, tmp_path / "unpacked")
    problems = {entry.id: entry.problem for entry in found.batch.entries}
    assert problems["ana"] is None
    assert "leads out" in (problems["bob"] or "")
    assert list(problems) == ["ana", "bob"]


def test_what_leads_out_of_a_classs_archive_is_nobodys(tmp_path: Path) -> None:
    data = zipped({"ana/fig18_03.py": RIGHT, "bob/fig18_03.py": RIGHT, "../evil.py": RIGHT})
    (tmp_path / "class.zip").write_bytes(data)
    found = collect(tmp_path / "class.zip", FIG, tmp_path / "unpacked")
    assert [entry.id for entry in found.batch.entries] == ["ana", "bob"]
    (unplaced,) = found.batch.unplaced
    assert unplaced.reason == "its path leads out of the archive"
