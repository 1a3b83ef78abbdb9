"""Collecting a small class that a test describes by its files."""

from __future__ import annotations

from pathlib import Path

from grader.assignments import find
from grader.batch.collect import Collected, collect
from grader.model import Entry

from ..classes import FILE, zipped

FIG = find("fig18_03")


def collected(folder: Path, *places: str, own: str = "in") -> Collected:
    """What is made of a folder with these files; ``/`` at the end is an empty folder."""
    for place in places:
        path = folder / own / place
        (path if place.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
        if not place.endswith("/"):
            data = f"print({place!r})".encode()
            path.write_bytes(zipped({FILE: data}) if place.endswith(".zip") else data)
    return collect(folder / own, FIG, folder / "unpacked")


def rows(found: Collected) -> dict[str, tuple[str, str | None]]:
    return {e.id: (e.file, e.problem) for e in found.batch.entries}


def entry(found: Collected, id_: str) -> Entry:
    return next(each for each in found.batch.entries if each.id == id_)
