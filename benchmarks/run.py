"""Measures grader beside its peers, in one run, and prints Markdown tables.

    python -m benchmarks.run                   everything (some minutes)
    python -m benchmarks.run figure stops      these cases only
    python -m benchmarks.run --rounds 5        fewer repetitions than 15

From a checkout, `python3 dev.py bench` does the same in .venv. Needs Linux; what strace
or a C compiler is needed for is left out where they are missing.
"""

from __future__ import annotations

import argparse
import shutil
import sys

from benchmarks.cases import CASES
from benchmarks.contenders import Missing
from benchmarks.measure import machine


def main(arguments: list[str]) -> int:
    """Print the report; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.run", description="Measure grader beside its peers."
    )
    parser.add_argument("cases", nargs="*", metavar="CASE", help=", ".join(CASES))
    parser.add_argument("--rounds", type=int, default=15, help="repetitions (default 15)")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.cases if name not in CASES]
    if unknown:
        parser.error(f"no such case: {', '.join(unknown)}; there are {', '.join(CASES)}")
    if shutil.which("strace") is None:
        print("strace is not installed: it is the peer, and these tables need it", file=sys.stderr)
        return 2
    print(f"{machine()}; {options.rounds} rounds\n", flush=True)
    for name in options.cases or CASES:
        try:
            print(CASES[name](options.rounds), flush=True)
        except Missing as missing:
            print(f"{name}: left out, for it needs {missing}\n", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
