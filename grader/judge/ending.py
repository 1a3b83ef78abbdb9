"""How a run ended, in words: at a limit, in a crash, with an exit status."""

from __future__ import annotations

from grader.judge.words import counted, who
from grader.model import Ended, ExitStatus, Fork, Process, Trace, Unproved

_LIMITS: dict[Ended, str] = {
    "time-limit": "it was still running when its time was over: perhaps a wait for something that "
    "never happens, or a loop without end",
    "cpu-limit": "it used up its processor time: a loop without end, that never blocks",
    "virtual-time-limit": "it slept for longer than any right program needs to (in virtual time, "
    "where that takes no time): perhaps a sleep of far too many seconds, or a timer without end",
    "memory-limit": "it used more memory than it may",
    "process-limit": "it made more processes than it may: perhaps a child without an exit goes "
    "round the loop that forks, and forks as well",
    "thread-limit": "it started more threads than it may: a loop without end, that starts threads",
    "output-limit": "it printed more than it may: a loop without end, that prints",
    "file-limit": "it wrote a larger file than it may: perhaps a loop without end, that writes",
    "folder-limit": "it wrote more files than it may, or larger ones: perhaps a loop without end, "
    "that writes",
    "descriptor-limit": "it had more files or pipes open than it may: perhaps a loop that opens, "
    "and never closes",
    "event-limit": "it made more system calls than it may: a loop that asks again and again "
    "(wait with WNOHANG, say) in place of a call that blocks",
    "step-limit": "it was still going on after more steps than any right program needs: a loop "
    "without end (that asks again and again with WNOHANG or os.getppid, say)",
    "deadlock": "it came to a standstill, in which nothing can ever happen again",
}
_MEMORY = {
    "memory_bytes": "one of its processes wanted more memory than it may have",
    "tree_memory_bytes": "its processes together used more memory than they may",
}

_LONG = 8
"""Generations that are named by a path id."""
_MOST_CHARACTERS = 300
"""Of what a program said."""


def unfinished(trace: Trace) -> str | None:
    """Why the run did not come to its end by itself, or came to a limit: a sentence without
    capital and full stop; None when it ended by itself."""
    if trace.ended == "exit":
        return None
    if trace.ended == "deadlock" and trace.stuck:
        return f"{_LIMITS['deadlock']}: {'; '.join(stuck.because for stuck in trace.stuck)}"
    what = _LIMITS[trace.ended]
    if trace.limit is None:
        return what
    what = _MEMORY.get(trace.limit.name, what)
    does, colon, perhaps = what.partition(":")
    return f"{does} ({limit_words(trace)}){colon}{perhaps}"


def limit_words(trace: Trace) -> str:
    """The limit that a run came to, in words: ``open_files: 256, passed by P.1``; and how
    often a call failed at it."""
    limit = trace.limit
    if limit is None:
        return ""
    words = f"{limit.name}: {limit.allowed:,.10g}"
    if limit.process:
        words += f", passed by {_name(limit.process)}"
    capped = sum(isinstance(event, Fork) and event.capped for event in trace.events)
    if capped:
        words += f"; {counted(capped, 'call')} beyond that failed with EAGAIN"
    return words


def _name(process: str) -> str:
    """A path id, where it is not too long for a sentence."""
    generation = process.count(".")
    return process if generation < _LONG else f"a process of generation {generation}"


def stopped_at_once(trace: Trace) -> str | None:
    """How the program ended, if that was in an error and before it had made any process or
    thread; None otherwise. The sentence has no capital and no full stop."""
    status = trace.exit
    if trace.ended != "exit" or status.ok or trace.descendants or trace.root.threads:
        return None
    return f"it {_ended(status)}"


def bad_ends(trace: Trace) -> list[tuple[Process, str]]:
    """The processes that did not end with exit status 0, each with a sentence.

    Raises Unproved when sampling does not know how one ended.
    """
    return [
        (process, f"{who(process.id)} {_ended(status_of(process))}")
        for process in trace
        if not status_of(process).ok
    ]


def status_of(process: Process) -> ExitStatus:
    """How a process ended. Raises Unproved when sampling does not know."""
    if process.exit is None:
        raise Unproved(f"sampling does not know how {process.id} ended")
    return process.exit


def _ended(status: ExitStatus) -> str:
    if status.signal is not None:
        return f"was {status}"
    return f"ended with exit status {status.code}: an error, 0 is success"


def error_text(trace: Trace) -> str:
    """What was written to standard error; nothing where it can't be told from standard
    output (sampled evidence, on a terminal)."""
    parts = [output.data for output in trace.output if output.stream == "stderr"]
    return b"".join(parts).decode(errors="replace")


def last_words(trace: Trace) -> str:
    """The last line on standard error, where an uncaught exception or sys.exit says why: as a
    line to put below a message. Empty if there is none."""
    lines = [line.strip() for line in error_text(trace).split("\n") if line.strip()]
    if not lines:
        return ""
    return f"\nOn standard error it said: {trace.shortened(lines[-1])[:_MOST_CHARACTERS]}"
