"""``server project``: projects, their keys (DSNs), what they may send and what is kept of it."""

import argparse
from typing import Any

from crashdesk.cli.server import keys, shape
from crashdesk.cli.server.shape import Command
from crashdesk.errors import UsageError


def add_to(commands: Any) -> None:
    below = shape.group(commands, "project", "Add and list projects; their keys and quotas.")
    for command in (
        Command(
            "add", "Add a project and get its DSN.", _add_options, _add, "project add my-product --data ./desk --json"
        ),
        Command("list", "List the projects.", shape.json_option, _list, "project list --data ./desk"),
        Command(
            "quota",
            "Limit how many items of a category a project may send in a time, or lift that.",
            _quota_options,
            _quota,
            "project quota --project my-product --category error --per-seconds 3600 --most 10000 --data ./desk",
        ),
        Command(
            "spikes",
            "Protect a project from a sudden flood, or let it send.",
            _spikes_options,
            _spikes,
            "project spikes off --project my-product --data ./desk",
        ),
        Command(
            "keep",
            "Choose which items without a page of their own are kept, not only counted.",
            _keep_options,
            _keep,
            "project keep security raw_security profile --project my-product --data ./desk",
            "Without a name none is kept. Events, feedback, attachments and sessions always are.",
        ),
        Command(
            "retention",
            "Show or change how much of a project is kept how long.",
            _retention_options,
            _retention,
            "project retention events_days=30 bodies_per_issue=50 --project my-product --data ./desk",
            "Without NAME=NUMBER it shows what holds; 0 stands for no limit. Counts are kept for ever.",
        ),
    ):
        shape.add(below, command)
    keys.add_to(below)


def project_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--project", required=True, metavar="P", help="short name of the project")


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("slug", help="short name of the project, such as my-product")
    shape.json_option(parser)


def _add(args: argparse.Namespace) -> int:
    from crashdesk.server import administration  # brings Django, as all below

    return shape.show(administration.add_project(shape.data_of(args), args.slug), as_json=args.json)


def _list(args: argparse.Namespace) -> int:
    from crashdesk.server.operations import projects

    rows = projects.listed(shape.data_of(args))
    return shape.show_rows(rows, as_json=args.json, nothing="There is no project yet.")


def _quota_options(parser: argparse.ArgumentParser) -> None:
    project_option(parser)
    parser.add_argument("--category", required=True, help="kind of items, such as error, attachment or session")
    parser.add_argument("--per-seconds", type=int, default=3600, metavar="N", help="length of the time (default: 3600)")
    parser.add_argument("--most", type=int, metavar="N", help="most items in that time; without it the quota is lifted")
    shape.json_option(parser)


def _quota(args: argparse.Namespace) -> int:
    from crashdesk.server.operations import projects

    order = projects.Quota(args.category, args.per_seconds, args.most)
    return shape.show(projects.set_quota(shape.data_of(args), args.project, order), as_json=args.json)


def _spikes_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("protection", choices=("on", "off"), help="on: a flood is refused; off: all is taken")
    project_option(parser)
    shape.json_option(parser)


def _spikes(args: argparse.Namespace) -> int:
    from crashdesk.server.operations import projects

    is_on = args.protection == "on"
    return shape.show(projects.protect(shape.data_of(args), args.project, is_on=is_on), as_json=args.json)


def _keep_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("items", nargs="*", metavar="TYPE", help="type of items, such as security or transaction")
    project_option(parser)
    shape.json_option(parser)


def _keep(args: argparse.Namespace) -> int:
    from crashdesk.server.operations import projects

    return shape.show(projects.keep(shape.data_of(args), args.project, args.items), as_json=args.json)


def _retention_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("changes", nargs="*", metavar="NAME=NUMBER", help="what to change, such as events_days=30")
    project_option(parser)
    shape.json_option(parser)


def _retention(args: argparse.Namespace) -> int:
    from crashdesk.server.operations import projects

    changes = dict(map(_change, args.changes))
    return shape.show(projects.retention(shape.data_of(args), args.project, changes), as_json=args.json)


def _change(text: str) -> tuple[str, int]:
    name, _, number = text.partition("=")
    try:
        return name, int(number)
    except ValueError as error:
        raise UsageError(f"{text!r} changes nothing: write it like events_days=30.") from error
