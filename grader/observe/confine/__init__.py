"""Holding a program to its own: files, signals, network, kernel. The engines only call it.

What holds it is the kernel: Landlock, seccomp, resource limits, a user without privileges,
no_new_privs. What this system lacks of that is named in ``Trace.unconfined``.
"""

from grader.observe.confine import landlock
from grader.observe.confine.confined import Confined, confine
from grader.observe.confine.refusals import CHMOD, TOUCH
from grader.observe.confine.rlimits import set_rlimits

__all__ = ["CHMOD", "TOUCH", "Confined", "confine", "landlock", "set_rlimits"]
