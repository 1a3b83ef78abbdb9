"""write, writev and their relatives, to the terminal or to a pipe: each with its bytes."""

from __future__ import annotations

import os
import stat
from typing import NamedTuple

from grader.model import Write, text_and_raw
from grader.observe.exact import ptrace
from grader.observe.exact.record.recorder import Recorder, Topic, error_name, signed
from grader.observe.exact.tree import Call, Task

_MOST_AT_ONCE = 8 << 20
_CONTROLLING_TERMINAL = os.makedev(5, 0)  # /dev/tty
_IOVEC_SIZE, _IOV_MAX = 16, 1024

# Which argument is the descriptor written to.
_DESCRIPTOR = {"write": 0, "writev": 0, "sendfile": 0, "vmsplice": 0, "splice": 2, "tee": 1}


class _Offer(NamedTuple):
    descriptor: int
    stream: str
    data: bytes | None
    """What is offered; None for calls whose bytes never pass through memory: what the
    terminal or the standard pipe was seen to receive fills them in (``capture``)."""
    size: int
    """How many bytes are offered, where that is known; else 0."""


def stream_of(recorder: Recorder, task: Task, descriptor: int) -> tuple[str, object] | None:
    """Name what a descriptor writes to, and identify it; None if it is of no interest.

    The stat of /proc/PID/fd/N follows the descriptor itself (proc_pid_fd(5)).
    """
    try:
        # By os: making a Path takes longer than the call, and this is for every write.
        status = os.stat(f"/proc/{task.tid}/fd/{descriptor}")  # noqa: PTH116
    except OSError:
        return None
    if stat.S_ISCHR(status.st_mode):
        if status.st_rdev in (recorder.targets.terminal, _CONTROLLING_TERMINAL):
            return ("stderr" if descriptor == 2 else "stdout"), "terminal"
        return None
    if stat.S_ISFIFO(status.st_mode):
        standard = recorder.targets.pipes.get(status.st_ino)
        if standard:
            return standard, status.st_ino
        name = recorder.pipe_names.get(status.st_ino, f"fifo {status.st_ino}")
        return name, status.st_ino
    return None


def _gather(task: Task, address: int, count: int) -> tuple[bytes, int]:
    """The bytes of an array of struct iovec (writev(2)), and how many it says they are."""
    table = ptrace.read_memory(task.tid, address, _IOVEC_SIZE * min(count, _IOV_MAX))
    parts, total, said = [], 0, 0
    for at in range(0, len(table) - _IOVEC_SIZE + 1, _IOVEC_SIZE):
        base = int.from_bytes(table[at : at + 8], "little")
        length = int.from_bytes(table[at + 8 : at + 16], "little")
        said += length
        part = ptrace.read_memory(task.tid, base, min(length, _MOST_AT_ONCE - total))
        parts.append(part)
        total += len(part)
    return b"".join(parts), said


def offered(call: Call) -> int:
    """How many bytes a call that was entered offers to a stream, where that is known."""
    return call.detail.size if isinstance(call.detail, _Offer) else 0


def _enter(recorder: Recorder, task: Task, call: Call) -> None:
    descriptor = signed(call.arguments[_DESCRIPTOR[call.name]])
    found = stream_of(recorder, task, descriptor)
    if found is None:
        call.wants_return = False
        return
    stream, call.exclusive = found
    data, size = None, 0
    if call.name == "write":
        size = call.arguments[2]
        data = ptrace.read_memory(task.tid, call.arguments[1], min(size, _MOST_AT_ONCE))
    elif call.name == "writev":
        data, size = _gather(task, call.arguments[1], call.arguments[2])
    call.detail = _Offer(descriptor, stream, data, size)


def _add(
    recorder: Recorder, task: Task, call: Call, size: int, data: bytes, error: str | None
) -> int:
    offer: _Offer = call.detail
    text, raw = text_and_raw(data)
    recorder.output_bytes += size
    return recorder.tell(
        task,
        Write,
        began=call.began,
        after=call.after,
        call=call.name,
        fd=offer.descriptor,
        stream=offer.stream,
        size=size,
        text=text,
        raw=raw,
        error=error,
    )


def _leave(recorder: Recorder, task: Task, call: Call, result: int) -> None:
    if call.detail is None:
        return  # it was no stream (a controlled run waits for the result all the same)
    offer: _Offer = call.detail
    data = b""
    if result > 0 and offer.data is not None:
        data = offer.data[:result]
        if result > len(data) and call.name == "write":
            rest = call.arguments[1] + len(data)
            data += ptrace.read_memory(task.tid, rest, result - len(data))
        if len(data) != result:
            recorder.doubt(f"{task.node.id} wrote {result} bytes, of which {len(data)} were seen")
    _add(recorder, task, call, max(result, 0), data, error_name(result))


def _abandon(recorder: Recorder, task: Task, call: Call) -> None:
    """How much of it was written is not known here: the captured output tells."""
    if call.detail is None:
        return
    n = _add(recorder, task, call, 0, b"", None)
    recorder.unfinished_writes.append((n, call.detail.data or b""))


WRITES = Topic(_enter, _leave, _abandon)
