"""wait4 and waitid: who collected whom. Sources: wait(2), wait4(2)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from grader.model import ExitStatus, Wait
from grader.observe.exact import ptrace
from grader.observe.exact.record.recorder import Recorder, Topic, error_name, signed
from grader.observe.exact.tree import Call, Node, Task

_OPTIONS = {
    "WNOHANG": 1,
    "WUNTRACED": 2,  # WSTOPPED, for waitid
    "WEXITED": 4,
    "WCONTINUED": 8,
    "WNOWAIT": 0x0100_0000,
    "__WNOTHREAD": 0x2000_0000,
    "__WALL": 0x4000_0000,
    "__WCLONE": 0x8000_0000,
}
_P_ALL, _P_PID, _P_PGID, _P_PIDFD = 0, 1, 2, 3
_CLD_EXITED, _CLD_KILLED, _CLD_DUMPED, _CLD_STOPPED, _CLD_CONTINUED = 1, 2, 3, 5, 6


def _named(recorder: Recorder, pid: int) -> str:
    node = recorder.tree.find(pid)
    return node.id if node else f"pid {pid}"


def _target(recorder: Recorder, task: Task, call: Call) -> str:
    if call.name == "wait4":
        pid = signed(call.arguments[0])
        if pid == -1:
            return "any"
        if pid > 0:
            return _named(recorder, pid)
        return f"group {-pid}" if pid else "group own"
    which, number = call.arguments[0], signed(call.arguments[1])
    match which:
        case 0:
            return "any"
        case 1:
            return _named(recorder, number)
        case 2:
            return f"group {number}" if number else "group own"
    referred = pid_of_descriptor(task, number)
    return _named(recorder, referred) if referred else f"pidfd {number}"


def pid_of_descriptor(task: Task, descriptor: int) -> int | None:
    """The process that a pidfd refers to (pidfd_open(2), proc_pid_fdinfo(5)).

    A descriptor of the folder /proc/PID serves as a pidfd too (pidfd_send_signal(2)).
    None if it is neither, or the process is gone.
    """
    try:
        folder = Path(f"/proc/{task.tid}/fd/{descriptor}").readlink()
        if folder.parent == Path("/proc"):
            return int(folder.name)
        for line in Path(f"/proc/{task.tid}/fdinfo/{descriptor}").read_text().splitlines():
            if line.startswith("Pid:"):
                pid = int(line.split()[1])
                return pid if pid > 0 else None
    except (OSError, ValueError):
        pass
    return None


def _enter(recorder: Recorder, task: Task, call: Call) -> None:
    call.detail = _target(recorder, task, call)


def _add(recorder: Recorder, task: Task, call: Call, **fields: Any) -> int:
    word = call.arguments[2 if call.name == "wait4" else 3]
    options = [name for name, bit in _OPTIONS.items() if word & bit]
    if call.name == "waitid":
        options = ["WSTOPPED" if name == "WUNTRACED" else name for name in options]
    return recorder.tell(
        task,
        Wait,
        began=call.began,
        after=call.after,
        call=call.name,
        target=call.detail,
        options=options,
        **fields,
    )


def _leave(recorder: Recorder, task: Task, call: Call, result: int) -> None:
    error = error_name(result)
    if error is not None:
        _add(recorder, task, call, outcome="failed", error=error)
    elif call.name == "wait4":
        _leave_wait4(recorder, task, call, result)
    else:
        _leave_waitid(recorder, task, call)


def _leave_wait4(recorder: Recorder, task: Task, call: Call, pid: int) -> None:
    if pid == 0:
        _add(recorder, task, call, outcome="nothing")
        return
    child = recorder.tree.find(pid)
    if child is not None and child.state == "zombie":
        _reaped(recorder, task, call, child)
        return
    word = int.from_bytes(ptrace.read_memory(task.tid, call.arguments[1], 4), "little")
    _stopped_or_continued(
        recorder, task, call, child, os.WSTOPSIG(word) if os.WIFSTOPPED(word) else None
    )


def _leave_waitid(recorder: Recorder, task: Task, call: Call) -> None:
    no_wait = bool(call.arguments[3] & _OPTIONS["WNOWAIT"])
    if call.arguments[2] == 0:  # no siginfo_t was asked for
        _leave_waitid_blind(recorder, task, call, no_wait)
        return
    info = ptrace.read_memory(task.tid, call.arguments[2], 28)
    # siginfo_t: si_signo, si_errno, si_code, padding, si_pid, si_uid, si_status
    code, pid, status = (
        int.from_bytes(info[at : at + 4], "little", signed=True) for at in (8, 16, 24)
    )
    if pid == 0:
        _add(recorder, task, call, outcome="nothing")
        return
    child = recorder.tree.find(pid)
    if code in (_CLD_EXITED, _CLD_KILLED, _CLD_DUMPED) and child is not None:
        if no_wait:
            _add(recorder, task, call, outcome="peeked", child=child.id, status=child.exit)
        else:
            _reaped(recorder, task, call, child)
        return
    _stopped_or_continued(recorder, task, call, child, None if code == _CLD_CONTINUED else status)


def _leave_waitid_blind(recorder: Recorder, task: Task, call: Call, no_wait: bool) -> None:
    """waitid with a null siginfo_t: only what is gone from /proc tells whom it took."""
    gone = [
        child
        for child in task.node.children
        if child.state == "zombie" and not Path(f"/proc/{child.pid}").exists()
    ]
    if gone and not no_wait:
        _reaped(recorder, task, call, gone[0])
    else:
        _add(recorder, task, call, outcome="nothing")


def _reaped(recorder: Recorder, task: Task, call: Call, child: Node) -> None:
    status = child.exit or ExitStatus()
    n = _add(recorder, task, call, outcome="reaped", child=child.id, status=status)
    recorder.tree.reap(child, task.node, n, recorder.events[n].t)


def _stopped_or_continued(
    recorder: Recorder, task: Task, call: Call, child: Node | None, stopped_by: int | None
) -> None:
    if child is None:
        recorder.doubt(f"a wait call of {task.node.id} told of a child that was never seen")
        _add(recorder, task, call, outcome="nothing")
    elif stopped_by is None:
        _add(recorder, task, call, outcome="continued", child=child.id)
    else:
        _add(recorder, task, call, outcome="stopped", child=child.id, signal=stopped_by)


def _abandon(recorder: Recorder, task: Task, call: Call) -> None:
    _add(recorder, task, call, outcome="unfinished")


WAITS = Topic(_enter, _leave, _abandon)
