"""Names for people that tell nothing of them: the same in every report and export of a batch."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import secrets
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

from grader.model import Batch, Entry, Student, UsageError
from grader.model.safe import safe

KEY = "anonymous.key"
"""A random secret among the results, without which nobody can tell whose a neutral id is, even
with a list of everybody who might be."""

HIDDEN = "(name)"
"""What stands in a text where somebody's name was."""

_WORD = re.compile(r"(?:[^\W_][\u0300-\u036f]*)+")
"""Letters and digits, with what accents stand apart from their letters."""
_SHORTEST = 3
_SHORTEST_NUMBER = 4
_NAMING = re.compile(r"name|login|mail|user|student|\bid\b", re.IGNORECASE)
"""Headings of a roster's columns that say who somebody is."""
_COMMON = frozenset(
    # what folders and files are called
    ["submission", "submissions", "assignsubmission", "onlinetext", "file", "late", "assignment"]
).union(
    ["homework", "student", "students", "main", "python", "class"],
    # what programs are made of
    ["fork", "wait", "child", "parent", "process", "print", "time", "sleep", "import"],
)
"""Words of folders and programs, which stay: of somebody who is called so, the whole name is
taken out."""


class Anonymous:
    """Knows who is in a batch, and keeps it to itself."""

    def __init__(self, batch: Batch, folder: Path) -> None:
        """Prepare for the entries of a batch, with the key in its folder of results, which is
        made if there is none yet. Raises UsageError when it can't be read or made."""
        self._key = _key(folder)
        self._neutral = _file_words(batch.assignment)
        self._logins: set[str] = set()
        self._pairs: set[tuple[str, str]] = set()
        for entry in batch.entries:
            self._learn(entry.student)

    def _learn(self, student: Student) -> None:
        """Logins and whole names: of other people nothing shorter is hidden, or little would be
        left of a program in a large class."""
        local = student.email.partition("@")[0]
        columns = [value for head, value in student.columns.items() if _NAMING.search(head)]
        for name in (student.login, local, student.id, *columns):
            words = _words(name)
            self._pairs |= {*pairwise(words)}
            if len(words) == 1 and len(words[0]) > _SHORTEST and words[0] not in _COMMON:
                self._logins.add(words[0])
        names = _words(student.name)
        if len(names) > 1:
            self._pairs |= {(names[0], names[-1]), (names[-1], names[0]), *pairwise(names)}
            self._logins |= _run_together(names)

    def id(self, entry: Entry) -> str:
        """The neutral id of an entry: ``s-k3f9x2abqy``."""
        digest = hmac.digest(self._key, entry.id.encode(), hashlib.sha256)
        return "s-" + base64.b32encode(digest)[:10].decode().lower()

    def own_words(self, entry: Entry) -> frozenset[str]:
        """The words that say whose an entry is."""
        student = entry.student
        sources = [student.name, student.login, student.id, student.email.partition("@")[0]]
        sources += [value for head, value in student.columns.items() if _NAMING.search(head)]
        found = {word for source in sources for word in _words(source)}
        names = _words(student.name)
        found |= _run_together(names)
        if len(names) > 1:  # how people make logins of names
            found |= {names[0][0] + names[-1], names[0] + names[-1][0], names[-1] + names[0][0]}
        places = {w for part in (entry.id, entry.name, entry.file) for w in _words(part)}
        found |= places - self._neutral
        return frozenset(word for word in found - _COMMON if _telling(word))

    def scrub(self, text: str, own: frozenset[str]) -> str:
        """A text without the words of an entry (``own_words``), and without anybody's login or
        whole name."""
        parts: list[str] = []
        at = 0
        words = [(match, _plain(match[0])) for match in _WORD.finditer(text)]
        hidden = {n for n, (_, word) in enumerate(words) if word in own or word in self._logins}
        for n, ((_, one), (_, two)) in enumerate(pairwise(words)):
            if (one, two) in self._pairs:
                hidden |= {n, n + 1}
        if not hidden:
            return text
        for n in sorted(hidden):
            match = words[n][0]
            parts += [text[at : match.start()], HIDDEN]
            at = match.end()
        return "".join([*parts, text[at:]])


def _words(text: str) -> list[str]:
    return [_plain(word) for word in _WORD.findall(text)]


def _run_together(names: list[str]) -> set[str]:
    """A name as one word, whichever part comes first: as Canvas writes it."""
    return {"".join(names[at:] + names[:at]) for at in range(len(names))}


def _plain(word: str) -> str:
    """A word as it is compared: ``López`` is ``lopez``, as in a login."""
    if word.isascii():
        return word.casefold()
    apart = unicodedata.normalize("NFKD", word.casefold())
    return "".join(c for c in apart if not unicodedata.combining(c))


def _file_words(assignment: str) -> frozenset[str]:
    words = {*_words(assignment), assignment.casefold(), "py", "zip"}
    return frozenset(words)


def _telling(word: str) -> bool:
    """Whether a word can name somebody: ``03`` or ``py`` can't."""
    least = _SHORTEST_NUMBER if word.isdigit() else _SHORTEST
    return len(word) >= least and not (word.isascii() and re.fullmatch(r"fig\d+|py\w?", word))


def _key(folder: Path) -> bytes:
    path = folder / KEY
    try:
        if not path.exists():
            _write_once(path, secrets.token_bytes(32))
        key = path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{safe(str(path))}: the key of the anonymous ids can't be read or made: "
            f"{error.strerror}"
        ) from None
    if len(key) < 16:
        raise UsageError(f"{safe(str(path))} is not a key of anonymous ids; remove it")
    return key


def _write_once(path: Path, data: bytes) -> None:
    """Write a file whole, readable by its owner only, unless somebody else is first."""
    new = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(new, path)
    finally:
        new.unlink()


def sorted_by_id(entries: Iterable[Entry], anonymous: Anonymous) -> list[Entry]:
    """Entries in the order of their neutral ids: that of their names would tell something."""
    return sorted(entries, key=anonymous.id)
