"""How much may be spent on a program's schedules."""

from __future__ import annotations

import msgspec


class Budget(msgspec.Struct, frozen=True):
    """What ends a search that has not come to its own end."""

    runs: int = 3000
    """Runs in all, those included that are left early. This is what should decide: then a
    verdict does not depend on how fast the machine is."""
    seconds: float = 60.0
    """Real time: a backstop."""
    patience: float | None = None
    """Real time for a program whose runs take less than a second each; None: ``seconds``. A
    busy machine makes every run slower: with more patience the number of runs still decides."""
