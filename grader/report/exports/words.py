"""What a check says, in the words that several formats share."""

from __future__ import annotations

from grader.judge.words import start_of_sentence
from grader.model import Check, Result, Trace

MOST = 4_000
"""Characters of one message; what a program printed may be in it."""


def told(check: Check, most: int = MOST) -> str:
    """What happened, and the hint, in lines; empty for a check that passed.

    Some of it may be what the program printed: whoever shows it makes it harmless.
    """
    message = check.message.strip("\n")
    if len(message) > most:
        message = f"{message[:most]}... ({len(message) - most:,} characters more)"
    parts = []
    if check.status == "unproved":
        parts.append("Not proved, which costs nothing.")
    if message:
        parts.append(start_of_sentence(message))
    if check.hint:
        parts.append(f"Hint: {check.hint}")
    return "\n".join(parts)


def deciding(check: Check, result: Result) -> Trace | None:
    """The run that decided a check, where it is among those shown."""
    for trace in result.traces:
        if trace.scenario == check.scenario and check.schedule in (None, trace.schedule):
            return trace
    return None
