"""What works here, found out by trying, not by the platform's name."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path
from typing import Literal

import msgspec
import psutil

from grader.observe.seccomp import filters_work

EngineName = Literal["exact", "sampled"]


class Fact(msgspec.Struct, frozen=True):
    """One thing that was looked at."""

    name: str
    ok: bool | None
    """Whether it is as the exact engine needs it; None for what is only good to know."""
    detail: str


class Probe(msgspec.Struct, frozen=True):
    """What was found, and which engine that means."""

    engine: EngineName
    reason: str
    facts: list[Fact]


def exact_works() -> tuple[bool, str]:
    """Whether the exact engine works here, and if not, why. Tried once a process.

    Raises GraderError when that cannot be told.
    """
    if sys.platform != "linux":
        return False, f"exact events need Linux; this is {platform.system()}"
    from grader.observe.exact.selftest import STEPS, self_test

    steps, why = self_test()
    if "end" in steps:
        return True, "the self-test of ptrace and seccomp passed"
    missing = next((meaning for name, meaning in STEPS if name not in steps), "")
    return False, f"the self-test failed: {missing}: {why or 'no answer'}"


def probe() -> Probe:
    """Look at everything that decides how a submission can be observed."""
    works, reason = exact_works()
    facts = [
        Fact("system", sys.platform == "linux", f"{platform.system()} {platform.release()}"),
        Fact("architecture", _architecture_known(), platform.machine()),
        *_self_test_facts(),
        _yama(),
        *_confinement(works),
        Fact("user", None, "root" if os.geteuid() == 0 else f"uid {os.geteuid()}, not root"),
        Fact("subreaper", None, _subreaper()),
        Fact("processors", None, _processors()),
        Fact("python", None, f"{platform.python_version()}, {os.path.realpath(sys.executable)}"),
        Fact("psutil", None, psutil.__version__),
    ]
    return Probe("exact" if works else "sampled", reason, facts)


def _architecture_known() -> bool:
    return platform.machine().lower() in ("x86_64", "amd64", "aarch64", "arm64")


def _self_test_facts() -> list[Fact]:
    if sys.platform != "linux":
        return []
    from grader.observe.exact.selftest import STEPS, self_test

    steps, why = self_test()
    facts = []
    for name, meaning in STEPS:
        works = name in steps
        detail = meaning if works else f"{meaning}: no{f' ({why})' if why else ''}"
        facts.append(Fact(f"self-test: {name}", works, detail))
    return facts


def _yama() -> Fact:
    """/proc/sys/kernel/yama/ptrace_scope (Linux: Documentation/admin-guide/LSM/Yama.rst)."""
    meanings = {
        "0": "0: any own process may be traced",
        "1": "1: own descendants may be traced, which is all that is needed",
        "2": "2: only an administrator may trace; the exact engine needs CAP_SYS_PTRACE",
        "3": "3: nobody may trace until the next boot",
    }
    try:
        value = Path("/proc/sys/kernel/yama/ptrace_scope").read_text().strip()
    except OSError:
        return Fact("yama", True, "not in force here")
    return Fact("yama", value in ("0", "1"), meanings.get(value, value))


def _confinement(exact: bool) -> list[Fact]:
    """What holds a submission here, and what each absence means."""
    from grader.observe.confine import cgroup, landlock

    lacks = landlock.missing(exact)
    version = f"ABI {landlock.abi()}: " if landlock.abi() else ""
    held = "files" + (", signals" if landlock.abi() >= landlock.RULES_SIGNALS else "")
    folders = cgroup.places()
    return [
        Fact(
            "landlock", not lacks, version + ("; ".join(lacks) or f"holds a program to its {held}")
        ),
        Fact(
            "seccomp",
            filters_work(),
            "system calls are refused"
            if filters_work()
            else "this system has none: no system call is refused",
        ),
        Fact("submissions run as", None, _whom()),
        Fact(
            "control groups",
            None,
            "delegated: they hold the memory of a whole run"
            if folders
            else "none is delegated: the memory of a whole run is looked at from time to time",
        ),
        Fact("keeper", None, _keeper()),
    ]


def _whom() -> str:
    from grader.observe.confine.user import user_for

    user = user_for("doctor", os.path.realpath(sys.executable))
    return f"uid {os.geteuid()}, as you" if user is None else user.words


def _keeper() -> str:
    if sys.platform == "linux":
        return "ends sampled runs, should grader be killed"
    return "not on this system: what grader leaves when it is killed may live on"


def _processors() -> str:
    if sys.platform == "linux":
        return f"{len(os.sched_getaffinity(0))} usable"
    return str(os.cpu_count())


def _subreaper() -> str:
    if sys.platform == "linux":
        return "available (the sampled engine adopts orphans)"
    return "not on this system: the sampled engine loses sight of orphans"
