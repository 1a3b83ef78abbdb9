"""The seccomp filter, run by a small machine for classic BPF."""

from __future__ import annotations

import errno
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.observe.exact.arch import aarch64, x86_64
from grader.observe.exact.controlled.calls import HANDLINGS
from grader.observe.exact.filter import (
    CONTROLLED_CONDITIONS,
    LARGE_MAPPING,
    build,
)
from grader.observe.exact.record import TOPICS
from tests.observe.bpf import judge

ALLOW, TRACE, FOREIGN = 0x7FFF0000, 0x7FF00000, 0x00050000 | errno.ENOSYS

both = pytest.mark.parametrize("arch", [x86_64, aarch64], ids=["x86_64", "aarch64"])


class Judge:
    def __init__(self, arch: ModuleType) -> None:
        self.arch, self.program = arch, build(arch)

    def call(self, name: str, *arguments: int) -> int:
        return judge(self.program, self.arch.NUMBERS[name], self.arch.AUDIT_ARCH, arguments)


# Arguments with which a call matters, where it does not always.
MATTERS: dict[str, list[tuple[int, ...]]] = {
    "rt_sigaction": [(10, 0x7FFF_0000_0000), (10, 1), (10, 1 << 32)],
    "fcntl": [(1, 0), (1, 1030), (1, 1 << 32)],
    "prctl": [(4, 0), (36, 1)],
    "poll": [(0, 0, 100)],
    "ppoll": [(0, 0, 0x1000)],
    "select": [(0, 0, 0, 0, 0x1000)],
    "pselect6": [(0, 0, 0, 0, 0x1000)],
    "mmap": [(0, LARGE_MAPPING), (0, 1 << 40), (0, 1 << 32)],
    "mremap": [(0, 0, LARGE_MAPPING), (0, 0, 1 << 33)],
}
DOES_NOT_MATTER: dict[str, list[tuple[int, ...]]] = {
    "rt_sigaction": [(10, 0)],
    "fcntl": [(1, 1), (1, 2), (1, 3), (1, 4)],
    "prctl": [(15, 0), (1, 9), (38, 1)],
    "poll": [(0x1000, 1, 100)],
    "ppoll": [(0x1000, 3, 0)],
    "select": [(4, 0x1000)],
    "pselect6": [(1, 0x1000)],
    "mmap": [(0, 4096), (0, LARGE_MAPPING - 1)],
    "mremap": [(0, 1 << 40, 4096)],
}


@both
def test_every_call_on_the_list_stops(arch: ModuleType) -> None:
    judged = Judge(arch)
    for name in arch.NUMBERS:
        for arguments in MATTERS.get(name, [(), (1, 2, 3)]):
            assert judged.call(name, *arguments) == TRACE, (name, arguments)


@both
def test_calls_whose_arguments_do_not_matter_run_on(arch: ModuleType) -> None:
    judged = Judge(arch)
    for name, cases in DOES_NOT_MATTER.items():
        for arguments in cases if name in arch.NUMBERS else ():
            assert judged.call(name, *arguments) == ALLOW, (name, arguments)


@both
@given(number=st.integers(0, 600), arguments=st.tuples(*[st.integers(0, (1 << 64) - 1)] * 6))
def test_every_other_call_runs_at_full_speed(
    arch: ModuleType, number: int, arguments: tuple[int, ...]
) -> None:
    verdict = judge(build(arch), number, arch.AUDIT_ARCH, arguments)
    if number not in arch.NUMBERS.values():
        assert verdict == ALLOW
    else:
        assert verdict in (ALLOW, TRACE)


@both
@given(number=st.integers(0, (1 << 32) - 1), architecture=st.integers(0, (1 << 32) - 1))
def test_a_foreign_architecture_gets_enosys(
    arch: ModuleType, number: int, architecture: int
) -> None:
    if architecture != arch.AUDIT_ARCH:
        assert judge(build(arch), number, architecture) == FOREIGN


@given(number=st.integers(0, 600))
def test_the_x32_abi_gets_enosys(number: int) -> None:
    assert judge(build(x86_64), number | 0x4000_0000, x86_64.AUDIT_ARCH) == FOREIGN


@both
def test_the_kernel_would_accept_it(arch: ModuleType) -> None:
    program = build(arch)
    assert len(program) <= 4096  # BPF_MAXINSNS
    for at, (code, true, false, _) in enumerate(program):
        if code != 0x20 and code != 0x06:
            assert at + 1 + max(true, false) < len(program)
            assert max(true, false) < 256
    assert program[-1][0] == 0x06


@both
def test_each_call_has_a_topic(arch: ModuleType) -> None:
    assert arch.NUMBERS.keys() - {"restart_syscall"} <= TOPICS.keys()
    assert len(set(arch.NUMBERS.values())) == len(arch.NUMBERS)


def test_each_topics_call_is_on_a_list() -> None:
    assert TOPICS.keys() <= x86_64.NUMBERS.keys() | aarch64.NUMBERS.keys()
    # What the generic table lacks are the old forms of what it has (unistd.h, "deprecated").
    old = {"fork", "vfork", "pipe", "dup2", "poll", "select"}
    assert x86_64.NUMBERS.keys() - aarch64.NUMBERS.keys() == old


@both
def test_each_call_of_a_controlled_run_is_handled(arch: ModuleType) -> None:
    numbers = {**arch.NUMBERS, **arch.CONTROLLED_NUMBERS, **arch.EFFECTS}
    assert numbers.keys() - {"restart_syscall"} <= HANDLINGS.keys()
    assert len(set(numbers.values())) == len(numbers)


@both
def test_a_controlled_run_sees_more(arch: ModuleType) -> None:
    numbers = {**arch.NUMBERS, **arch.CONTROLLED_NUMBERS, **arch.EFFECTS}
    program = build(arch, numbers, CONTROLLED_CONDITIONS)

    def judged(name: str, *arguments: int) -> int:
        return judge(program, numbers[name], arch.AUDIT_ARCH, arguments)

    for name in ("read", "close", "getppid", "getrandom", "clock_gettime", "ppoll", "pselect6"):
        assert judged(name, 1, 2, 3) == TRACE
    assert judged("mmap", 0, 4096, 3, 2) == ALLOW  # MAP_PRIVATE is 2
    assert judged("mmap", 0, 4096, 3, 1) == TRACE
    assert judged("rt_sigprocmask", 0, 0) == ALLOW
    assert judged("rt_sigprocmask", 0, 0x7FFF_0000) == TRACE
