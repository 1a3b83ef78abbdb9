"""A trace: what one run did. The format is ``grader/trace/v1``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Final, Literal, TypeVar

import msgspec

from grader.model.events import AnyEvent, Event, Exec, Fork, Wait, Write
from grader.model.process import ROOT, ExitStatus, Fate, Process
from grader.model.scenario import Stdio, TimePolicy

Evidence = Literal["exact", "sampled"]
Ended = Literal[
    "exit",
    "time-limit",
    "cpu-limit",
    "memory-limit",
    "process-limit",
    "thread-limit",
    "output-limit",
    "file-limit",
    "folder-limit",
    "descriptor-limit",
    "virtual-time-limit",
    "event-limit",
    "step-limit",
    "deadlock",
]
ENDED_AT: Final[dict[str, Ended]] = {
    "seconds": "time-limit",
    "cpu_seconds": "cpu-limit",
    "virtual_seconds": "virtual-time-limit",
    "processes": "process-limit",
    "processes_alive": "process-limit",
    "threads": "thread-limit",
    "output_bytes": "output-limit",
    "file_bytes": "file-limit",
    "folder_bytes": "folder-limit",
    "open_files": "descriptor-limit",
    "memory_bytes": "memory-limit",
    "tree_memory_bytes": "memory-limit",
    "events": "event-limit",
    "steps": "step-limit",
}
"""The word for each field of ``Limits``."""

E = TypeVar("E", bound=Event)


DEPARTED = "the run departed from its schedule"
"""What ``Trace.uncontrolled`` begins with, when that is so."""


class Unproved(Exception):
    """The evidence at hand cannot answer the question; a check that asked is ``unproved``."""


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of output: one write, with its writer where that is known."""

    process: str | None
    """Path id of the writer; None in sampled evidence."""
    stream: str
    """``stdout``, ``stderr``, or ``terminal`` (both, where they cannot be told apart)."""
    text: str
    event: int | None = None
    """The number of the write event."""
    raw: bytes | None = None
    """The bytes, only where ``text`` is not faithful to them."""

    @property
    def data(self) -> bytes:
        """The bytes written."""
        return self.raw if self.raw is not None else self.text.encode()


class Look(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """psutil's view of one process at one event, beside the engine's model of it."""

    event: int
    """The number of the event at which it was taken."""
    process: str
    parent: str | None
    """The parent that psutil names: a path id, or ``outside``; None when it is gone."""
    state: Literal["alive", "zombie", "gone"]
    """What psutil's status means: ``tracing-stop`` and every other live state is alive."""
    agrees: bool = True
    expected: str = ""
    """What the model said, where they disagree."""


class Stuck(msgspec.Struct, frozen=True, kw_only=True):
    """A process that waits for ever, in a deadlock."""

    process: str
    waits_in: str
    """The call that it is in: ``wait any``, ``read pipe 1``, ``pause``."""
    waits_for: list[str] = []
    """The processes that could end its waiting: those it has to collect, or those that hold
    the other end of the pipe."""
    because: str
    """A sentence for people."""
    holds: list[str] = []
    """The pipe ends that it has open: ``read end of pipe 1 (fd 3)``."""


class Reached(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which limit ended a run."""

    name: Annotated[str, msgspec.Meta(pattern="^[a-z_]{1,40}$")]
    """The field of ``Limits``."""
    allowed: float
    """How much that allows."""
    process: Annotated[str, msgspec.Meta(pattern=r"^P(\.[0-9]+)*$")] | None = None
    """Who passed it; None where it is of all processes together."""


class Trace(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that one run did, and how it was seen."""

    schema: Literal["grader/trace/v1"] = "grader/trace/v1"
    evidence: Evidence
    """``exact``: from the kernel, event by event. ``sampled``: psutil polling."""
    engine: str
    """Which engine made it, in words."""
    scenario: str = "run"
    """The name of the scenario that was run."""
    command: list[str]
    folder: str | None = None
    """The private folder that it ran in, which is no more; None where it had none."""
    confined: list[str] = []
    """What held the program, in words: ``Landlock ABI 7``, ``user 61184``."""
    unconfined: list[str] = []
    """What could have held it, and is missing on this system, in words."""
    stdio: Stdio = "terminal"
    time: TimePolicy = "real"
    seed: int = 0
    faults: list[str] = []
    """What was made to fail, as the scenario asked: ``fork:EAGAIN@P#2``."""
    schedule: str | None = None
    """Replays a controlled run; None for a free-running one."""
    preemptions: int = 0
    """How often the schedule took the turn from a process that could have gone on."""
    steps: int = 0
    """How many visible operations were scheduled."""
    uncontrolled: str | None = None
    """Why a run that should have been controlled was not, or not in everything."""
    stuck: list[Stuck] = []
    """For ``ended: "deadlock"``: who waits for what."""
    ended: Ended
    """``exit`` when every process ended by itself, else the limit that ended the run, or at
    which calls were made to fail (``Fork.capped``)."""
    limit: Reached | None = None
    """Which limit that was, where ``ended`` names one."""
    exit: ExitStatus
    """How the root process ended."""
    seconds: float
    """How long the run took."""
    processes: list[Process]
    """In order of creation; the root first."""
    events: list[AnyEvent] = []
    """Empty in sampled evidence."""
    output: list[Output] = []
    """What was written to the terminal or to standard output and error, in order."""
    looks: list[Look] = []
    """psutil's views; the engine's model had to agree with each."""
    looks_skipped: int = 0
    """Process events at which psutil was not asked, to save time."""
    doubts: list[str] = []
    """Why this trace may be wrong. Not empty: it proves nothing, and checks are ``error``."""
    blind_spots: list[str] = []
    """What the engine could not see."""
    survivors: list[str] = []
    """Processes found after the run, and ended: path ids, or ``pid N (name)``."""

    # -- asking --------------------------------------------------------------------

    @property
    def root(self) -> Process:
        """The program itself."""
        return self.processes[0]

    @property
    def departed(self) -> bool:
        """Whether this is not the run that its schedule asked for."""
        return (self.uncontrolled or "").startswith(DEPARTED)

    def process(self, id: str) -> Process:
        """Return the process with this path id; KeyError when there is none."""
        for process in self.processes:
            if process.id == id:
                return process
        raise KeyError(f"no process {id}; this run made {', '.join(p.id for p in self.processes)}")

    def children(self, parent: str = ROOT) -> list[Process]:
        """The processes that ``parent`` forked, in the order of the forks."""
        return [p for p in self.processes if p.parent == parent]

    @property
    def descendants(self) -> list[Process]:
        """Every process but the root."""
        return self.processes[1:]

    def of(self, kind: type[E], process: str | None = None) -> list[E]:
        """The events of one kind, in order; of one process, if given.

        Raises Unproved for sampled evidence, which has no events.
        """
        self.require_exact(f"{kind.__name__.lower()} events")
        return [
            e
            for e in self.events
            if isinstance(e, kind) and (process is None or e.process == process)
        ]

    def forks(self, process: str | None = None) -> list[Fork]:
        """The fork events, failed ones included."""
        return self.of(Fork, process)

    def waits(self, process: str | None = None) -> list[Wait]:
        """The wait calls, failed ones included."""
        return self.of(Wait, process)

    def execs(self, process: str | None = None) -> list[Exec]:
        """The exec events; the first one of the root starts the program."""
        return self.of(Exec, process)

    def writes(self, process: str | None = None, stream: str | None = None) -> list[Write]:
        """The writes; to one stream, if given."""
        return [w for w in self.of(Write, process) if stream is None or w.stream == stream]

    @property
    def reap_ledger(self) -> list[Wait]:
        """Who collected whom, when, by which call, with which status, in order; and the
        wait calls that failed. WNOHANG calls that found nothing are left out."""
        return [w for w in self.waits() if w.outcome in ("reaped", "peeked", "failed")]

    def with_fate(self, *fates: Fate) -> list[Process]:
        """The processes that met one of these fates; Unproved if a fate is unknown."""
        unknown = [p.id for p in self.processes if p.fate is None]
        if unknown:
            raise Unproved(f"sampling could not tell what became of {', '.join(unknown)}")
        return [p for p in self.processes if p.fate in fates]

    @property
    def unreaped(self) -> list[Process]:
        """Children that no one collected: zombies at their parent's exit, and orphans."""
        return self.with_fate("unreaped", "orphaned")

    @property
    def orphans(self) -> list[Process]:
        """Children that were alive when their parent exited."""
        return self.with_fate("orphaned")

    def text(self, process: str | None = None, stream: str | None = None) -> str:
        """The output as one text: all of it, or one process's, or one stream's.

        Raises Unproved when one process is asked for and the writers are unknown.
        """
        parts: list[bytes] = []
        for o in self.output:
            if process is not None and o.process is None:
                raise Unproved("sampling cannot tell which process wrote which output")
            if process is not None and o.process != process:
                continue
            if stream is not None and o.stream not in (stream, "terminal"):
                continue
            parts.append(o.data)
        return b"".join(parts).decode(errors="replace")

    def shortened(self, text: str) -> str:
        """A text of the run for people: paths in its private folder without that folder."""
        return text.replace(f"{self.folder}/", "") if self.folder else text

    def require_exact(self, what: str) -> None:
        """Raise Unproved unless the evidence is exact; ``what`` names what was asked for."""
        if self.evidence != "exact":
            raise Unproved(f"sampling does not see {what}")

    def __iter__(self) -> Iterator[Process]:
        return iter(self.processes)
