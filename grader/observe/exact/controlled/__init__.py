"""Controlled runs: the engine decides who goes, time is virtual, faults are injected."""

from grader.observe.exact.controlled.machine import Uncontrollable
from grader.observe.exact.controlled.session import Session
from grader.observe.exact.controlled.start import NotStarted

__all__ = ["NotStarted", "Session", "Uncontrollable"]
