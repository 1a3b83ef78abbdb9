"""Virtual time.

Ideal time is one for all: it stands still while anything can run, and jumps to the next
deadline when nothing can. Adversarial time is each process's own: a sleep moves only the
sleeper's clock, and who learns of another's doing (by collecting it, by reading what it
wrote) is at least as late as that was.
"""

from __future__ import annotations

from typing import Final, Literal

from grader.observe.exact.controlled.actor import Actor

EPOCH: Final = 1_767_225_600
"""The wall clock's start: 2026-01-01 00:00 UTC, plus the seed in seconds."""
_UPTIME: Final = 1_000.0
_REALTIME: Final = (0, 5, 11)
"""CLOCK_REALTIME, its coarse form, CLOCK_TAI."""
_PROCESSOR: Final = (2, 3)

_FREE_READS = 300
_READ_SECONDS = 1e-6


class VirtualClock:
    """The clock of one controlled run."""

    def __init__(self, policy: Literal["ideal", "adversarial"], seed: int) -> None:
        self.ideal = policy == "ideal"
        self._epoch = EPOCH + seed % 100_000_000
        self._common = 0.0
        self.whose: Actor | None = None
        """The process that acts now: whose clock ``now`` is."""

    def of(self, actor: Actor) -> float:
        """What time it is for a process, in seconds since the run began."""
        return self._common if self.ideal else actor.clock

    def now(self) -> float:
        """What time it is for the process that acts."""
        whose = self.whose
        return round(self._common if self.ideal or whose is None else whose.clock, 6)

    def read(self, clock: int) -> float:
        """What clock_gettime(2) gives to the process that acts."""
        now = self._common if self.ideal or self.whose is None else self.whose.clock
        if clock in _REALTIME:
            return self._epoch + now
        return now if clock in _PROCESSOR else _UPTIME + now

    def jump(self, to: float) -> None:
        """Ideal time goes on to a deadline."""
        self._common = max(self._common, to)

    def pass_for(self, actor: Actor, seconds: float) -> None:
        """Adversarial time: a process has slept."""
        if not self.ideal:
            actor.clock += max(seconds, 0.0)

    def join(self, actor: Actor, other: float) -> None:
        """A process learns of what happened at another's time ``other``."""
        if not self.ideal and other > actor.clock:
            actor.clock = other

    def tick(self, actor: Actor) -> None:
        """A process reads the clock. One that does so again and again waits for time to
        pass: then it does, by a hundredth of what has passed so."""
        actor.clock_reads += 1
        if actor.clock_reads <= _FREE_READS:
            return
        step = max(_READ_SECONDS, actor.spin / 100)
        actor.spin += step
        if self.ideal:
            self._common += step
        else:
            actor.clock += step
