"""What all commands of ``crashdesk server`` share: how they are added, their data directory, results and questions."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crashdesk import settings
from crashdesk.errors import UsageError

FILE_NAME = "server.toml"  # in the data directory: settings by name

Options = Callable[[argparse.ArgumentParser], None]
Action = Callable[[argparse.Namespace], int]


@dataclass(frozen=True, slots=True)
class Command:
    """One command: its name, what it does in one sentence (none: it is not listed), and how it is called."""

    name: str
    text: str | None
    options: Options
    action: Action
    example: str = ""
    more: str = ""


def add(commands: Any, command: Command) -> None:
    """Add `command` with ``--data``; its help ends with the example."""
    listed = {} if command.text is None else {"help": command.text}
    epilog = f"example: crashdesk server {command.example}" if command.example else None
    description = "\n\n".join(filter(None, [command.text, command.more])) or None
    form = argparse.RawDescriptionHelpFormatter
    parser = commands.add_parser(
        command.name, description=description, epilog=epilog, formatter_class=form, allow_abbrev=False, **listed
    )
    parser.add_argument("--data", type=Path, metavar="DIR", help="the server's data directory (or CRASHDESK_DATA)")
    command.options(parser)
    parser.set_defaults(run_server=command.action)


def group(commands: Any, name: str, text: str) -> Any:
    """Add a word below which further commands stand; return the place to add them."""
    parser = commands.add_parser(name, help=text, description=text)
    return parser.add_subparsers(title="commands", metavar="COMMAND", required=True)


def json_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print the result as JSON on standard output")


def data_of(args: argparse.Namespace) -> Path:
    """Return the data directory that is meant, and let its ``server.toml`` speak from here on."""
    data: Path | None = settings.value("data", flag=args.data)
    if data is None:
        raise UsageError("No data directory is named: use --data DIR or set CRASHDESK_DATA.")
    settings.use_file(data.absolute() / FILE_NAME)
    return data.absolute()


def password_of(file: Path) -> str:
    """Return the first line of a file, or of standard input for ``-``."""
    try:
        text = sys.stdin.readline() if str(file) == "-" else file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The password file {file} cannot be read: check its name and mode.") from error
    return text.partition("\n")[0].rstrip("\r")


def show(result: Mapping[str, Any], *, as_json: bool) -> int:
    """Print one result and return the exit status of success."""
    if as_json:
        print(json.dumps(result))
        return 0
    for name, content in result.items():
        print(f"{name}: {_in_words(content)}")
    return 0


def show_rows(rows: Sequence[Mapping[str, Any]], *, as_json: bool, nothing: str) -> int:
    """Print rows as a table with a heading, or as one JSON list; `nothing` is said when there is none."""
    if as_json:
        print(json.dumps(list(rows)))
    elif not rows:
        print(nothing)
    else:
        lines = [[str(name) for name in rows[0]], *([_in_words(content) for content in row.values()] for row in rows)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        for line in lines:
            print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
    return 0


def say(text: str) -> None:
    """Tell a person how far it is: on standard error, so that results stay clean."""
    print("".join(char if char.isprintable() else " " for char in text), file=sys.stderr, flush=True)


def confirm(question: str, *, is_certain: bool) -> None:
    """Ask before what cannot be taken back, unless `is_certain`; raises UsageError when the answer is not yes."""
    if is_certain:
        return
    if not sys.stdin.isatty():
        raise UsageError(f"{question} Nobody is there to answer: repeat the command with --yes.")
    print(f"{question} Write yes to go on: ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() != "yes":
        raise UsageError("Nothing was changed.")


def _in_words(content: Any) -> str:
    """Return a value for the terminal; control characters of names that strangers chose are written out."""
    if isinstance(content, list | tuple):
        return " ".join(map(_in_words, content)) or "-"
    if isinstance(content, bool):
        return "yes" if content else "no"
    if content is None or content == "":
        return "-"
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in str(content))
