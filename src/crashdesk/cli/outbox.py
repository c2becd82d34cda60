"""``crashdesk outbox``: what lies in a product's outbox, whether the sums agree, and its repair."""

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crashdesk import settings

if TYPE_CHECKING:
    from crashdesk.outbox.store import Outbox

NAME = "outbox"
HELP = "Look into the reports kept on this machine: list, balance, repair."


def configure(parser: argparse.ArgumentParser) -> None:
    subparsers = parser.add_subparsers(title="what to do", metavar="ACTION", required=True)
    for name, (help_text, action) in _ACTIONS.items():
        subparser = subparsers.add_parser(name, help=help_text, description=help_text)
        subparser.add_argument("--data", type=Path, metavar="DIR", help="folder of the outbox")
        subparser.add_argument("--product", default="", help="name of the product, where no folder is given")
        subparser.add_argument("--json", action="store_true", help="print JSON")
        subparser.set_defaults(action=action)


def run(args: argparse.Namespace) -> int:
    """Open the outbox that is meant and do what was asked."""
    from crashdesk.outbox import admin
    from crashdesk.outbox.location import default_directory

    directory = settings.value("data", flag=args.data) or default_directory(args.product)
    outbox = admin.open_existing(Path(directory))
    try:
        action: Callable[[Outbox, argparse.Namespace], int] = args.action
        return action(outbox, args)
    finally:
        outbox.close()


def _list(outbox: "Outbox", args: argparse.Namespace) -> int:
    from crashdesk.outbox import admin

    rows = admin.listing(outbox)
    if args.json:
        print(json.dumps(rows, indent=2))
        return 0
    for row in rows:
        print(_line(row))
    print(f"{len(rows)} report{'' if len(rows) == 1 else 's'} in {outbox.directory}")
    return 0


def _line(row: dict[str, Any]) -> str:
    title = "".join(char if char.isprintable() else " " for char in row["title"])
    reason = f"  ({row['reason']})" if row["reason"] else ""
    return f"{row['created_at']}  {row['state']:<8} {row['event_id']}  {title}{reason}"


def _balance(outbox: "Outbox", args: argparse.Namespace) -> int:
    """Print the sums; the status is 1 when a report is missing."""
    from crashdesk.outbox import admin

    found = admin.balance(outbox)
    agrees = found.missing == 0
    if args.json:
        print(json.dumps({**asdict(found), "missing": found.missing, "agrees": agrees}, indent=2))
    else:
        lines = [("captured", found.captured), ("delivered", found.delivered), *sorted(found.states.items())]
        lines += [(f"dropped, {reason}", number) for reason, number in sorted(found.dropped.items())]
        for name, number in lines:
            print(f"{name:<24} {number:>7}")
        print("The sums agree." if agrees else f"{found.missing} reports are missing. Run: crashdesk outbox repair")
    return 0 if agrees else 1


def _repair(outbox: "Outbox", args: argparse.Namespace) -> int:
    """Repair and print what was done; the status is 1 when something could not be read."""
    from crashdesk.outbox import admin

    done = admin.repair(outbox)
    if args.json:
        print(json.dumps(asdict(done), indent=2))
        return 1 if done.unreadable_files else 0
    print("The outbox was damaged; a new one was begun." if done.was_damaged else "The outbox is whole.")
    print(f"Taken back from damaged files: {done.recovered} reports.")
    print(f"Freed from an agent that has ended: {done.freed_claims} reports.")
    for name in done.unreadable_files:
        print(f"{name} could be read in part only and stays where it is.")
    return 1 if done.unreadable_files else 0


_ACTIONS: dict[str, tuple[str, Callable[["Outbox", argparse.Namespace], int]]] = {
    "list": ("List the reports with their states.", _list),
    "balance": ("Add up what was captured and what became of it.", _balance),
    "repair": ("Check the file, take back what damaged files still hold.", _repair),
}
