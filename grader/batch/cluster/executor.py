"""The executor that has its jobs done by Dask workers."""

from __future__ import annotations

import logging
import queue
import time
import warnings
import zlib
from collections.abc import Callable
from concurrent.futures import CancelledError
from contextlib import suppress
from typing import Any, NamedTuple, Protocol

import msgspec
from distributed import Client, Future, KilledWorker
from distributed.versions import VersionMismatchWarning

from grader.batch.cluster import tasks
from grader.batch.cluster.about import this_one
from grader.batch.jobs import Answer, Job, Setting
from grader.model import GraderError, UsageError
from grader.model.safe import safe

CONNECT_SECONDS = 20.0
"""How long a scheduler, and then a first worker, may take to answer."""
LOST_SECONDS = 120.0
"""How long a cluster may be without workers in the middle of a batch."""
_GREETING_SECONDS = 120.0
_LOOK_SECONDS = 1.0
_A_FEW = 16
"""Jobs that wait beside those under way: an adaptive cluster grows by them."""
_MOST_BYTES = 64 << 20
"""Of the jobs that are at the cluster."""
_MOST_MOVES = 20
_TOLD = 3


class Jobs(Protocol):
    """A cluster that was started for this batch alone."""

    @property
    def most_threads(self) -> int:
        """To how many jobs at a time it may grow."""
        ...

    def end(self) -> None:
        """End its workers."""
        ...


class _Underway(NamedTuple):
    job: Job
    future: Future
    data: bytes
    moves: int
    """How often it came to a worker that does no jobs."""


class Cluster:
    """Jobs on the workers of a Dask scheduler. See ``jobs.Executor``."""

    def __init__(
        self,
        client: Client,
        setting: Setting,
        limit: float,
        say: Callable[[str], object],
        started: Jobs | None = None,
    ) -> None:
        """``limit``: the seconds that a job may take. ``say``: told what someone should know,
        such as workers that get no jobs: sentences without capital and full stop.
        ``started``: the cluster, if it was started for this batch; it is ended with it.

        Raises UsageError when there is no worker that can do the jobs.
        """
        self._client = client
        self._say = say
        self._limit = limit
        self._started = started
        self._setting = zlib.compress(msgspec.msgpack.encode(setting))
        self._expected = msgspec.msgpack.encode(this_one())
        self._held: Future | None = None
        self._underway: dict[str, _Underway] = {}
        self._come: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._homeless: list[tuple[Job, bytes, int]] = []
        """Jobs that wait for the connection to come back."""
        self._number = 0
        self._unfit: dict[str, str] = {}
        self._threads: dict[str, int] = {}
        self._looked = 0.0
        self._seen = time.monotonic()
        try:
            if started is None:
                self._greet()
        except BaseException:
            self.close()
            raise

    # -- the executor ----------------------------------------------------------------

    @property
    def slots(self) -> int:
        """Jobs that it should have: some more than there are threads to do them."""
        if sum(len(each.data) for each in self._underway.values()) > _MOST_BYTES:
            return len(self._underway)
        threads = sum(self._fit().values())
        if self._started is not None:
            threads = max(threads, self._started.most_threads)
        return 2 * threads + _A_FEW

    def submit(self, job: Job) -> None:
        """Take a job."""
        self._send(job, zlib.compress(msgspec.msgpack.encode(job), 1), moves=0)

    def answers(self, seconds: float) -> list[Answer]:
        """See ``Executor``. Raises GraderError when the cluster is lost."""
        found: list[Answer] = []
        with suppress(queue.Empty):
            found += self._answered(self._come.get(timeout=seconds))
            while True:
                found += self._answered(self._come.get_nowait())
        if not found:
            self._check()
        return found

    def close(self) -> None:
        """Drop what is under way, and leave; a cluster that was started is ended."""
        futures = [each.future for each in self._underway.values()]
        self._underway.clear()
        with suppress(Exception):
            if self._client.status == "running":
                self._client.cancel(futures, force=True)
        with suppress(Exception):
            self._client.close(timeout=5)
        if self._started is not None:
            self._started.end()

    # -- jobs ------------------------------------------------------------------------

    def _send(self, job: Job, data: bytes, moves: int) -> None:
        if self._client.status != "running":
            self._homeless.append((job, data, moves))
            return
        self._number += 1
        where: dict[str, Any] = {}
        if self._unfit and (fit := list(self._fit())):
            where = {"workers": fit, "allow_other_workers": True}
        future = self._client.submit(
            tasks.perform,
            self._held_setting(),
            data,
            self._expected,
            self._limit,
            key=f"grader-{job.entry.id}-{self._number}",
            pure=False,
            **where,
        )
        self._underway[future.key] = _Underway(job, future, data, moves)
        future.add_done_callback(lambda done: self._come.put(done.key))

    def _held_setting(self) -> Future:
        if self._held is None or self._held.status in ("cancelled", "lost", "error"):
            self._number += 1
            key = f"grader-setting-{self._number}-{time.time_ns()}"
            self._held = self._client.submit(tasks.hold, self._setting, key=key, pure=False)
        return self._held

    def _answered(self, key: str) -> list[Answer]:
        underway = self._underway.pop(key, None)
        if underway is None:
            return []
        job, future = underway.job, underway.future
        try:
            reply = msgspec.msgpack.decode(future.result(timeout=CONNECT_SECONDS), type=tasks.Reply)
        except KilledWorker:
            return [_failed(job, "the workers that graded it died")]
        except CancelledError:
            self._homeless.append((job, underway.data, underway.moves))
            return []
        except Exception as error:
            return [_failed(job, f"the cluster failed: {_words(error)}")]
        finally:
            future.release()
        if reply.unfit is not None:
            self._note(reply.worker, reply.unfit)
            if underway.moves >= _MOST_MOVES:
                return [_failed(job, f"{reply.worker} does no jobs: {reply.unfit}")]
            if not self._fit():
                self._check_fit()
            self._send(job, underway.data, underway.moves + 1)
            return []
        if reply.answer is None:
            return [_failed(job, reply.died or "the worker gave no answer")]
        answer = msgspec.msgpack.decode(reply.answer, type=Answer)
        if answer.full is not None:  # there: another worker may have room
            return [_failed(job, f"{reply.worker}: {answer.full}")]
        return [answer]

    # -- workers ---------------------------------------------------------------------

    def _fit(self) -> dict[str, int]:
        """The threads of each worker that does jobs, as of a moment ago."""
        now = time.monotonic()
        if now - self._looked > _LOOK_SECONDS and self._client.status == "running":
            with suppress(Exception):
                self._threads = dict(self._client.nthreads())
            self._looked = time.monotonic()
        fit = {name: n for name, n in self._threads.items() if name not in self._unfit}
        if fit:
            self._seen = now
        return fit

    def _check(self) -> None:
        """Raises GraderError when nothing can come any more."""
        if self._client.status not in ("running", "connecting", "newly-created"):
            raise GraderError(
                "the connection to the cluster's scheduler is lost. What is graded is kept: "
                "run the same command again to go on"
            )
        if self._client.status == "running":
            homeless, self._homeless = self._homeless, []
            for each in homeless:
                self._send(*each)
        if self._fit() or self._started is not None:
            return
        self._check_fit()
        if time.monotonic() - self._seen > LOST_SECONDS:
            raise GraderError(
                f"the cluster has had no worker for {LOST_SECONDS:.0f} seconds. What is graded is "
                "kept: start workers, and run the same command again to go on"
            )

    def _check_fit(self) -> None:
        """Raises GraderError when there are workers, but none that does jobs."""
        if self._threads and set(self._threads) <= set(self._unfit):
            raise GraderError(f"no worker of the cluster can grade: {self._reasons()}")

    def _greet(self) -> None:
        """Ask each worker whether it can do the jobs. Raises UsageError when none can."""
        deadline = time.monotonic() + CONNECT_SECONDS
        while not self._fit():
            if time.monotonic() > deadline:
                raise UsageError(
                    "the cluster has a scheduler but no workers: start some, with "
                    "'dask worker ADDRESS --nthreads 1', on computers that have grader"
                )
            self._looked = 0.0
            time.sleep(0.1)
        self._compare_versions()
        held = self._held_setting()
        asked = {
            name: self._client.submit(tasks.greet, held, self._expected, workers=[name], pure=False)
            for name in self._threads
        }
        deadline = time.monotonic() + _GREETING_SECONDS
        for name, future in asked.items():
            unfit = None
            try:
                data = future.result(timeout=max(deadline - time.monotonic(), 0.1))
                unfit = msgspec.msgpack.decode(data, type=tasks.Reply).unfit
                if unfit is None:  # those that are slow, or gone, need not be waited for
                    deadline = min(deadline, time.monotonic() + CONNECT_SECONDS)
            except ModuleNotFoundError as error:
                unfit = f"it has no {error.name}: install there what is installed here"
            except (TimeoutError, CancelledError, KilledWorker):
                pass
            except Exception as error:
                unfit = _words(error)
            if unfit is not None:
                self._note(name, unfit)
        if set(self._threads) <= set(self._unfit):
            raise UsageError(f"no worker of the cluster can grade: {self._reasons()}")

    def _compare_versions(self) -> None:
        """Say where Dask itself is another: it bears that mostly, and not always."""
        with suppress(Exception):
            versions = self._client.get_versions(check=False)
            ours = versions["client"]["packages"]["distributed"]
            there = {"the scheduler": versions["scheduler"], **versions["workers"]}
            for name, found in there.items():
                if (theirs := found["packages"]["distributed"]) != ours:
                    self._say(
                        f"{name} has Dask's distributed {theirs}, and here is {ours}: "
                        "they may not understand each other"
                    )

    def _note(self, worker: str, unfit: str) -> None:
        if worker not in self._unfit:
            self._unfit[worker] = unfit
            self._say(f"{worker} gets no jobs: {unfit}")

    def _reasons(self) -> str:
        there = [(name, self._unfit[name]) for name in self._threads if name in self._unfit]
        told = "; ".join(f"{name}: {why}" for name, why in there[:_TOLD])
        more = len(there) - _TOLD
        return f"{told}; and {more} more" if more > 0 else told


def _failed(job: Job, why: str) -> Answer:
    return Answer(id=job.entry.id, failure=why, died=True)


def _words(error: BaseException) -> str:
    return safe(f"{type(error).__name__}: {error}".rstrip(": "), most=300)


def quiet() -> None:
    """Have Dask say nothing by itself: what matters is told by us, in one line."""
    for name in [each for each in logging.root.manager.loggerDict if each.startswith("distrib")]:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    warnings.filterwarnings("ignore", category=VersionMismatchWarning)
    warnings.filterwarnings("ignore", message="Sending large graph")
