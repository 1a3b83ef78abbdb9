"""Writes a program of ``program.py`` down as C."""

from __future__ import annotations

import json
import textwrap

from tests.oracle.program import (
    GONE,
    NO_CHILD,
    NONE_YET,
    ClosePipe,
    CountChildren,
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
    SayCount,
    SayParent,
    SayPid,
    SayRead,
    SayWaited,
    Sleep,
    Test,
    Wait,
    WaitFor,
    pipes_of,
)

_HEAD = """\
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pid_t kids[64], parent, me, pid, waited = -1;
static int count, status;
static long got;
static volatile sig_atomic_t signals;
static int pipes[PIPES][2];
static char bytes[65536];

static void say(const char *text) { if (write(1, text, strlen(text)) < 0) _exit(99); }

static void say_number(const char *word, long number) {
    char line[80];
    snprintf(line, sizeof line, "%s %ld\\n", word, number);
    say(line);
}

static void say_waited(void) {
    char line[80];
    if (waited > 0) {
        int how = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
        snprintf(line, sizeof line, "%ld %d\\n", (long)waited, how);
        say(line);
    } else {
        say(waited == 0 ? NONE_YET : NO_CHILD);
    }
}

static void say_parent(void) {
    if (getppid() == parent) say_number("parent", parent);
    else say(GONE);
}

static pid_t kid(int nth) { return nth < count ? kids[nth] : getpid(); }

static long get(int end, size_t size) {
    long n = read(end, bytes, size);
    return n < 0 ? -errno : n;
}

static void handler(int number) {
    (void)number;
    signals++;
}

static void count_children(void) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigaction(SIGCHLD, &action, NULL);
}

static void nap(long milliseconds) {
    struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    nanosleep(&time, 0);
}

"""

_TESTS: dict[Test, str] = {"child": "waited > 0", "none": "waited == 0", "data": "got > 0"}
_ENDS = {"r": 0, "w": 1}


def c_source(program: Program) -> str:
    """The source of a C program that does the same."""
    head = _HEAD.replace("PIPES", str(max(1, pipes_of(program))))
    for name, text in {"NONE_YET": NONE_YET, "NO_CHILD": NO_CHILD, "GONE": GONE}.items():
        head = head.replace(name, json.dumps(text))
    return f"{head}int main(void) {{\n{_inner((*program, Exit()))}}}\n"


def _inner(ops: tuple[Op, ...]) -> str:
    return textwrap.indent("".join(map(_line, ops)), "    ")


def _line(op: Op) -> str:
    match op:
        case Say(text):
            return f"say({json.dumps(text)});\n"
        case SayPid(word):
            return f"say_number({json.dumps(word)}, getpid());\n"
        case SayWaited():
            return "say_waited();\n"
        case SayRead():
            return 'say_number("read", got);\n'
        case SayParent():
            return "say_parent();\n"
        case Fork(body, falls_through):
            body = body if falls_through else (*body, Exit())
            return (
                "me = getpid();\npid = fork();\nif (pid == 0) {\n    parent = me;\n"
                f"{_inner(body)}}} else {{\n    kids[count++] = pid;\n}}\n"
            )
        case IgnoreChildren():
            return "signal(SIGCHLD, SIG_IGN);\n"
        case CountChildren():
            return "count_children();\n"
        case SayCount():
            return 'say_number("count", signals);\n'
        case Wait(nohang):
            return f"waited = waitpid(-1, &status, {'WNOHANG' if nohang else 0});\n"
        case WaitFor(nth, nohang):
            return f"waited = waitpid(kid({nth}), &status, {'WNOHANG' if nohang else 0});\n"
        case Exit(code):
            return f"_exit({code});\n"
        case MakePipe(n):
            return f"if (pipe(pipes[{n}]) < 0) _exit(98);\n"
        case PutPipe(n, size):
            return f"if (write(pipes[{n}][1], bytes, {size}) < 0) errno = 0;\n"
        case GetPipe(n, size):
            return f"got = get(pipes[{n}][0], {size});\n"
        case ClosePipe(n, end):
            return f"close(pipes[{n}][{_ENDS[end]}]);\n"
        case Sleep(milliseconds):
            return f"nap({milliseconds});\n"
        case If(test, then, otherwise):
            rest = f" else {{\n{_inner(otherwise)}}}" if otherwise else ""
            return f"if ({_TESTS[test]}) {{\n{_inner(then)}}}{rest}\n"
        case Loop(test, body):
            return f"do {{\n{_inner(body)}}} while ({_TESTS[test]});\n"
