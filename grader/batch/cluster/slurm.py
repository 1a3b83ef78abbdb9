"""Workers as jobs of SLURM, through ``dask-jobqueue``, as many as there is work for.

``slurm``, or with settings: ``slurm:partition=short,cores=8,memory=8GB,walltime=01:00:00,jobs=10``.
What is not set here is as in Dask's own settings (``jobqueue.slurm``, in
``~/.config/dask/jobqueue.yaml``; https://jobqueue.dask.org/en/latest/configuration.html).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import dask
from dask_jobqueue import SLURMCluster
from distributed import Client

from grader.model import UsageError
from grader.model.safe import safe

_KEYS = ("partition", "account", "cores", "memory", "walltime", "jobs", "folder")
_WALLTIME = "01:00:00"
_CORES = 4
_MOST_JOBS = 10
_BYTES_OF_A_WORKER = 2_000_000_000
"""What a program may take, and then some."""
_SUBMIT_SECONDS = 60.0
_TARGET_SECONDS = "5s"


class SlurmJobs:
    """Jobs of SLURM that are Dask workers, and their scheduler, which is here."""

    def __init__(self, cluster: SLURMCluster, most_jobs: int, cores: int) -> None:
        self._cluster = cluster
        self._most_jobs = most_jobs
        self._cores = cores

    @property
    def most_threads(self) -> int:
        """To how many workers it may grow."""
        return self._most_jobs * self._cores

    def script(self) -> str:
        """What is sent to SLURM for each job."""
        return str(self._cluster.job_script())

    def client(self) -> Client:
        """Begin to send jobs to SLURM. Raises UsageError when it does not take them."""
        self._try()
        self._cluster.adapt(
            minimum_jobs=1, maximum_jobs=self._most_jobs, target_duration=_TARGET_SECONDS
        )
        return Client(self._cluster, set_as_default=False)

    def end(self) -> None:
        """Take the jobs back."""
        with suppress(Exception):
            self._cluster.close(timeout=20)

    def _try(self) -> None:
        """Let SLURM look at the script (``sbatch --test-only``)."""
        if shutil.which("sbatch") is None:
            raise UsageError(
                "there is no sbatch on this computer: --cluster slurm is for one that sends jobs "
                "to SLURM; elsewhere, give the address of a Dask scheduler"
            )
        with tempfile.NamedTemporaryFile("w", suffix=".sh") as file:
            file.write(self.script())
            file.flush()
            try:
                done = subprocess.run(
                    ["sbatch", "--test-only", file.name],
                    capture_output=True,
                    text=True,
                    errors="replace",
                    timeout=_SUBMIT_SECONDS,
                )
            except (OSError, subprocess.TimeoutExpired) as error:
                raise UsageError(f"sbatch can't be run: {safe(str(error), most=300)}") from None
        if done.returncode != 0:
            why = safe(" ".join(done.stderr.split()), most=500)
            raise UsageError(
                f"SLURM does not take the jobs: {why or f'sbatch ends with {done.returncode}'}; "
                "'--dry-run' shows the script"
            )


def start(where: str) -> SlurmJobs:
    """Start a scheduler here, for jobs as ``where`` says; none is sent yet. Raises UsageError."""
    chosen = _chosen(where)
    cores = _number(chosen, "cores", _set("cores") or _CORES)
    most = _number(chosen, "jobs", _MOST_JOBS)
    folder = Path(chosen.get("folder", _set("shared-temp-directory") or "~")).expanduser()
    if not folder.is_dir():
        raise UsageError(f"--cluster slurm: folder={safe(str(folder))}: there is no such folder")
    wanted: dict[str, Any] = {
        "cores": cores,
        "processes": cores,
        "memory": chosen.get("memory") or _set("memory") or f"{cores * _BYTES_OF_A_WORKER}B",
        "walltime": chosen.get("walltime") or _WALLTIME,
        "queue": chosen.get("partition"),
        "account": chosen.get("account"),
        "python": sys.executable,
        "job_name": "grader",
        # Anyone who reaches a scheduler may have it run anything: encrypted, and with a key.
        "security": True,
        "shared_temp_directory": str(folder),
        "worker_extra_args": [*(_set("worker-extra-args") or []), "--no-dashboard"],
        "silence_logs": "CRITICAL",
        "scheduler_options": {"dashboard_address": "127.0.0.1:0", "dashboard": False},
    }
    try:
        cluster = SLURMCluster(**{k: v for k, v in wanted.items() if v is not None})
    except Exception as error:  # whatever its settings, from many places, may be
        why = safe(f"{error}", most=300)
        raise UsageError(f"--cluster {safe(where)}: Dask can't use these settings: {why}") from None
    return SlurmJobs(cluster, most, cores)


def _chosen(where: str) -> dict[str, str]:
    found: dict[str, str] = {}
    _, _, text = where.partition(":")
    for part in filter(None, text.split(",")):
        key, equals, value = part.partition("=")
        if key not in _KEYS or not equals or not value or not value.isprintable():
            raise UsageError(
                f"--cluster slurm: expected KEY=VALUE of {', '.join(_KEYS)}, not {safe(part)}"
            )
        found[key] = value
    return found


def _number(chosen: dict[str, str], key: str, default: int) -> int:
    text = chosen.get(key, str(default))
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= 100_000:
        raise UsageError(f"--cluster slurm: {key}={safe(text)}: expected a number, 1 or more")
    return int(text)


def _set(name: str) -> Any:
    return dask.config.get(f"jobqueue.slurm.{name}", None)
