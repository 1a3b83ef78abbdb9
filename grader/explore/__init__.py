"""Decides which schedules of a program to run, and says which were.

After Shuttle (Rust): a strategy is asked 'another run?' and 'who goes now?', one file
each; the engine knows none of them.
"""

from __future__ import annotations

from grader.explore.budget import Budget
from grader.explore.exploring import Explored, explore, explore_all, replay
from grader.explore.outcomes import distinct, exploration, named_text
from grader.explore.shortest import shortest
from grader.model import Exploration

__all__ = [
    "Budget",
    "Explored",
    "distinct",
    "document",
    "explore",
    "explore_all",
    "named_text",
    "replay",
    "shortest",
]


def document(explored: Explored, output_order: bool = True) -> Exploration:
    """The document ``grader/explore/v1`` of an exploration."""
    return exploration(explored.traces, explored.schedules, output_order)
