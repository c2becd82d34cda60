"""``server check`` and ``server stats``: whether all is well, and the figures."""

import argparse
import json
from dataclasses import asdict
from typing import Any

from crashdesk.cli.server import shape
from crashdesk.cli.server.shape import Command


def add_to(commands: Any) -> None:
    for command in (
        Command(
            "check",
            "Look at database, bodies, disk, sums and processing; say what is wrong and what to do.",
            _check_options,
            _check,
            "check --deep --data ./desk",
            "The exit status is 1 when something is wrong. All may run while the server runs.",
        ),
        Command(
            "stats",
            "Show what each project received, stored, dropped and has waiting, and what it costs.",
            shape.json_option,
            _stats,
            "stats --data ./desk --json",
        ),
    ):
        shape.add(commands, command)


def _check_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--deep", action="store_true", help="read everything, not a sample: takes minutes")
    shape.json_option(parser)


def _check(args: argparse.Namespace) -> int:
    from crashdesk.server.operations import check  # brings Django, as all below

    findings = list(check.run(shape.data_of(args), shape.say, is_deep=args.deep))
    is_well = all(finding.severity != check.ERROR for finding in findings)
    if args.json:
        print(json.dumps({"ok": is_well, "findings": [asdict(finding) for finding in findings]}))
    else:
        for finding in findings:
            print(f"{finding.severity:<8} {finding.name}: {finding.what}")
            if finding.advice:
                print(f"{'':<8} {finding.advice}")
        print("All is well." if is_well else "Something is wrong: mend the errors above.")
    return 0 if is_well else 1


def _stats(args: argparse.Namespace) -> int:
    from crashdesk.server.operations import stats

    found = stats.gather(shape.data_of(args))
    if args.json:
        print(json.dumps(found))
    else:
        print("\n".join(stats.in_words(found)))
    return 0
