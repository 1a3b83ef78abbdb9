"""For whom a report is."""

from __future__ import annotations

import msgspec


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What a report tells, and what it keeps to itself."""

    anonymous: bool = False
    """No names: neutral ids in their place."""
    student: bool = False
    """Pages to hand to students: no checks that they may not see, and no overview, which would
    tell everyone's scores."""
    after_due_date: bool = False
    """With ``student``: the assignment is no longer due, so that checks which were kept back
    until then are shown."""

    @property
    def folder(self) -> str:
        """The usual name of the report's folder."""
        words = ["report", "student" * self.student, "anonymous" * self.anonymous]
        return "-".join(word for word in words if word)
