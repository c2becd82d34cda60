"""What `test` runs, in this order: the cheap ones first, so that a slip shows in seconds."""

import os
import time

from installer.steps import ROOT, run, say
from installer.virtualenv import PYTHON

_BIN = PYTHON.parent
_BY_FILE = ("--dist", "loadfile", "--no-loadscope-reorder")  # a file shares its server; the order is conftest's


def run_all(arguments: list[str]) -> int:
    """Run linters, types, import contracts and tests; return 0 only if all are green."""
    core = os.cpu_count() or 2
    workers = [] if "-n" in arguments else ["-n", str(max(2, min(core, 8))), *_BY_FILE]
    checks: list[tuple[str, list[str]]] = [
        ("Style (ruff check)", [str(_BIN / "ruff"), "check", "."]),
        ("Form (ruff format)", [str(_BIN / "ruff"), "format", "--check", "--quiet", "."]),
        ("Import contracts", [str(_BIN / "lint-imports"), "--no-cache"]),
        ("Types (mypy)", [str(_BIN / "mypy")]),
        ("Tests (pytest)", [str(PYTHON), "-m", "pytest", *workers, *arguments]),
    ]
    if "-k" in arguments:
        checks = checks[-1:]
    failed = []
    for name, command in checks:
        say(f"• {name} …")
        started = time.monotonic()
        status = run(command, {"PYTHONUNBUFFERED": "1"})
        say(f"  {'green' if status == 0 else 'RED'} after {time.monotonic() - started:.1f} s")
        if status:
            failed.append(name)
    say(f"Everything is green in {ROOT.name}." if not failed else f"Red: {', '.join(failed)}.")
    return 1 if failed else 0
