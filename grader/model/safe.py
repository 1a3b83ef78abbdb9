"""What a program prints is data, not instructions to a terminal.

A submission's output, its arguments and its file name may hold escape sequences that clear
the screen, recolour a verdict or retitle the window, bidirectional controls that make text
read as something else (CVE-2021-42574), and lines that a CI service obeys. Everything of that
kind is shown as the escape that Python writes for it, ``\\x1b``; nothing of it reaches a
terminal, a log or a document.
"""

from __future__ import annotations

import re
import shlex
import unicodedata
from collections.abc import Iterator, Sequence

_SHORT = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}

_BLANK = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters without a glyph: the fillers of Hangul, and Braille's blank."""

_MAX_MARKS = 3
"""Combining marks on one character; more of them spill over the lines around."""

_FEW_BLANKS = 2
"""So many are in honest file names."""

COMMAND = re.compile(r"##(?=\w*\[)")
"""Anywhere in a line of a log, this is a command: ``##[error]`` to GitHub's runner (its
``ActionCommand.TryParse``), ``##vso[...]`` to Azure's, ``##teamcity[...]``."""


def escape(character: str) -> str:
    """Return a character as Python would write it in a string: ``\\x1b``, ``\\u202e``."""
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # how surrogateescape decodes a byte that is not UTF-8
        code -= 0xDC00
    if character in _SHORT:
        return _SHORT[character]
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def characters(text: str, encoding: str = "utf-8", keep: str = "") -> Iterator[tuple[str, bool]]:
    """Yield each character, and whether it is to be shown as an escape.

    ``encoding`` is the terminal's: what it can't show is escaped too. ``keep`` names
    control characters to pass through, for text of our own that has lines.
    """
    commands = {match.start() for match in COMMAND.finditer(text)} if "##" in text else ()
    marks = _MAX_MARKS  # there is nothing of this text's that a mark could be put on
    for at, character in enumerate(text):
        if character in keep:
            marks = _MAX_MARKS
            yield character, False
            continue
        shown = at not in commands and is_shown(character, encoding)
        if shown and unicodedata.category(character)[0] == "M":
            marks += 1
            shown = marks <= _MAX_MARKS
        else:
            marks = 0 if shown else _MAX_MARKS
        yield character, not shown


def pieces(text: str, encoding: str = "utf-8", keep: str = "") -> list[tuple[str, bool]]:
    """Cut a text into stretches that are shown as they are (False) and escapes (True); see
    ``characters``."""
    if text.isascii() and text.isprintable() and "##" not in text:  # nearly always
        return [(text, False)] if text else []
    found: list[tuple[str, bool]] = []
    shown: list[str] = []
    for character, escaped in characters(text, encoding, keep):
        if not escaped:
            shown.append(character)
            continue
        if shown:
            found.append(("".join(shown), False))
            shown = []
        found.append((escape(character), True))
    if shown:
        found.append(("".join(shown), False))
    return found


def is_shown(character: str, encoding: str = "utf-8") -> bool:
    """Whether a character has a glyph and the encoding has the character.

    Python's ``isprintable`` leaves out what has none: control, format (bidirectional marks,
    zero-width characters), surrogate, private use and unassigned characters, and separators
    but the space.
    """
    if " " <= character <= "~":
        return True
    if not character.isprintable() or character in _BLANK:
        return False
    try:
        character.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def safe(text: str, encoding: str = "utf-8", most: int | None = None) -> str:
    """Return a text as one line that does nothing to a terminal; of a text with more than
    ``most`` characters, the beginning."""
    if most is not None and len(text) > most:
        return safe(text[:most], encoding) + "..."
    return "".join(piece for piece, _ in pieces(text, encoding))


def safe_text(text: str, encoding: str = "utf-8") -> str:
    """Like ``safe``, but lines stay lines: for messages of several lines."""
    return "".join(piece for piece, _ in pieces(text, encoding, keep="\n"))


def boxed(text: str, edge: str = "  | ") -> str:
    """Put an edge before each line of a text but the first.

    So no line of it can pass for one of ours, or be a workflow command: GitHub's runner obeys a
    line that begins with ``::``, blanks before it or not.
    """
    return text.replace("\n", f"\n{edge}")


def decoded(data: bytes) -> str:
    """Return a program's bytes as text for the functions above, which show those bytes that
    are not UTF-8 as ``\\xff``."""
    return data.decode(errors="surrogateescape")


def shell_line(words: Sequence[str], encoding: str = "utf-8", most: int | None = None) -> str:
    """Return a command to copy into a shell, whatever its words hold.

    What has no glyph is written in the quotes ``$'\\x1b'`` (POSIX.1-2024; bash, ksh and zsh have
    long had them). In a line of more than ``most`` characters, which a terminal will break
    anywhere, so is the blank of a word that has many: no part of it looks like a line of ours.
    """
    line = " ".join(_quoted(word, encoding) for word in words)
    if most is None or len(line) <= most:
        return line
    return " ".join(_quoted(word, encoding, blanks=False) for word in words)


def _quoted(word: str, encoding: str, blanks: bool = True) -> str:
    blanks = blanks or word.count(" ") <= _FEW_BLANKS
    if blanks and not any(escaped for _, escaped in characters(word, encoding)):
        return shlex.quote(word)
    result = []
    for character, escaped in characters(word, encoding):
        if escaped or (character == " " and not blanks):
            byte_as_is = "\udc80" <= character <= "\udcff"
            data = character.encode(errors="surrogateescape" if byte_as_is else "surrogatepass")
            # Octal: a hexadecimal escape may have any number of digits in some shells.
            result.append("".join(f"\\{byte:03o}" for byte in data))
        else:
            result.append("\\" + character if character in "\\'" else character)
    return f"$'{''.join(result)}'"
