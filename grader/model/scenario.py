"""What to run and under which conditions."""

from __future__ import annotations

from typing import Literal

import msgspec

from grader.model.fault import Fault

Stdio = Literal["terminal", "pipe"]
TimePolicy = Literal["real", "ideal", "adversarial"]
"""``real``: as the clock on the wall goes, and everyone runs as the kernel schedules them.
``ideal``: virtual; nothing takes time but sleeping, and the clock jumps to the next
deadline when nothing can run. ``adversarial``: virtual; a sleep is only a yield, so that
sleeping is no synchronisation (textbook, section 18.2)."""


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a run may use. Each limit ends the run with its own word in ``Trace.ended``."""

    seconds: float = 60.0
    """Real time (``time-limit``)."""
    cpu_seconds: float = 30.0
    """Processor time of all processes together (``cpu-limit``)."""
    virtual_seconds: float = 1_000_000.0
    """Virtual time, in which a sleep costs nothing (``virtual-time-limit``)."""
    processes: int = 1000
    """Processes made in all (``process-limit``)."""
    processes_alive: int = 64
    """Processes that are there at once, zombies among them (``process-limit``). Where exact
    evidence is had, a fork beyond that fails with EAGAIN, as at the limit of a real system
    (fork(2), RLIMIT_NPROC), and the program may end by itself."""
    threads: int = 256
    """Threads that are there at once, not counting the first of each process
    (``thread-limit``). One beyond that fails with EAGAIN too (pthread_create(3))."""
    output_bytes: int = 4_000_000
    """Bytes written to the terminal and to pipes (``output-limit``)."""
    file_bytes: int = 100_000_000
    """The size of any one file that it writes (``file-limit``; setrlimit(2), RLIMIT_FSIZE)."""
    folder_bytes: int = 500_000_000
    """All that is in its private folders, where it has some (``folder-limit``)."""
    open_files: int = 256
    """Descriptors of any one process (``descriptor-limit``; setrlimit(2), RLIMIT_NOFILE)."""
    memory_bytes: int | None = None
    """Address space of any one process (``memory-limit``); None: as the system has it.
    Some run-time systems reserve far more of it than they use."""
    tree_memory_bytes: int = 2_000_000_000
    """Memory that all its processes use together, what they share counted once
    (``memory-limit``)."""
    events: int = 200_000
    """Events in the trace (``event-limit``)."""
    steps: int = 20_000
    """Visible operations of a controlled run (``step-limit``)."""


class Confinement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a confined program may reach, beside the interpreter and the system's libraries.

    It runs in a private folder, with a private folder for temporary files; both are removed
    afterwards. It can write nowhere else, and has no network.
    """

    files: dict[str, str] = {}
    """What is copied into its folder: the place there, relative, and the file or folder that
    the copy is made of."""
    reads: tuple[str, ...] = ()
    """More files and folders that it may read, and programs that it may run."""
    name: str = ""
    """What its private folder is called after, instead of where its files are copied from: so
    that it is the same wherever they lie."""
    hidden: tuple[str, ...] = ()
    """What it may not read though it lies beneath something that it may: the grader and the
    references, installed beside the interpreter's libraries."""
    network: bool = False
    """Whether it may use the internet protocols."""
    shared_memory: bool = False
    """Whether it may use shared memory, semaphores and message queues with names, which
    processes outside the run could reach too (shm_overview(7), sysvipc(7))."""


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """One way to run one program."""

    command: list[str]
    """The argument vector; its first word is looked up on PATH."""
    name: str = "run"
    directory: str | None = None
    """The working directory; None: the caller's."""
    stdio: Stdio = "terminal"
    """``terminal``: standard input, output and error are one pseudo-terminal.
    ``pipe``: three pipes, so that programs buffer their output."""
    stdin: bytes = b""
    """What the program reads; after that comes the end of file."""
    time: TimePolicy = "real"
    seed: int = 0
    """Random bytes, hash seed and clock are functions of it, in virtual time."""
    faults: tuple[Fault, ...] = ()
    """In virtual time only."""
    output_order: bool = False
    """Whether the order of output between processes matters: then writes to the terminal,
    or to the same standard pipe, depend on one another."""
    script: str | None = None
    """The file that an interpreter among ``command`` runs; in virtual time, what comes
    before its opening is start-up and not controlled."""
    start: Literal["warm", "cold"] = "warm"
    """``warm``: the program is started once, and each controlled run is a fresh copy of it
    from just before the first thing it does that matters. ``cold``: started for each."""
    limits: Limits = Limits()
    confinement: Confinement | None = None
    """What it may reach; then ``directory`` is not used, and relative paths in ``command`` are
    those of the copies. None: what its user may."""
