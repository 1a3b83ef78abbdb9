"""One controlled run: every process held at its next visible operation, one going at a time.

What can proceed is modelled, never guessed by letting a process block; who proceeds is
the strategy's choice (``choose``), asked wherever more than one thing can happen next.
"""

from __future__ import annotations

import signal
import time

from grader.model import (
    Operation,
    Option,
    Point,
    Turn,
    operation,
)
from grader.model import signal_name as name_of
from grader.observe.exact import stops
from grader.observe.exact.controlled.actor import Actor
from grader.observe.exact.controlled.calls import HANDLINGS, asks_for_input
from grader.observe.exact.controlled.deadlock import explain
from grader.observe.exact.controlled.stepping import Stepping
from grader.observe.exact.controlled.tracees import Outside

MOST_POLLS = 3
"""After so many questions in a row without news, a process has to let others go first."""
MOST_STREAK = 300
"""After so many operations of its own in a row, too."""
MOST_FIRES = 3
"""After going off so often, a repeating timer of adversarial time waits until nothing else
can happen."""
_KERNEL_PATIENCE = 0.5


class Machine(Stepping):
    """Runs the processes, one step at a time, in an order that is asked for."""

    def begin(self, root: Actor) -> None:
        """Take the root, which has been let go."""
        self.actors.append(root)
        self._newborn.append(root)

    def run(self) -> None:
        """Run until every process has ended, or nothing can go on, or a limit is passed.

        Raises Left when ``choose`` does, Uncontrollable when the program is.
        """
        try:
            while self._settled() and self._step():
                if self.watch_counted():
                    break
        except Outside:
            pass

    def _step(self) -> bool:
        """Let one thing happen; False when nothing can."""
        actor = self._next_own()
        if actor is not None:
            actor.streak += 1
            self._go(actor)
            return True
        if self.until is not None and self.until(self.actors[0]):
            return False
        options = self._options()
        if not options:
            return self._pass_time() or self._await_kernel() or self._nothing_goes()
        index = 0
        if len(options) > 1 or self.every_step:
            last = self._last.index if self._last is not None and self._last.alive else None
            point = Point(self.steps, tuple(options), self.state(), last, len(self.actors))
            index = self.choose(point)
            if len(options) > 1:
                self._chosen.append(options[index].turn)
            if index:
                self.turns = list(self._chosen)
        self._take(options[index])
        return True

    def _take(self, option: Option) -> None:
        actor = self.actors[option.turn.actor]
        self.steps += 1
        self.preemptions += option.preempts
        self.news += 1
        for other in self.actors:
            other.streak = 0
        match option.turn.action:
            case "go":
                self._last = actor
                self._go(actor)
            case "appear":
                self.appear(actor)
            case "signal":
                self._last = actor
                self.deliver_first(actor)
            case "timer":
                self.fire(actor)
            case "input":
                self.feed()

    def _next_own(self) -> Actor | None:
        """A process whose operation makes no difference to others: it need not wait."""
        if self.until is not None and self.until(self.actors[0]):
            return None
        chosen: Actor | None = None
        for actor in self.actors:
            if (
                actor.place == "held"
                and actor.own
                and (chosen is None or actor.streak < chosen.streak)
                and actor.streak < MOST_STREAK
                and not self.at_risk(actor)
                and self.ready(actor)
            ):
                chosen = actor
        return chosen

    def ready(self, actor: Actor) -> bool:
        """Whether the held call can proceed now."""
        if actor.call is None:
            return True
        return HANDLINGS[actor.call.name].ready(self, actor)

    def _options(self) -> list[Option]:
        first, later, exhausted = [], [], []
        last = self._last
        order = self.actors
        if last is not None and last.place == "held":
            order = [last, *(actor for actor in self.actors if actor is not last)]
        last_goes = False
        for actor in order:
            found = self._options_of(actor)
            if not found:
                continue
            yielding = actor.place == "held" and (actor.polls > 0 or actor.streak >= MOST_STREAK)
            if actor is last and not yielding and any(t.action == "go" for t, _ in found):
                last_goes = True
            options = [
                Option(turn, what, preempts=last_goes and actor is not last) for turn, what in found
            ]
            if actor.timer is not None and actor.timer.fired >= MOST_FIRES:
                again = [option for option in options if option.turn.action == "timer"]
                exhausted += again
                options = [option for option in options if option not in again]
            if not yielding:
                first += options
            elif actor.polls > MOST_POLLS and actor.news_seen == self.news:
                exhausted += options
            else:
                later += options
        options = first + later
        if not self.input_fed and any(
            actor.place == "held" and asks_for_input(self, actor) for actor in self.actors
        ):
            words = "standard input arrives"
            arrival = operation("use", self.tree.root.id, words, object="input")
            options.append(Option(Turn(0, "input"), arrival, preempts=False))
        if exhausted and options:
            self.caveat(
                "a process does the same again and again (a loop around WNOHANG, getppid or the "
                f"like, or a repeating timer): after {MOST_POLLS} times without news it is made "
                "to let others go"
            )
        if exhausted and not options and self.clock.ideal and self._deadlines():
            return []
        return options or exhausted

    def _options_of(self, actor: Actor) -> list[tuple[Turn, Operation]]:
        index, id = actor.index, actor.node.id
        if actor.place == "ended":
            return [(Turn(index, "appear"), self.appearing(actor))]
        found: list[tuple[Turn, Operation]] = []
        if actor.place == "held":
            assert actor.operation is not None
            deliverable = actor.deliverable()
            handled = any(actor.node.reaction(n).action == "handler" for n in deliverable)
            if self.ready(actor) or handled:
                found.append((Turn(index), actor.operation))
            if deliverable and actor.call is not None:
                words = "take " + ", ".join(map(name_of, deliverable))
                found.append((Turn(index, "signal"), operation("take signal", id, words)))
        if self._due(actor):
            found.append((Turn(index, "timer"), operation("timer", id, "alarm")))
        return found

    def _due(self, actor: Actor) -> bool:
        """Whether an alarm of the process may go off now; one that is pending already would
        not be noticed."""
        timer = actor.timer
        if timer is None or not actor.alive:
            return False
        if self.clock.ideal:
            return self.clock.of(actor) >= timer.at
        actor.learn_signals()
        return signal.SIGALRM not in actor.queued

    def _deadlines(self) -> list[tuple[float, int]]:
        """When somebody's time is up, in ideal time, and whose."""
        if not self.clock.ideal:
            return []
        found = [
            (actor.deadline, actor.index)
            for actor in self.actors
            if actor.place == "held" and actor.deadline is not None
        ]
        found += [
            (actor.timer.at, actor.index)
            for actor in self.actors
            if actor.timer is not None and actor.alive
        ]
        now = self.clock.of(self.actors[0])
        return [(deadline, index) for deadline, index in found if deadline > now]

    def _pass_time(self) -> bool:
        deadlines = self._deadlines()
        if not deadlines:
            return False
        deadline, index = min(deadlines)
        if deadline > self.scenario.limits.virtual_seconds:
            self.ended = self.watch.reach("virtual_seconds", self.actors[index].node.id)
            return False
        self.clock.jump(deadline)
        self.news += 1
        return True

    def _await_kernel(self) -> bool:
        """Whether a process that is blocked in a call without a model came back."""
        floating = [actor for actor in self.actors if actor.place == "kernel"]
        if not floating:
            return False
        until = time.monotonic() + _KERNEL_PATIENCE
        while time.monotonic() < until:
            for actor in floating:
                stop = stops.of(actor.tid)
                if stop is not None:
                    self._follow(actor, stop)
                    return True
            stops.rest(0.02)
            self.check()
        return False

    def _nothing_goes(self) -> bool:
        if any(actor.alive for actor in self.actors) and self.ended is None:
            self.ended = self.watch.last_look()
        if any(actor.alive for actor in self.actors) and self.ended is None:
            self.ended = "deadlock"
            self.stuck = explain(self)
        return False
