"""Wakes the agent when a report waits: starts it when none lives, and never again at once when it did not stay."""

import importlib.util
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from crashdesk import clock, settings
from crashdesk.outbox.location import AGENT_LOCK_FILE, AGENT_LOG_FILE, open_private_file
from crashdesk.outbox.locks import is_held
from crashdesk.sdk.options import AGENT_AUTO, AGENT_OFF, Options

START_AGAIN_SECONDS = 10.0
LOG_BYTES = 512 * 1024
_DETACH = 'exec "$@" &'
"""Run by a shell that ends at once, so that the agent is nobody's child: no zombie, no surprise for os.wait()."""


class Companion:
    """The agent of this product and user, seen from the product."""

    def __init__(self, options: Options, directory: Path) -> None:
        self._options = options
        self._directory = directory
        self._started_at: float | None = None

    def wake(self) -> None:
        """Start the agent, unless one is running, was started a moment ago, or there is none on this machine."""
        command = self.command()
        if not command or self._is_starting() or is_held(self._directory / AGENT_LOCK_FILE):
            return
        self._started_at = clock.monotonic()
        self._start([*command, *self._arguments()])

    def command(self) -> list[str]:
        """Return what starts the agent, without its arguments; nothing when there is none."""
        wish = self._options.agent
        if wish == AGENT_OFF:
            return []
        return _found_command() if wish == AGENT_AUTO else list(wish)

    def _arguments(self) -> list[str]:
        return ["--dsn", str(self._options.dsn), "--data", str(self._directory), "--product", self._options.product]

    def _is_starting(self) -> bool:
        return self._started_at is not None and clock.monotonic() - self._started_at < START_AGAIN_SECONDS

    def _start(self, command: list[str]) -> None:
        import subprocess

        log = open_private_file(self._directory / AGENT_LOG_FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        try:
            if os.fstat(log).st_size > LOG_BYTES:
                os.ftruncate(log, 0)
            common: dict[str, Any] = {
                "stdin": subprocess.DEVNULL,
                "stdout": log,
                "stderr": log,
                "cwd": self._directory,
                "env": settings.child_environment({"CRASHDESK_STRICT": None}),
            }
            if sys.platform == "win32":
                flags = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
                subprocess.Popen(command, creationflags=flags, **common)
            else:
                subprocess.run(
                    ["/bin/sh", "-c", _DETACH, "crashdesk-agent", *command],
                    start_new_session=True,
                    check=False,
                    **common,
                )
        finally:
            os.close(log)


def _found_command() -> list[str]:
    """Find the agent beside the product: a program in a bundle, else a module of this Python."""
    beside = Path(sys.executable or "").with_name("crashdesk-agent" + (".exe" if sys.platform == "win32" else ""))
    if getattr(sys, "frozen", False):  # sys.executable is the product itself: never start that
        program = str(beside) if beside.exists() else shutil.which("crashdesk-agent")
        return [program] if program else []
    has_agent = bool(sys.executable) and all(_exists(name) for name in ("crashdesk.agent", "requests"))
    return [sys.executable, "-m", "crashdesk", "agent"] if has_agent else []


def _exists(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False
