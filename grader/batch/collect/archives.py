"""Reading archives that others made: zip and tar, listed without taking anything out.

Nothing is ever unpacked by its own name, so an archive can't put a file anywhere. What it says
of itself is not believed: bytes are counted while they are read. The dangers are those named in
the documentation of Python's zipfile ("Decompression pitfalls") and tarfile ("Extraction
filters"): absolute paths, ``..``, links, devices, more than fits, encryption.
"""

from __future__ import annotations

import bz2
import errno
import gzip
import io
import lzma
import re
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import IO, Any

from grader.batch.collect.members import (
    MOST_BYTES,
    MOST_DEPTH,
    MOST_FILES,
    Folder,
    Member,
    Refused,
    faulty,
    kind_of,
)
from grader.model.safe import safe

ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz", ".tbz2")
"""What archives are called that can be read."""
FOREIGN = (".7z", ".rar", ".tar.xz", ".txz", ".xz", ".gz", ".bz2", ".zst")
"""What others are called."""

MOST_OF_A_CLASS = 500_000
"""Files in the archive of a whole class."""
MOST_BYTES_OF_A_CLASS = 8_000_000_000
"""Bytes of a class's tar archive, once its compression is undone."""

_FAILURES = (
    zipfile.BadZipFile,
    tarfile.TarError,
    NotImplementedError,  # a method of compression that zipfile does not have
    RuntimeError,  # a password is wanted
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    ValueError,
    OverflowError,
    MemoryError,
    struct.error,
    UnicodeError,
    KeyError,
    IndexError,
    AttributeError,  # tarfile, on some broken headers
)
"""What zipfile and tarfile raise on what is no sound archive."""

_END = struct.Struct("<4s4H2LH")
_DIRECTORY_BYTES = 300
"""Of a zip archive's directory, for each file, names among it."""
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_CHUNK = 1 << 16


def is_archive(name: str) -> bool:
    """Whether a file of this name should be an archive that can be read."""
    return name.casefold().endswith(ARCHIVES)


def is_foreign(name: str) -> bool:
    """Whether a file of this name should be an archive that can't be read."""
    return name.casefold().endswith(FOREIGN) and not is_archive(name)


def without_ending(name: str) -> str:
    """A file's name without ``.py``, ``.tar.gz`` and the like."""
    for ending in sorted((*ARCHIVES, *FOREIGN), key=len, reverse=True):
        if name.casefold().endswith(ending):
            return name[: -len(ending)]
    stem, dot, _ = name.rpartition(".")
    return stem if dot and stem else name


def open_small(data: bytes, name: str) -> Folder:
    """Open an archive that one student handed in. Raises Refused when it is not sound.

    Its members are bounded as those of a submission are.
    """
    if data.startswith(b"PK"):
        _refuse_large_directory(data)
        return _zip(io.BytesIO(data), name, MOST_FILES)
    try:
        plain = _unpressed(io.BytesIO(data))
        opened = io.BytesIO(plain.read(MOST_BYTES + 1) if plain else data)
        if not tarfile.is_tarfile(opened) and not plain:
            raise Refused(f"{safe(name.rsplit('/', 1)[-1])} is no archive")
        opened.seek(0)
    except _FAILURES as error:
        raise _broken(error) from None
    if len(opened.getbuffer()) > MOST_BYTES:
        raise Refused(f"it unpacks to more than {MOST_BYTES:,} bytes")
    return _tar(opened, name, MOST_FILES)


def open_large(file: IO[bytes], name: str, spool: Callable[[], IO[bytes]]) -> Folder | None:
    """Open the archive of a whole class; None when the file is no archive.

    ``spool`` opens a temporary file, for a tar archive without its compression. Raises Refused
    when the archive is not sound. ``file`` is read as long as the members are.
    """
    start = file.read(4)
    file.seek(0)
    if start in (b"PK\3\4", b"PK\5\6"):
        return _zip(file, name, MOST_OF_A_CLASS)
    try:
        plain = _unpressed(file)
        if plain is not None:
            file = spool()
            size = 0
            while chunk := plain.read(_CHUNK):
                size += len(chunk)
                if size > MOST_BYTES_OF_A_CLASS:
                    raise Refused(f"it has more than {MOST_BYTES_OF_A_CLASS:,} bytes")
                file.write(chunk)
            file.seek(0)
        if not tarfile.is_tarfile(file):
            return None
        file.seek(0)
    except _FAILURES as error:
        raise _broken(error) from None
    return _tar(file, name, MOST_OF_A_CLASS)


def _unpressed(file: IO[bytes]) -> gzip.GzipFile | bz2.BZ2File | None:
    """The same without gzip's or bzip2's compression; None when it has none."""
    start = file.read(3)
    file.seek(0)
    if start.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=file)
    return bz2.open(file) if start == b"BZh" else None


def _refuse_large_directory(data: bytes) -> None:
    """Refuse a zip archive that is far from what a student makes before zipfile reads its whole
    directory into memory (APPNOTE.TXT 4.3.14 to 4.3.16)."""
    at = data.rfind(b"PK\5\6", max(0, len(data) - 65_557))
    if at < 0 or len(data) - at < _END.size:
        raise Refused("it is a broken archive: it has no directory")
    size = _END.unpack_from(data, at)[5]
    if data[max(0, at - 20) : at].startswith(b"PK\6\7") or size > MOST_FILES * _DIRECTORY_BYTES:
        raise Refused(f"its archive has more than {MOST_FILES:,} files")


def _zip(file: IO[bytes], name: str, most: int) -> Folder:
    try:
        archive = zipfile.ZipFile(file)
        members = archive.infolist()
    except _FAILURES as error:
        raise _broken(error) from None
    _refuse_many(len(members), most)
    root = Folder(name)
    for info in members:
        parts, fault = _parts(info.filename)
        shown = "/".join((name, *parts))
        mode = info.external_attr >> 16
        if info.filename.endswith("/") or (stat.S_ISDIR(mode) and not info.file_size):
            root.add(parts, None if not fault else faulty(shown, fault))
            continue
        if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
            fault = fault or kind_of(mode)
        elif info.flag_bits & 0x41:
            fault = fault or "it is encrypted"
        elif info.compress_type not in _METHODS:
            fault = fault or "it is compressed in a way that is not usual in a zip archive"
        read = _reader(lambda archive=archive, info=info: archive.open(info))  # type: ignore[misc]
        root.add(parts, Member(shown, info.file_size, read, None, fault))
    root.sort()
    return root


def _tar(file: IO[bytes], name: str, most: int) -> Folder:
    root = Folder(name)
    try:
        for number, (archive, info) in enumerate(_tar_members(file)):
            _refuse_many(number + 1, most)
            parts, fault = _parts(info.name)
            shown = "/".join((name, *parts))
            if info.isdir():
                root.add(parts, None if not fault else faulty(shown, fault))
                continue
            if info.issym() or info.islnk():
                fault = fault or "it is a link"
            elif not info.isreg() or info.issparse():
                fault = fault or "it is no regular file"
            read = _reader(lambda archive=archive, info=info: archive.extractfile(info))  # type: ignore[misc]
            root.add(parts, Member(shown, info.size, read, None, fault))
    except _FAILURES as error:
        raise _broken(error) from None
    root.sort()
    return root


def _tar_members(file: IO[bytes]) -> Iterator[tuple[tarfile.TarFile, tarfile.TarInfo]]:
    archive = tarfile.open(fileobj=file, mode="r:", errorlevel=2)  # noqa: SIM115 - read later
    before = -1
    while (info := archive.next()) is not None:
        if info.offset_data <= before:  # CVE-2025-8194: a header that leads back
            raise tarfile.ReadError("its headers lead back")
        before = info.offset_data
        yield archive, info


def _refuse_many(number: int, most: int) -> None:
    if number > most:
        raise Refused(f"its archive has more than {most:,} files")


_DRIVE = re.compile(r"[A-Za-z]:")


def _parts(name: str) -> tuple[tuple[str, ...], str]:
    """The folders and the name of a member, and what is wrong with that.

    Backslashes are taken for slashes, as some zip programs for Windows write them
    (APPNOTE.TXT 4.4.17 asks for slashes).
    """
    name = name.replace("\\", "/")
    pieces = [piece for piece in name.split("/") if piece not in ("", ".")]
    fault = ""
    if ".." in pieces:
        fault = "its path leads out of the archive"
    elif name.startswith("/") or _DRIVE.match(name):
        fault = "its path is absolute"
    if len(pieces) > MOST_DEPTH:
        fault = fault or f"it is more than {MOST_DEPTH} folders deep"
        pieces = pieces[:MOST_DEPTH]
    return tuple(pieces) or ("(no name)",), fault


def _reader(open_it: Callable[[], Any]) -> Callable[[int], bytes]:
    def read(most: int) -> bytes:
        try:
            with open_it() as file:
                data: bytes = file.read(most + 1)
        except _FAILURES as error:
            raise _broken(error) from None
        if len(data) > most:
            raise Refused(f"it unpacks to more than {most:,} bytes")
        return data

    return read


def _broken(error: Exception) -> Refused | OSError:
    """What to raise where zipfile or tarfile failed: a full disk is not the archive's fault."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return error
    words = safe(str(error) or type(error).__name__, most=200)
    return Refused(f"it is a broken archive: {words}")
