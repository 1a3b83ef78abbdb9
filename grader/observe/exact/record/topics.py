"""Which topic records which system call."""

from __future__ import annotations

from grader.observe.exact.record.descriptors import (
    DUPS,
    FILTERS,
    GROUPS,
    IO_URING,
    MAPPINGS,
    PIPES,
    PRCTLS,
)
from grader.observe.exact.record.forks import CALLS, EXITS, FORKS
from grader.observe.exact.record.recorder import Topic
from grader.observe.exact.record.signals import ACTIONS, SENDS
from grader.observe.exact.record.sleeps import SLEEPS
from grader.observe.exact.record.waits import WAITS
from grader.observe.exact.record.writes import WRITES

TOPICS: dict[str, Topic] = {
    **dict.fromkeys(CALLS, FORKS),
    "exit_group": EXITS,
    **dict.fromkeys(("wait4", "waitid"), WAITS),
    **dict.fromkeys(("write", "writev", "sendfile", "splice", "tee", "vmsplice"), WRITES),
    **dict.fromkeys(
        ("kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_send_signal"),
        SENDS,
    ),
    "rt_sigaction": ACTIONS,
    **dict.fromkeys(
        ("nanosleep", "clock_nanosleep", "poll", "ppoll", "select", "pselect6"), SLEEPS
    ),
    **dict.fromkeys(("pipe", "pipe2"), PIPES),
    **dict.fromkeys(("dup", "dup2", "dup3", "fcntl"), DUPS),
    **dict.fromkeys(("setpgid", "setsid"), GROUPS),
    "prctl": PRCTLS,
    "io_uring_setup": IO_URING,
    "seccomp": FILTERS,
    **dict.fromkeys(("mmap", "mremap"), MAPPINGS),
}
