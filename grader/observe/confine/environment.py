"""The environment of a confined program: the same everywhere, with nothing of its user's."""

from __future__ import annotations

import os
from pathlib import Path

_PATH = "/usr/local/bin:/usr/bin:/bin"
_NAME = "student"


def confined_environment(folder: str, temporary: str, program: str) -> dict[str, str]:
    """The variables for a program that runs in ``folder``, by the executable ``program``.

    Tokens, keys and the tools that run the grader are in environments too: nothing is
    inherited but the time zone.
    """
    own = str(Path(program).parent)
    path = _PATH if own in _PATH.split(":") else f"{own}:{_PATH}"
    variables = {
        "PATH": path,
        "HOME": folder,
        "PWD": folder,
        "TMPDIR": temporary,
        "LANG": "C.UTF-8",
        "TERM": "xterm",
        "USER": _NAME,
        "LOGNAME": _NAME,
        "SHELL": "/bin/sh",
    }
    if zone := os.environ.get("TZ"):
        variables["TZ"] = zone
    return variables
