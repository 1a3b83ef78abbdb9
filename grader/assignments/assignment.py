"""An assignment: a folder with ``assignment.toml``, checks, handout and known mistakes."""

from __future__ import annotations

import ast
import re
import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec

from grader.assignments import scenarios
from grader.assignments.late import Late, Per, late_problems
from grader.assignments.reading import exists, read_file
from grader.assignments.scenarios import ConfinementSettings, Run, ScenarioSettings
from grader.model import Limits, Scenario, Stdio, UsageError
from grader.model.safe import safe

FILE_NAME = "assignment.toml"
SCHEMA = "grader/assignment/v1"
LARGEST_LIMIT = 10**15
"""No limit is larger: it must be one that the system can be given."""
_MOST_BYTES = 100_000
_MOST_DOTS = 500
"""In a line: tomllib takes minutes over a key of very many parts."""
Reaping = Literal["required", "reported"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_CHOICES = {
    "schema": (SCHEMA,),
    "reaping": get_args(Reaping),
    "stdio": get_args(Stdio),
    "run": get_args(Run),
    "per": get_args(Per),
}


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What ``assignment.toml`` says; unknown keys are refused."""

    schema: Literal["grader/assignment/v1"]
    id: str
    """The name by which people ask for it."""
    title: str
    file: str
    """The name that a submission is expected to have."""
    section: str = ""
    """Where the assignment comes from: a section of a textbook, say."""
    reference: str | None = None
    """The file name of the reference solution."""
    reaping: Reaping = "required"
    """``required``: a child that is not collected is a fault. ``reported``: it is shown and
    explained, and costs nothing (Fig 18.2 never waits)."""
    lingering_seconds: float = 1.0
    """How long a zombie may stay uncollected before it is flagged as lingering."""
    late: Late | None = None
    """What late submissions lose; None: nothing."""
    limits: Limits = Limits()
    confinement: ConfinementSettings = ConfinementSettings()
    scenarios: dict[str, ScenarioSettings] = msgspec.field(
        default_factory=lambda: {"terminal": ScenarioSettings()}
    )
    """By name, in the order of the file; without the table, one: on a terminal."""


class Assignment(Settings, frozen=True, kw_only=True):
    """An assignment that was found and loaded."""

    folder: Path

    @property
    def test_modules(self) -> list[Path]:
        """The modules with the checks, by name. Nothing else in the folder is ever imported:
        a mistake called ``inverted_test.py`` would fork inside pytest."""
        return sorted(self.folder.glob("test_*.py"))

    @property
    def handout(self) -> Path:
        """What students are given to read."""
        return self.folder / "README.md"

    @property
    def reference_path(self) -> Path:
        """The reference solution; UsageError when there is none.

        It is looked for in the folder ``reference`` beside the folder of assignments, then
        in the assignment itself.
        """
        if self.reference is None:
            raise UsageError(f"{self.folder / FILE_NAME}: it names no reference solution")
        places = [self.folder.parent.parent / "reference", self.folder]
        for place in places:
            if (place / self.reference).is_file():
                return place / self.reference
        looked = " and ".join(str(place) for place in places)
        raise UsageError(f"{self.id}: no reference solution {self.reference} in {looked}")

    def scenarios_for(
        self, file: str, files: dict[str, str], python: str, seconds: float | None = None
    ) -> list[Scenario]:
        """How to run a submission: one Scenario each, in the order of the file.

        ``file`` is what is run, of the ``files`` that are copied (to which place, from where);
        ``python`` is the interpreter; ``seconds`` replaces the limit of real time.
        """
        confinement = self.confinement.confinement(files, self.folder)
        limits = self.limits
        if seconds is not None:
            limits = msgspec.structs.replace(limits, seconds=seconds)
        return [
            settings.scenario(name, file, python, limits, confinement)
            for name, settings in self.scenarios.items()
        ]

    def check_names(self) -> list[str]:
        """The names of the checks, in order, read from the modules without running them."""
        names: list[str] = []
        for module in self.test_modules:
            try:
                tree = ast.parse(module.read_bytes(), str(module))
            except SyntaxError as error:
                raise UsageError(f"{module}, line {error.lineno}: {error.msg}") from None
            except (OSError, ValueError, RecursionError, MemoryError) as error:
                raise UsageError(f"{module} can't be read: {safe(str(error))}") from None
            names += [
                node.name.removeprefix("test_")
                for node in ast.walk(tree)
                if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
            ]
        return names


def load(folder: Path) -> Assignment:
    """Load the assignment in ``folder``.

    Raises UsageError, naming file, line and key, when ``assignment.toml`` is missing or
    says something that cannot be.
    """
    path = folder / FILE_NAME
    if not exists(path):
        raise UsageError(f"{safe(str(folder))} is not an assignment: it has no {FILE_NAME}")
    try:
        text = read_file(path, str(path), _MOST_BYTES).decode()
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: it is not UTF-8 text: {error.reason}") from None
    if any(line.count(".") > _MOST_DOTS for line in text.splitlines()):
        raise UsageError(f"{path}: not valid TOML: it is nested too deeply")
    try:
        data = tomllib.loads(text.replace("\r\n", "\n"))
    except ValueError as error:  # TOMLDecodeError, and numbers of more digits than Python reads
        raise UsageError(f"{path}: not valid TOML: {safe(str(error), most=300)}") from None
    except RecursionError:
        raise UsageError(f"{path}: not valid TOML: it is nested too deeply") from None
    try:
        settings = msgspec.convert(data, Settings)
    except msgspec.ValidationError as error:
        raise UsageError(_explain(path, text, data, str(error))) from None
    for key, problem in _problems(settings, folder):
        raise UsageError(_place(path, text, key) + problem)
    fields = {name: getattr(settings, name) for name in settings.__struct_fields__}
    return Assignment(folder=folder.resolve(), **fields)


def did_you_mean(word: str, known: list[str]) -> str:
    """Return `` (did you mean X?)`` when a known word is close to ``word``, else nothing."""
    close = get_close_matches(word, known, n=1, cutoff=0.6)
    return f" (did you mean {close[0]}?)" if close else ""


def _problems(settings: Settings, folder: Path) -> list[tuple[str, str]]:
    """What the types allow and the grader does not: key and sentence."""
    found = []
    if not _NAME.fullmatch(settings.id):
        found.append(("id", "expected letters, digits, '_' and '-' only"))
    for key, name in (("file", settings.file), ("reference", settings.reference)):
        if name is not None and Path(name).name != name:
            found.append((key, "expected a file name, without a folder"))
        if name is not None and (name.startswith("test_") or name.endswith("_test.py")):
            found.append((key, "expected a name that pytest does not take for a module of tests"))
    if not 0 <= settings.lingering_seconds <= LARGEST_LIMIT:  # nor NaN, which TOML has
        found.append(("lingering_seconds", "expected a number of seconds, 0 or more"))
    for limit in settings.limits.__struct_fields__:
        value = getattr(settings.limits, limit)
        if value is not None and not 0 < value <= LARGEST_LIMIT:
            words = "greater than 0" if value <= 0 else f"of at most {LARGEST_LIMIT:,}"
            found.append((f"limits.{limit}", f"expected a number {words}"))
    if settings.late is not None:
        found += [(f"late.{key}".rstrip("."), words) for key, words in late_problems(settings.late)]
    reach = scenarios.confinement_problems(settings.confinement, folder)
    found += [(f"confinement.{key}", words) for key, words in reach]
    if not settings.scenarios:
        found.append(("scenarios", "expected at least one scenario"))
    for name, scenario in settings.scenarios.items():
        if not _NAME.fullmatch(name):
            found.append((f"scenarios.{name}", "expected letters, digits, '_' and '-' only"))
        found += [(f"scenarios.{name}.{k}", words) for k, words in scenarios.problems(scenario)]
    return found


def _explain(path: Path, text: str, data: dict[str, Any], error: str) -> str:
    """Turn msgspec's message into one that names file, line, key and what was expected."""
    problem, _, where = error.partition(" - at `")
    key = where.rstrip("`").removeprefix("$").removeprefix(".")
    if "[...]" in key:  # msgspec hides the key of a table with free keys, and list indices
        key = key.replace("scenarios[...]", _culprit(data)).replace("[...]", "")
    if match := re.fullmatch(r"Object contains unknown field `(.+)`", problem):
        word = match[1]
        known = _known_keys(key)
        full = f"{key}.{word}" if key else word
        hint = did_you_mean(word, known) or f"; known keys: {', '.join(known)}"
        return _place(path, text, full) + f"unknown key{hint}"
    if match := re.fullmatch(r"Object missing required field `(.+)`", problem):
        return f"{path}: the key {f'{key}.' if key else ''}{match[1]} is missing"
    if problem.startswith("Invalid enum value"):
        *most, last = (f'"{choice}"' for choice in _CHOICES[key.rpartition(".")[2]])
        choices = " or ".join([", ".join(most), last]) if most else last
        got = problem.removeprefix("Invalid enum value ").replace("'", '"')
        return _place(path, text, key) + f"expected {choices}, got {got}"
    return (
        _place(path, text, key)
        + problem[:1].lower()
        + problem[1:].replace("`", "").replace(" | null", "")
    )


def _culprit(data: dict[str, Any]) -> str:
    """The first scenario that is not one, as a dotted key."""
    for name, scenario in data["scenarios"].items():
        try:
            msgspec.convert(scenario, ScenarioSettings)
        except msgspec.ValidationError:
            return f"scenarios.{name}"
    return "scenarios"


def _known_keys(table: str) -> list[str]:
    if table in ("limits", "late"):
        return list((Limits if table == "limits" else Late).__struct_fields__)
    if table.startswith("scenarios"):
        return list(ScenarioSettings.__struct_fields__)
    return list(Settings.__struct_fields__)


def _place(path: Path, text: str, key: str) -> str:
    """``FILE, line N: KEY: ``; the line is found by reading, as tomllib does not keep it."""
    table = ""
    line_of_table = None
    shown, key = key, re.sub(r"\[\d+\]", "", key)
    for number, line in enumerate(text.splitlines(), 1):
        if match := re.match(r"\s*\[\s*([^\[\]]+?)\s*\]", line):
            table = re.sub(r"[\s\"']", "", match[1]) + "."
            if table == key + ".":
                line_of_table = number
        elif (match := re.match(r"\s*([\w.\"' -]+?)\s*=", line)) and table + re.sub(
            r"[\s\"']", "", match[1]
        ) == key:
            return f"{path}, line {number}: {shown}: "
    place = f", line {line_of_table}" if line_of_table else ""
    return f"{path}{place}: {shown}: " if key else f"{path}{place}: "
