"""Clients of Sentry's protocol as they are published: npm packages, pinned with their hashes in ``tests/clients``.

The installer has npm unpack them (``installer/clients.py``). sentry-cli is a plain program inside its package.
"""

import os
import platform
import subprocess
from collections.abc import Mapping
from pathlib import Path

MODULES = Path(__file__).parent.parent / "clients" / "node_modules"
_PACKAGES = {"3": "@sentry", "2": "sentry-cli-2/node_modules/@sentry"}
_MACHINES = {"x86_64": "linux-x64", "aarch64": "linux-arm64"}


def client_packages() -> Path:
    """Return the folder of the unpacked packages."""
    assert MODULES.is_dir(), "the clients are not unpacked yet: run python3 installer test once"
    return MODULES


def sentry_cli(major: str) -> Path:
    """Return the program of sentry-cli 2 or 3."""
    return client_packages() / _PACKAGES[major] / f"cli-{_MACHINES[platform.machine()]}" / "bin" / "sentry-cli"


class SentryCli:
    """One version of sentry-cli, set up for a server; nothing of it reports or updates anywhere."""

    def __init__(self, major: str, home: Path, settings: Mapping[str, str]) -> None:
        """`home` is its home and working directory, `settings` go into its environment."""
        self._program = sentry_cli(major)
        self._home = home
        quiet = {"SENTRY_DISABLE_UPDATE_CHECK": "1", "SENTRY_NO_PROGRESS_BAR": "1", "SENTRY_CLI_NO_TELEMETRY": "1"}
        self._environment = {"PATH": os.defpath, "HOME": str(home), **quiet, **settings}

    def run(self, *arguments: object) -> str:
        """Run a command and return what it printed; it must exit 0."""
        code, printed = self.tell(*arguments)
        assert code == 0, f"sentry-cli {' '.join(map(str, arguments))} ended with {code}:\n{printed}"
        return printed

    def tell(self, *arguments: object) -> tuple[int, str]:
        """Run a command and return its exit status and all that it printed."""
        done = subprocess.run(
            [self._program, *map(str, arguments)],
            cwd=self._home,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=90,
        )
        return done.returncode, done.stdout + done.stderr
