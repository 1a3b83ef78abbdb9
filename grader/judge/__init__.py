"""From traces to findings: tree shape, reaping, time, output, flags. Pure functions."""

from grader.judge.failure import CheckFailed
from grader.judge.flags import flags
from grader.judge.not_fork import not_fork
from grader.judge.script import Match, Mismatch, Script, ScriptError
from grader.judge.words import who

__all__ = [
    "CheckFailed",
    "Match",
    "Mismatch",
    "Script",
    "ScriptError",
    "flags",
    "not_fork",
    "who",
]
