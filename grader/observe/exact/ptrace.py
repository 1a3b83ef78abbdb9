"""ptrace(2) and process_vm_readv(2), by ctypes; waitid(2), by os.

Each function is one request, raising OSError with the errno; ESRCH means that the
tracee is gone (killed) or not stopped. Only the thread that seized a tracee may make
requests for it (ptrace(2)).
"""

from __future__ import annotations

import ctypes
import os
import sys
from typing import Any, Final, NamedTuple

_libc = ctypes.CDLL(None, use_errno=True)

# <sys/ptrace.h>, <linux/ptrace.h>
_CONT: Final = 7
_SYSCALL: Final = 24
_GETEVENTMSG: Final = 0x4201
_GETSIGINFO: Final = 0x4202
_GETREGSET: Final = 0x4204
_SETREGSET: Final = 0x4205
_SEIZE: Final = 0x4206
_LISTEN: Final = 0x4208
_NT_PRSTATUS: Final = 1

EVENT_FORK: Final = 1
EVENT_VFORK: Final = 2
EVENT_CLONE: Final = 3
EVENT_EXEC: Final = 4
EVENT_VFORK_DONE: Final = 5
EVENT_SECCOMP: Final = 7
EVENT_STOP: Final = 128

_TRACESYSGOOD = 1
_OPTIONS: Final = (
    _TRACESYSGOOD
    | 1 << EVENT_FORK
    | 1 << EVENT_VFORK
    | 1 << EVENT_CLONE
    | 1 << EVENT_EXEC
    | 1 << EVENT_VFORK_DONE
    | 1 << EVENT_SECCOMP
    | 1 << 20  # PTRACE_O_EXITKILL: the tracees die with the tracer, however it dies
)

# <linux/wait.h>
WNOHANG: Final = 1
WSTOPPED: Final = 2
WEXITED: Final = 4
WNOWAIT: Final = 0x01000000
_WALL: Final = 0x40000000

SYSCALL_TRAP: Final = 5 | 0x80
"""The signal number of a system-call-exit stop, with PTRACE_O_TRACESYSGOOD."""


class _Iovec(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


_ptrace = _libc.ptrace
_ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
_ptrace.restype = ctypes.c_long
_vm_readv = _libc.process_vm_readv
_vm_readv.argtypes = [
    ctypes.c_int,
    ctypes.c_void_p,
    ctypes.c_ulong,
    ctypes.c_void_p,
    ctypes.c_ulong,
    ctypes.c_ulong,
]
_vm_readv.restype = ctypes.c_ssize_t

_vm_writev = _libc.process_vm_writev
_vm_writev.argtypes = _vm_readv.argtypes
_vm_writev.restype = ctypes.c_ssize_t

_siginfo = (ctypes.c_int * 32)()
_siginfo_address = ctypes.addressof(_siginfo)
_message = ctypes.c_ulong()
_message_address = ctypes.addressof(_message)
_registers = (ctypes.c_ulonglong * 64)()
_registers_size = ctypes.sizeof(_registers)
_registers_view = memoryview(_registers).cast("B").cast("Q")
_registers_iovec = _Iovec(ctypes.addressof(_registers), _registers_size)
_registers_iovec_address = ctypes.addressof(_registers_iovec)
_memory = memoryview(bytearray(4096))
_local, _remote = _Iovec(), _Iovec()
_local_address, _remote_address = ctypes.addressof(_local), ctypes.addressof(_remote)


def _request(request: int, tid: int, address: int = 0, data: int = 0) -> None:
    if _ptrace(request, tid, address, data) == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"ptrace({request:#x}, {tid}): {os.strerror(number)}")


def seize(pid: int) -> None:
    """Attach to a process without stopping it, with every option the engine needs."""
    _request(_SEIZE, pid, 0, _OPTIONS)


def cont(tid: int, signal: int = 0) -> None:
    """Let a stopped task run to its next stop, delivering ``signal`` if not 0."""
    _request(_CONT, tid, 0, signal)


def cont_to_return(tid: int, signal: int = 0) -> None:
    """Let a task at a system call's entry run to that call's exit stop."""
    _request(_SYSCALL, tid, 0, signal)


def listen(tid: int) -> None:
    """Leave a task in its group-stop, and still hear of SIGCONT."""
    _request(_LISTEN, tid)


def event_message(tid: int) -> int:
    """What PTRACE_GETEVENTMSG gives: the new child's id, or the former id of an exec."""
    _request(_GETEVENTMSG, tid, 0, _message_address)
    return _message.value


class SignalInfo(NamedTuple):
    """The parts of a siginfo_t that tell who sent a signal."""

    code: int
    pid: int


def signal_info(tid: int) -> SignalInfo:
    """Who sent the signal at which ``tid`` is stopped."""
    _request(_GETSIGINFO, tid, 0, _siginfo_address)
    return SignalInfo(_siginfo[2], _siginfo[4])


def get_registers(tid: int) -> list[int]:
    """The general registers, in the kernel's order for this architecture."""
    _registers_iovec.length = _registers_size
    _request(_GETREGSET, tid, _NT_PRSTATUS, _registers_iovec_address)
    return _registers_view[: _registers_iovec.length // 8].tolist()


def set_registers(tid: int, values: list[int], note: int = _NT_PRSTATUS) -> None:
    """Write a register set: the general one, or another by its ELF note number."""
    array = (ctypes.c_ulonglong * len(values))(*values)
    iovec = _Iovec(ctypes.addressof(array), ctypes.sizeof(array))
    _request(_SETREGSET, tid, note, ctypes.addressof(iovec))


def set_system_call_number(tid: int, note: int, number: int) -> None:
    """Write the 4-byte register set that holds only the system call's number."""
    value = ctypes.c_int(number)
    iovec = _Iovec(ctypes.addressof(value), 4)
    _request(_SETREGSET, tid, note, ctypes.addressof(iovec))


def read_memory(pid: int, address: int, size: int) -> bytes:
    """Read up to ``size`` bytes of a process's memory; shorter where it is unmapped."""
    if size <= 0:
        return b""
    buffer = _memory if size <= len(_memory) else memoryview(bytearray(size))
    _local.base = ctypes.addressof(ctypes.c_char.from_buffer(buffer))
    _remote.base = address
    _local.length = _remote.length = size
    got = _vm_readv(pid, _local_address, 1, _remote_address, 1, 0)
    return buffer[:got].tobytes() if got > 0 else b""


def read_text(pid: int, address: int, most: int) -> str:
    """Read a path or name, as C ends them with a NUL, of at most so many bytes."""
    data = b""
    while len(data) < most:
        # Not across the end of a page, which may be the end of what is mapped.
        part = read_memory(pid, address + len(data), 256 - (address + len(data)) % 256)
        data += part
        if b"\0" in part or not part:
            break
    return os.fsdecode(data.split(b"\0", 1)[0])


def write_memory(pid: int, address: int, data: bytes) -> bool:
    """Write into a process's memory; False where that is not mapped, or not writable."""
    if not data:
        return True
    buffer = ctypes.create_string_buffer(data, len(data))
    _local.base = ctypes.addressof(buffer)
    _remote.base = address
    _local.length = _remote.length = len(data)
    return bool(_vm_writev(pid, _local_address, 1, _remote_address, 1, 0) == len(data))


if sys.platform == "linux":
    Notice = os.waitid_result
else:
    Notice = Any

ENDINGS: Final = (os.CLD_EXITED, os.CLD_KILLED, os.CLD_DUMPED)
"""The ``si_code`` of a task that is dead; with any other it has stopped."""


def wait(options: int, tid: int | None = None) -> Notice | None:
    """Ask for a tracee's change of state; None with WNOHANG when there is none.

    A tracee's stop is told even without WSTOPPED (wait_task_stopped() in kernel/exit.c):
    see ``ENDINGS``. For a stop, ``si_status`` is the signal, and the event << 8. Raises
    ChildProcessError when there are no tracees that could change so (a dead one does not
    stop any more).
    """
    if sys.platform != "linux":
        raise NotImplementedError
    # By os, not ctypes: a third of the time.
    if tid is None:
        return os.waitid(os.P_ALL, 0, options | _WALL)
    return os.waitid(os.P_PID, tid, options | _WALL)
