"""What runs in a Dask worker: hands jobs to processes of its own, and their answers back.

A worker has several threads, so nothing is forked here: ``serving`` is started as a program,
one for each thread that does jobs, and kept for the next job. Only plain data goes to and
fro, and one function by its name.
"""

from __future__ import annotations

import os
import select
import subprocess
import sys
import threading
import zlib
from contextlib import suppress
from hashlib import sha256
from typing import IO

import msgspec

from grader.batch.cluster.about import About, difference, this_one
from grader.batch.cluster.frames import receive, send
from grader.batch.cluster.serving import Hello

_START_SECONDS = 60.0
_PATIENCE_SECONDS = 3.0
"""How long a process that is made to end may take to put away what it is doing."""
_START = (
    "import sys; sys.path[:] = sys.argv[3:]; from grader.batch.cluster.serving import main; "
    "main(int(sys.argv[1]), sys.argv[2] or None)"
)
"""Where modules are found is as in the worker, and not by the environment: that is seen by
submissions."""


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker says to a job: one of these."""

    answer: bytes | None = None
    """An ``Answer``."""
    died: str | None = None
    """How the process that did it ended."""
    unfit: str | None = None
    """Why no job can be done by this worker."""
    worker: str = ""
    """Its name, for people."""


def hold(data: bytes) -> bytes:
    """What all jobs share. As a task of its own it is made again where a worker that had it
    is lost."""
    return data


def perform(setting: bytes, job: bytes, expected: bytes, seconds: float) -> bytes:
    """Do a job, which may take so long.

    ``expected`` is the ``About`` of who asks. Never raises: what goes wrong is in the reply.
    """
    return msgspec.msgpack.encode(_reply(setting, job, expected, seconds))


def greet(setting: bytes, expected: bytes) -> bytes:
    """Say whether this worker can do jobs of a setting: a reply that is empty, or ``unfit``."""
    name = _name()
    unlike = difference(msgspec.msgpack.decode(expected, type=About), this_one())
    if unlike is not None:
        return msgspec.msgpack.encode(Reply(unfit=unlike, worker=name))
    try:
        found = _programs.take(setting)
    except _Ended as end:
        return msgspec.msgpack.encode(Reply(unfit=str(end), worker=name))
    if isinstance(found, str):
        return msgspec.msgpack.encode(Reply(unfit=found, worker=name))
    _programs.give_back(found)
    return msgspec.msgpack.encode(Reply(worker=name))


def _reply(setting: bytes, job: bytes, expected: bytes, seconds: float) -> Reply:
    name = _name()
    unlike = difference(msgspec.msgpack.decode(expected, type=About), this_one())
    if unlike is not None:
        return Reply(unfit=unlike, worker=name)
    found = None
    try:
        found = _programs.take(setting)
        if isinstance(found, str):
            return Reply(unfit=found, worker=name)
        answer = found.ask(zlib.decompress(job), seconds)
    except _Ended as end:
        if isinstance(found, _Program):
            found.kill()
        return Reply(died=str(end), worker=name)
    _programs.give_back(found)
    return Reply(answer=answer, worker=name)


class _Ended(Exception):
    """A process that does jobs is no more."""


class _Program:
    """A process that does jobs of one setting."""

    def __init__(self, setting: bytes) -> None:
        # In a session of its own: Ctrl-C at a worker's terminal is not for it.
        self.setting = sha256(setting).digest()
        arguments = [str(os.getpid()), _folder()]
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", _START, *arguments, *filter(None, sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        self.unfit: str | None = None
        try:
            hello = self.ask(zlib.decompress(setting), _START_SECONDS)
            self.unfit = msgspec.msgpack.decode(hello, type=Hello).unfit
        except BaseException:
            self.kill()
            raise

    def ask(self, message: bytes, seconds: float) -> bytes:
        """Send a message, and wait for what comes back. Raises _Ended."""
        try:
            send(_there(self._process.stdin), message)
            stream = _there(self._process.stdout)
            ready, _, _ = select.select([stream], [], [], seconds)
            if not ready:
                raise _Ended(f"grading it took longer than {seconds:,.0f} seconds")
            back = receive(stream)
        except OSError as error:
            raise _Ended(f"the process that graded it ended{self._how()}") from error
        if back is None:
            raise _Ended(f"the process that graded it ended{self._how()}")
        return back

    def kill(self) -> None:
        """End it, whatever it does; but let it put away what it has, when it will."""
        self._process.terminate()
        try:
            self._process.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                _there(stream).close()

    def _how(self) -> str:
        try:
            status = self._process.wait(1)
        except subprocess.TimeoutExpired:
            return ""
        return f" (signal {-status})" if status < 0 else f" (exit status {status})"


class _Programs:
    """Those that have nothing to do."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[_Program] = []
        self._unfit: dict[bytes, str] = {}

    def take(self, setting: bytes) -> _Program | str:
        """One for this setting, or why there is none. Raises _Ended."""
        digest = sha256(setting).digest()
        with self._lock:
            if digest in self._unfit:
                return self._unfit[digest]
            others = [each for each in self._idle if each.setting != digest]
            for each in others:  # of a batch that is over
                self._idle.remove(each)
            found = self._idle.pop() if self._idle else None
        for each in others:
            each.kill()
        if found is None:
            try:
                found = _Program(setting)
            except OSError as error:
                raise _Ended(f"the worker can't start a process: {error.strerror}") from error
        if found.unfit is not None:
            found.kill()
            with self._lock:
                self._unfit[digest] = found.unfit
            return found.unfit
        return found

    def give_back(self, program: _Program) -> None:
        with self._lock:
            self._idle.append(program)


_programs = _Programs()


def _there(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None
    return stream


def _name() -> str:
    """The address of this Dask worker."""
    from distributed import get_worker

    with suppress(ValueError):
        return str(get_worker().address)
    return "a worker"


def _folder() -> str:
    """Where this Dask worker keeps its files. What is left there, should all be killed at once,
    the next worker removes."""
    from distributed import get_worker

    with suppress(ValueError):
        return str(get_worker().local_directory)
    return ""
