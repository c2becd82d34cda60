"""The benchmark of the intake runs and prints its table; what it shows is for people to judge, on a quiet machine."""

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[1] / "benchmarks" / "ingest.py"


def test_the_benchmark_prints_a_table_with_each_figure():
    done = subprocess.run(
        [sys.executable, SCRIPT, "--pairs", "1", "--smoke", "--alone", "--without-postgres"],
        capture_output=True,
        check=False,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    assert "| digest CPU per event | ≤ 2 ms, ≤ 0.125 times | ≤ 1.8 ms |" in done.stdout
    assert "| repeated event id, stored twice | ≤ 0 | ≤ 0 | 0 | - | - | aim |" in done.stdout
