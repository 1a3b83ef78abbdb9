"""After a run: psutil confirms that nothing survived, and what did is ended."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

import psutil


def end_survivors(known: Iterable[tuple[str, int, float | None]]) -> list[str]:
    """Look for processes of a run that should be over, and kill them.

    ``known`` are the run's processes: path id, pid, and the creation time that psutil
    gave, if it was asked. Children of this process count too, known or not. Returns
    what was found: path ids, or ``pid N (name)``.
    """
    found: dict[int, tuple[str, psutil.Process]] = {}
    for id, pid, created in known:
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(pid)
            same = created is None or process.create_time() == created
            if same and process.status() != psutil.STATUS_ZOMBIE and created is not None:
                found[pid] = (id, process)
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            found.setdefault(process.pid, (f"pid {process.pid} ({process.name()})", process))
    for _, process in found.values():
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs([process for _, process in found.values()], timeout=5)
    return [name for name, _ in found.values()]
