"""``server user``: let people in, keep them out, give them another password."""

import argparse
from functools import partial
from pathlib import Path
from typing import Any

from crashdesk.cli.server import shape
from crashdesk.cli.server.shape import Command


def add_to(commands: Any) -> None:
    below = shape.group(commands, "user", "Let people into projects; passwords; switch accounts off and on.")
    for command in (
        Command(
            "add",
            "Let a person into a project.",
            _add_options,
            _add,
            "user add ann@example.org --role developer --project my-product --password-file password.txt --data ./desk",
        ),
        Command("list", "List people and their roles.", shape.json_option, _list, "user list --data ./desk --json"),
        Command(
            "set-password",
            "Give a person another password; their sessions end.",
            _password_options,
            _set_password,
            "user set-password ann@example.org --password-file password.txt --data ./desk",
        ),
        Command(
            "disable",
            "Keep a person and their tokens out; nothing of theirs is deleted.",
            _one_options,
            partial(_switch, is_active=False),
            "user disable ann@example.org --data ./desk",
        ),
        Command(
            "enable",
            "Let a person in again.",
            _one_options,
            partial(_switch, is_active=True),
            "user enable ann@example.org --data ./desk",
        ),
    ):
        shape.add(below, command)


def _one_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("email", help="the person's e-mail address")
    shape.json_option(parser)


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--role", required=True, help="viewer, support, developer or admin")
    parser.add_argument("--project", required=True, help="short name of the project")
    _password_options(parser)


def _password_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--password-file", required=True, type=Path, help="file with the password; - is standard input")
    _one_options(parser)


def _add(args: argparse.Namespace) -> int:
    from crashdesk.server import administration  # brings Django, as all below

    data, password = shape.data_of(args), shape.password_of(args.password_file)
    added = administration.add_user(data, args.email, password, args.role, args.project)
    return shape.show(added, as_json=args.json)


def _list(args: argparse.Namespace) -> int:
    from crashdesk.server.operations import people

    return shape.show_rows(people.listed(shape.data_of(args)), as_json=args.json, nothing="There is nobody yet.")


def _set_password(args: argparse.Namespace) -> int:
    from crashdesk.server.operations import people

    password = shape.password_of(args.password_file)
    return shape.show(people.set_password(shape.data_of(args), args.email, password), as_json=args.json)


def _switch(args: argparse.Namespace, *, is_active: bool) -> int:
    from crashdesk.server.operations import people

    return shape.show(people.switch(shape.data_of(args), args.email, is_active=is_active), as_json=args.json)
