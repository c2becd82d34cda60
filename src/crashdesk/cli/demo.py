"""``crashdesk demo``: a server, the sample product Fieldbook, and a crash on its way from one to the other."""

import argparse
from pathlib import Path

NAME = "demo"
HELP = "Start a server and the sample product Fieldbook, and see a crash become an issue."


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--exit", action="store_true", help="do all steps by itself and end; 0 if all were seen")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep the data in this directory")
    parser.add_argument("--port", type=int, help="port of the server (default: 8300, or any free one)")


def run(args: argparse.Namespace) -> int:
    """Give the tour."""
    from crashdesk.demo import tour

    return tour.run(tour.Order(args.exit, args.keep, args.port), lambda text: print(text, flush=True))
