"""What differs between CPU architectures: numbers of system calls, and registers.

Each module offers the same names:

``AUDIT_ARCH``
    what seccomp calls the architecture (linux/audit.h).
``NUMBERS``
    the number of each system call that the engine looks at; a call that the
    architecture lacks is absent.
``number(registers)``, ``arguments(registers)``, ``result(registers)``
    read a register set taken at a system call's entry or exit.
``skip(tid, registers, result)``
    make the call that is about to run not run, and give ``result`` instead.
``instead(tid, registers, number, *arguments)``, ``again(tid, registers, at_entry=...)``
    run another call in its place; begin it anew.
``next_call(tid, registers, number, argument)``
    make it go on with a call of its own accord, from where one was.
``CONTROLLED_NUMBERS``, ``EFFECTS``, ``GUARDED``, ``MAKE_PROCESS``, ``SECCOMP``,
``STACK_POINTER``
    calls that only controlled, or confined, runs look at; the numbers of clone(2) and
    seccomp(2); the register's place.
"""

from __future__ import annotations

import platform
from types import ModuleType

from grader.observe.exact.arch import aarch64, x86_64


def names(arch: ModuleType) -> dict[int, str]:
    """The name of each system call that a controlled or a confined run looks at."""
    numbers = {**arch.NUMBERS, **arch.CONTROLLED_NUMBERS, **arch.EFFECTS, **arch.GUARDED}
    return {number: name for name, number in numbers.items()}


_MODULES: dict[str, ModuleType] = {"x86_64": x86_64, "amd64": x86_64, "aarch64": aarch64}


def current() -> ModuleType | None:
    """The module for this machine, or None when the engine has none."""
    return _MODULES.get(platform.machine().lower())
