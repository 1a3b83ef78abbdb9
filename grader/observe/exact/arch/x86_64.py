"""x86-64. Numbers: arch/x86/entry/syscalls/syscall_64.tbl; registers: struct user_regs_struct."""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter
from typing import Final

from grader.observe.exact import ptrace

AUDIT_ARCH: Final = 0xC000003E
FOREIGN_BIT: Final = 0x40000000
"""Set in the numbers of the x32 ABI, which shares AUDIT_ARCH."""

NUMBERS: Final = {
    "write": 1,
    "poll": 7,
    "mmap": 9,
    "rt_sigaction": 13,
    "writev": 20,
    "pipe": 22,
    "select": 23,
    "mremap": 25,
    "dup": 32,
    "dup2": 33,
    "nanosleep": 35,
    "sendfile": 40,
    "clone": 56,
    "fork": 57,
    "vfork": 58,
    "wait4": 61,
    "kill": 62,
    "fcntl": 72,
    "setpgid": 109,
    "setsid": 112,
    "rt_sigqueueinfo": 129,
    "prctl": 157,
    "tkill": 200,
    "restart_syscall": 219,
    "clock_nanosleep": 230,
    "exit_group": 231,
    "tgkill": 234,
    "waitid": 247,
    "pselect6": 270,
    "ppoll": 271,
    "splice": 275,
    "tee": 276,
    "vmsplice": 278,
    "dup3": 292,
    "pipe2": 293,
    "rt_tgsigqueueinfo": 297,
    "pidfd_send_signal": 424,
    "seccomp": 317,
    "io_uring_setup": 425,
    "clone3": 435,
}

CONTROLLED_NUMBERS: Final = {
    "read": 0,
    "close": 3,
    "rt_sigprocmask": 14,
    "getpid": 39,
    "getpgrp": 111,
    "getpgid": 121,
    "getsid": 124,
    "gettid": 186,
    "pread64": 17,
    "readv": 19,
    "pause": 34,
    "alarm": 37,
    "setitimer": 38,
    "socket": 41,
    "connect": 42,
    "accept": 43,
    "recvfrom": 45,
    "sendto": 44,
    "sendmsg": 46,
    "recvmsg": 47,
    "execve": 59,
    "msgrcv": 70,
    "flock": 73,
    "gettimeofday": 96,
    "getppid": 110,
    "rt_sigtimedwait": 128,
    "rt_sigsuspend": 130,
    "time": 201,
    "semtimedop": 220,
    "set_tid_address": 218,
    "timer_create": 222,
    "clock_gettime": 228,
    "epoll_wait": 232,
    "semop": 65,
    "openat": 257,
    "epoll_pwait": 281,
    "timerfd_create": 283,
    "accept4": 288,
    "getrandom": 318,
    "execveat": 322,
}
"""What a controlled run looks at beside ``NUMBERS``."""
EFFECTS: Final = {
    "open": 2,
    "pwrite64": 18,
    "shmat": 30,
    "msgsnd": 69,
    "truncate": 76,
    "ftruncate": 77,
    "rename": 82,
    "mkdir": 83,
    "rmdir": 84,
    "creat": 85,
    "link": 86,
    "unlink": 87,
    "symlink": 88,
    "chmod": 90,
    "fchmod": 91,
    "chown": 92,
    "fchown": 93,
    "lchown": 94,
    "mknod": 133,
    "mq_timedsend": 242,
    "mkdirat": 258,
    "mknodat": 259,
    "fchownat": 260,
    "unlinkat": 263,
    "renameat": 264,
    "linkat": 265,
    "symlinkat": 266,
    "fchmodat": 268,
    "fallocate": 285,
    "pwritev": 296,
    "renameat2": 316,
    "copy_file_range": 326,
    "pwritev2": 328,
    "close_range": 436,
    "openat2": 437,
}
"""Calls that change what others may find: files, above all. A controlled run looks at them
without scheduling them."""
GUARDED: Final = {
    "fchmodat2": 452,
    "utime": 132,
    "utimes": 235,
    "futimesat": 261,
    "utimensat": 280,
}
"""Calls that only a confined program is stopped at."""
MAKE_PROCESS: Final = 56
SECCOMP: Final = 317

_RAX, _ORIG_RAX, _RIP = 10, 15, 16
_ARGUMENTS = (14, 13, 12, 7, 9, 8)
STACK_POINTER: Final = 19
_arguments: Callable[[list[int]], tuple[int, ...]] = itemgetter(14, 13, 12, 7, 9, 8)
# rdi rsi rdx r10 r8 r9


def number(registers: list[int]) -> int:
    """The system call's number."""
    return registers[_ORIG_RAX]


def arguments(registers: list[int]) -> tuple[int, ...]:
    """Its six arguments, unsigned."""
    return _arguments(registers)


def result(registers: list[int]) -> int:
    """What the call returned: a value, or a negative errno."""
    value = registers[_RAX]
    return value - (1 << 64) if value >> 63 else value


def skip(tid: int, registers: list[int], result: int) -> None:
    """Don't run the call at whose seccomp stop ``tid`` is; give ``result`` instead."""
    registers = list(registers)
    registers[_ORIG_RAX] = (1 << 64) - 1
    registers[_RAX] = result & ((1 << 64) - 1)
    ptrace.set_registers(tid, registers)


def again(tid: int, registers: list[int], *, at_entry: bool) -> None:
    """Make ``tid`` begin the call of ``registers`` again when it goes on: from that call's
    seccomp stop (then it is not run now), or from the exit stop of another call."""
    registers = list(registers)
    registers[_RAX] = registers[_ORIG_RAX]
    registers[_RIP] -= 2  # the length of the instruction syscall
    registers[_ORIG_RAX] = (1 << 64) - 1
    ptrace.set_registers(tid, registers)


def instead(tid: int, registers: list[int], number: int, *arguments: int) -> None:
    """At a seccomp stop: run another call in place of the one that was asked for."""
    registers = list(registers)
    registers[_ORIG_RAX] = number
    for index, value in zip(_ARGUMENTS, arguments, strict=False):
        registers[index] = value & ((1 << 64) - 1)
    ptrace.set_registers(tid, registers)


def next_call(tid: int, registers: list[int], number: int, argument: int) -> None:
    """When ``tid`` goes on from a call, by its return or having skipped it, make it begin
    another call at once."""
    registers = list(registers)
    registers[_RAX] = number
    registers[_ARGUMENTS[0]] = argument
    registers[_RIP] -= 2
    registers[_ORIG_RAX] = (1 << 64) - 1
    ptrace.set_registers(tid, registers)
