"""Starts Fieldbook. Crashdesk comes first, so that even a failure while Qt is loaded becomes a report."""

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from crashdesk import sdk, settings
from crashdesk.agent.display import has_display
from crashdesk.protocol.dsn import Dsn, DsnError

RELEASE = "fieldbook@2.4.0"
HANG_SECONDS = 3.0
NO_DISPLAY = (
    "Fieldbook needs a display and none answers here. Start it in a desktop session, or see the whole story without"
    " one: crashdesk demo\n"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the window and stay until it is closed."""
    start = _parser().parse_args(arguments)
    sdk.init(
        start.dsn,
        release=RELEASE,
        environment="demo",
        product="Fieldbook",
        data_dir=start.crash_data,
        agent=start.agent,
        hang_seconds=HANG_SECONDS,
        restart_command=[sys.executable, "-m", "crashdesk.demo.fieldbook", *(arguments or sys.argv[1:])],
    )
    if not has_display():  # Qt would abort the process
        sys.stderr.write(NO_DISPLAY)
        return 1
    from crashdesk.demo.fieldbook.app import run  # after init(): it loads Qt

    return run(start.data, start.perform)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="fieldbook", description="A notebook for nature walks.")
    dsn = settings.environment("FIELDBOOK_DSN")
    parser.add_argument(
        "--dsn", type=_dsn, default=dsn, help="where reports go (or FIELDBOOK_DSN); without it none are made"
    )
    parser.add_argument("--data", type=Path, help="directory of the notebook")
    parser.add_argument("--crash-data", type=Path, help="directory in which reports wait to be sent")
    parser.add_argument("--agent", type=_agent, default="auto", help="auto, off, or the command that starts it")
    parser.add_argument("--perform", nargs="+", default=[], metavar="STEP", help="do these steps of the tour by itself")
    return parser


def _dsn(text: str) -> str:
    try:
        return str(Dsn.parse(text))
    except DsnError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _agent(text: str) -> str | list[str]:
    return text if text in {"auto", "off"} else shlex.split(text)
