"""What a program prints is data, not instructions to a terminal.

A submission's output, its arguments and its file name may hold escape sequences that clear
the screen, recolour a verdict or retitle the window, and bidirectional controls that make
text read as something else (CVE-2021-42574). Everything of that kind is shown as the escape
that Python writes for it, ``\\x1b``; nothing of it reaches a terminal.
"""

from __future__ import annotations

import unicodedata

_SHORT = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}

# Control, format (bidirectional marks, zero-width characters), surrogate, private use and
# unassigned characters, line and paragraph separators: none has a glyph of its own.
_UNSHOWN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")

_MAX_MARKS = 3
"""Combining marks on one character; more of them spill over the lines around."""


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


def pieces(text: str, encoding: str = "utf-8", keep: str = "") -> list[tuple[str, bool]]:
    """Cut a text into stretches that are shown as they are (False) and escapes (True).

    ``encoding`` is the terminal's: what it can't show is escaped too. ``keep`` names
    control characters to pass through, for text of our own that has lines.
    """
    if text.isascii() and text.isprintable():  # nearly always
        return [(text, False)] if text else []
    found: list[tuple[str, bool]] = []
    shown: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if character in keep or (marks <= _MAX_MARKS and is_shown(character, encoding)):
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
    """Whether a character has a glyph and the encoding has the character."""
    if " " <= character <= "~":
        return True
    if unicodedata.category(character) in _UNSHOWN:
        return False
    try:
        character.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def safe(text: str, encoding: str = "utf-8") -> str:
    """Return a text as one line that does nothing to a terminal."""
    return "".join(piece for piece, _ in pieces(text, encoding))


def safe_text(text: str, encoding: str = "utf-8") -> str:
    """Like ``safe``, but lines stay lines: for messages of several lines."""
    return "".join(piece for piece, _ in pieces(text, encoding, keep="\n"))


def decoded(data: bytes) -> str:
    """Return a program's bytes as text for the functions above, which show those bytes that
    are not UTF-8 as ``\\xff``."""
    return data.decode(errors="surrogateescape")
