"""The system call numbers are the kernel's."""

from __future__ import annotations

import platform
import re
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

from grader.observe.exact import arch as architectures
from grader.observe.exact import ptrace
from grader.observe.exact.arch import aarch64, x86_64

HEADERS = {
    "x86_64": [
        "/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
        "/usr/include/asm/unistd_64.h",
        "/usr/x86_64-linux-gnu/include/asm/unistd_64.h",
    ],
    # What arm64 includes: its own numbers are the generic ones.
    "aarch64": ["/usr/include/asm-generic/unistd.h"],
}
MODULES = {"x86_64": x86_64, "aarch64": aarch64}


def numbers_in(header: Path) -> dict[str, int]:
    text = header.read_text()
    # A few generic ones are defined through another macro, as __NR3264_fcntl is.
    found = re.findall(r"#define\s+__NR(?:3264)?_(\w+)\s+(\d+)", text)
    return {name: int(number) for name, number in found}


@pytest.mark.parametrize("machine", MODULES)
def test_numbers_are_those_of_the_kernels_headers(machine: str) -> None:
    header = next((path for name in HEADERS[machine] if (path := Path(name)).exists()), None)
    if header is None:
        pytest.skip(f"the kernel's headers for {machine} are not here")
    theirs = numbers_in(header)
    module = MODULES[machine]
    ours: dict[str, int] = {**module.NUMBERS, **module.CONTROLLED_NUMBERS, **module.EFFECTS}
    ours["clone"], ours["seccomp"] = module.MAKE_PROCESS, module.SECCOMP
    assert {name: theirs.get(name) for name in ours} == ours


@pytest.mark.parametrize(
    ("machine", "module"),
    [("x86_64", x86_64), ("AMD64", x86_64), ("aarch64", aarch64), ("riscv64", None)],
)
def test_the_module_for_a_machine(
    monkeypatch: pytest.MonkeyPatch, machine: str, module: ModuleType | None
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: machine)
    assert architectures.current() is module


def test_registers_of_x86_64() -> None:
    registers = list(range(100, 127))
    # struct user_regs_struct: r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax
    assert x86_64.number(registers) == 115
    assert x86_64.arguments(registers) == (114, 113, 112, 107, 109, 108)
    assert x86_64.result(registers) == 110
    registers[10] = (1 << 64) - 10
    assert x86_64.result(registers) == -10


def test_registers_of_aarch64() -> None:
    registers = list(range(100, 134))  # struct user_pt_regs: x0 to x30, sp, pc, pstate
    assert aarch64.number(registers) == 108
    assert aarch64.arguments(registers) == (100, 101, 102, 103, 104, 105)
    assert aarch64.result(registers) == 100
    registers[0] = (1 << 64) - 4
    assert aarch64.result(registers) == -4


def test_ptrace_numbers_are_those_of_the_headers(tmp_path: Path) -> None:
    header = Path("/usr/include/linux/ptrace.h")
    if not header.exists():
        pytest.skip("the kernel's headers are not here")
    text = header.read_text()
    ours = {
        name: value
        for name, value in vars(ptrace).items()
        if name.startswith("EVENT_") and isinstance(value, int)
    }
    for name, value in ours.items():
        found = re.search(rf"#define\s+PTRACE_{name}\s+(\d+)", text)
        assert found, name
        assert int(found[1]) == value


def test_this_machines_numbers_are_the_compilers(tmp_path: Path) -> None:
    module = architectures.current()
    if module is None:
        pytest.skip("not a machine of the exact engine")
    source = "#include <sys/syscall.h>\n" + "".join(
        f"{name} SYS_{name}\n" for name in module.NUMBERS
    )
    try:
        done = subprocess.run(
            ["cc", "-E", "-P", "-"], input=source, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("there is no C compiler with the kernel's headers")
    theirs = dict(line.split() for line in done.stdout.splitlines() if line.count(" ") == 1)
    assert {name: theirs[name] for name in module.NUMBERS} == {
        name: str(number) for name, number in module.NUMBERS.items()
    }
