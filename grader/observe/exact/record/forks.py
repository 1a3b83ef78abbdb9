"""fork, vfork, clone, clone3: processes and threads that are made, and calls that fail;
and exit_group, by which they leave."""

from __future__ import annotations

import errno
from typing import Literal

from grader.model import Fork, ThreadStart
from grader.observe.exact import ptrace
from grader.observe.exact.record.recorder import Recorder, Topic, error_name
from grader.observe.exact.tree import Call, Node, Task

CALLS = ("fork", "vfork", "clone", "clone3")

# <linux/sched.h>
_VM, _SIGHAND, _VFORK, _PARENT = 0x100, 0x800, 0x4000, 0x8000
_THREAD, _UNTRACED = 0x10000, 0x800000
_NAMESPACES, _NEWTIME = 0x7E020000, 0x80
_CLEAR_SIGHAND = 0x1_0000_0000


def _flags(task: Task, call: Call) -> int:
    match call.name:
        case "clone":
            return call.arguments[0]
        case "clone3":  # struct clone_args begins with its 64-bit flags
            return int.from_bytes(ptrace.read_memory(task.tid, call.arguments[0], 8), "little")
        case "vfork":
            return _VM | _VFORK
    return 0


def _call(flags: int) -> Literal["fork", "vfork", "clone"]:
    """What the call amounts to, whichever system call was used."""
    return "vfork" if flags & _VFORK else "clone" if flags & _VM else "fork"


def _enter(recorder: Recorder, task: Task, call: Call) -> None:
    flags = call.detail = _flags(task, call)
    if flags & _UNTRACED:
        call.refusal = (errno.EPERM, "CLONE_UNTRACED would hide the child from the grader")
    elif flags & _NAMESPACES or (call.name == "clone3" and flags & _NEWTIME):
        call.refusal = (errno.EPERM, "in namespaces of its own the child would be out of sight")
    elif flags & _PARENT and not flags & _THREAD and task.node.parent is None:
        # As for any process that is the init of its namespace (clone(2), EINVAL).
        call.refusal = (errno.EINVAL, "CLONE_PARENT would make the child the grader's own")


def made(recorder: Recorder, task: Task, tid: int) -> Node | None:
    """The call that ``task`` is in has made the task ``tid``, and is over.

    Returns the new process, or None if it is a thread.
    """
    flags = task.call.detail if task.call else 0
    task.call = None  # its return would tell nothing new, and is not waited for
    if flags & _THREAD:
        thread = recorder.tree.start_thread(task.node, tid)
        recorder.tell(task, ThreadStart, started=thread.ordinal)
        return None
    parent = task.node
    if flags & _PARENT and parent.parent is not None:
        parent = parent.parent
    child = recorder.tree.fork(parent, tid, recorder.next)
    if flags & _CLEAR_SIGHAND:
        child.reactions = {s: r for s, r in child.reactions.items() if r.action == "ignored"}
    recorder.tell(task, Fork, call=_call(flags), child=child.id, pid=tid)
    return child


def makes_thread(call: Call) -> bool:
    """Whether a call that was entered is to make a thread."""
    return call.name in CALLS and bool(call.detail & _THREAD)


def capped(recorder: Recorder, task: Task, call: Call) -> None:
    """The call, which was entered, is made to fail at a limit of the run."""
    name = error_name(-errno.EAGAIN)
    recorder.tell(task, Fork, call=_call(call.detail), error=name, capped=True)


def forking(task: Task) -> bool:
    """Whether a task is in a call that may have made a process of which was not told."""
    call = task.call
    if call is None or call.name not in CALLS:
        return False
    return not call.detail & _THREAD


def _leave(recorder: Recorder, task: Task, call: Call, result: int) -> None:
    if result < 0:  # of one that succeeded, ``made`` has told
        recorder.tell(task, Fork, call=_call(call.detail), error=error_name(result))


def _enter_exit(recorder: Recorder, task: Task, call: Call) -> None:
    task.node.leaving = call.began
    call.wants_return = False


def _leave_exit(recorder: Recorder, task: Task, call: Call, result: int) -> None:
    pass


FORKS = Topic(_enter, _leave)
EXITS = Topic(_enter_exit, _leave_exit)
