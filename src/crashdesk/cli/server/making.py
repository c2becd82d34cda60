"""``server init`` and ``server migrate``: make a server, or complete one; bring its tables up to date."""

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from crashdesk import settings
from crashdesk.cli.server import shape
from crashdesk.cli.server.shape import Command


def add_to(commands: Any) -> None:
    for command in (
        Command(
            "init",
            "Make a server in a data directory, or complete one.",
            _init_options,
            _init,
            "init --data ./desk --url https://crashes.example.org --admin-email you@example.org "
            "--admin-password-file password.txt --json",
            "A second run changes no key: it gives the same DSN, one more token, and the address and password named.",
        ),
        Command(
            "migrate",
            "Bring the database up to date; run does it by itself.",
            shape.json_option,
            _migrate,
            "migrate --data ./desk",
        ),
    ):
        shape.add(commands, command)


def _init_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--url", required=True, help="the address under which products and people reach the server")
    parser.add_argument(
        "--database",
        help="postgresql://user:password@host/name for the main database; one that holds a server already is joined"
        " (default: a file in the data directory)",
    )
    parser.add_argument("--org", help="short name of whoever runs the server (default: main)")
    parser.add_argument("--project", default="default", help="short name of the first project (default: default)")
    parser.add_argument("--admin-email", required=True, help="e-mail address with which the first person signs in")
    parser.add_argument("--admin-password-file", required=True, type=Path, help="file with that person's password")
    shape.json_option(parser)


def _init(args: argparse.Namespace) -> int:
    from crashdesk.server.administration import InitOrder, initialise  # brings Django, as all below

    data, password = shape.data_of(args), shape.password_of(args.admin_password_file)
    if args.database is not None:
        settings.use_flag("database", args.database)
    order = InitOrder(data, args.url, args.org, args.project, args.admin_email, password)
    return shape.show(asdict(initialise(order)), as_json=args.json)


def _migrate(args: argparse.Namespace) -> int:
    from crashdesk.server import administration

    data = shape.data_of(args)
    administration.start_on(data, whatever_its_tables=True)
    administration.migrate(data)
    if args.json:
        shape.show({"status": "current"}, as_json=True)
    return 0
