"""What else is known about the place where a process's output leaves the script."""

from __future__ import annotations

import re

import msgspec

from grader.judge.script.language import Field, Line, Role
from grader.judge.script.lines import Column, Reached, line_fits
from grader.judge.script.printed import Printed, visible
from grader.judge.script.stage import Parts, Stage
from grader.judge.script.words import either, left, who
from grader.judge.words import start_of_sentence
from grader.model import Process

_SEARCHED = 100
"""So many lines of each other process are looked at."""
_SEARCHED_IN_ALL = 2_000


class Place(msgspec.Struct, frozen=True):
    """One place in one process's output, and all that is needed to speak about it."""

    stage: Stage
    parts: Parts
    role: Role
    reached: Reached
    step: Line | None
    """The line that should have come; None: nothing more."""
    came: Printed | None
    column: Column
    right: bool
    """The line is right, but for the newline after it."""

    def notes(self) -> list[str]:
        """Return what helps, in sentences."""
        notes = self._difference() if self.came else self._elsewhere()
        if self.came is None or not self.came.newline:
            notes += ending(self.stage, self.parts[self.role.name])
        if self.stage.trace.ended != "exit":
            notes.append(f"The grader ended the run: {self.stage.trace.ended}.")
        return notes

    def _difference(self) -> list[str]:
        came, step = self.came, self.step
        assert came is not None
        notes: list[str] = []
        if self.right and step:
            how = "a newline is missing" if step.newline else "there is a newline too many"
            return [f"The text is right, but {how} after it."]
        rest = came.text[self.column.at :]
        if step and self.column.field:
            notes.append(self._about_field(self.column.field, rest))
        elif step and rest.startswith(" ") and self._expects_tab():
            notes.append(r"Here belongs a tab (\t), and not spaces.")
        if not self._is_line_of(self.role):
            roles = [r for r in self.stage.cast.roles if r.name in self.parts]
            for owner in (r.name for r in roles if self._is_line_of(r)):
                notes.append(f"That line is for {who(owner, self.parts[owner])} to print.")
                break
        elif came.text in [line.text for line in self._before()]:
            notes.append("It has printed that line before.")
        return notes

    def _elsewhere(self) -> list[str]:
        """Name a process that printed the missing line, though its own role has none such."""
        stage, step = self.stage, self.step
        if step is None or not any(isinstance(part, str) for part in step.parts):
            return []
        names = {process.id: name for name, process in self.parts.items()}
        left = _SEARCHED_IN_ALL
        for process in stage.trace.processes:
            name = names.get(process.id)
            if name == self.role.name:
                continue
            lines = stage.lines(process)[: min(_SEARCHED, left)]
            left -= len(lines)
            for came in lines:
                place = msgspec.structs.replace(self, came=came)
                if place._is(step) and not (name and place._is_line_of(stage.cast.role(name))):
                    return [f"{start_of_sentence(who(name, process))} printed such a line."]
        return []

    def _before(self) -> list[Printed]:
        return self.stage.lines(self.parts[self.role.name])[: self.reached.at]

    def _is_line_of(self, role: Role) -> bool:
        came = self.came
        if came is None or not came.text:
            return False
        return any(self._is(line) for line in role.lines)

    def _is(self, line: Line) -> bool:
        assert self.came is not None
        ways = line_fits(self.stage.cast, line, self.came.text, self.reached.bindings)
        return any(True for _ in ways)

    def _expects_tab(self) -> bool:
        came, step = self.came, self.step
        assert came is not None
        assert step is not None
        tabbed = came.text[: self.column.at] + "\t"
        column = Column()
        for _ in line_fits(self.stage.cast, step, tabbed, self.reached.bindings, column):
            pass
        return column.at > self.column.at

    def _about_field(self, field: Field, rest: str) -> str:
        found = re.match(r"-?\w+", rest)
        bindings = self.reached.bindings
        value = bindings.get(field.key)
        if field.kind in ("pid", "choice"):
            about = self._about_pid(field, value)
            if found and found[0].isdecimal():
                about += f"; {self._owner(found[0])}"
            return about + "."
        if value is None:
            wanted = {"number": "a whole number", "word": "a word", "text": "some text"}
            return f"Here belongs {wanted[field.kind]}."
        if field.fact:
            return f"{value} is the exit status of {field.role}."
        return f"It was {value} before, and must be the same everywhere."

    def _about_pid(self, field: Field, value: str | None) -> str:
        if field.kind == "choice" and value is None:
            open_ = left(self.stage.cast, field, self.reached.bindings)
            named = [role for role in field.roles if role not in open_]
            aside = f" ({' and '.join(named)} is named already)" if named else ""
            return f"Here belongs the pid of {either(open_ or field.roles)}{aside}"
        if value is None:
            return "Here belongs a pid"
        if not field.fact:
            return f"{value} stood in this place before"
        parents = field.fact.count("parent.")
        return f"{value} is the pid of {'the parent of ' * parents}{field.role}"

    def _owner(self, pid: str) -> str:
        names = {process.id: name for name, process in self.parts.items()}
        for process in self.stage.trace.processes:
            if str(process.pid) == pid:
                return f"{pid} is the pid of {names.get(process.id, f'process {process.id}')}"
        return f"no process of this run has the pid {pid}"


def ending(stage: Stage, process: Process) -> list[str]:
    """Say how a process ended that printed too little."""
    notes = []
    if process.exit is not None and process.exit.signal is not None:
        notes.append(f"{process.id} was {process.exit}.")
    elif process.exit is not None and not process.exit.ok:
        notes.append(f"{process.id} ended with exit status {process.exit.code}.")
    if stage.stream != "stderr":
        said = [
            line
            for output in stage.trace.output
            if output.process == process.id and output.stream == "stderr"
            for line in stage.trace.shortened(output.text).splitlines()
            if line.strip()
        ]
        if said:
            notes.append(f"On standard error its last words were: {visible(said[-1])}")
    return notes
