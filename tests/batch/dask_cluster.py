"""A Dask cluster on this computer, for tests: a scheduler, and workers of several kinds."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.docs.console import ROOT

_START_SECONDS = 60.0

KINDS = {
    "good": "",
    "old": (
        "import grader; grader.__version__ = '0.0.1'\n"
        "import importlib.metadata as m; version = m.version\n"
        "m.version = lambda name: '2020.1' if name == 'distributed' else version(name)\n"
        "import distributed; distributed.__version__ = '2020.1'\n"
    ),
    "blind": (
        "import grader.observe as o; import grader.observe.probe as p; "
        "o.exact_works = p.exact_works = lambda: (False, 'there is no ptrace on this one')"
    ),
}
"""What is different with a worker: done when its Python starts, and that of its processes."""


class DaskCluster:
    """Processes of Dask, ended with it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "cluster.json"
        self._processes: list[subprocess.Popen[bytes]] = []
        self.workers: dict[str, subprocess.Popen[bytes]] = {}
        self._start("scheduler", "scheduler", "good", "--port", "0")
        self._wait_for(lambda: self.file.exists())

    def add(self, name: str, kind: str = "good") -> None:
        """Start a worker, of one thread; it is not waited for."""
        self.workers[name] = self._start(
            *(name, "worker", kind, "--nthreads", "1", "--no-nanny", "--name", name),
            *("--local-directory", str(self.folder / "scratch")),
        )

    def ready(self) -> None:
        """Wait until all workers have come."""
        for name in self.workers:
            log = self.folder / f"{name}.log"
            self._wait_for(lambda log=log: b"Registered to" in log.read_bytes())

    def kill(self, name: str) -> None:
        """As when its computer loses power."""
        os.killpg(self.workers[name].pid, signal.SIGKILL)
        self.workers.pop(name).wait()

    def all_put_away(self) -> None:
        """Wait until no worker's process has files any more."""
        self._wait_for(lambda: not [*self.folder.glob("scratch/**/grader-bench-*")])

    def end(self) -> None:
        """End all of it."""
        for process in self._processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def _start(self, name: str, what: str, kind: str, *options: str) -> subprocess.Popen[bytes]:
        startup = self.folder / kind
        startup.mkdir(exist_ok=True)
        (startup / "sitecustomize.py").write_text(KINDS[kind])
        command = [sys.executable, "-m", f"distributed.cli.dask_{what}"]
        place = ["--scheduler-file", str(self.file), "--host", "127.0.0.1", "--no-dashboard"]
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                [*command, *place, *options],
                cwd=self.folder,
                env={**os.environ, "PYTHONPATH": f"{startup}{os.pathsep}{ROOT}"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._processes.append(process)
        return process

    def _wait_for(self, true) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while not true():
            assert time.monotonic() < deadline, self._logs()
            time.sleep(0.05)

    def _logs(self) -> str:
        return "\n".join(path.read_text() for path in self.folder.glob("*.log"))
