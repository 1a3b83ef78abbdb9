"""Signals: sent, delivered, and what a process chose to do about them."""

from __future__ import annotations

import contextlib
import errno
import os
import signal

from grader.model import Delivered, Disposition, Refused, SendSignal, signal_name
from grader.observe.exact import ptrace
from grader.observe.exact.record.recorder import Recorder, Topic, error_name, signed
from grader.observe.exact.record.waits import pid_of_descriptor
from grader.observe.exact.tree import Action, Call, Reaction, Task

_SIG_DFL, _SIG_IGN = 0, 1
_SA_NOCLDSTOP, _SA_NOCLDWAIT, _SA_RESTART = 1, 2, 0x1000_0000
IGNORED_BY_DEFAULT = {signal.SIGCHLD, signal.SIGURG, signal.SIGWINCH, signal.SIGCONT}
_NOT_DEADLY = IGNORED_BY_DEFAULT | {
    signal.SIGSTOP,
    signal.SIGTSTP,
    signal.SIGTTIN,
    signal.SIGTTOU,
}

# Which argument is the signal, and which the process (or thread) it goes to.
SENDERS = {
    "kill": (1, 0),
    "tkill": (1, 0),
    "tgkill": (2, 1),
    "rt_sigqueueinfo": (1, 0),
    "rt_tgsigqueueinfo": (2, 1),
    "pidfd_send_signal": (1, 0),
}


def _enter_send(recorder: Recorder, task: Task, call: Call) -> None:
    which, whom = SENDERS[call.name]
    number, receiver = signed(call.arguments[which]), signed(call.arguments[whom])
    if call.name == "pidfd_send_signal":
        referred = pid_of_descriptor(task, receiver)
        if referred is None:
            call.wants_return = False  # the call fails by itself
            return
        receiver = referred
    if call.name == "kill" and receiver <= 0:
        target, ours = _group(recorder, receiver, os.getpgid(task.node.pid))
    else:
        found = recorder.tree.tasks.get(receiver)
        node = found.node if found else recorder.tree.find(receiver)
        target, ours = (node.id, True) if node else (f"pid {receiver}", False)
    if number and not ours:
        # What an unprivileged process gets for somebody else's (kill(2)).
        call.refusal = (
            errno.EPERM if _exists(receiver) else errno.ESRCH,
            f"{signal_name(number)} to {target}, which is not a process of this program",
        )
        return
    call.detail = recorder.tell(
        task,
        SendSignal,
        call=call.name,
        target=target,
        signal=number,
        name=signal_name(number),
    )


def _group(recorder: Recorder, receiver: int, own: int) -> tuple[str, bool]:
    """Name a group that kill() addresses, and tell whether it is the program's own.

    A process may join the group of the grader's supervisor, which leads its session
    (setpgid(2)): that group is never the program's.
    """
    if receiver == -1:
        return "all", False
    name, group = (f"group {-receiver}", -receiver) if receiver else ("group own", own)
    if group == os.getpgrp():
        return name, False
    for node in recorder.tree.alive():
        with contextlib.suppress(OSError):
            if os.getpgid(node.pid) == group:
                return name, True
    return name, False


def _exists(receiver: int) -> bool:
    try:
        os.kill(receiver, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass
    return True


def _leave_send(recorder: Recorder, task: Task, call: Call, result: int) -> None:
    if result < 0 and call.detail is not None:  # None: there was nobody to send it to
        recorder.amend(call.detail, error=error_name(result))


def _enter_action(recorder: Recorder, task: Task, call: Call) -> None:
    # struct kernel_sigaction: handler, flags, ...; each 8 bytes here (sigaction(2)).
    act = ptrace.read_memory(task.tid, call.arguments[1], 16)
    handler, flags = (int.from_bytes(act[at : at + 8], "little") for at in (0, 8))
    action: Action = (
        "default" if handler == _SIG_DFL else "ignored" if handler == _SIG_IGN else "handler"
    )
    call.detail = action, flags


def _leave_action(recorder: Recorder, task: Task, call: Call, result: int) -> None:
    if result < 0:
        return
    number, (action, flags) = signed(call.arguments[0]), call.detail
    names = {
        "SA_NOCLDSTOP": _SA_NOCLDSTOP,
        "SA_NOCLDWAIT": _SA_NOCLDWAIT,
        "SA_RESTART": _SA_RESTART,
    }
    task.node.reactions[number] = Reaction(
        action, bool(flags & _SA_RESTART), bool(flags & _SA_NOCLDWAIT)
    )
    recorder.tell(
        task,
        Disposition,
        signal=number,
        name=signal_name(number),
        action=action,
        flags=[name for name, bit in names.items() if flags & bit],
    )


def delivered(recorder: Recorder, task: Task, number: int) -> None:
    """A signal reaches ``task``.

    One that is ignored stops a traced task all the same, while without a tracer the
    kernel drops it when it is sent (prepare_signal() in kernel/signal.c): not told.
    """
    reaction = task.node.reaction(number)
    if reaction.action == "default" and number not in _NOT_DEADLY:
        task.node.leaving = recorder.now()
    if reaction.action == "ignored":
        return
    if reaction.action == "default" and number in IGNORED_BY_DEFAULT:
        return
    info = ptrace.signal_info(task.tid)
    sender = recorder.tree.find(info.pid) if info.code <= 0 else None
    recorder.tell(
        task,
        Delivered,
        signal=number,
        name=signal_name(number),
        action=reaction.action,
        sender=sender.id if sender else None,
    )


def refused(recorder: Recorder, task: Task, call: Call) -> None:
    """The engine gave an errno instead of running a call."""
    assert call.refusal is not None
    number, reason = call.refusal
    tell_refused(recorder, task, call.name, error_name(-number) or "", reason)


def tell_refused(recorder: Recorder, task: Task, call: str, error: str, reason: str) -> None:
    """A call failed because the program may not make it."""
    recorder.tell(task, Refused, call=call, error=error, reason=reason)


SENDS = Topic(_enter_send, _leave_send)
ACTIONS = Topic(_enter_action, _leave_action)
