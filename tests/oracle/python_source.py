"""Writes a program of ``program.py`` down as Python.

Handlers of signals are left out: Python runs them a little later than they come, so that what it
can do is not what the kernel can.
"""

from __future__ import annotations

import textwrap

from tests.oracle.program import (
    GONE,
    NO_CHILD,
    NONE_YET,
    ClosePipe,
    Exit,
    Fork,
    GetPipe,
    If,
    IgnoreChildren,
    Loop,
    MakePipe,
    Op,
    Program,
    PutPipe,
    Say,
    SayParent,
    SayPid,
    SayRead,
    SayWaited,
    Sleep,
    Test,
    Wait,
    WaitFor,
    every_op,
)

_HEAD = """\
import os
import signal
import time

signal.signal(signal.SIGPIPE, signal.SIG_DFL)
kids = []
parent = 0
waited = -1
status = 0
got = 0


def say(text):
    os.write(1, text.encode())


"""

_PARTS = {
    SayWaited: f"""\
def say_waited():
    if waited > 0:
        say(f"{{waited}} {{os.waitstatus_to_exitcode(status)}}\\n")
    else:
        say({NONE_YET!r} if waited == 0 else {NO_CHILD!r})


""",
    SayParent: f"""\
def say_parent():
    if os.getppid() == parent:
        say(f"parent {{parent}}\\n")
    else:
        say({GONE!r})


""",
    WaitFor: """\
def kid(nth):
    return kids[nth] if nth < len(kids) else os.getpid()


""",
    GetPipe: """\
def get(end, size):
    try:
        return len(os.read(end, size))
    except OSError as error:
        return -error.errno


""",
    PutPipe: """\
def put(end, size):
    try:
        os.write(end, b"x" * size)
    except OSError:
        pass


""",
    ClosePipe: """\
def close(end):
    try:
        os.close(end)
    except OSError:
        pass


""",
    Wait: """\
def wait(pid, options):
    try:
        return os.waitpid(pid, options)
    except ChildProcessError:
        return -1, 0


""",
}

_TESTS: dict[Test, str] = {"child": "waited > 0", "none": "waited == 0", "data": "got > 0"}


def python_source(program: Program) -> str:
    """The source of a Python program that does the same."""
    used = {type(op) for op in every_op(program)}
    if WaitFor in used:
        used.add(Wait)
    parts = [part for kind, part in _PARTS.items() if kind in used]
    return _HEAD + "".join(parts) + _block((*program, Exit()))


def _block(ops: tuple[Op, ...]) -> str:
    return "".join(map(_line, ops)) or "pass\n"


def _inner(ops: tuple[Op, ...]) -> str:
    return textwrap.indent(_block(ops), "    ")


def _line(op: Op) -> str:
    match op:
        case Say(text):
            return f"say({text!r})\n"
        case SayPid(word):
            return f'say(f"{word} {{os.getpid()}}\\n")\n'
        case SayWaited():
            return "say_waited()\n"
        case SayRead():
            return 'say(f"read {got}\\n")\n'
        case SayParent():
            return "say_parent()\n"
        case Fork(body, falls_through):
            body = body if falls_through else (*body, Exit())
            return (
                "me = os.getpid()\npid = os.fork()\nif pid == 0:\n    parent = me\n"
                f"{_inner(body)}else:\n    kids.append(pid)\n"
            )
        case IgnoreChildren():
            return "signal.signal(signal.SIGCHLD, signal.SIG_IGN)\n"
        case Wait(nohang):
            return f"waited, status = wait(-1, {'os.WNOHANG' if nohang else 0})\n"
        case WaitFor(nth, nohang):
            return f"waited, status = wait(kid({nth}), {'os.WNOHANG' if nohang else 0})\n"
        case Exit(code):
            return f"os._exit({code})\n"
        case MakePipe(n):
            return f"r{n}, w{n} = os.pipe()\n"
        case PutPipe(n, size):
            return f"put(w{n}, {size})\n"
        case GetPipe(n, size):
            return f"got = get(r{n}, {size})\n"
        case ClosePipe(n, end):
            return f"close({end}{n})\n"
        case Sleep(milliseconds):
            return f"time.sleep({milliseconds / 1000})\n"
        case If(test, then, otherwise):
            rest = f"else:\n{_inner(otherwise)}" if otherwise else ""
            return f"if {_TESTS[test]}:\n{_inner(then)}{rest}"
        case Loop(test, body):
            return f"while True:\n{_inner(body)}    if not ({_TESTS[test]}):\n        break\n"
        case _:
            raise NotImplementedError(f"{op} in Python")
