"""Which system calls are refused: the filter's rules, and what the engine makes of its stops."""

from __future__ import annotations

import errno
import platform
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.observe.confine.numbers import AARCH64, X86_64
from grader.observe.confine.refusals import (
    CHMOD,
    TOUCH,
    Permits,
    refusals,
    refused,
    refusing_rules,
)
from grader.observe.exact import arch as engines
from grader.observe.exact.arch import aarch64, x86_64
from grader.observe.exact.guard import stopped_calls
from grader.observe.seccomp import ALLOW, TRACE, assemble, error
from tests.observe.bpf import judge

BOTH = pytest.mark.parametrize("calls", [X86_64, AARCH64], ids=["x86_64", "aarch64"])
NOTHING = Permits()
OWN = 4321


def owns(pid):
    return pid == OWN


def answer(calls, name, *arguments, permits=NOTHING, traced=True):
    rules = refusing_rules(calls, permits, {} if traced else None)
    return judge(assemble(calls, rules), calls.numbers[name], calls.AUDIT_ARCH, arguments)


# One of each kind that the issue of a hostile submission begins with.
NEVER = [
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "mount",
    "unshare",
    "setns",
    "keyctl",
    "bpf",
    "io_uring_setup",
    "perf_event_open",
    "init_module",
    "clock_settime",
    "settimeofday",
    "chroot",
    "pidfd_getfd",
    "memfd_create",
    "userfaultfd",
    "socket",
    "shmctl",
    "msgrcv",
    "mq_unlink",
    "inotify_add_watch",
    "shmget",
]


@BOTH
@pytest.mark.parametrize("name", NEVER)
def test_what_no_program_needs_is_refused(calls, name):
    arguments = (2, 1, 0, 0, 0, 0)
    assert answer(calls, name, *arguments) == TRACE
    found = refused(NOTHING, name, arguments, owns)
    assert found is not None
    assert found[0] in (errno.EPERM, errno.EACCES, errno.ENOSYS)
    assert found[1].startswith("it would ")
    assert answer(calls, name, *arguments, traced=False) == error(found[0])


@BOTH
@pytest.mark.parametrize("name", ["sched_setaffinity", "prlimit64", "sched_setscheduler"])
def test_a_program_sees_to_its_own_processes_and_no_others(calls, name):
    assert answer(calls, name, 0, 1, 1) == ALLOW
    assert answer(calls, name, 99, 1, 1) == TRACE
    assert refused(NOTHING, name, (99, 1, 1, 0, 0, 0), owns) is not None
    assert refused(NOTHING, name, (OWN, 1, 1, 0, 0, 0), owns) is None


@BOTH
@pytest.mark.parametrize(
    ("which", "who", "allowed"),
    [(0, 0, True), (0, OWN, True), (0, 99, False), (1, 0, False), (2, 0, False), (2, OWN, False)],
    ids=["self", "own", "another", "its group", "its user", "a user of that number"],
)
def test_priorities(calls, which, who, allowed):
    found = refused(NOTHING, "setpriority", (which, who, 19, 0, 0, 0), owns)
    assert (found is None) is allowed
    if not allowed or who:
        assert answer(calls, "setpriority", which, who, 19) == TRACE
    else:
        assert answer(calls, "setpriority", which, who, 19) == ALLOW


@BOTH
def test_the_network_can_be_allowed_and_nothing_else_with_it(calls):
    allowed = Permits(network=True)
    for domain in (2, 10, 16):
        assert answer(calls, "socket", domain, 1, permits=allowed) == ALLOW
    for domain in (1, 17, 31, 40):
        assert answer(calls, "socket", domain, 1, permits=allowed) == TRACE
        assert refused(allowed, "socket", (domain, 1, 0, 0, 0, 0), owns) is not None
    assert refused(allowed, "shmget", (0,) * 6, owns) is not None


@BOTH
def test_shared_memory_can_be_allowed(calls):
    allowed = Permits(shared_memory=True)
    for name in ("shmget", "semget", "msgget", "mq_open"):
        assert answer(calls, name, permits=allowed) == ALLOW
        assert refused(allowed, name, (0,) * 6, owns) is None


@BOTH
def test_of_the_terminal_only_tricks_are_refused(calls):
    # TCGETS, TCSETS, TIOCGWINSZ, TIOCSPGRP; then TIOCSTI, FIOSETOWN, and both kinds of TCFLSH
    for command in (0x5401, 0x5402, 0x5413, 0x5410):
        assert answer(calls, "ioctl", 1, command) == ALLOW
    for command in (0x5412, 0x8901):
        assert answer(calls, "ioctl", 1, command) == TRACE
        assert refused(NOTHING, "ioctl", (1, command, 0, 0, 0, 0), owns) is not None
    assert refused(NOTHING, "ioctl", (1, 0x540B, 0, 0, 0, 0), owns) is None
    assert refused(NOTHING, "ioctl", (1, 0x540B, 1, 0, 0, 0), owns) is not None


@BOTH
def test_without_a_tracer_the_kernel_refuses_what_only_a_tracer_could_judge(calls):
    for name in (*CHMOD, *TOUCH):
        if name in calls.numbers:
            assert answer(calls, name, traced=False) == error(errno.EPERM)
    for flags in (0x10000000, 0x20000000, 0x00020000, 0x8000):
        assert answer(calls, "clone", flags | 17, traced=False) == error(errno.EPERM)
    threads = 0x3D0F00  # what pthread_create() asks for
    for flags in (17, threads, 0x4000 | 0x100 | 17):
        assert answer(calls, "clone", flags, traced=False) == ALLOW
    assert answer(calls, "clone3", traced=False) == error(errno.ENOSYS)


@BOTH
def test_another_abi_has_no_calls(calls):
    rules = refusing_rules(calls, NOTHING, {})
    for architecture in (0x40000003, 0x40000028):
        assert judge(assemble(calls, rules), 0, architecture) == error(errno.ENOSYS)


VALUES = st.one_of(
    st.integers(0, 50),
    st.sampled_from([0x5412, 0x540B, 0x5401, OWN, 2**32, 2**32 + 8, 2**64 - 1, 1024, 22, 35]),
)


@given(
    st.sampled_from(sorted(refusals(NOTHING))),
    st.tuples(*[VALUES] * 6),
    st.booleans(),
    st.sampled_from([X86_64, AARCH64]),
)
def test_the_engine_refuses_nothing_that_the_filter_lets_pass(name, arguments, network, calls):
    if name not in calls.numbers:
        return
    permits = Permits(network=network)
    stops = answer(calls, name, *arguments, permits=permits) == TRACE
    if refused(permits, name, arguments, owns) is not None:
        # What the filter does not stop the engine never sees.
        assert stops
    if not stops:
        assert answer(calls, name, *arguments, permits=permits, traced=False) == ALLOW


@pytest.mark.parametrize("module", [x86_64, aarch64], ids=["x86_64", "aarch64"])
def test_the_guard_is_asked_of_every_call_that_names_a_file(module):
    stopped = stopped_calls(module)
    assert {"openat", "unlinkat", "renameat2", "linkat", "symlinkat", "fchmodat", "utimensat"} <= (
        set(stopped)
    )
    assert {"execve", "execveat", "openat2", "mknodat", "mkdirat"} <= set(stopped)


@pytest.mark.parametrize(
    ("calls", "module"), [(X86_64, x86_64), (AARCH64, aarch64)], ids=["x86_64", "aarch64"]
)
def test_one_number_is_one_call(calls, module):
    known = {
        **module.NUMBERS,
        **module.CONTROLLED_NUMBERS,
        **module.EFFECTS,
        **module.GUARDED,
    }
    for name, number in calls.numbers.items():
        assert known.get(name, number) == number
    both = {**known, **calls.numbers}
    assert len(set(both.values())) == len(both)


def test_numbers_are_those_of_the_systems_headers():
    headers = {
        "x86_64": "/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
        "aarch64": "/usr/include/asm-generic/unistd.h",
    }
    machine = platform.machine()
    header = Path(headers.get(machine, "/nowhere"))
    if not header.exists():
        pytest.skip("there are no headers of the kernel here")
    pattern = r"#define __NR(?:3264)?_(\w+)\s+(\d+)"
    system = {name: int(number) for name, number in re.findall(pattern, header.read_text())}
    calls = X86_64 if machine == "x86_64" else AARCH64
    engine = engines.current()
    assert engine is not None
    ours = {**engine.NUMBERS, **engine.GUARDED, **calls.numbers}
    wrong = {name: number for name, number in ours.items() if system.get(name, number) != number}
    assert wrong == {}
