"""Words for sentences about processes."""

from __future__ import annotations

from collections.abc import Iterable

from grader.model import ROOT

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")


def who(process: str) -> str:
    """Name a process in a sentence: ``the parent (P)``, ``the first child (P.1)``,
    ``the second child of P.1 (P.1.2)``."""
    if process == ROOT:
        return f"the parent ({ROOT})"
    parent, _, number = process.rpartition(".")
    of = "" if parent == ROOT else f" of {parent}"
    if int(number) > len(_ORDINALS):
        return f"child {number}{of} ({process})"
    return f"the {_ORDINALS[int(number) - 1]} child{of} ({process})"


def listed(words: Iterable[str]) -> str:
    """Join words as a sentence does: ``a, b and c``; nothing for no words."""
    *most, last = [*words] or [""]
    return f"{', '.join(most)} and {last}" if most else last


def counted(number: int, word: str, plural: str | None = None) -> str:
    """A number with its word: ``no child``, ``1 child``, ``2 children``."""
    if number == 1:
        return f"1 {word}"
    return f"{number or 'no'} {plural or word + 's'}"


def seconds(number: float) -> str:
    """A duration: ``1 second``, ``2.5 seconds``."""
    shown = f"{number:.1f}".removesuffix(".0")
    return f"{shown} second{'' if shown == '1' else 's'}"


def start_of_sentence(text: str) -> str:
    """The text with a capital, a path id kept as it is."""
    return text[:1].upper() + text[1:]
