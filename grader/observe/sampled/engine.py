"""Polls psutil while a program runs, adopts its orphans where that is possible."""

from __future__ import annotations

import contextlib
import os
import platform
import signal
import sys
import time
from pathlib import Path

import psutil

from grader.model import ExitStatus, GraderError, Scenario, Trace
from grader.observe.confine import Confined
from grader.observe.ending import become_subreaper, end_all, kill_all, scope_signals
from grader.observe.launch import launch
from grader.observe.sampled.limits import Watch, hold_number_of_tasks, most_tasks
from grader.observe.sampled.sightings import Sighting, as_processes
from grader.observe.stdio import Stdio
from grader.observe.supervisor import OUTPUT_LIMIT_SIGNAL, Report, die_with
from grader.observe.survivors import end_survivors

POLL_SECONDS = 0.002
"""The pause between two looks; a look itself takes about as long as ten processes need."""
_PATIENCE_SECONDS = 10.0
"""How long the killed may take to die, when nobody waits for that any more."""
_AHEAD = -5
"""How nice this process is to others (nice(2)), where it may be so to less than all."""
_LONGEST_LOOK_SECONDS = 0.05
_LOOK_OUT_SECONDS = 0.1
_MOST_WORDS, _LONGEST_WORD = 100, 4096
_SIGCHLD_BIT = 1 << (signal.SIGCHLD - 1)


def observe(scenario: Scenario, stdio: Stdio, confined: Confined | None) -> Report:
    """Run a scenario in this process (a supervisor) and report what polling saw."""
    subreaper = become_subreaper()
    supervisor, parent = os.getpid(), os.getppid()
    scoped = scope_signals(parent)
    watch = Watch(scenario.limits, confined)
    most = most_tasks(scenario.limits, confined)
    sampler = Sampler(watch, subreaper, parent, scoped)
    signal.signal(OUTPUT_LIMIT_SIGNAL, lambda number, frame: watch.reach("output_bytes"))

    def prepare() -> None:
        die_with(supervisor)
        scope_signals(supervisor)
        hold_number_of_tasks(most)

    program = launch(scenario, stdio, attach=lambda pid: None, prepare=prepare, confined=confined)
    _make_way()
    sampler.run(program.pid)
    program.check(scenario.command[0])
    root = sampler.root
    if root.exit is None:
        raise GraderError("the program's root process was never seen to end")
    survivors = end_survivors([])
    return Report(
        trace=Trace(
            evidence="sampled",
            engine=f"psutil {psutil.__version__} polling, {platform.system()} {platform.release()}",
            scenario=scenario.name,
            command=scenario.command,
            stdio=scenario.stdio,
            ended=watch.at_the_end() or "exit",
            limit=watch.reached,
            exit=root.exit,
            seconds=round(sampler.now(), 6),
            processes=as_processes(root, list(sampler.seen.values()), subreaper),
            blind_spots=_blind_spots(subreaper),
            survivors=survivors,
        )
    )


def _make_way() -> None:
    """Look from another processor than the program's, which may be crowded, if there is one;
    and first among those there, where that is allowed."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            others = {*range(os.cpu_count() or 1)} - os.sched_getaffinity(0)
            os.sched_setaffinity(0, others)
    with contextlib.suppress(OSError):
        os.nice(_AHEAD)


def _blind_spots(subreaper: bool) -> list[str]:
    spots = [
        "a process that lives less than a few milliseconds may not be seen at all",
        "wait calls, signals and sleeps are not seen, nor the order of events",
        "exit statuses are known only of the root and of processes that nobody collected",
        "which process wrote which output is not known",
        "the order of siblings is that of their creation times, which are rounded to 10 ms",
    ]
    if subreaper:
        spots.append("an orphan sees the grader as its new parent, not process 1")
    else:
        spots.append("orphans are lost sight of when their parent ends; zombies likewise")
        spots.append("processes that left the program's process group may outlive the run")
    return spots


class Sampler:
    """What is known while a program runs."""

    def __init__(self, watch: Watch, subreaper: bool, parent: int, scoped: bool) -> None:
        """``parent`` of this process: when it ends, so does the run. ``scoped``: whether
        ``scope_signals`` worked here."""
        self.watch = watch
        self.subreaper = subreaper
        self.seen: dict[tuple[int, float], Sighting] = {}
        """By pid and creation time: pids are used again."""
        self.root: Sighting
        self._parent = parent
        self._scoped = scoped
        self._began = time.monotonic()
        self._by_pid: dict[int, Sighting] = {}

    def now(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self._began

    def run(self, pid: int) -> None:
        """Watch the program until every process that can be seen has ended."""
        process = psutil.Process(pid)
        self.root = Sighting(pid, process.create_time(), None)
        self.seen[pid, self.root.created] = self._by_pid[pid] = self.root
        self.watch.root = process
        # One look may take long: /proc has to wait for processes that are in exec(2), or end.
        signal.signal(signal.SIGALRM, lambda number, frame: self._look_out())
        signal.setitimer(signal.ITIMER_REAL, _LOOK_OUT_SECONDS, _LOOK_OUT_SECONDS)
        while True:
            if os.getppid() != self._parent:  # there is nobody to report to
                self._kill()
                end_all(self._scoped, _PATIENCE_SECONDS)
                os._exit(1)
            if self.watch.reached is None:
                present = psutil.Process().children(recursive=True)
                self.watch.count(len(present), len(self.seen))
                self._look(present)
                self.watch.look(present)
            if self.watch.reached is not None:
                signal.setitimer(signal.ITIMER_REAL, 0)
                self._kill()
                present = []
            none_left = self._collect()
            if none_left and not present and self.root.exit is not None:
                break
            time.sleep(POLL_SECONDS)
        now = self.now()
        for sighting in self.seen.values():
            if sighting.gone_at is None:
                sighting.gone_at = now

    def _kill(self) -> None:
        """Kill everything; and once more, as long as the loop finds something."""
        kill_all(self._scoped)
        if not self.subreaper:  # where orphans are out of sight, their group is not
            with contextlib.suppress(OSError):
                os.killpg(self.root.pid, signal.SIGKILL)

    def _look_out(self) -> None:
        """In the middle of a look: there may be many more processes by now."""
        if self.watch.reached is None and self.watch.overflows():
            self._kill()

    def _look(self, present: list[psutil.Process]) -> None:
        """One look at all descendants, those that are there: new ones first, and not for long.

        To read what /proc tells of a process may take a while: of one that is in exec(2), say, on
        a busy processor. There may be many more by then.
        """
        now = self.now()
        there = {(process.pid, process.create_time()) for process in present}
        for key, sighting in self.seen.items():
            if key not in there and sighting.gone_at is None:
                sighting.gone_at = now
        for process in sorted(present, key=lambda process: process.pid in self._by_pid):
            with contextlib.suppress(psutil.Error):
                self._sight(process, now)
            if self.now() - now > _LONGEST_LOOK_SECONDS:
                break

    def _sight(self, process: psutil.Process, now: float) -> None:
        with process.oneshot():
            created, parent, status = process.create_time(), process.ppid(), process.status()
            sighting = self.seen.get((process.pid, created))
            if sighting is None:
                first_parent = self._by_pid.get(parent)
                sighting = Sighting(process.pid, created, first_parent)
                sighting.orphaned = first_parent is None and status != psutil.STATUS_ZOMBIE
                self.seen[process.pid, created] = self._by_pid[process.pid] = sighting
            zombie = status in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
            adopted = sighting.parent is not None and parent != sighting.parent.pid
            if zombie and sighting.zombie_since is None:
                sighting.zombie_since = now
                sighting.ended_before_parent = not adopted and sighting.parent is not None
            if not zombie:
                if adopted:
                    sighting.orphaned = True
                sighting.program = _program(process) or sighting.program
        if not adopted and sighting.parent is not None and _ignores_sigchld(parent):
            sighting.parent_discards = True

    def _collect(self) -> bool:
        """Collect the root, and the orphans that became ours; True when no child is left."""
        while True:
            try:
                pid, status, used = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return True
            if pid == 0:
                return False
            sighting = self._by_pid.get(pid)
            if sighting is None:  # an orphan that was never seen alive
                sighting = Sighting(pid, time.time(), None)
                self.seen[pid, sighting.created] = self._by_pid[pid] = sighting
            if os.WIFSTOPPED(status):  # it has made us its tracer (ptrace(2), PTRACE_TRACEME)
                os.kill(pid, signal.SIGKILL)
                continue
            code = os.waitstatus_to_exitcode(status)
            sighting.exit = ExitStatus(code=code) if code >= 0 else ExitStatus(signal=-code)
            self.watch.collected(used, sighting.exit)
            sighting.gone_at = self.now()


def _program(process: psutil.Process) -> list[str]:
    """Its argument vector, as far as it is text of a reasonable size: the process decides what
    is there (prctl(2), PR_SET_MM). Empty when it is gone."""
    try:
        words = process.cmdline()[:_MOST_WORDS]
    except (psutil.Error, OSError):
        return []
    return [os.fsencode(word[:_LONGEST_WORD]).decode(errors="replace") for word in words]


def _ignores_sigchld(pid: int) -> bool:
    """Whether a process ignores SIGCHLD, where /proc tells (proc_pid_status(5), SigIgn)."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("SigIgn:"):
                return bool(int(line.split()[1], 16) & _SIGCHLD_BIT)
    except (OSError, ValueError):
        pass
    return False
