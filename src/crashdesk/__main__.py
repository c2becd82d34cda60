"""``python -m crashdesk`` and the ``crashdesk`` program: logs to standard error, then the command."""

import sys

from crashdesk import logs
from crashdesk.cli.main import main as run_command
from crashdesk.cli.main import outcome_of


def _start() -> int:
    logs.configure()
    return run_command()


def main() -> int:
    """Run the command of this process's own arguments and return its exit status."""
    return outcome_of(_start)


if __name__ == "__main__":
    sys.exit(main())
