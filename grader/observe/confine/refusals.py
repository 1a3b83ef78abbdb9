"""System calls that a confined program may not make, and with which errno they fail.

By them a program would reach what is not its own, leave behind what outlives it, hide from
the grader, or reach parts of the kernel that no assignment about processes needs. The errno is
the one that the man page gives for a process that may not, or for a kernel that can't.
"""

from __future__ import annotations

import errno
import functools
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from grader.observe.confine.numbers import Calls
from grader.observe.seccomp import TRACE, Condition, Filter, Rule, assemble, error


class Refusal(NamedTuple):
    """Why a call is refused, and how."""

    errno: int
    why: str
    """Completes: it would ..."""
    conditions: tuple[Condition, ...] = ()
    """Only when one of these holds."""


class Permits(NamedTuple):
    """What an assignment allows beyond the rest."""

    network: bool = False
    shared_memory: bool = False


# <linux/socket.h>: the internet, and netlink, by which getaddrinfo() asks for addresses.
_INTERNET: Final = (2, 10, 16)
# <asm-generic/ioctls.h>, <linux/fs.h>
_IOCTLS: Final = {
    0x540B: "TCFLSH would throw away what was written",
    0x5412: "TIOCSTI would type on the terminal",
    0x5423: "TIOCSETD would change how the terminal works",
    0x540C: "TIOCEXCL would keep the terminal from others",
    0x541C: "TIOCLINUX would use the system's console",
    0x541D: "TIOCCONS would take the system's console",
    0x5437: "TIOCVHANGUP would hang up the terminal",
    0x5457: "TIOCSLCKTRMIOS would lock the terminal's settings",
    0x8901: "FIOSETOWN would send signals to another process",
    0x8902: "SIOCSPGRP would send signals to another process",
    0x40086602: "FS_IOC_SETFLAGS would keep a file from being removed",
    0x401C5820: "FS_IOC_FSSETXATTR would change a file's quota",
}
# <linux/fcntl.h>
_FCNTLS: Final = {
    8: "F_SETOWN would send signals to another process",
    10: "F_SETSIG would send signals to another process",
    15: "F_SETOWN_EX would send signals to another process",
    1024: "F_SETLEASE would make others wait for a file",
    1026: "F_NOTIFY would watch a folder",
}
_PR_SET_MM: Final = 35
_TCFLSH: Final = 0x540B
_INPUT: Final = 0  # TCIFLUSH

_ALWAYS: Final[dict[tuple[int, str], str]] = {
    (errno.EPERM, "reach into another process"): "ptrace process_vm_readv process_vm_writev "
    "process_madvise process_mrelease kcmp pidfd_getfd migrate_pages move_pages",
    (errno.EPERM, "change what is mounted where"): "mount umount2 pivot_root chroot move_mount "
    "open_tree open_tree_attr fsopen fsconfig fsmount fspick mount_setattr",
    (errno.EPERM, "leave the namespaces that it is in"): "unshare setns",
    (errno.ENOSYS, "use the kernel's keyrings, which outlive it"): "keyctl add_key request_key",
    (errno.EPERM, "load programs into the kernel"): "bpf init_module finit_module delete_module "
    "create_module kexec_load kexec_file_load",
    (errno.ENOSYS, "make system calls that can't be observed"): "io_uring_setup io_uring_enter "
    "io_uring_register io_setup io_submit",
    (errno.EACCES, "watch what others do with their files"): "inotify_add_watch",
    (errno.EPERM, "measure the whole system"): "perf_event_open fanotify_init syslog "
    "name_to_handle_at open_by_handle_at",
    (errno.EPERM, "change the system's clock"): "settimeofday clock_settime clock_adjtime adjtimex",
    (errno.EPERM, "administer the system"): "reboot swapon swapoff sethostname setdomainname iopl "
    "ioperm acct quotactl quotactl_fd vhangup uselib",
    (errno.EPERM, "stop inside the kernel for as long as it likes"): "userfaultfd",
    (errno.ENOSYS, "hold memory that no limit counts"): "memfd_create memfd_secret",
    (errno.EINVAL, "hide its system calls from the grader"): "seccomp",
    (errno.EPERM, "change who owns a file"): "chown fchown lchown fchownat",
    (errno.ENOTSUP, "change a file's attributes"): "setxattr lsetxattr fsetxattr removexattr "
    "lremovexattr fremovexattr setxattrat removexattrat file_setattr",
}
# By their ids or names those of other programs can be had, too.
_SHARED_MEMORY: Final = (
    "mq_open mq_unlink shmget shmat shmctl semget semop semtimedop semctl "
    "msgget msgsnd msgrcv msgctl"
)

# Calls about another process: which argument says whose, and what they would do.
_FOREIGN: Final = {
    "sched_setaffinity": (0, "move a process that is not its own to another processor"),
    "sched_setscheduler": (0, "schedule a process that is not its own"),
    "sched_setparam": (0, "schedule a process that is not its own"),
    "sched_setattr": (0, "schedule a process that is not its own"),
    "prlimit64": (0, "change the limits of a process that is not its own"),
    "setpriority": (1, "change the priority of a process that is not its own"),
    "ioprio_set": (1, "change the priority of a process that is not its own"),
}
_FIRST: Final = {"setpriority": 0, "ioprio_set": 1}  # PRIO_PROCESS, IOPRIO_WHO_PROCESS

# Landlock does not rule over these (landlock(7), CAVEATS).
CHMOD: Final = ("chmod", "fchmod", "fchmodat", "fchmodat2")
TOUCH: Final = ("utime", "utimes", "futimesat", "utimensat")

_NAMESPACES: Final = 0x7E020000
"""CLONE_NEW..., all of those that clone(2) takes."""
_UNSEEN: Final = 0x8000
"""CLONE_PARENT: the child would be the supervisor's."""


@functools.cache
def refusals(permits: Permits) -> dict[str, Refusal]:
    """What is refused, by the name of the call."""
    found = {
        name: Refusal(number, why)
        for (number, why), names in _ALWAYS.items()
        for name in names.split()
    }
    if not permits.shared_memory:
        why = "share memory or messages with processes outside the run"
        found |= {name: Refusal(errno.EACCES, why) for name in _SHARED_MEMORY.split()}
    domain = (Condition(0, "other than", _INTERNET),) if permits.network else ()
    found["socket"] = Refusal(errno.EACCES, "open a connection to the outside", domain)
    found["ioctl"] = Refusal(errno.EPERM, "", (Condition(1, "equals", tuple(_IOCTLS)),))
    found["fcntl"] = Refusal(errno.EPERM, "", (Condition(1, "equals", tuple(_FCNTLS)),))
    found["prctl"] = Refusal(
        errno.EPERM, "pretend to be another program", (Condition(0, "equals", (_PR_SET_MM,)),)
    )
    # At the offset of -1 it writes to a terminal or a pipe, as writev(2), which is what the C
    # library makes of it then.
    found["pwritev2"] = Refusal(
        errno.ENOSYS, "write past the grader", (Condition(3, "equals", (0xFFFF_FFFF,)),)
    )
    for name, (whose, why) in _FOREIGN.items():
        conditions = [Condition(whose, "nonzero")]
        if name in _FIRST:
            conditions.append(Condition(0, "other than", (_FIRST[name],)))
        found[name] = Refusal(errno.EPERM, why, tuple(conditions))
    return found


def refused(
    permits: Permits, name: str, arguments: tuple[int, ...], owns: Callable[[int], bool]
) -> tuple[int, str] | None:
    """Whether a call that the filter stopped is refused: an errno and the reason, or None.

    ``owns`` tells of a process id whether it is one of the program's own.
    """
    refusal = refusals(permits).get(name)
    if refusal is None:
        return None
    if name in _FOREIGN:
        which, who = _FIRST.get(name), arguments[_FOREIGN[name][0]] & 0xFFFF_FFFF
        if which in (None, arguments[0]) and (who == 0 or owns(who)):
            return None
    elif (name == "ioctl" and arguments[1:3] == (_TCFLSH, _INPUT)) or (
        refusal.conditions and not any(_holds(c, arguments) for c in refusal.conditions)
    ):
        return None
    why = f"it would {refusal.why}"
    if name in ("ioctl", "fcntl"):
        why = {**_IOCTLS, **_FCNTLS}[arguments[1] & 0xFFFF_FFFF]
    return refusal.errno, why


def _holds(condition: Condition, arguments: tuple[int, ...]) -> bool:
    value = arguments[condition.argument] & 0xFFFF_FFFF
    return (value in condition.values) is (condition.how == "equals")


def refusing_filter(
    calls: Calls, permits: Permits, stopped: Mapping[str, int] | None, modes: bool
) -> Filter:
    """The filter to install, beside that of a tracer if there is one: of ``refusing_rules``."""
    return Filter(assemble(calls, refusing_rules(calls, permits, stopped, modes)))


def refusing_rules(
    calls: Calls, permits: Permits, stopped: Mapping[str, int] | None, modes: bool = False
) -> list[Rule]:
    """What happens to which call. ``modes``: whether it may change modes and times of all files
    of its user, who then has none but the program's own.

    ``stopped`` are further calls, with their numbers, at which a tracer is to stop, which then
    decides of all of them; None: there is no tracer, and the kernel refuses by itself, more
    than a tracer would: what the arguments' registers alone don't tell.
    """
    numbers = calls.numbers
    rules = [
        Rule(numbers[name], TRACE if stopped is not None else error(each.errno), each.conditions)
        for name, each in refusals(permits).items()
        if name in numbers
    ]
    if stopped is not None:
        rules += [Rule(number, TRACE) for number in stopped.values()]
    else:
        names = () if modes else (*CHMOD, *TOUCH)
        rules += [Rule(numbers[name], error(errno.EPERM)) for name in names if name in numbers]
        flags = (Condition(0, "has bit", (_NAMESPACES | _UNSEEN,)),)
        rules.append(Rule(numbers["clone"], error(errno.EPERM), flags))
    # Its flags are in memory, where another thread can change them after a look at them. A C
    # library that gets this uses clone(2).
    rules.append(Rule(numbers["clone3"], error(errno.ENOSYS)))
    return rules
