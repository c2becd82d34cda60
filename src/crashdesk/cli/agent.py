"""``crashdesk agent``: the companion of a product on the desktop; sends its reports and asks the person."""

import argparse
from pathlib import Path

from crashdesk import logs, settings

NAME = "agent"
HELP = "Send what a product has captured; with a display, ask the person first."


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder of the outbox")
    parser.add_argument("--dsn", help="where reports go that name no DSN themselves")
    parser.add_argument("--product", default="", help="name of the product, as the person knows it")
    parser.add_argument("--headless", action="store_true", help="open no windows")
    parser.add_argument(
        "--until-empty", action="store_true", help="end when nothing is left to send; implies --headless"
    )
    parser.add_argument("--stay", action="store_true", help="go on when there is nothing to do (headless)")


def run(args: argparse.Namespace) -> int:
    """Start the agent of one outbox; returns when it ends."""
    from crashdesk.agent import main
    from crashdesk.outbox.location import default_directory
    from crashdesk.protocol.dsn import Dsn

    logs.configure()
    dsn = None if args.dsn is None else str(Dsn.parse(args.dsn))
    directory = settings.value("data", flag=args.data) or default_directory(args.product)
    return main.run(Path(directory), dsn, args.headless, args.until_empty, args.product, stay=args.stay)
