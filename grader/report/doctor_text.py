"""What ``grader doctor`` shows."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from grader.observe import Probe
from grader.report.console import glyphs_of, make_console, shown
from grader.report.sections import grid
from grader.report.trace_text import print_part, put

_ENGINES = {
    "exact": "every event is seen, from the kernel",
    "sampled": "processes are looked at many times a second; what is too quick may be missed",
}


def print_probe(probe: Probe, console: Console | None = None) -> None:
    """Print what was tried on this computer, and which engine is used and why."""
    console = console or make_console()
    glyphs = glyphs_of(console)
    marks = {
        True: Text(f"{glyphs.choose('✓', '+')} yes", "green"),
        False: Text(f"{glyphs.choose('✗', 'x')} no", "bold red"),
        None: Text(""),
    }
    rows = [
        [
            marks[fact.ok],
            shown(fact.name, console.encoding, "bold"),
            shown(fact.detail, console.encoding),
        ]
        for fact in probe.facts
    ]
    if rows:
        print_part(console, grid(rows, console))
        console.print()
    put(console, Text(f"Engine: {probe.engine} ({_ENGINES[probe.engine]})", "bold"))
    put(console, shown(probe.reason, console.encoding))
