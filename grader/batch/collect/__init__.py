"""What an instructor has on the disk: recognising it, and finding each student's submission."""

from grader.batch.collect.collecting import Collected, collect

__all__ = ["Collected", "collect"]
