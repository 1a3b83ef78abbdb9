"""The process that does the jobs of a Dask worker.

Runs need a process with a single thread, and pytest needs the main one; a Dask worker has
many. So it starts this program, which takes messages through standard input: first the
setting, then job after job; each gets an answer through standard output. It ends when its
input does, and is ended by the kernel when the Dask worker dies.
"""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import msgspec

from grader.batch.cluster.frames import receive, send
from grader.batch.jobs import Bench, Job, Setting
from grader.model import GraderError, UsageError
from grader.observe import choose
from grader.observe.supervisor import die_with, name_process


class Hello(msgspec.Struct, frozen=True, kw_only=True):
    """The first answer, to the setting."""

    unfit: str | None = None
    """Why this computer can't do the jobs of this setting; then there is nothing more."""


def main(parent: int, folder: str | None = None) -> None:
    """Serve the process ``parent`` until there is no more. ``folder``: where to put files
    meanwhile (default: the system's temporary folder)."""
    signal.signal(signal.SIGTERM, _stop)
    with suppress(KeyboardInterrupt, BrokenPipeError):
        _serve(parent, folder)


def _serve(parent: int, folder: str | None) -> None:
    die_with(parent, signal.SIGTERM)  # then what it has put anywhere is removed
    name_process("grader-worker")
    jobs, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(2, 1)  # what anything prints goes to the Dask worker's log
    data = receive(jobs)
    if data is None:
        return
    setting = msgspec.msgpack.decode(data, type=Setting)
    unfit = _unfit(setting)
    send(answers, msgspec.msgpack.encode(Hello(unfit=unfit)))
    if unfit is not None:
        return
    with (
        tempfile.TemporaryDirectory(prefix="grader-bench-", dir=folder) as own,
        closing(Bench(setting, Path(own))) as bench,
        _no_more_signals_after(),
    ):
        while (data := receive(jobs)) is not None:
            job = msgspec.msgpack.decode(data, type=Job)
            send(answers, msgspec.msgpack.encode(bench.perform(job)))


def _unfit(setting: Setting) -> str | None:
    """Why the evidence that is asked for can't be had here. Never is it sampled unasked."""
    try:
        choose(setting.engine)
        if setting.python is not None:
            from grader.observe import python_executable

            python_executable(setting.python)
    except (UsageError, GraderError) as error:
        return str(error)
    return None


@contextmanager
def _no_more_signals_after() -> Iterator[None]:
    """When a Dask worker dies, the input ends before the signal comes: that must not stop what
    the end of the input has begun, to put everything away."""
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)


def _stop(*_: object) -> None:
    # As each thread of the worker ends, the next becomes the parent, and the signal comes again.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt
