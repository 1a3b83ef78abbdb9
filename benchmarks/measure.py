"""Measuring contenders in turn, A B A B ..., so that a slow spell of the machine hits all."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

Contender = Callable[[], float]
"""Does the job once and returns what it cost."""


class Sample(NamedTuple):
    """What one contender's repetitions cost."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def least(self) -> float:
        return min(self.values)

    @property
    def most(self) -> float:
        return max(self.values)


class Ratio(NamedTuple):
    """A contender against its peer, round by round: each round is a comparison of its own."""

    median: float
    least: float
    most: float


def interleaved(contenders: Mapping[str, Contender], rounds: int) -> dict[str, Sample]:
    """Run every contender once a round, after one round that does not count."""
    costs: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(rounds + 1):
        names = list(contenders)
        # Each in turn goes first: who comes after whom must not matter.
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            cost = contenders[name]()
            if number:
                costs[name].append(cost)
    return {name: Sample(tuple(values)) for name, values in costs.items()}


def ratio(sample: Sample, peer: Sample) -> Ratio:
    """How many times the peer's cost a contender's is."""
    each = [mine / theirs for mine, theirs in zip(sample.values, peer.values, strict=True)]
    return Ratio(statistics.median(each), min(each), max(each))


def comparison(
    title: str, samples: Mapping[str, Sample], unit: str, scale: float, peers: Sequence[str]
) -> str:
    """A Markdown table: a line a contender, its cost, and its ratio to each peer."""
    peers = [peer for peer in peers if peer in samples]
    rows = [["", f"{unit}, median", "min to max", *(f"against {peer}" for peer in peers)]]
    for name, sample in samples.items():
        row = [
            name,
            f"{sample.median * scale:.4g}",
            f"{sample.least * scale:.4g} to {sample.most * scale:.4g}",
        ]
        for peer in peers:
            r = ratio(sample, samples[peer])
            row.append("1" if name == peer else f"{r.median:.2f} ({r.least:.2f} to {r.most:.2f})")
        rows.append(row)
    return f"### {title}\n\n{table(rows)}\n"


def table(rows: Sequence[Sequence[str]]) -> str:
    """Markdown, its columns aligned so that it reads well as plain text too."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = [
        "| " + " | ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (w + 2) for w in widths) + "|")
    return "\n".join(lines)


def machine() -> str:
    """The processor, its number, the kernel and Python; nothing that names the host."""
    model = platform.machine()
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
        load = Path("/proc/loadavg").read_text().split()[0]
    except OSError:
        load = "unknown"
    processors = os.cpu_count()
    return (
        f"{processors} x {model}, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}; load {load} when it began"
    )
