"""Entry of the command line: finds the command's module, parses, runs, turns errors into one clear line and a status.

A command is a module ``cli/<command>.py`` with NAME, HELP, ``configure(parser)`` and ``run(args) -> int``, named in
COMMANDS below. What is heavy to import is imported inside ``run``. Exit status: 0 done, 1 it failed, 2 wrong use.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Protocol, cast

from crashdesk import __version__
from crashdesk.cli.extras import extra_with, install_line
from crashdesk.errors import CrashdeskError, UsageError

COMMANDS: tuple[str, ...] = ("agent", "demo", "doctor", "group", "outbox", "send", "server")

INTERRUPTED = 130  # what shells expect of a program that Ctrl-C ended


class Command(Protocol):
    """What a module in ``cli`` offers."""

    NAME: str
    HELP: str

    def configure(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, args: argparse.Namespace) -> int: ...


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command named in `argv` (else in the process's arguments) and return its exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    return outcome_of(lambda: _run(arguments))


def outcome_of(call: Callable[[], int]) -> int:
    """Run `call`; an error that a person can mend becomes a line on standard error and an exit status."""
    try:
        return call()
    except UsageError as error:
        return _failed(str(error), 2)
    except CrashdeskError as error:
        return _failed(str(error), 1)
    except ModuleNotFoundError as error:
        extra = extra_with((error.name or "").partition(".")[0])
        if extra is None:
            raise
        return _failed(f"This command needs {error.name}, which is not installed. Run: {install_line(extra)}", 1)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return _reader_left()


def _run(arguments: list[str]) -> int:
    args = _parser(arguments).parse_args(arguments)
    status: int = args.run(args)
    return status


def _parser(arguments: list[str]) -> argparse.ArgumentParser:
    """Build the parser with the commands that these arguments can mean: each costs an import."""
    parser = argparse.ArgumentParser(
        prog="crashdesk", description="Crash reports and feedback from desktop programs, from capture to triage."
    )
    parser.add_argument("--version", action="version", version=f"crashdesk {__version__}")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name in _meant(arguments):
        command = cast("Command", import_module(f"crashdesk.cli.{name}"))
        subparser = subparsers.add_parser(command.NAME, help=command.HELP, description=command.HELP)
        subparser.set_defaults(run=command.run)
        command.configure(subparser)
    return parser


def _meant(arguments: list[str]) -> tuple[str, ...]:
    """Return the command that is asked for, none for the version, else all of them for the list."""
    first = arguments[0] if arguments else ""
    if first == "--version":
        return ()
    return (first,) if first in COMMANDS else COMMANDS


def _failed(text: str, status: int) -> int:
    line = "".join(char if char.isprintable() else " " for char in text)
    print(f"crashdesk: {line}", file=sys.stderr)
    return status


def _reader_left() -> int:
    """End quietly when the reader of standard output (``| head``) has gone, also when Python flushes at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1
