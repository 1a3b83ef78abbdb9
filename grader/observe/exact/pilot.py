"""What to do next: which of the stopped tasks may go on, and how far.

The engine tells the pilot what stopped and does as it says. This one lets everything
run freely, in the kernel's order, with one exception: writes to the same terminal or
pipe go one at a time, so that the order of the events is the order of the bytes.
"""

from __future__ import annotations

from collections import deque
from enum import Enum, auto

from grader.observe.exact.tree import Call, Task


class Step(Enum):
    """How far a task at a call's entry may go."""

    RUN = auto()
    """To its next stop; the call's result does not matter."""
    RUN_TO_RETURN = auto()
    """To the return of the call."""
    HOLD = auto()
    """Not at all, until it is released."""


class FreeRunning:
    """Everyone runs as the kernel schedules them."""

    def __init__(self) -> None:
        self._busy: dict[object, Task] = {}
        self._waiting: dict[object, deque[Task]] = {}

    def entry(self, task: Task, call: Call) -> Step:
        """``task`` is about to run ``call``."""
        if not call.wants_return:
            return Step.RUN
        if call.exclusive is not None:
            holder = self._busy.setdefault(call.exclusive, task)
            if holder is not task:
                self._waiting.setdefault(call.exclusive, deque()).append(task)
                return Step.HOLD
        return Step.RUN_TO_RETURN

    def left(self, task: Task, call: Call) -> Task | None:
        """``task`` has left ``call``: by its return, an interruption, or death.

        Returns a task to release: to let it run to the return of its call.
        """
        key = call.exclusive
        if key is None:
            return None
        waiting = self._waiting.get(key, deque())
        if self._busy.get(key) is not task:
            if task in waiting:
                waiting.remove(task)
            return None
        del self._busy[key]
        if not waiting:
            return None
        following = waiting.popleft()
        self._busy[key] = following
        return following
