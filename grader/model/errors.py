"""The two ways in which the grader itself can fail a person; neither shows a traceback."""

from __future__ import annotations


class UsageError(Exception):
    """Something that the user gave cannot be used (exit status 2).

    The message says what happened, where, and what to do.
    """


class GraderError(Exception):
    """The grader's own failure (exit status 3). Never the student's loss."""
