"""``server token``: what lets a person's scripts in."""

import argparse
from typing import Any

from crashdesk.cli.server import shape
from crashdesk.cli.server.shape import Command


def add_to(commands: Any) -> None:
    below = shape.group(commands, "token", "Give a person's scripts a token; list and revoke tokens.")
    for command in (
        Command(
            "add",
            "Give a person's scripts a token; its secret is shown once.",
            _add_options,
            _add,
            "token add --user ann@example.org --scope event:read event:write --days 90 --data ./desk --json",
        ),
        Command("list", "List tokens, without their secrets.", _list_options, _list, "token list --data ./desk"),
        Command(
            "revoke",
            "Refuse a token from now on.",
            _revoke_options,
            _revoke,
            "token revoke 12 --data ./desk",
        ),
    ):
        shape.add(below, command)


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--user", required=True, help="e-mail address of the person for whom scripts act")
    parser.add_argument("--scope", required=True, nargs="+", action="extend", help="what it may do, such as event:read")
    parser.add_argument("--label", default="command line", help="a name to recognise it by")
    parser.add_argument("--days", type=int, metavar="N", help="how long it is valid (default: until it is revoked)")
    shape.json_option(parser)


def _list_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--user", help="only those of this person, by e-mail address")
    shape.json_option(parser)


def _revoke_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("token", type=int, metavar="ID", help="number of the token, as token list shows it")
    shape.json_option(parser)


def _add(args: argparse.Namespace) -> int:
    from crashdesk.server.operations import tokens  # brings Django, as all below

    order = tokens.Order(args.user, tuple(args.scope), args.label, args.days)
    return shape.show(tokens.add(shape.data_of(args), order), as_json=args.json)


def _list(args: argparse.Namespace) -> int:
    from crashdesk.server.operations import tokens

    rows = tokens.listed(shape.data_of(args), args.user)
    return shape.show_rows(rows, as_json=args.json, nothing="There is no token.")


def _revoke(args: argparse.Namespace) -> int:
    from crashdesk.server.operations import tokens

    return shape.show(tokens.revoke(shape.data_of(args), args.token), as_json=args.json)
