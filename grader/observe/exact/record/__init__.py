"""What happened: from stops to events. One module a topic, each a few calls."""

from grader.observe.exact.record.recorder import Clock, RealClock, Recorder, Topic
from grader.observe.exact.record.topics import TOPICS

__all__ = ["TOPICS", "Clock", "RealClock", "Recorder", "Topic"]
