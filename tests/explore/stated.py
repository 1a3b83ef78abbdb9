"""What a program's head says of it: lines of a word, a colon and what is so."""

from __future__ import annotations

import json
import re
from pathlib import Path


def stated(source: Path, word: str) -> list[str]:
    """All that the head says under a word; texts in quotes are read."""
    lines = re.findall(rf"^(?: \* )?{word}: (.*)$", source.read_text(), re.M)
    return [json.loads(line) if line.startswith('"') else line for line in lines]


def programs(folder: str) -> list[Path]:
    """The C and Python programs of a folder beside this file."""
    files = (Path(__file__).parent / folder).iterdir()
    return sorted(file for file in files if file.suffix in (".c", ".py"))
