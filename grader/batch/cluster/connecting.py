"""From what ``--cluster`` says to workers: an address, a scheduler file, or SLURM."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from grader.batch.jobs import Setting
from grader.batch.workers import time_limit
from grader.model import UsageError
from grader.model.safe import safe

if TYPE_CHECKING:
    from distributed import Client

    from grader.batch.cluster.executor import Cluster

SLURM = "slurm"
_ADDRESS = re.compile(r"(?:(?:tcp|tls|ws|wss)://)?[A-Za-z0-9_.:\[\]-]+:\d+")
_CONNECT_SECONDS = 20.0

_HOW = (
    "give the address of a Dask scheduler (tcp://HOST:PORT), the file that "
    "'dask scheduler --scheduler-file' writes, or slurm"
)


def connect(where: str, setting: Setting, folder: Path, say: Callable[[str], object]) -> Cluster:
    """Find the workers that ``where`` names, for jobs of a setting.

    ``where`` is the address of a Dask scheduler (``tcp://HOST:PORT``), the path of a scheduler
    file (https://docs.dask.org/en/stable/deploying-cli.html), or ``slurm``, with settings
    after a colon (see ``grader.batch.cluster.slurm``). Evidence is exact, unless the setting asks
    for sampling: a worker that can't give that gets no jobs. ``folder`` is for what is put down
    meanwhile, and ``say`` is told what someone should know.

    Raises UsageError, saying what to do, when Dask is not installed, nobody answers there, or
    no worker can do the jobs.
    """
    _check_installed(slurm=_is_slurm(where))
    from grader.batch.cluster.executor import Cluster, quiet

    quiet()
    limit = time_limit(setting, folder)
    if setting.engine == "auto":
        setting = msgspec.structs.replace(setting, engine="exact")
    if not _is_slurm(where):
        return Cluster(_client(where, _address(where)), setting, limit, say)
    from grader.batch.cluster.slurm import start

    jobs = start(where)
    try:
        return Cluster(jobs.client(), setting, limit, say, jobs)
    except BaseException:
        jobs.end()
        raise


def _client(where: str, address: str) -> Client:
    from distributed import Client

    try:
        return Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)
    except (OSError, TimeoutError) as error:
        why = safe(str(error), most=200)
        raise UsageError(
            f"no Dask scheduler answers at {safe(where)}: is it running, and reachable from here?"
            f" ({why})"
        ) from None
    except (ValueError, TypeError, ImportError, RuntimeError) as error:
        raise UsageError(
            f"the Dask scheduler at {safe(where)} can't be talked to: {safe(str(error), most=200)}"
        ) from None


def script(where: str) -> str | None:
    """The script that is sent for each job to what ``where`` names; None where there is none.

    Raises UsageError, as ``connect`` does, but asks nobody.
    """
    _check_installed(slurm=_is_slurm(where))
    if not _is_slurm(where):
        _address(where)
        return None
    from grader.batch.cluster.slurm import start

    jobs = start(where)
    try:
        return jobs.script()
    finally:
        jobs.end()


def _is_slurm(where: str) -> bool:
    return where.partition(":")[0] == SLURM


def _check_installed(slurm: bool) -> None:
    wanted = ["distributed", *(["dask_jobqueue", "cryptography"] if slurm else [])]
    missing = [name.replace("_", "-") for name in wanted if find_spec(name) is None]
    if missing:
        raise UsageError(
            f"--cluster needs {' and '.join(missing)}, which is not installed: "
            "install grader with its extra 'cluster'"
        )


def _address(where: str) -> str:
    """The scheduler's address."""
    if _ADDRESS.fullmatch(where):
        return where if "://" in where else f"tcp://{where}"
    path = Path(where)
    shown = safe(where)
    with suppress(OSError, ValueError):
        if path.is_file():
            return _address_in(path, shown)
    raise UsageError(f"--cluster {shown}: there is no such file, and it is no address: {_HOW}")


class _SchedulerFile(msgspec.Struct):
    address: str


def _address_in(path: Path, shown: str) -> str:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_SchedulerFile).address
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise UsageError(f"{shown} is not the file of a Dask scheduler: {_HOW}") from None
    except OSError as error:
        raise UsageError(f"{shown} can't be read: {error.strerror}") from None
