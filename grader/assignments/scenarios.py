"""Scenarios as ``assignment.toml`` writes them: the ways in which each submission is run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from grader.model import Confinement, Fault, Limits, Scenario, Stdio, TimePolicy, UsageError

Run = Literal["ideal", "schedules", "real"]
"""``ideal``: once, in virtual time, which is faithful: nothing takes time but sleeping.
``schedules``: in every schedule that can make a difference, where sleeping is no
synchronisation. ``real``: once, freely, in the time of the clock on the wall."""

_TIME: dict[Run, TimePolicy] = {"ideal": "ideal", "schedules": "adversarial", "real": "real"}


class ConfinementSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table ``[confinement]``: what a submission may reach beside what all may."""

    files: list[str] = []
    """Files and folders of the assignment's folder, of which copies lie beside the submission."""
    reads: list[str] = []
    """More that it may read: paths from the root."""
    network: bool = False
    """Whether it may use the internet protocols."""
    shared_memory: bool = False
    """Whether it may use shared memory, semaphores and message queues with names."""

    def confinement(self, files: dict[str, str], folder: Path) -> Confinement:
        """For a submission whose ``files`` are these; ``folder`` is the assignment's."""
        return Confinement(
            files={**{name: str(folder / name) for name in self.files}, **files},
            reads=tuple(self.reads),
            hidden=(str(folder.parent), str(folder.parent.parent / "reference")),
            network=self.network,
            shared_memory=self.shared_memory,
        )


class ScenarioSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One table ``[scenarios.NAME]``: a way in which each submission is run."""

    run: Run | None = None
    """None: ``ideal`` when there are faults, else ``schedules``."""
    faults: list[str] = []
    """Calls that fail, such as ``fork:EAGAIN@P#2``; needs virtual time."""
    stdio: Stdio = "terminal"
    stdin: str = ""
    """What the program reads, as UTF-8."""
    args: list[str] = []
    """The program's arguments."""
    output_order: bool = False
    """Whether the order of output between processes matters. Then there are many more
    schedules: each order of the writes of different processes is one."""
    budget: int = 1500
    """For ``schedules``: how many runs are made at most."""
    seed: int = 0
    """In virtual time, random numbers and the clock are functions of it."""

    @property
    def way(self) -> Run:
        """How it is run, the default filled in."""
        return self.run or ("ideal" if self.faults else "schedules")

    def scenario(
        self, name: str, file: str, python: str, limits: Limits, confinement: Confinement
    ) -> Scenario:
        """What to run: ``file``, of those in the private folder, by the interpreter ``python``."""
        script = f"./{file}" if file.startswith("-") else file
        return Scenario(
            command=[python, script, *self.args],
            name=name,
            stdio=self.stdio,
            stdin=self.stdin.encode(),
            time=_TIME[self.way],
            seed=self.seed,
            faults=tuple(map(Fault.parse, self.faults)),
            output_order=self.output_order,
            script=script,
            limits=limits,
            confinement=confinement,
        )


def confinement_problems(settings: ConfinementSettings, folder: Path) -> Iterator[tuple[str, str]]:
    """As ``problems``, of the table ``[confinement]`` of the assignment in ``folder``."""
    for number, name in enumerate(settings.files):
        if not name or Path(name).is_absolute() or ".." in Path(name).parts:
            yield f"files[{number}]", "expected a name in the assignment's folder"
        elif not (folder / name).exists():
            yield f"files[{number}]", f"there is no {name} in the assignment's folder"
    for number, name in enumerate(settings.reads):
        if not Path(name).is_absolute():
            yield f"reads[{number}]", "expected a path from the root, such as /usr/share/dict"


def problems(settings: ScenarioSettings) -> Iterator[tuple[str, str]]:
    """What the types allow and the grader does not: key and sentence."""
    for number, fault in enumerate(settings.faults):
        try:
            Fault.parse(fault)
        except UsageError as error:
            yield f"faults[{number}]", str(error)
    if settings.faults and settings.run == "real":
        yield "faults", 'faults need virtual time: expected run = "ideal" or "schedules"'
    if any("\0" in word for word in settings.args):
        yield "args", "expected arguments without NUL: no program can be given one"
    if settings.budget < 1:
        yield "budget", "expected a number of runs, 1 or more"
    if not 0 <= settings.seed < 10**18:
        yield "seed", "expected a whole number, 0 or more, of at most 18 digits"
