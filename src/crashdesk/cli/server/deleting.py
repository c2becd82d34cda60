"""``server delete``: erase a person's data, or a project."""

import argparse
from typing import Any

from crashdesk.cli.server import shape
from crashdesk.cli.server.shape import Command
from crashdesk.errors import UsageError


def add_to(commands: Any) -> None:
    command = Command(
        "delete",
        "Erase what is known of a person, or a whole project; it cannot be taken back.",
        _options,
        _delete,
        "delete --person ann@example.org --project my-product --data ./desk",
        "WHO is a mail address, or the id or name by which a product tells its users. Backups made before keep\n"
        "what they have: delete them when the law asks for it.",
    )
    shape.add(commands, command)


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--person", metavar="WHO", help="erase the reports and words of this person")
    parser.add_argument("--project", metavar="P", help="only in this project; without --person: the project itself")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    shape.json_option(parser)


def _delete(args: argparse.Namespace) -> int:
    from crashdesk.server.operations import erasing  # brings Django

    if not (args.person or args.project):
        raise UsageError("Say what to delete: --person WHO, --project P, or both.")
    order = erasing.checked(shape.data_of(args), args.person, args.project)
    shape.confirm(order.question, is_certain=args.yes)
    return shape.show(erasing.erase(order, shape.say), as_json=args.json)
