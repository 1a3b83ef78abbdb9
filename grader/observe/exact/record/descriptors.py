"""Pipes and duplicated descriptors; process groups and sessions; subreapers."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Literal

from grader.model import Dup, Group, Pipe, Subreaper
from grader.observe.exact import ptrace
from grader.observe.exact.filter import (
    PR_SET_CHILD_SUBREAPER,
    PR_SET_DUMPABLE,
    PR_SET_SECCOMP,
)
from grader.observe.exact.record.recorder import Recorder, Topic, error_name, signed
from grader.observe.exact.tree import Call, Task


def _nothing(recorder: Recorder, task: Task, call: Call) -> None:
    pass


def _leave_pipe(recorder: Recorder, task: Task, call: Call, result: int) -> None:
    if result < 0:
        recorder.tell(task, Pipe, error=error_name(result))
        return
    ends = ptrace.read_memory(task.tid, call.arguments[0], 8)
    read, write = (int.from_bytes(ends[at : at + 4], "little") for at in (0, 4))
    recorder.pipes_made += 1
    name = f"pipe {recorder.pipes_made}"
    try:
        recorder.pipe_names[Path(f"/proc/{task.tid}/fd/{read}").stat().st_ino] = name
    except OSError:
        recorder.doubt(f"{name} of {task.node.id} could not be identified")
    recorder.tell(task, Pipe, pipe=name, read=read, write=write)


def _leave_dup(recorder: Recorder, task: Task, call: Call, result: int) -> None:
    recorder.tell(
        task,
        Dup,
        old=signed(call.arguments[0]),
        new=result if result >= 0 else None,
        error=error_name(result),
    )


def _leave_group(recorder: Recorder, task: Task, call: Call, result: int) -> None:
    pid = signed(call.arguments[0]) if call.name == "setpgid" else 0
    moved = recorder.tree.find(pid) if pid else task.node
    name: Literal["setpgid", "setsid"] = "setpgid" if call.name == "setpgid" else "setsid"
    group = signed(call.arguments[1]) if name == "setpgid" else 0
    recorder.tell(
        task,
        Group,
        call=name,
        target=moved.id if moved else f"pid {pid}",
        group=group or (moved.pid if moved else pid),
        error=error_name(result),
    )


def _enter_prctl(recorder: Recorder, task: Task, call: Call) -> None:
    if call.arguments[0] == PR_SET_DUMPABLE:
        if call.arguments[1] == 0:
            call.refusal = (errno.EPERM, "the grader could not read the process any more")
        call.wants_return = False
    elif call.arguments[0] == PR_SET_SECCOMP:
        _enter_seccomp(recorder, task, call)


def _leave_prctl(recorder: Recorder, task: Task, call: Call, result: int) -> None:
    if result < 0 or call.arguments[0] != PR_SET_CHILD_SUBREAPER:
        return
    task.node.subreaper = bool(call.arguments[1])
    recorder.tell(
        task,
        Subreaper,
        active=task.node.subreaper,
    )


def _enter_seccomp(recorder: Recorder, task: Task, call: Call) -> None:
    # A filter that answers a call takes it away from the grader's own, which stops at it. The
    # errno is that of a kernel without filters (seccomp(2)).
    call.refusal = (errno.EINVAL, "its own filter would hide system calls from the grader")


def _enter_io_uring(recorder: Recorder, task: Task, call: Call) -> None:
    # The errno of a kernel that has it switched off (io_uring_setup(2)).
    call.refusal = (errno.EPERM, "what io_uring does cannot be observed")


def _leave_nothing(recorder: Recorder, task: Task, call: Call, result: int) -> None:
    pass


def _enter_mapping(recorder: Recorder, task: Task, call: Call) -> None:
    call.wants_return = False  # the engine looks at the memory limit now


PIPES = Topic(_nothing, _leave_pipe)
DUPS = Topic(_nothing, _leave_dup)
GROUPS = Topic(_nothing, _leave_group)
PRCTLS = Topic(_enter_prctl, _leave_prctl)
FILTERS = Topic(_enter_seccomp, _leave_nothing)
IO_URING = Topic(_enter_io_uring, _leave_nothing)
MAPPINGS = Topic(_enter_mapping, _leave_nothing)
