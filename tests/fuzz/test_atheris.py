"""The coverage-guided fuzzer finds nothing in a few seconds, where it is installed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.test_documents import VALID

HARNESS = Path(__file__).with_name("atheris_readers.py")
SECONDS = 20


@pytest.mark.slow
def test_nothing_is_found(tmp_path):
    pytest.importorskip("atheris", reason="atheris is not installed: pip install atheris")
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    for number, (kind, documents) in enumerate(VALID.items()):
        for n, document in enumerate(documents):
            data = json.dumps(document).encode()
            (seeds / f"{kind.__name__}-{n}").write_bytes(bytes([number]) + data)
    done = subprocess.run(
        [sys.executable, HARNESS, seeds, f"-max_total_time={SECONDS}", "-rss_limit_mb=2000"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]
