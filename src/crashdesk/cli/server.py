"""``crashdesk server``: make a server, run it, and add projects, people and tokens."""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from crashdesk import settings
from crashdesk.errors import UsageError

NAME = "server"
HELP = "Make and run the server that collects reports; add projects, people and tokens."

Configure = Callable[[argparse.ArgumentParser], None]
Run = Callable[[argparse.Namespace], int]


def configure(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add(commands, "init", "Make a server in a data directory, or complete one.", _configure_init, _init)
    _add(commands, "run", "Run the server until Ctrl-C or SIGTERM.", _configure_run, _run)
    _add(commands, "migrate", "Bring the database up to date; run does it by itself.", _no_more, _migrate)
    _add_below(commands, "project", "Add a project and get its DSN.", _configure_project, _add_project)
    _add_below(commands, "user", "Let a person into a project.", _configure_user, _add_user)
    _add_below(commands, "token", "Give a person's scripts a token.", _configure_token, _add_token)
    _add(commands, "part", None, _configure_part, _part)


def run(args: argparse.Namespace) -> int:
    """Run the chosen command below ``server``."""
    status: int = args.run_server(args)
    return status


def _add(commands: Any, name: str, text: str | None, add_options: Configure, action: Run) -> None:
    """Add one command; one without a text is for the server's own use and not listed."""
    parser = commands.add_parser(name, description=text, **({} if text is None else {"help": text}))
    parser.add_argument("--data", type=Path, help="the server's data directory (or CRASHDESK_DATA)")
    add_options(parser)
    parser.set_defaults(run_server=action)


def _add_below(commands: Any, name: str, text: str, add_options: Configure, action: Run) -> None:
    parser = commands.add_parser(name, help=text, description=text)
    below = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add(below, "add", text, add_options, action)


def _configure_init(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--url", required=True, help="the address under which products and people reach the server")
    parser.add_argument("--org", help="short name of whoever runs the server (default: main)")
    parser.add_argument("--project", default="default", help="short name of the first project (default: default)")
    parser.add_argument("--admin-email", required=True, help="e-mail address with which the first person signs in")
    parser.add_argument("--admin-password-file", required=True, type=Path, help="file with that person's password")
    _json_option(parser)


def _configure_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to listen on (default: 8300)")
    parser.add_argument("--database", help="URL of the main database (default: a file in the data directory)")


def _configure_project(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("slug", help="short name of the project, such as my-product")
    _json_option(parser)


def _configure_user(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("email", help="the person's e-mail address")
    parser.add_argument("--role", required=True, help="viewer, support, developer or admin")
    parser.add_argument("--project", required=True, help="short name of the project")
    parser.add_argument("--password-file", required=True, type=Path, help="file with the person's first password")
    _json_option(parser)


def _configure_token(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--user", required=True, help="e-mail address of the person for whom scripts act")
    parser.add_argument("--scope", required=True, nargs="+", action="extend", help="what it may do, such as event:read")
    parser.add_argument("--label", default="command line", help="a name to recognise it by")
    _json_option(parser)


def _configure_part(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name")
    parser.add_argument("--life", type=int, required=True)
    parser.add_argument("--ready", type=int, required=True)
    parser.add_argument("--listen", type=int, default=-1)
    parser.add_argument("--work", type=int, default=-1)
    parser.add_argument("--web-port", type=int, default=0)


def _no_more(_parser: argparse.ArgumentParser) -> None:
    """Add no option."""


def _json_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print the result as one JSON object")


def _init(args: argparse.Namespace) -> int:
    from crashdesk.server.administration import InitOrder, initialise

    password = _password(args.admin_password_file)
    order = InitOrder(_data(args), args.url, args.org, args.project, args.admin_email, password)
    _print(asdict(initialise(order)), as_json=args.json)
    return 0


def _run(args: argparse.Namespace) -> int:
    from crashdesk.server.supervisor import main

    if settings.value("database", flag=args.database) is not None:
        raise UsageError("This version keeps its data in SQLite in the data directory: leave --database out.")
    host, port = settings.value("host", flag=args.host), settings.value("port", flag=args.port)
    return main.run(_data(args), host, port, lambda text: print(text, flush=True))


def _migrate(args: argparse.Namespace) -> int:
    from crashdesk.server import administration

    administration.start_on(_data(args))
    administration.migrate(_data(args))
    return 0


def _add_project(args: argparse.Namespace) -> int:
    from crashdesk.server import administration

    _print(administration.add_project(_data(args), args.slug), as_json=args.json)
    return 0


def _add_user(args: argparse.Namespace) -> int:
    from crashdesk.server import administration

    password = _password(args.password_file)
    _print(administration.add_user(_data(args), args.email, password, args.role, args.project), as_json=args.json)
    return 0


def _add_token(args: argparse.Namespace) -> int:
    from crashdesk.server import administration

    _print(administration.add_token(_data(args), args.user, args.scope, args.label), as_json=args.json)
    return 0


def _part(args: argparse.Namespace) -> int:
    from crashdesk.server import parts

    inherited = parts.Inherited(_data(args), args.life, args.ready, args.listen, args.work, args.web_port)
    return parts.run(args.name, inherited)


def _data(args: argparse.Namespace) -> Path:
    data: Path | None = settings.value("data", flag=args.data)
    if data is None:
        raise UsageError("No data directory is named: use --data DIR or set CRASHDESK_DATA.")
    return data.absolute()


def _password(file: Path) -> str:
    """Return the first line of a file, or of standard input for ``-``."""
    try:
        text = sys.stdin.readline() if str(file) == "-" else file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The password file {file} cannot be read: check its name and mode.") from error
    return text.partition("\n")[0].rstrip("\r")


def _print(result: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(result))
        return
    for name, text in result.items():
        print(f"{name}: {' '.join(text) if isinstance(text, list) else text}")
