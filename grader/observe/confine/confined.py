"""One program, confined: prepared beforehand, put in force in the child that becomes it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from grader.model import Confinement, Scenario, Trace
from grader.observe.confine import cgroup, landlock, numbers
from grader.observe.confine.environment import confined_environment
from grader.observe.confine.place import Place, name_of
from grader.observe.confine.reach import Reach
from grader.observe.confine.refusals import Permits, refused, refusing_filter
from grader.observe.confine.user import user_for
from grader.observe.program import find_program, is_interpreter
from grader.observe.seccomp import filters_work, no_new_privileges


class Confined:
    """How a program is held. Made in the grader, and ended there."""

    def __init__(self, scenario: Scenario, confinement: Confinement, patient: bool) -> None:
        """``patient``: as for ``make_group``. Raises UsageError when the program or a file for it
        is not there."""
        # A command with a slash names the copy, unless it is absolute.
        command = scenario.command[0]
        copied = "/" in command and not os.path.isabs(command)
        source = confinement.files.get(os.path.normpath(command)) if copied else None
        program = find_program(command, None) if source is None else source
        self.permits = Permits(confinement.network, confinement.shared_memory)
        stem = Path(scenario.script or command).stem
        name = name_of(
            confinement.name or sorted(confinement.files.items()),
            scenario.command[1:],
            scenario.stdio,
            scenario.stdin,
            scenario.seed,
            stem=stem,
        )
        self.user = user_for(name, program)
        uid = self.user.uid if self.user is not None else 0
        self.place = Place(name, confinement.files, uid or None)
        self.group = cgroup.make_group(scenario.limits, patient)
        self.scenario = self.within(scenario)
        self._confinement = confinement
        self._program = program
        self._copied = source is not None
        self._calls = numbers.current()
        self.reach: Reach | None = None
        self._rules: landlock.Ruleset | None = None
        self._terminal: int | None = None

    def within(self, scenario: Scenario) -> Scenario:
        """A scenario of the same program, as it is run in the private folder."""
        return msgspec.structs.replace(scenario, directory=self.place.folder, confinement=None)

    @property
    def descriptors(self) -> set[int]:
        """What the processes that see to the run keep open."""
        return {self.place.lock} | (self.group.descriptors if self.group is not None else set())

    # -- in the process that starts the program --------------------------------------

    def fork(self) -> int:
        """fork(2), with the child in the run's control group, if it has one."""
        return os.fork() if self.group is None else self.group.fork()

    def out_of_memory(self) -> bool:
        """Whether the kernel has ended a process as the whole tree used too much memory."""
        return self.group is not None and self.group.out_of_memory()

    def make_ready(self, terminal: int | None, stopped: Mapping[str, int] | None) -> set[int]:
        """Before the fork: make what ``enter`` puts in force.

        ``terminal`` is the program's terminal, if it has one; ``stopped`` as for
        ``refusing_filter``. Returns descriptors that the child has to keep open for it.
        """
        if self._rules is None or terminal != self._terminal:
            self._ready_rules(terminal)
        self._filter = None
        if self._calls is not None and filters_work():
            self._filter = refusing_filter(
                self._calls,
                self.permits,
                stopped,
                modes=self.user is not None and self.user.uid > 0,
            )
        return {self._rules.descriptor} if self._rules is not None else set()

    def _ready_rules(self, terminal: int | None) -> None:
        self._terminal = terminal
        device = None
        if terminal is not None:
            device = os.ttyname(terminal)
            if self.user is not None and self.user.uid:
                os.fchown(terminal, self.user.uid, -1)  # that it may open it by its name, too
        interpreter = not self._copied and is_interpreter(self._program)
        program = os.path.realpath(self._program)
        self.reach = Reach(self._confinement, program, interpreter, self.place.folders, device)
        if self._rules is not None:
            self._rules.close()
            self._rules = None
        if landlock.abi():
            self._rules = landlock.Ruleset(self.reach.grants, self.permits.network)

    def environment(self) -> dict[str, str]:
        """The program's environment."""
        return confined_environment(self.place.folder, self.place.temporary, self._program)

    def enter(self) -> None:
        """In the child, last before a tracer's filter and exec: put everything in force."""
        if self.user is not None:
            self.user.become()
        if sys.platform == "linux":
            no_new_privileges()
        if self._rules is not None:
            self._rules.enforce()
        if self._filter is not None:
            self._filter.install()

    @property
    def names(self) -> dict[int, str]:
        """The calls that the filter knows, by their numbers."""
        if self._calls is None:
            return {}
        return {number: name for name, number in self._calls.numbers.items()}

    def refuses(
        self, name: str, arguments: tuple[int, ...], owns: Callable[[int], bool]
    ) -> tuple[int, str] | None:
        """As ``refusals.refused``."""
        return refused(self.permits, name, arguments, owns)

    # -- in the grader ---------------------------------------------------------------

    def mark(self, trace: Trace) -> Trace:
        """Say in a trace what held the program, and what could not."""
        held, missing = self.words(trace.evidence == "exact")
        return msgspec.structs.replace(
            trace,
            folder=self.place.folder,
            confined=[*held, *trace.confined],
            unconfined=[*missing, *trace.unconfined],
        )

    def words(self, exact: bool) -> tuple[list[str], list[str]]:
        """What holds the program, and what is missing; ``exact``: with the exact engine."""
        held = ["a private folder"]
        missing = landlock.missing(exact)
        if landlock.abi():
            held.append(f"Landlock ABI {landlock.abi()}")
        if self._calls is not None and filters_work():
            held.append("seccomp")
        else:
            missing.append("this system has no seccomp: no system call is refused")
        if self.user is not None:
            held.append(self.user.words)
        if self.group is not None:
            held.append(f"a control group ({' and '.join(sorted(self.group.controllers))})")
        return held, [*missing, *cgroup.missing(self.group)]

    def end(self) -> None:
        """Remove the private folders, and the control group. Raises GraderError where the
        folders can't be."""
        if self.group is not None:
            self.group.end()
        if self._rules is not None:
            self._rules.close()
        self.place.remove()


def confine(scenario: Scenario, patient: bool = False) -> Confined | None:
    """How a scenario's program is confined; None when it is not to be. ``patient``: it may take
    some milliseconds longer to start it."""
    if scenario.confinement is None:
        return None
    return Confined(scenario, scenario.confinement, patient)
