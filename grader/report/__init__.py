"""What people see. Names are loaded when they are first used: rich takes a while."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.report.console import make_console as make_console
    from grader.report.doctor_text import print_probe as print_probe
    from grader.report.exploration_text import print_exploration as print_exploration
    from grader.report.replay_text import print_replay as print_replay
    from grader.report.result_text import print_result as print_result
    from grader.report.trace_text import print_trace as print_trace

_HOMES = {
    "make_console": "console",
    "print_exploration": "exploration_text",
    "print_probe": "doctor_text",
    "print_replay": "replay_text",
    "print_result": "result_text",
    "print_trace": "trace_text",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
