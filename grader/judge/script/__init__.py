"""Output scripts: what each process prints, matched against traces and texts.

The language is described in docs/scripts.md.
"""

from __future__ import annotations

import msgspec

from grader.judge.script.exact import match_trace
from grader.judge.script.language import Cast, ScriptError
from grader.judge.script.match import Match
from grader.judge.script.mismatch import Mismatch, Remark
from grader.judge.script.parse import parse
from grader.judge.script.text import match_sampled, match_text
from grader.model import Trace

__all__ = ["Match", "Mismatch", "Remark", "Script", "ScriptError"]

_BUDGET = 200_000
"""States of a search: two or three seconds of Python, far more than honest output takes."""


class Script(msgspec.Struct, frozen=True):
    """What each process of a program prints: one role a process.

    ::

        P:   Parent waiting for child processes...
        P:   \\tpid: {P.pid}, forkPID1: {C1.pid}
        C1:  Child1 sleeping for {s1:d} seconds...

    The lines of one role come in their order; roles interleave freely.
    """

    cast: Cast
    source: str

    @classmethod
    def parse(cls, text: str) -> Script:
        """Read a script (docs/scripts.md).

        Raises ScriptError, a UsageError, with the line and what was expected there.
        """
        return cls(parse(text), text)

    @property
    def roles(self) -> list[str]:
        """The names of the roles; ``C[3]`` gives ``C#1``, ``C#2``, ``C#3``."""
        return [role.name for role in self.cast.roles]

    def match(self, trace: Trace, stream: str = "stdout", *, budget: int = _BUDGET) -> Match:
        """Judge what a run printed on ``stream`` (``stdout`` or ``stderr``).

        With exact evidence each role is one process, and what that process printed must
        be its lines, in order and nothing else; processes without a role must have
        printed nothing. Pids and exit statuses are the kernel's. With sampled evidence
        the text must be some interleaving of the roles.

        Raises Mismatch, an AssertionError, which tells the deepest partial match; and
        Unproved where the evidence, or ``budget`` states of a search, cannot tell.
        """
        unknown = any(output.process is None for output in trace.output)
        if unknown or trace.evidence == "sampled":
            return match_sampled(self.cast, trace, stream, budget)
        return match_trace(self.cast, trace, stream, budget)

    def match_text(self, text: str, *, budget: int = _BUDGET) -> Match:
        """Judge a text whose writers are unknown, such as a saved terminal.

        It must be some interleaving of the roles, which may interrupt each other anywhere.
        ``\\r\\n`` is read as ``\\n``; the last newline must be there if the script has it.
        Pids are unknown, but one value everywhere, and different for each role.

        Raises Mismatch when there is no such interleaving, and Unproved when ``budget``
        states of the search were not enough to find one or to exclude it.
        """
        return match_text(self.cast, text, budget)
