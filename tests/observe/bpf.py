"""A small machine for classic BPF: what the kernel would do with a system call."""

from __future__ import annotations

from collections.abc import Sequence

from grader.observe.seccomp import Instruction


def judge(
    program: Sequence[Instruction], number: int, architecture: int, arguments: tuple[int, ...] = ()
) -> int:
    """What a filter answers (bpf_prog_run on struct seccomp_data)."""
    arguments = (*arguments, *[0] * (6 - len(arguments)))
    data = (number & 0xFFFF_FFFF).to_bytes(4, "little") + architecture.to_bytes(4, "little")
    data += bytes(8) + b"".join(a.to_bytes(8, "little") for a in arguments)
    accumulator, at = 0, 0
    while True:
        code, true, false, constant = program[at]
        at += 1
        match code:
            case 0x20:  # load a word
                accumulator = int.from_bytes(data[constant : constant + 4], "little")
            case 0x15:
                at += true if accumulator == constant else false
            case 0x35:
                at += true if accumulator >= constant else false
            case 0x45:
                at += true if accumulator & constant else false
            case 0x06:
                return constant
            case _:
                raise AssertionError(f"unknown instruction {code:#x}")
