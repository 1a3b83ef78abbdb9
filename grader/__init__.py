"""grader: sees every process that a student's program makes, and judges it."""

__version__ = "0.1.0"
