"""``server reprocess``: try again what could not be processed, after an update has mended the reason."""

import argparse
from typing import Any

from crashdesk.cli.server import shape
from crashdesk.cli.server.shape import Command


def add_to(commands: Any) -> None:
    command = Command(
        "reprocess",
        "Process reports again that could not be processed before.",
        _options,
        _reprocess,
        "reprocess --project my-product --reason KeyError --data ./desk",
        "Without options all of them. What succeeds becomes events and leaves the list; what fails stays, with its new"
        " reason.",
    )
    shape.add(commands, command)


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--project", metavar="P", help="only reports of this project")
    parser.add_argument("--reason", default="", help="only those whose reason holds this text")
    parser.add_argument("--text", default="", help="only those whose bytes hold this text")
    parser.add_argument("--since", metavar="DAY", help="only those received since this day, such as 2026-03-01")
    parser.add_argument("--dry-run", action="store_true", help="only count")
    shape.json_option(parser)


def _reprocess(args: argparse.Namespace) -> int:
    from crashdesk.server.operations import reprocessing  # brings Django

    order = reprocessing.Order(args.project, args.reason, args.text, args.since, args.dry_run)
    return shape.show(reprocessing.run(shape.data_of(args), order, shape.say), as_json=args.json)
