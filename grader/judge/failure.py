"""A check that fails with more to say than a bare ``assert``."""

from __future__ import annotations

from collections.abc import Iterable

from grader.judge.words import start_of_sentence
from grader.model import Event


class CheckFailed(AssertionError):
    """A check failed; says what happened, to whom, and at which events.

    Raise it where ``assert condition, message`` can't name the process or the events;
    reports then show the place in the timeline.
    """

    def __init__(
        self, message: str, *, process: str | None = None, events: Iterable[Event | int | None] = ()
    ) -> None:
        """``process`` is a path id; ``events`` are events of the trace, or their numbers
        (None is left out, so that ``Process.exited`` and its like can be given). A message
        that begins with ``who(...)`` gets its capital here."""
        super().__init__(start_of_sentence(message) if message.startswith("the ") else message)
        self.process = process
        self.events: list[int] = [
            event.n if isinstance(event, Event) else event for event in events if event is not None
        ]
