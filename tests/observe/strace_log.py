"""Reads the log of ``strace -f`` into what each process did, in the terms of a trace.

A process is a list of facts, each a tuple: ``("fork", child)``, ``("exec", *program)``,
``("wait", outcome, child, status)``, ``("signal", name)``, ``("exit", status)``.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from grader.model import ROOT, Delivered, Exec, Exit, Fork, Trace, Wait, child_id

Fact = tuple[object, ...]
Facts = dict[str, list[Fact]]

# Signals that a trace does not tell of: without a tracer they are dropped when sent.
_DROPPED = {"SIGCHLD", "SIGCONT"}
_STOPS = {"SIGSTOP", "SIGTSTP"}

_LINE = re.compile(r"(\d+) +(.*)")
_BEGUN = re.compile(r"(.*?) *<(?:unfinished|pid changed to \d+) \.\.\.>")
_RESUMED = re.compile(r"<\.\.\. (\w+) resumed>(.*)")
_CALL = re.compile(r"(\w+)\((.*)\) += (-?\d+|\?)(.*)", re.DOTALL)


class _Call(NamedTuple):
    name: str
    arguments: str
    result: int


def of_trace(trace: Trace) -> Facts:
    """The facts that a trace tells."""
    facts: Facts = {process.id: [] for process in trace.processes}
    for event in trace.events:
        mine = facts[event.process]
        match event:
            case Fork(child=str(child)):
                mine.append(("fork", child))
            case Exec():
                mine.append(("exec", *event.program))
            case Exit():
                mine.append(("exit", str(event.exit)))
            case Wait(outcome="reaped" | "peeked"):
                mine.append(("wait", event.outcome, event.child, str(event.status)))
            case Wait(outcome="stopped" | "continued"):
                mine.append(("wait", event.outcome, event.child, None))
            case Wait(outcome="failed") if event.error != "EINTR":
                mine.append(("wait", event.error, None, None))
            case Delivered() if event.name not in _DROPPED:
                mine.append(("signal", event.name))
    return facts


def of_log(log: str) -> Facts:
    """The facts that strace's log tells."""
    return _Reader().read(log)


class _Reader:
    def __init__(self) -> None:
        self.facts: Facts = {}
        self.owner: dict[int, str] = {}
        """Thread id, and of a process its pid, to path id."""
        self.parents: dict[str, str] = {}
        self.forks: dict[str, int] = {}
        self.statuses: dict[str, str] = {}
        self.early: dict[int, list[str]] = {}
        """Lines of a task before the return of the call that made it."""
        self.begun: dict[int, str] = {}

    def read(self, log: str) -> Facts:
        for line in log.splitlines():
            match = _LINE.match(line)
            assert match, line
            self._line(int(match[1]), match[2])
        assert not self.early, f"never told of: {self.early}"
        return self.facts

    def _line(self, tid: int, text: str) -> None:
        if not self.owner:
            self.owner[tid] = ROOT
            self.facts[ROOT] = []
        if tid not in self.owner:
            self.early.setdefault(tid, []).append(text)
            return
        mine = self.facts[self.owner[tid]]
        if begun := _BEGUN.fullmatch(text):
            self.begun[tid] = begun[1]
        elif resumed := _RESUMED.match(text):
            self._call(tid, self.begun.pop(tid) + resumed[2])
        elif exited := re.fullmatch(r"\+\+\+ exited with (\d+) \+\+\+", text):
            self._ended(tid, f"exit {exited[1]}")
        elif killed := re.match(r"\+\+\+ killed by (\w+)", text):
            self._ended(tid, f"killed by {_signal(killed[1])}")
        elif superseded := re.match(r"\+\+\+ superseded by execve in pid (\d+) \+\+\+", text):
            # The thread's execve is resumed under the leader's pid.
            thread = int(superseded[1])
            if thread not in self.owner:  # the return of the call that made it is not told yet
                self.owner[thread] = self.owner[tid]
                for early in self.early.pop(thread, []):
                    self._line(thread, early)
            self.begun[tid] = self.begun.pop(thread)
            del self.owner[thread]
        elif signal := re.match(r"--- (SIG\w+) \{", text):
            if signal[1] not in _DROPPED:
                mine.append(("signal", _signal(signal[1])))
        elif not text.startswith("---"):
            self._call(tid, text)

    def _ended(self, tid: int, status: str) -> None:
        owner = self.owner.pop(tid)
        self.begun.pop(tid, None)
        if owner not in self.owner.values():  # its last thread
            self.facts[owner].append(("exit", status))
            self.statuses[owner] = status
            self.owner[-tid] = owner  # for wait calls, which name the pid

    def _name(self, pid: int) -> str | None:
        return self.owner.get(pid) or self.owner.get(-pid)

    def _call(self, tid: int, text: str) -> None:
        match = _CALL.match(text)
        assert match, text
        if match[3] == "?":  # it will be restarted, or never returned
            return
        call, mine = _Call(match[1], match[2], int(match[3])), self.facts[self.owner[tid]]
        if call.name in ("fork", "vfork", "clone", "clone3"):
            if call.result > 0:
                self._made(tid, call)
        elif call.name == "execve":
            if call.result == 0:
                words = re.search(r'", \[(.*?)\]', call.arguments)
                assert words, text
                mine.append(("exec", *_strings(words[1])))
        elif call.name in ("wait4", "waitid"):
            self._waited(mine, call, match[4])

    def _made(self, tid: int, call: _Call) -> None:
        maker = self.owner[tid]
        if "CLONE_THREAD" in call.arguments:
            self.owner[call.result] = maker
        else:
            parent = self.parents[maker] if "CLONE_PARENT" in call.arguments else maker
            self.forks[parent] = self.forks.get(parent, 0) + 1
            child = child_id(parent, self.forks[parent])
            self.parents[child] = parent
            self.owner[call.result] = child
            self.facts[child] = []
            self.facts[maker].append(("fork", child))
        for text in self.early.pop(call.result, []):
            self._line(call.result, text)

    def _waited(self, mine: list[Fact], call: _Call, rest: str) -> None:
        if call.result < 0:
            error = rest.split()[0]
            if error != "EINTR":
                mine.append(("wait", error, None, None))
            return
        if call.name == "wait4":
            pid, code = call.result, call.arguments
        else:
            told = re.search(r"si_pid=(\d+)", call.arguments)
            asked = re.match(r"P_PID, (\d+),\s*NULL", call.arguments)
            pid = int((told or asked or ["", "0"])[1])
            code = call.arguments
        if pid == 0:
            return
        child = self._name(pid)
        if "WIFSTOPPED" in code or "CLD_STOPPED" in code:
            mine.append(("wait", "stopped", child, None))
        elif "WIFCONTINUED" in code or "CLD_CONTINUED" in code:
            mine.append(("wait", "continued", child, None))
        else:
            outcome = "peeked" if "WNOWAIT" in code else "reaped"
            mine.append(("wait", outcome, child, self.statuses[child or ""]))


def _signal(name: str) -> str:
    """strace's name of a real-time signal counts from the C library's first, ours from 32."""
    if name.startswith("SIGRT_"):
        return f"SIGRT+{int(name.removeprefix('SIGRT_'))}"
    return name


def _strings(words: str) -> list[str]:
    found = re.findall(r'"((?:[^"\\]|\\.)*)"', words)
    return [word.encode().decode("unicode_escape") for word in found]
