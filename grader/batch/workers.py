"""The local executor: a process for each processor, which does one job after another.

Workers are forked from the grader once what they need is loaded; each stays on a processor
of its own, where the system supports that, and is killed by the kernel when the grader dies.
One that dies, or takes too long, is replaced; its job comes back as an answer that says so.
"""

from __future__ import annotations

import contextlib
import gc
import os
import selectors
import signal
import socket
import struct
import sys
import time
from collections import deque
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import NoReturn

import msgspec

from grader.batch.jobs import PATIENCE_SECONDS, Answer, Bench, Job, Setting
from grader.model import GraderError
from grader.observe.forking import fork_deaf
from grader.observe.supervisor import (
    close_all_but,
    die_with,
    name_process,
    shed_inherited_state,
)

_LENGTH = struct.Struct("!Q")
_WAITING_FOR_EACH = 1
"""Jobs that lie ready for each worker, so that it need not wait for the next."""
_MOST_LOST = 10
"""So many for each, one after another, may end before one is told that they can't work here."""
_PATIENCE_SECONDS = 3.0
"""How long a worker may take to put away what it is doing, when it is made to end."""
_SCENARIO_SECONDS = 120.0
_MARGIN_SECONDS = 180.0
_LOADED = ("assignments.grading", "assignments.plugin", "assignments.judging", "judge", "explore")


class Pool:
    """Workers on this computer."""

    def __init__(self, setting: Setting, number: int, folder: Path) -> None:
        """So many workers; ``folder`` is for what they put down meanwhile."""
        self._setting = setting
        self._folder = folder
        self._number = number
        self._lost = 0
        self._queue: deque[Job] = deque()
        self._back: list[Answer] = []
        self._selector = selectors.DefaultSelector()
        self._workers: list[_Worker] = []
        self._limit = time_limit(setting, folder)
        for module in _LOADED:
            import_module(f"grader.{module}")
        try:
            for processor in _processors(number):
                self._hire(processor)
        except BaseException:
            self.close()
            raise

    @property
    def slots(self) -> int:
        """Jobs that it should have."""
        return self._number * (1 + _WAITING_FOR_EACH)

    def submit(self, job: Job) -> None:
        """Take a job."""
        self._queue.append(job)
        self._hand_out()

    def answers(self, seconds: float) -> list[Answer]:
        """See ``Executor``."""
        self._hand_out()
        for key, _ in self._selector.select(0 if self._back else seconds):
            worker: _Worker = key.data
            answer = worker.receive()
            if answer is not None:
                self._lost = 0
                self._back.append(answer)
            elif worker.ended:
                self._replace(worker, "the process that graded it ended")
        now = time.monotonic()
        for worker in [w for w in self._workers if w.job is not None and now > w.deadline]:
            self._replace(worker, f"grading it took longer than {self._limit:,.0f} seconds")
        self._hand_out()
        back, self._back = self._back, []
        return back

    def close(self) -> None:
        """End all workers, gently first: then they put away what they have."""
        for worker in self._workers:
            worker.end()
        deadline = time.monotonic() + _PATIENCE_SECONDS
        for worker in self._workers:
            worker.collect(deadline)
        self._workers.clear()
        self._selector.close()

    def _hire(self, processor: int | None) -> None:
        worker = _Worker(self._setting, self._folder, processor, self._limit)
        self._workers.append(worker)
        self._selector.register(worker.link, selectors.EVENT_READ, worker)

    def _replace(self, worker: _Worker, why: str) -> None:
        self._selector.unregister(worker.link)
        self._workers.remove(worker)
        how = worker.kill()
        self._lost += 1
        if worker.job is None and self._lost > _MOST_LOST * self._number:
            raise GraderError(f"workers end as soon as they start{how}")
        if worker.job is not None:
            entry = worker.job.entry
            self._back.append(Answer(id=entry.id, failure=f"{why}{how}", died=True))
        self._hire(worker.processor)

    def _hand_out(self) -> None:
        for worker in self._workers:
            if self._queue and worker.job is None:
                worker.give(self._queue.popleft())


class _Worker:
    """One worker, seen from the grader."""

    def __init__(self, setting: Setting, folder: Path, processor: int | None, limit: float) -> None:
        self.processor = processor
        self.job: Job | None = None
        self.deadline = 0.0
        self.ended = False
        self._limit = limit
        self._data = bytearray()
        self.link, theirs = socket.socketpair()
        parent = os.getpid()
        try:
            self._pid = fork_deaf()
        except OSError as error:
            self.link.close()
            theirs.close()
            raise GraderError(f"the system has no room for a worker: {error}") from None
        if self._pid == 0:
            _work(setting, folder, processor, theirs, parent)
        theirs.close()

    def give(self, job: Job) -> None:
        """Hand a job over."""
        self.job = job
        self.deadline = time.monotonic() + self._limit
        with contextlib.suppress(OSError):  # it has died: that is seen when it is asked
            _send(self.link, job)

    def receive(self) -> Answer | None:
        """Read what has come: an answer, when it is whole."""
        try:
            part = self.link.recv(1 << 20)
        except OSError:
            part = b""
        if not part:
            self.ended = True
            return None
        self._data += part
        if len(self._data) < _LENGTH.size:
            return None
        (length,) = _LENGTH.unpack_from(self._data)
        if len(self._data) < _LENGTH.size + length:
            return None
        answer = msgspec.msgpack.decode(self._data[_LENGTH.size :], type=Answer)
        self._data.clear()
        self.job = None
        return answer

    def kill(self) -> str:
        """End it at once; says by what it ended, for a sentence."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        self.link.close()
        with contextlib.suppress(ChildProcessError):
            _, status = os.waitpid(self._pid, 0)
            if os.WIFSIGNALED(status):
                return f" (signal {os.WTERMSIG(status)})"
        return ""

    def end(self) -> None:
        """Ask it to end."""
        self.link.close()
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGTERM)

    def collect(self, deadline: float) -> None:
        """Wait for it to end, until the deadline; then it has to."""
        with contextlib.suppress(ChildProcessError):
            while not os.waitpid(self._pid, os.WNOHANG)[0]:
                if time.monotonic() > deadline:
                    os.kill(self._pid, signal.SIGKILL)
                    os.waitpid(self._pid, 0)
                    return
                time.sleep(0.005)


def time_limit(setting: Setting, folder: Path) -> float:
    """Seconds after which a worker is thought to hang: beyond what all limits add up to."""
    bench = Bench(setting, folder)  # unpacks the assignment, for all workers
    assignment = bench.assignment
    seconds = setting.seconds or assignment.limits.seconds
    explored = sum(each.way == "schedules" for each in assignment.scenarios.values())
    each = len(assignment.scenarios) * (seconds + _SCENARIO_SECONDS)
    return _MARGIN_SECONDS + each + explored * PATIENCE_SECONDS


def processors() -> int:
    """How many processors this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _processors(number: int) -> Sequence[int | None]:
    """For each worker the processor that it stays on; None where that can't be had."""
    if sys.platform != "linux":
        return [None] * number
    there = sorted(os.sched_getaffinity(0))
    return [there[n % len(there)] for n in range(number)]


def _send(link: socket.socket, what: msgspec.Struct) -> None:
    data = msgspec.msgpack.encode(what)
    link.sendall(_LENGTH.pack(len(data)) + data)


# -- in the worker -----------------------------------------------------------------------


def _work(
    setting: Setting, folder: Path, processor: int | None, link: socket.socket, parent: int
) -> NoReturn:
    try:
        die_with(parent)
        name_process("grader-worker")
        shed_inherited_state()
        signal.signal(signal.SIGTERM, _stop)
        gc.enable()  # it lives for long
        close_all_but({link.fileno()})
        for _ in range(3):  # the lowest numbers are free: standard input, output and error
            os.open(os.devnull, os.O_RDWR)
        if processor is not None and sys.platform == "linux":
            with contextlib.suppress(OSError):
                os.sched_setaffinity(0, {processor})
        _serve(Bench(setting, folder), link)
    except KeyboardInterrupt:
        pass
    except BaseException:
        os._exit(1)
    os._exit(0)


def _serve(bench: Bench, link: socket.socket) -> None:
    with link.makefile("rb") as stream:
        while len(head := stream.read(_LENGTH.size)) == _LENGTH.size:
            (length,) = _LENGTH.unpack(head)
            job = msgspec.msgpack.decode(stream.read(length), type=Job)
            _send(link, bench.perform(job))


def _stop(*_: object) -> NoReturn:
    raise KeyboardInterrupt
