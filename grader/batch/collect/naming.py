"""Names of entries: safe as folders on any system, and the same each time."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable

_TAKEN = {"aux", "con", "nul", "prn", "assets", "index.html", "pages", "results"}
"""Names of files and folders of others, or of devices on Windows; what begins with ``report``,
and ends with ``.json``, is others' too."""
_LONGEST = 80
_LETTERS = {"ß": "ss", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "þ": "th", "ð": "d", "œ": "oe"}


def entry_ids(keys: Iterable[str]) -> list[str]:
    """Return a name for each key: letters, digits, ``_``, ``-`` and ``.``, and no two alike, be it
    only in upper and lower case.

    A name depends on its own key alone, unless two keys come out alike: then all of those
    but the first, in the order of the keys, get part of a hash (SHA-256) of their key; two
    equal keys, a number.
    """
    keys = list(keys)
    names: dict[int, str] = {}
    taken: set[str] = set()
    for at in sorted(range(len(keys)), key=lambda at: (keys[at], at)):
        name, number = _plain(keys[at]), 1
        if not name or name.casefold() in taken or _is_others(name.casefold()):
            name = f"{name or 'submission'}-{_hash(keys[at])}"
        unique = name
        while unique.casefold() in taken:
            number += 1
            unique = f"{name}-{number}"
        taken.add(unique.casefold())
        names[at] = unique
    return [names[at] for at in range(len(keys))]


def _is_others(name: str) -> bool:
    return name in _TAKEN or name.startswith("report") or name.endswith(".json")


def _plain(key: str) -> str:
    letters = "".join(_LETTERS.get(letter, letter) for letter in key)
    ascii_only = unicodedata.normalize("NFKD", letters).encode("ascii", "ignore").decode()
    name = re.sub(r"[^A-Za-z0-9_.-]+", "_", ascii_only).strip("._-")
    if len(name) > _LONGEST:
        name = f"{name[:_LONGEST]}-{_hash(key)}"
    return name


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()[:8]


def squashed(text: str) -> str:
    """A name as it is compared: letters and digits only, without accents and case."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(_LETTERS.get(letter, letter) for letter in plain)
    return "".join(letter for letter in plain if letter.isalnum())


def words(text: str) -> list[str]:
    """The words of a name, each as it is compared."""
    return [word for word in map(squashed, re.split(r"[\W_]+", text)) if word]
