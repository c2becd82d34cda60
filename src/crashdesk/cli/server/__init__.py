"""``crashdesk server``: make a server, run it, look after it. A module a group of commands, listed in GROUPS."""

import argparse

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

NAME = "server"
HELP = "Make, run and look after the server that collects reports: projects, people, tokens, backups, checks."

GROUPS = (making, running, projects, people, tokens, looking, backups, reprocessing, deleting)


def configure(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for group in GROUPS:
        group.add_to(commands)


def run(args: argparse.Namespace) -> int:
    """Run the chosen command below ``server``."""
    status: int = args.run_server(args)
    return status
