"""64-bit ARM. Numbers: include/uapi/asm-generic/unistd.h; registers: struct user_pt_regs."""

from __future__ import annotations

from typing import Final

from grader.observe.exact import ptrace

AUDIT_ARCH: Final = 0xC00000B7
FOREIGN_BIT: Final = 0
_NT_ARM_SYSTEM_CALL: Final = 0x404

NUMBERS: Final = {
    "dup": 23,
    "dup3": 24,
    "fcntl": 25,
    "pipe2": 59,
    "write": 64,
    "writev": 66,
    "sendfile": 71,
    "pselect6": 72,
    "ppoll": 73,
    "vmsplice": 75,
    "splice": 76,
    "tee": 77,
    "exit_group": 94,
    "waitid": 95,
    "nanosleep": 101,
    "clock_nanosleep": 115,
    "restart_syscall": 128,
    "kill": 129,
    "tkill": 130,
    "tgkill": 131,
    "rt_sigaction": 134,
    "rt_sigqueueinfo": 138,
    "setpgid": 154,
    "setsid": 157,
    "prctl": 167,
    "mremap": 216,
    "clone": 220,
    "mmap": 222,
    "rt_tgsigqueueinfo": 240,
    "wait4": 260,
    "pidfd_send_signal": 424,
    "seccomp": 277,
    "io_uring_setup": 425,
    "clone3": 435,
}

CONTROLLED_NUMBERS: Final = {
    "epoll_pwait": 22,
    "flock": 32,
    "openat": 56,
    "close": 57,
    "read": 63,
    "readv": 65,
    "pread64": 67,
    "timerfd_create": 85,
    "set_tid_address": 96,
    "setitimer": 103,
    "timer_create": 107,
    "clock_gettime": 113,
    "rt_sigsuspend": 133,
    "rt_sigprocmask": 135,
    "getpgid": 155,
    "getsid": 156,
    "getpid": 172,
    "gettid": 178,
    "rt_sigtimedwait": 137,
    "gettimeofday": 169,
    "getppid": 173,
    "msgrcv": 188,
    "semtimedop": 192,
    "semop": 193,
    "socket": 198,
    "accept": 202,
    "connect": 203,
    "sendto": 206,
    "recvfrom": 207,
    "sendmsg": 211,
    "recvmsg": 212,
    "execve": 221,
    "accept4": 242,
    "getrandom": 278,
    "execveat": 281,
}
"""What a controlled run looks at beside ``NUMBERS``."""
EFFECTS: Final = {
    "mknodat": 33,
    "mkdirat": 34,
    "unlinkat": 35,
    "symlinkat": 36,
    "linkat": 37,
    "renameat": 38,
    "truncate": 45,
    "ftruncate": 46,
    "fallocate": 47,
    "fchmod": 52,
    "fchmodat": 53,
    "fchownat": 54,
    "fchown": 55,
    "pwrite64": 68,
    "pwritev": 70,
    "mq_timedsend": 182,
    "msgsnd": 189,
    "shmat": 196,
    "renameat2": 276,
    "copy_file_range": 285,
    "pwritev2": 287,
    "close_range": 436,
    "openat2": 437,
}
"""Calls that change what others may find: files, above all. A controlled run looks at them
without scheduling them."""
GUARDED: Final = {
    "fchmodat2": 452,
    "utimensat": 88,
}
"""Calls that only a confined program is stopped at."""
MAKE_PROCESS: Final = 220
SECCOMP: Final = 277
STACK_POINTER: Final = 31
_PC: Final = 32


def number(registers: list[int]) -> int:
    """The system call's number (x8)."""
    return registers[8]


def arguments(registers: list[int]) -> tuple[int, ...]:
    """Its six arguments, unsigned (x0 to x5)."""
    return tuple(registers[:6])


def result(registers: list[int]) -> int:
    """What the call returned (x0): a value, or a negative errno."""
    value = registers[0]
    return value - (1 << 64) if value >> 63 else value


def skip(tid: int, registers: list[int], result: int) -> None:
    """Don't run the call at whose seccomp stop ``tid`` is; give ``result`` instead.

    Writing x8 is not enough here: the kernel took the number already, and offers it as
    a register set of its own (Linux 3.19, NT_ARM_SYSTEM_CALL).
    """
    ptrace.set_system_call_number(tid, _NT_ARM_SYSTEM_CALL, -1)
    registers = list(registers)
    registers[0] = result & ((1 << 64) - 1)
    ptrace.set_registers(tid, registers)


def again(tid: int, registers: list[int], *, at_entry: bool) -> None:
    """Make ``tid`` begin the call of ``registers`` again when it goes on: from that call's
    seccomp stop (then it is not run now), or from the exit stop of another call."""
    if at_entry:
        ptrace.set_system_call_number(tid, _NT_ARM_SYSTEM_CALL, -1)
    registers = list(registers)
    registers[_PC] -= 4  # the length of the instruction svc
    ptrace.set_registers(tid, registers)


def instead(tid: int, registers: list[int], number: int, *arguments: int) -> None:
    """At a seccomp stop: run another call in place of the one that was asked for."""
    ptrace.set_system_call_number(tid, _NT_ARM_SYSTEM_CALL, number)
    registers = list(registers)
    for index, value in enumerate(arguments):
        registers[index] = value & ((1 << 64) - 1)
    ptrace.set_registers(tid, registers)


def next_call(tid: int, registers: list[int], number: int, argument: int) -> None:
    """When ``tid`` goes on from a call, by its return or having skipped it, make it begin
    another call at once."""
    registers = list(registers)
    registers[8], registers[0] = number, argument
    registers[_PC] -= 4
    ptrace.set_registers(tid, registers)
