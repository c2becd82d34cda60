"""``python -m crashdesk`` and the ``crashdesk`` program: logs to standard error, then the command."""

import sys

from crashdesk import logs
from crashdesk.cli.main import main as run_command
from crashdesk.cli.main import outcome_of


def _start() -> int:
    logs.configure()
    status = run_command()
    if sys.stdout is not None:  # as it is in a program without a console
        sys.stdout.flush()  # here a reader that has left ends us quietly, at Python's own end noisily
    return status


def main() -> int:
    """Run the command of this process's own arguments and return its exit status."""
    return outcome_of(_start)


if __name__ == "__main__":
    sys.exit(main())
