"""Whether something else than os.fork did the work: threads, subprocess, multiprocessing.

The section is about os.fork; the other ways hide from a student what it teaches.
"""

from __future__ import annotations

import ast
from typing import NamedTuple

from grader.judge.source import Use, used_of
from grader.judge.words import counted, listed, who
from grader.model import ROOT, Exec, Fork, ThreadStart, Trace

_RUN_PROGRAMS = (
    "subprocess",
    "os.system",
    "os.popen",
    "os.posix_spawn",
    "os.posix_spawnp",
    "os.spawnl",
    "os.spawnle",
    "os.spawnlp",
    "os.spawnlpe",
    "os.spawnv",
    "os.spawnve",
    "os.spawnvp",
    "os.spawnvpe",
    "pty.spawn",
)
_MAKE_WORKERS = ("multiprocessing", "concurrent.futures", "asyncio.create_subprocess_exec")
_HARMLESS = {
    "multiprocessing.cpu_count",
    "multiprocessing.current_process",
    "subprocess.CalledProcessError",
    "subprocess.TimeoutExpired",
}


class NotFork(NamedTuple):
    """One way in which something else than os.fork was used."""

    process: str | None
    detail: str
    """A sentence without its full stop."""
    events: list[int]


def not_fork(trace: Trace, source: str | ast.Module | None = None) -> list[NotFork]:
    """What was used instead of os.fork, one sentence each; empty when nothing was.

    ``source`` is the submission's source, where it is a Python program. Sampled evidence
    tells less: there, processes that another call made look like forked ones.
    """
    modules = _modules(source) if source is not None else []
    calls = _calls(trace) if not modules else []  # the module explains the calls
    return _threads(trace) + modules + calls


def _threads(trace: Trace) -> list[NotFork]:
    threads = trace.root.threads
    if trace.descendants or not threads:
        return []
    return [
        NotFork(
            ROOT,
            f"The program started {counted(threads, 'thread')} and forked no process: threads "
            "share one process, its pid and its memory, and os.fork makes a new process",
            [event.n for event in trace.events if isinstance(event, ThreadStart)],
        )
    ]


def _modules(source: str | ast.Module) -> list[NotFork]:
    found = []
    for names, does in (
        (_RUN_PROGRAMS, "runs another program"),
        (_MAKE_WORKERS, "makes its processes by itself"),
    ):
        for use in used_of(source, *names):
            if use.name in _HARMLESS:
                continue
            found.append(
                NotFork(
                    None,
                    f"Line {use.line} uses {_shown(use)}, which {does}; the program should call "
                    "os.fork itself",
                    [],
                )
            )
            break  # one line is enough to make the point
    return found


def _shown(use: Use) -> str:
    return use.name.removesuffix(".*")


def _calls(trace: Trace) -> list[NotFork]:
    """Children made by vfork or clone, by processes that still run the program itself."""
    by_parent: dict[str, list[Fork]] = {}
    programs: dict[str, int] = {ROOT: -1}  # execs seen; the root's first starts the program
    changed: set[str] = set()
    for event in trace.events:
        if isinstance(event, Exec):
            programs[event.process] = programs.get(event.process, 0) + 1
            if programs[event.process] > 0:
                changed.add(event.process)
        elif isinstance(event, Fork) and event.child is not None:
            if event.process in changed:
                changed.add(event.child)
            elif event.call != "fork":
                by_parent.setdefault(event.process, []).append(event)
    found = []
    for parent, forks in by_parent.items():
        calls = listed(sorted({fork.call for fork in forks}))
        children = [fork.child for fork in forks if fork.child is not None]
        found.append(
            NotFork(
                parent,
                f"{who(parent)} made {listed(children)} with {calls}, not with fork: that is how "
                "subprocess, os.system and their like start another program",
                [fork.n for fork in forks],
            )
        )
    return found
