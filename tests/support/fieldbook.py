"""Fieldbook as a real process: started offscreen or on a display, doing steps of the tour by itself."""

import subprocess
import sys
from pathlib import Path

from crashdesk import settings

COMMAND = [sys.executable, "-X", "faulthandler", "-m", "crashdesk.demo.fieldbook"]


def perform(data: Path, *steps: str, extra: tuple[str, ...] = (), seconds: float = 60) -> subprocess.CompletedProcess:
    """Run Fieldbook offscreen through these steps until it ends."""
    environment = settings.child_environment({"QT_QPA_PLATFORM": "offscreen", "FIELDBOOK_DSN": None})
    command = [*COMMAND, "--data", str(data), *extra, "--perform", *steps]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=seconds, check=False)
