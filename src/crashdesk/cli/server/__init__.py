"""``crashdesk server``: make a server, run it, look after it. A module a group of commands, listed in GROUPS."""

import argparse
import sys

from crashdesk.cli.server import (
    backups,
    deleting,
    looking,
    making,
    people,
    projects,
    reprocessing,
    running,
    tokens,
)
from crashdesk.errors import StorageError

NAME = "server"
HELP = "Make, run and look after the server that collects reports: projects, people, tokens, backups, checks."

GROUPS = (making, running, projects, people, tokens, looking, backups, reprocessing, deleting)


def configure(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for group in GROUPS:
        group.add_to(commands)


def run(args: argparse.Namespace) -> int:
    """Run the chosen command below ``server``; raises StorageError when its database cannot be used."""
    try:
        status: int = args.run_server(args)
    except Exception as error:
        if not _is_of_database(error):
            raise
        from crashdesk.server.intake.postgres import reason_of

        raise StorageError(
            f"The database cannot be used ({reason_of(error)}): mend that, or wait for it, and try again."
        ) from error
    return status


def _is_of_database(error: Exception) -> bool:
    """Whether the database is away, full or locked; a statement that is wrong in itself is a fault of ours."""
    django = sys.modules.get("django.db")  # only commands that have started it can meet its errors
    return django is not None and isinstance(error, django.OperationalError)
