"""Every output and every outcome that a program of ``program.py`` can have.

Found by plain search over all interleavings in a kernel of the mind; nothing here knows of the
grader's engine, of its schedules or of its table of dependence. States that were seen before are
not gone through again. The rules are those of fork(2), wait(2), pipe(7) and exit(3), with exit in
two steps: first its descriptors are closed, then its parent can see it and its children lose it
(exit_files() and exit_notify() in kernel/exit.c). A signal that is sent is taken before the next
system call, or at the end of it, but no later; until then, another one that is sent makes no
difference. A fork does not begin while one is pending (copy_process() in kernel/fork.c).
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias

from tests.oracle.program import (
    EBADF,
    EPIPE_KILLS,
    GONE,
    NO_CHILD,
    NONE_YET,
    ClosePipe,
    CountChildren,
    Exit,
    Fork,
    GetPipe,
    If,
    IgnoreChildren,
    Loop,
    MakePipe,
    Op,
    Program,
    PutPipe,
    Say,
    SayCount,
    SayParent,
    SayPid,
    SayRead,
    SayWaited,
    Sleep,
    Test,
    Wait,
    WaitFor,
)


class TooMany(Exception):
    """The program has more states than it was worth."""


class Livelock(Exception):
    """The program can come to where it goes round in circles for ever."""


class _Report(NamedTuple):
    """The second half of SayParent."""

    parent_is_there: bool


class _Again(NamedTuple):
    loop: Loop


_Step: TypeAlias = Op | _Report | _Again
_End: TypeAlias = tuple[int, Literal["r", "w"]]
_NOBODY, _NONE_YET = -1, -2


class _Process(NamedTuple):
    path: str
    parent: int | None
    """Its place in the table; None when that process is gone."""
    code: tuple[_Step, ...]
    kids: tuple[int, ...] = ()
    """What its forks gave; a child inherits them as plain numbers."""
    made: int = 0
    waited: tuple[int, int] = (_NOBODY, 0)
    """Which process the last wait gave, and the status: a code, or a signal below 0."""
    got: int = 0
    pipes: tuple[tuple[int, int], ...] = ()
    """By its number in the program, the pipe."""
    ends: frozenset[_End] = frozenset()
    phase: Literal["alive", "ending", "zombie", "gone"] = "alive"
    status: int = 0
    fate: str | None = None
    reaction: Literal["none", "count", "ignore"] = "none"
    """To SIGCHLD."""
    pending: bool = False
    returning: bool = False
    """From a call in whose course a signal was pending; that is taken before the next one."""
    count: int = 0


class _State(NamedTuple):
    processes: tuple[_Process, ...]
    pipes: tuple[int, ...] = ()
    """How many bytes are in each."""


class Outcome(NamedTuple):
    """How a run ended, and what became of everyone."""

    ended: Literal["exit", "deadlock"]
    fates: tuple[tuple[str, str], ...]
    """By path id, the root left out."""
    exits: tuple[tuple[str, int], ...]
    """By path id: a code, or a signal below 0."""


class Possible(NamedTuple):
    """All that can happen."""

    pairs: frozenset[tuple[str, Outcome]]
    states: int

    @property
    def outputs(self) -> frozenset[str]:
        return frozenset(output for output, _ in self.pairs)

    @property
    def outcomes(self) -> frozenset[Outcome]:
        return frozenset(outcome for _, outcome in self.pairs)


def enumerate_all(
    program: Program,
    output_order: bool = True,
    *,
    most_states: int = 200_000,
    exit_at_once: bool = False,
) -> Possible:
    """All pairs of output and outcome; without ``output_order`` the outputs are all empty.

    ``exit_at_once`` makes an exit one step where the process holds no end of a pipe: what is
    possible must not depend on it. Raises TooMany and Livelock.
    """
    mind = _Mind(exit_at_once)
    first = (_State((_Process("P", None, program),)), "")
    seen = {first}
    ways: dict[tuple[_State, str], list[tuple[_State, str]]] = {}
    pairs, final = set(), []
    todo = [first]
    while todo:
        node = todo.pop()
        state, output = node
        moves = mind.moves(state)
        if not moves:
            pairs.add((output, _outcome(state)))
            final.append(node)
        followers = ways[node] = []
        for following, text in moves:
            follower = (following, output + text if output_order else "")
            followers.append(follower)
            if follower not in seen:
                seen.add(follower)
                if len(seen) > most_states:
                    raise TooMany(f"more than {most_states} states")
                todo.append(follower)
    _demand_an_end(ways, final)
    return Possible(frozenset(pairs), len(seen))


def _demand_an_end(
    ways: dict[tuple[_State, str], list[tuple[_State, str]]], final: list[tuple[_State, str]]
) -> None:
    """Raise Livelock unless an end can be reached from everywhere."""
    back: dict[tuple[_State, str], list[tuple[_State, str]]] = {node: [] for node in ways}
    for node, followers in ways.items():
        for follower in followers:
            back[follower].append(node)
    reached = set(final)
    todo = final
    while todo:
        for node in back[todo.pop()]:
            if node not in reached:
                reached.add(node)
                todo.append(node)
    if len(reached) < len(ways):
        raise Livelock


class _Mind:
    def __init__(self, exit_at_once: bool) -> None:
        self._exit_at_once = exit_at_once
        self.moves = functools.cache(self._moves)

    def _moves(self, state: _State) -> tuple[tuple[_State, str], ...]:
        """What can happen next, each with the text that it writes."""
        moves = []
        for at, process in enumerate(state.processes):
            if process.phase == "ending":
                moves.append((_appear(state, at), ""))
            elif process.phase == "alive":
                moves += self._with_signal(state, at, process)
        return tuple(moves)

    def _with_signal(
        self, state: _State, at: int, process: _Process
    ) -> Iterator[tuple[_State, str]]:
        if not process.pending:
            yield from self._go(state, at, process)
            return
        yield _take_signal(state, at), ""
        if process.returning:
            return
        for following, text in self._go(state, at, process):
            if len(following.processes) == len(state.processes):  # no fork
                pending = following.processes[at].pending
                yield _change(following, at, returning=pending), text

    def _end(self, state: _State, at: int, status: int) -> _State:
        held = bool(state.processes[at].ends)
        state = _change(state, at, phase="ending", status=status, code=(), ends=frozenset())
        return _appear(state, at) if self._exit_at_once and not held else state

    def _go(self, state: _State, at: int, process: _Process) -> Iterator[tuple[_State, str]]:
        op, rest = (process.code[0], process.code[1:]) if process.code else (Exit(), ())

        def on(**changes: object) -> _State:
            return _change(state, at, **{"code": rest, **changes})

        match op:
            case Say(text):
                yield on(), text
            case SayPid(word):
                yield on(), f"{word} <{process.path}>\n"
            case SayWaited():
                yield on(), _words(state, process)
            case SayRead():
                yield on(), f"read {process.got}\n"
            case SayParent():
                yield on(code=(_Report(process.parent is not None), *rest)), ""
            case _Report(there):
                parent = process.path.rpartition(".")[0]
                yield on(), f"parent <{parent}>\n" if there else GONE
            case SayCount():
                yield on(), f"count {process.count}\n"
            case IgnoreChildren():
                yield on(reaction="ignore", pending=False), ""
            case CountChildren():
                yield on(reaction="count"), ""
            case Sleep():
                yield on(), ""
            case If(test, then, otherwise):
                chosen = then if _holds(test, process) else otherwise
                yield from self._go(state, at, process._replace(code=(*chosen, *rest)))
            case Loop(_, body):
                code = (*body, _Again(op), *rest)
                yield from self._go(state, at, process._replace(code=code))
            case _Again(loop):
                code = (loop, *rest) if _holds(loop.test, process) else rest
                yield from self._go(state, at, process._replace(code=code))
            case Exit(code):
                yield self._end(state, at, code), ""
            case Fork(body, falls_through):
                yield _fork(on(), at, (*body, *(rest if falls_through else ()))), ""
            case Wait() | WaitFor():
                for result in _wait(state, at, process, op):
                    yield _change(result, at, code=rest), ""
            case MakePipe(number):
                n = len(state.pipes)
                made = on(
                    pipes=(*process.pipes, (number, n)), ends=process.ends | {(n, "r"), (n, "w")}
                )
                yield made._replace(pipes=(*state.pipes, 0)), ""
            case ClosePipe(number, end):
                yield on(ends=process.ends - {(dict(process.pipes).get(number, -1), end)}), ""
            case PutPipe(number, size):
                n = dict(process.pipes).get(number, -1)
                if (n, "w") not in process.ends:
                    yield on(), ""
                elif _holders(state, (n, "r")):
                    yield _fill(on(), n, size), ""
                else:
                    yield self._end(state, at, -EPIPE_KILLS), ""
            case GetPipe(number, size):
                n = dict(process.pipes).get(number, -1)
                if (n, "r") not in process.ends:
                    yield on(got=-EBADF), ""
                elif state.pipes[n]:
                    got = min(size, state.pipes[n])
                    yield _fill(on(got=got), n, -got), ""
                elif not _holders(state, (n, "w")):
                    yield on(got=0), ""


def _change(state: _State, at: int, **changes: object) -> _State:
    table = list(state.processes)
    table[at] = table[at]._replace(**changes)  # type: ignore[arg-type]
    return state._replace(processes=tuple(table))


def _fill(state: _State, pipe: int, size: int) -> _State:
    pipes = list(state.pipes)
    pipes[pipe] += size
    return state._replace(pipes=tuple(pipes))


def _holders(state: _State, end: _End) -> bool:
    return any(end in process.ends for process in state.processes)


def _holds(test: Test, process: _Process) -> bool:
    match test:
        case "child":
            return process.waited[0] >= 0
        case "none":
            return process.waited[0] == _NONE_YET
        case "data":
            return process.got > 0


def _words(state: _State, process: _Process) -> str:
    child, status = process.waited
    if child == _NOBODY:
        return NO_CHILD
    if child == _NONE_YET:
        return NONE_YET
    return f"<{state.processes[child].path}> {status}\n"


def _fork(state: _State, at: int, code: tuple[_Step, ...]) -> _State:
    parent = state.processes[at]
    child = parent._replace(
        path=f"{parent.path}.{parent.made + 1}",
        parent=at,
        code=code,
        made=0,
        pending=False,
        fate=None,
    )
    place = len(state.processes)
    state = _change(state, at, made=parent.made + 1, kids=(*parent.kids, place))
    return state._replace(processes=(*state.processes, child))


def _take_signal(state: _State, at: int) -> _State:
    count = state.processes[at].count + 1
    return _change(state, at, pending=False, returning=False, count=count)


def _wait(state: _State, at: int, process: _Process, op: Wait | WaitFor) -> Iterator[_State]:
    """One following state; none while the process has to wait."""
    mine = [
        n for n, child in enumerate(state.processes) if child.parent == at and child.phase != "gone"
    ]
    if isinstance(op, WaitFor):
        wanted = process.kids[op.nth] if op.nth < len(process.kids) else at
        mine = [n for n in mine if n == wanted]
    zombies = [n for n in mine if state.processes[n].phase == "zombie"]
    if zombies:
        child = zombies[0]  # the one forked first: the kernel goes through its list in that order
        status = state.processes[child].status
        state = _change(state, child, phase="gone", fate="reaped")
        yield _change(state, at, waited=(child, status))
    elif not mine:
        yield _change(state, at, waited=(_NOBODY, 0))
    elif op.nohang:
        yield _change(state, at, waited=(_NONE_YET, 0))


def _appear(state: _State, at: int) -> _State:
    """A process's end can be seen: it becomes a zombie, unless nobody is there to collect it,
    and what is to become of its own children is settled."""
    for n, child in enumerate(state.processes):
        if child.parent == at and child.phase != "gone":
            if child.phase == "zombie":
                state = _change(state, n, phase="gone", fate="unreaped", parent=None)
            else:
                state = _change(state, n, fate="orphaned", parent=None)
    parent = state.processes[at].parent
    if parent is None:
        return _change(state, at, phase="gone")
    match state.processes[parent].reaction:
        case "ignore":
            return _change(state, at, phase="gone", fate="auto-reaped", parent=None)
        case "count":
            state = _change(state, parent, pending=True)
    return _change(state, at, phase="zombie")


def _outcome(state: _State) -> Outcome:
    ended: Literal["exit", "deadlock"] = "exit"
    fates, exits = [], []
    for process in state.processes:
        status, fate = process.status, process.fate
        if process.phase == "alive":
            ended, status, fate = "deadlock", -9, fate or "killed"
        elif process.phase == "zombie":
            fate = "unreaped"
        exits.append((process.path, status))
        if process.path != "P":
            assert fate is not None
            fates.append((process.path, fate))
    return Outcome(ended, tuple(sorted(fates)), tuple(sorted(exits)))
