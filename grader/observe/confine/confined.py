"""One program, confined: prepared beforehand, put in force in the child that becomes it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from grader.model import Confinement, Scenario, Trace
from grader.observe.confine import landlock, numbers
from grader.observe.confine.environment import confined_environment
from grader.observe.confine.place import Place, name_of
from grader.observe.confine.reach import Reach
from grader.observe.confine.refusals import Permits, refused, refusing_filter
from grader.observe.confine.user import user_for
from grader.observe.program import find_program, is_interpreter
from grader.observe.seccomp import filters_work, no_new_privileges


class Confined:
    """How a program is held. Made in the grader, and ended there."""

    def __init__(self, scenario: Scenario, confinement: Confinement) -> None:
        """Raises UsageError when the program or a file for it is not there."""
        # A command with a slash names the copy, unless it is absolute.
        command = scenario.command[0]
        copied = "/" in command and not os.path.isabs(command)
        source = confinement.files.get(os.path.normpath(command)) if copied else None
        program = find_program(command, None) if source is None else source
        self.permits = Permits(confinement.network, confinement.shared_memory)
        stem = Path(scenario.script or command).stem
        name = name_of(
            sorted(confinement.files.items()),
            scenario.command[1:],
            scenario.stdio,
            scenario.stdin,
            scenario.seed,
            stem=stem,
        )
        self.user = user_for(name, program)
        uid = self.user.uid if self.user is not None else 0
        self.place = Place(name, confinement.files, uid or None)
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

    # -- in the process that starts the program --------------------------------------

    def make_ready(self, terminal: int | None, stopped: Mapping[str, int] | None) -> set[int]:
        """Before the fork: make what ``enter`` puts in force.

        ``terminal`` is the program's terminal, if it has one; ``stopped`` as for
        ``refusing_filter``. Returns descriptors that the child has to keep open for it.
        """
        if self._rules is None or terminal != self._terminal:
            self._ready_rules(terminal)
        self._filter = None
        if self._calls is not None and filters_work():
            self._filter = refusing_filter(self._calls, self.permits, stopped)
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
        held, missing = self.words()
        return msgspec.structs.replace(
            trace,
            folder=self.place.folder,
            confined=[*held, *trace.confined],
            unconfined=[*missing, *trace.unconfined],
        )

    def words(self) -> tuple[list[str], list[str]]:
        """What holds the program, and what is missing."""
        held = ["a private folder"]
        missing = list(landlock.missing())
        if landlock.abi():
            held.append(f"Landlock ABI {landlock.abi()}")
        if self._calls is not None and filters_work():
            held.append("seccomp")
        else:
            missing.append("seccomp (not on this system): no system call is refused")
        if self.user is not None:
            held.append(self.user.words)
        return held, missing

    def end(self) -> None:
        """Remove the private folders. Raises GraderError where that fails."""
        if self._rules is not None:
            self._rules.close()
        self.place.remove()


def confine(scenario: Scenario) -> Confined | None:
    """How a scenario's program is confined; None when it is not to be."""
    if scenario.confinement is None:
        return None
    return Confined(scenario, scenario.confinement)
