"""Flags: what is worth knowing about a run, each with a sentence that teaches.

Derived from the trace, so that a better sentence or a new flag needs no new run. A flag
is no verdict: checks decide what costs points.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from grader.judge.duplicates import duplicates
from grader.judge.not_fork import not_fork
from grader.judge.order import in_how_many
from grader.judge.reaping import lingering
from grader.judge.timing import sleeps, slept
from grader.judge.tree import failed_forks
from grader.judge.words import counted, listed, seconds, start_of_sentence, who
from grader.model import Flag, FlagKind, Process, Refused, Trace, Wait

_QUOTED = 80
"""Characters of a line of output."""
_NAMED = 8
"""Processes that are named in a sentence."""

_MOST_OF_A_KIND = 10


def flags(trace: Trace, source: str | None = None, lingering_seconds: float = 1.0) -> list[Flag]:
    """What is worth knowing about a run.

    ``source`` is the program's source, if it is Python: it tells subprocess and
    multiprocessing by name. ``lingering_seconds`` is how long a parent may sleep while a
    child of it is a zombie. What sampled evidence cannot tell is left out.
    """
    instead = [_flag("not-fork", it.process, it.detail) for it in not_fork(trace, source)]
    return [*_of_run(trace, lingering_seconds), *(instead or _nothing_forked(trace))]


def flags_of_all(
    traces: Mapping[str, Sequence[Trace]],
    source: str | None = None,
    lingering_seconds: float = 1.0,
    made: Mapping[str, int] | None = None,
) -> list[Flag]:
    """What is worth knowing about all runs of a program, by scenario; each thing told once.

    What happens in some schedules of a scenario only is told with how many. What happens
    only where a call was made to fail is told as that. ``made``: how many runs there were, by
    scenario, where those that show the same are given once. See ``flags``.
    """
    found: dict[tuple[FlagKind, str | None], Flag] = {}
    seldom: dict[tuple[FlagKind, str | None], str] = {}
    for name in sorted(traces, key=lambda name: any(trace.faults for trace in traces[name])):
        runs = traces[name]
        counts: dict[tuple[FlagKind, str | None], int] = {}
        for n, trace in enumerate(runs):
            here = (
                _of_run(trace, lingering_seconds) if n else flags(trace, source, lingering_seconds)
            )
            for flag in here:
                key = (flag.kind, flag.process)
                counts[key] = counts.get(key, 0) + 1
                if key not in found:
                    found[key] = _when(trace, flag)
        for key, count in counts.items():
            if count < len(runs):
                how_many = in_how_many(count, len(runs), (made or {}).get(name))
                seldom.setdefault(key, f" That happens {how_many}.")
    return [
        msgspec.structs.replace(flag, detail=flag.detail + seldom.get(key, ""))
        for key, flag in found.items()
    ]


def _when(trace: Trace, flag: Flag) -> Flag:
    if not trace.faults:
        return flag
    detail = f"When a call fails ({listed(trace.faults)}): {flag.detail}"
    return msgspec.structs.replace(flag, detail=detail)


def _of_run(trace: Trace, lingering_seconds: float) -> list[Flag]:
    """What another schedule may have otherwise."""
    found = [*_fates(trace), *_survivors(trace)]
    if trace.evidence == "exact":
        found += [
            *_lingering(trace, lingering_seconds),
            *_failed_waits(trace),
            *_duplicates(trace),
            *_refused(trace),
        ]
    return list(_not_too_many(found))


def _not_too_many(found: list[Flag]) -> Iterator[Flag]:
    """The flags, but of each kind only so many with a sentence of their own: a fork bomb leaves
    an orphan for each process that it may make."""
    kinds: dict[FlagKind, list[Flag]] = {}
    for flag in found:
        kinds.setdefault(flag.kind, []).append(flag)
    for kind, flags in kinds.items():
        yield from flags[:_MOST_OF_A_KIND]
        rest = [flag.process or "" for flag in flags[_MOST_OF_A_KIND:]]
        if rest:
            yield _flag(
                kind, None, f"the same of {counted(len(rest), 'more', 'more')}, as {rest[0]}"
            )


def _flag(kind: FlagKind, process: str | None, sentence: str) -> Flag:
    return Flag(kind=kind, process=process, detail=start_of_sentence(sentence) + ".")


def _fates(trace: Trace) -> Iterator[Flag]:
    for process in trace.descendants:
        parent = who(process.parent or "")  # a descendant has one
        if trace.ended != "exit" and _was_killed(trace, process.parent):
            continue  # the grader ended its parent, which might have waited
        match process.fate:
            case "unreaped":
                yield _flag(
                    "unreaped-child",
                    process.id,
                    f"{who(process.id)} had ended, and {parent} exited without a wait call for "
                    f"it: until then it was a zombie{_slept_instead(trace, process)}",
                )
            case "orphaned":
                yield _flag(
                    "orphan",
                    process.id,
                    f"{who(process.id)} was still running when {parent} exited: an orphan now, "
                    f"it was adopted by {_adopter(process)}. A parent that waits for its "
                    "children ends after them",
                )
            case "auto-reaped":
                yield _flag(
                    "auto-reaped-child",
                    process.id,
                    f"the kernel threw away the exit status of {who(process.id)}, because {parent} "
                    "ignores SIGCHLD (or set SA_NOCLDWAIT): no wait call can collect such a "
                    "child; wait only blocks until all of them are gone, and fails with ECHILD",
                )


def _was_killed(trace: Trace, process: str | None) -> bool:
    status = trace.process(process).exit if process else None
    return status is not None and status.signal == signal.SIGKILL


def _slept_instead(trace: Trace, zombie: Process) -> str:
    if trace.evidence != "exact" or zombie.exited is None or zombie.parent is None:
        return ""
    after = [sleep for sleep in sleeps(trace, zombie.parent) if sleep.n > zombie.exited]
    total = sum(slept(sleep) for sleep in after)
    if total < 0.1:
        return ""
    return f". Its parent slept ({seconds(total)}), but sleeping is not waiting"


def _adopter(process: Process) -> str:
    if process.adopted_by in (None, "outside"):
        return "the system (init or its like)"
    return who(process.adopted_by)


def _lingering(trace: Trace, limit: float) -> Iterator[Flag]:
    if trace.time == "adversarial":
        return  # no time passes there but what the schedule makes of it
    for it in lingering(trace, limit):
        yield _flag(
            "lingering-zombie",
            it.process.id,
            f"{who(it.process.id)} stayed a zombie while {who(it.parent)} slept "
            f"({seconds(it.seconds)}): a wait call would have collected it as soon as it ended",
        )


def _failed_waits(trace: Trace) -> Iterator[Flag]:
    failed: dict[tuple[str, str], list[Wait]] = {}
    for wait in trace.of(Wait):
        if wait.outcome == "failed" and wait.error not in (None, "EINTR") and not wait.injected:
            failed.setdefault((wait.process, wait.error), []).append(wait)
    for (process, error), waits in failed.items():
        first = waits[0]
        how_often = "" if len(waits) == 1 else f" ({len(waits)} times)"
        yield _flag(
            "failed-wait",
            process,
            f"a wait call of {who(process)} failed with {error}{how_often}{_why(trace, first)}",
        )


def _why(trace: Trace, wait: Wait) -> str:
    if wait.error != "ECHILD":
        return ""
    own = {child.id: child for child in trace.children(wait.process)}
    if wait.target in own:
        reaped = own[wait.target].reaped
        if reaped is not None and reaped < wait.n:
            return f": {who(wait.target)} had been collected before, and a child is collected once"
        if own[wait.target].fate == "auto-reaped":
            return f": {who(wait.target)} was thrown away by the kernel, as SIGCHLD is ignored"
        return ""
    if wait.target not in ("any", "") and not wait.target.startswith("group"):
        return f": {wait.target} is no child of it, and a process can wait for its children only"
    if not any(child.forked is not None and child.forked < wait.n for child in own.values()):
        return ": it had forked no child"
    if any(child.fate == "auto-reaped" for child in own.values()):
        return ": as SIGCHLD is ignored, the kernel had thrown away its children"
    return ": it had no child left. That is no fault where a program waits until this happens"


def _duplicates(trace: Trace) -> Iterator[Flag]:
    for it in duplicates(trace):
        lines = it.text.splitlines()
        what = repr(lines[0].strip()[:_QUOTED])
        if len(lines) > 1:
            what += f" and {counted(len(lines) - 1, 'more line')}"
        names = [*dict.fromkeys(write.process for write in it.writes)]
        others = len(names) - _NAMED
        processes = listed([*names[:_NAMED], f"{others} more"] if others > 1 else names)
        cause = (
            f"it was still in the buffer of {who(it.forker)} at the fork, and fork copies the "
            "buffer with the rest of the memory. Print with flush=True before os.fork (on a "
            "terminal each line is flushed by itself, so there it appears once)"
        )
        if it.certain:
            detail = f"{what} was written by each of {processes}: {cause}"
        else:
            detail = (
                f"{what} was written by each of {processes}: if it was printed once, before "
                f"the fork, then {cause}. If each of them prints it, all is well"
            )
        yield _flag("duplicated-buffer", it.forker, detail)


def _survivors(trace: Trace) -> Iterator[Flag]:
    known = {process.id for process in trace}
    for survivor in trace.survivors:
        name = who(survivor) if survivor in known else survivor
        yield _flag(
            "survivor",
            survivor if survivor in known else None,
            f"{name} was still there after the run, and was ended by the grader",
        )


def _nothing_forked(trace: Trace) -> Iterator[Flag]:
    if trace.descendants or trace.evidence != "exact":
        return
    failed = failed_forks(trace)
    if any(fork.injected for fork in failed):
        return
    if failed:
        yield _flag(
            "nothing-forked",
            trace.root.id,
            f"the program tried to fork ({counted(len(failed), 'call')}), and each call failed "
            f"with {listed(sorted({fork.error or '' for fork in failed}))}",
        )
    else:
        yield _flag("nothing-forked", trace.root.id, "the program made no other process")


def _refused(trace: Trace) -> Iterator[Flag]:
    seen = set()
    for event in trace.of(Refused):
        if (event.process, event.call) not in seen:
            seen.add((event.process, event.call))
            yield _flag(
                "refused",
                event.process,
                f"{who(event.process)} called {event.call}, which the grader answered with "
                f"{event.error}: {event.reason}",
            )
