"""How much is tried: in each run of the tests a part, with ``GRADER_LARGER=N`` the whole.

The parts are chosen so that continuous integration stays under fifteen minutes on two
processors. ``GRADER_LARGER=40`` is what was tried before each release; N is also the number
of larger random programs.
"""

from __future__ import annotations

import os
from typing import TypeVar

T = TypeVar("T")
LARGER = int(os.environ.get("GRADER_LARGER", "0"))


def size(part: T, whole: T) -> T:
    """So many, or those: a part, or the whole where that is asked for."""
    return whole if LARGER else part
