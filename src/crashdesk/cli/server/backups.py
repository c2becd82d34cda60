"""``server backup`` and ``server restore``: the whole server in one file, and a server out of one."""

import argparse
from pathlib import Path
from typing import Any

from crashdesk.cli.server import shape
from crashdesk.cli.server.shape import Command


def add_to(commands: Any) -> None:
    for command in (
        Command(
            "backup",
            "Write everything into one file, also while the server runs.",
            _backup_options,
            _backup,
            "backup /backups/desk-monday.crashdesk --data ./desk",
            "The file holds all reports and the server's secret key: only its owner can read it. It appears under its\n"
            "name when it is whole; a backup of that name is replaced only then, any other file is left alone.",
        ),
        Command(
            "restore",
            "Make a server out of a backup, in an empty directory and database.",
            _restore_options,
            _restore,
            "restore /backups/desk-monday.crashdesk --data ./desk2 --database postgresql://desk@db/desk",
            "The file is checked before anything is written. A backup of SQLite may go to PostgreSQL and back: this\n"
            "is how a server moves.",
        ),
    ):
        shape.add(commands, command)


def _backup_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="the file to write")
    shape.json_option(parser)


def _restore_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="a file that server backup wrote")
    parser.add_argument("--database", metavar="URL", help="PostgreSQL database to fill (default: SQLite in DIR)")
    parser.add_argument("--blobs", metavar="URL", help="s3://bucket/prefix for bodies and files (default: DIR/blobs)")
    parser.add_argument("--url", help="new address of the server (default: the one in the backup)")
    shape.json_option(parser)


def _backup(args: argparse.Namespace) -> int:
    from crashdesk.server.operations.backup import writing  # brings Django, as below

    done = writing.back_up(shape.data_of(args), args.file.absolute(), shape.say)
    return shape.show(done, as_json=args.json)


def _restore(args: argparse.Namespace) -> int:
    from crashdesk.server.operations.backup import restoring

    order = restoring.Order(args.file.absolute(), shape.data_of(args), args.database, args.blobs, args.url)
    return shape.show(restoring.restore(order, shape.say), as_json=args.json)
