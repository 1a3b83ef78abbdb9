"""Questions about a submission's source, by its syntax tree; nothing is run."""

from __future__ import annotations

import ast
import warnings
from contextlib import suppress
from functools import lru_cache
from typing import NamedTuple

FORKS = ("os.fork", "os.forkpty", "posix.fork", "posix.forkpty", "pty.fork")
"""The functions of Python that fork the process which calls them."""


_LONGEST = 200_000
"""Characters: the tree of a longer text, made to be large, would take all memory."""


class Use(NamedTuple):
    """A place where the source uses something of a module."""

    name: str
    """Its full name, whatever it was imported as: ``os.fork``."""
    line: int
    """From 1."""
    called: bool


class _Uses(ast.NodeVisitor):
    """Finds uses; follows ``import a.b as c`` and ``from a import b as c``."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.found: list[Use] = []
        self._callees: set[ast.expr] = set()

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            if alias.asname:
                self.names[alias.asname] = alias.name
            else:
                top = alias.name.partition(".")[0]
                self.names[top] = top

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            if node.module and node.level == 0:
                self.names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
                if alias.name == "*":
                    self.found.append(Use(f"{node.module}.*", node.lineno, False))

    def visit_Call(self, node: ast.Call) -> None:
        self._callees.add(node.func)
        self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        self._use(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if not self._use(node):
            self.generic_visit(node)

    def _use(self, node: ast.expr) -> bool:
        name = self._full_name(node)
        if name is not None:
            self.found.append(Use(name, node.lineno, node in self._callees))
        return name is not None

    def _full_name(self, node: ast.expr) -> str | None:
        match node:
            case ast.Name(id=name):
                return self.names.get(name)
            case ast.Attribute(value=value, attr=attribute):
                owner = self._full_name(value)
                return f"{owner}.{attribute}" if owner else None
        return None


def parse(source: str | ast.Module) -> ast.Module | None:
    """The syntax tree of a source text; None when it is not Python 3, or very long."""
    if isinstance(source, ast.Module):
        return source
    if len(source) > _LONGEST:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they are for who runs it
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def uses(source: str | ast.Module) -> list[Use]:
    """What the source uses of modules, in the order of its lines; nothing for a source that
    can't be parsed. Imports that are never used are left out."""
    return [*(_uses_in_text(source) if isinstance(source, str) else _uses_in(source))]


@lru_cache(maxsize=32)
def _uses_in_text(source: str) -> tuple[Use, ...]:
    """Kept, as the same source is asked about for each of its runs."""
    tree = parse(source)
    return _uses_in(tree) if tree is not None else ()


def _uses_in(tree: ast.Module) -> tuple[Use, ...]:
    finder = _Uses()
    for node in ast.walk(tree):  # imports first: a function may use what comes below it
        if isinstance(node, ast.Import):
            finder.visit_Import(node)
        elif isinstance(node, ast.ImportFrom):
            finder.visit_ImportFrom(node)
    finder.found.clear()
    with suppress(RecursionError):  # a source made to be deep: what was found until then
        finder.visit(tree)
    return tuple(sorted(finder.found, key=lambda use: use.line))


def imports(source: str | ast.Module) -> dict[str, int]:
    """The modules that are imported, each with the line that does it first."""
    tree = parse(source)
    found: dict[str, int] = {}
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names = [node.module]
        else:
            continue
        for name in names:
            found[name] = min(node.lineno, found.get(name, node.lineno))
    return found


def lines_calling(source: str | ast.Module, *names: str) -> list[int]:
    """The lines that call one of these functions, given by full names: ``os.fork``."""
    return [use.line for use in uses(source) if use.called and use.name in names]


def fork_lines(source: str | ast.Module) -> list[int]:
    """The lines that fork."""
    return lines_calling(source, *FORKS)


def used_of(source: str | ast.Module, *modules: str) -> list[Use]:
    """The uses of these modules, of what is in them, and of their submodules."""
    return [
        use
        for use in uses(source)
        if any(use.name == module or use.name.startswith(module + ".") for module in modules)
    ]
