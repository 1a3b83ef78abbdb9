"""Controlled runs: the engine decides who goes, time is virtual, faults are injected."""

from grader.observe.exact.controlled.session import Session
from grader.observe.exact.controlled.start import NotStarted
from grader.observe.exact.controlled.state import Uncontrollable

__all__ = ["NotStarted", "Session", "Uncontrollable"]
