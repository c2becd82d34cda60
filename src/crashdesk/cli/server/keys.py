"""``server project key``: the keys of a project, each the public half of a DSN."""

import argparse
from functools import partial
from typing import Any

from crashdesk.cli.server import shape
from crashdesk.cli.server.shape import Command


def add_to(below_project: Any) -> None:
    below = shape.group(below_project, "key", "The keys of a project: list, add, disable, enable, rotate.")
    on_off = (
        ("disable", "Refuse reports with a key from now on.", False),
        ("enable", "Let reports with a key in again.", True),
    )
    for command in (
        Command("list", "List the keys of a project.", _options, _list, "project key list --project P --data ./desk"),
        Command(
            "add",
            "Add a key; the others stay valid.",
            _add_options,
            _add,
            "project key add --project P --label beta --data ./desk --json",
        ),
        *(
            Command(
                name, text, _one_options, partial(_switch, is_active=is_active), f"project key {name} 3 --project P"
            )
            for name, text, is_active in on_off
        ),
        Command(
            "limit",
            "Limit how many reports a minute one key may send, or lift that.",
            _limit_options,
            _limit,
            "project key limit 3 --project P --per-minute 600 --data ./desk",
        ),
        Command(
            "rotate",
            "Add a new key beside those in use; the old ones stay valid until you disable them.",
            _add_options,
            _rotate,
            "project key rotate --project P --data ./desk",
        ),
    ):
        shape.add(below, command)


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--project", required=True, metavar="P", help="short name of the project")
    shape.json_option(parser)


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--label", default="", help="a name to recognise the key by")
    _options(parser)


def _one_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("key", help="the key's number, or its 32 digits from the DSN")
    _options(parser)


def _limit_options(parser: argparse.ArgumentParser) -> None:
    _one_options(parser)
    parser.add_argument("--per-minute", type=int, metavar="N", help="without it the key has the usual limit again")


def _list(args: argparse.Namespace) -> int:
    from crashdesk.server.operations import keys  # brings Django, as all below

    return shape.show_rows(keys.listed(shape.data_of(args), args.project), as_json=args.json, nothing="No keys.")


def _add(args: argparse.Namespace) -> int:
    from crashdesk.server.operations import keys

    return shape.show(keys.add(shape.data_of(args), args.project, args.label), as_json=args.json)


def _switch(args: argparse.Namespace, *, is_active: bool) -> int:
    from crashdesk.server.operations import keys

    done = keys.switch(shape.data_of(args), args.project, args.key, is_active=is_active)
    return shape.show(done, as_json=args.json)


def _limit(args: argparse.Namespace) -> int:
    from crashdesk.server.operations import keys

    done = keys.limit(shape.data_of(args), args.project, args.key, args.per_minute)
    return shape.show(done, as_json=args.json)


def _rotate(args: argparse.Namespace) -> int:
    from crashdesk.server.operations import keys

    return shape.show(keys.rotate(shape.data_of(args), args.project, args.label), as_json=args.json)
