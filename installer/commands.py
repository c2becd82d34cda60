"""The commands of the installer: demo, test, doctor."""

import argparse
import platform
import sys

from installer import checks, clients, system_packages, virtualenv
from installer.steps import Stop, hand_over, run, say


def main(argv: list[str]) -> int:
    """Run the command named on the line; return its exit status."""
    parser = _parser()
    options, rest = parser.parse_known_args(argv)
    try:
        if options.command == "doctor":
            return _doctor()
        return _demo(rest) if options.command == "demo" else _test(rest)
    except Stop as stop:
        say(f"\n{stop}")
        return 1
    except KeyboardInterrupt:
        say("\nStopped. Run the same command again to go on.")
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 installer", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    demo = commands.add_parser("demo", help="set up, start a server and the sample product Fieldbook", add_help=False)
    demo.set_defaults(command="demo")
    commands.add_parser(
        "test", help="set up, run every check and test; takes pytest's arguments and --long", add_help=False
    )
    commands.add_parser("doctor", help="say what this machine has and lacks; changes nothing")
    return parser


def _demo(arguments: list[str]) -> int:
    system_packages.ensure(system_packages.for_demo())
    virtualenv.ensure("demo")
    return hand_over([virtualenv.PYTHON, "-m", "crashdesk", "demo", *arguments])


def _test(arguments: list[str]) -> int:
    system_packages.ensure(system_packages.for_tests())
    virtualenv.ensure("test")
    clients.ensure()
    return checks.run_all(arguments)


def _doctor() -> int:
    lacking = system_packages.missing(system_packages.for_tests())
    say(f"Python        {platform.python_version()} ({sys.executable})")
    say(f"for the demo  {'set up' if virtualenv.is_ready('demo') else 'not set up yet: python3 installer demo'}")
    say(f"for tests     {'set up' if virtualenv.is_ready('test') else 'not set up yet: python3 installer test'}")
    say(f"system        {'complete' if not lacking else 'lacks ' + ', '.join(need.name for need in lacking)}")
    if not virtualenv.is_ready("demo"):
        return 0
    return run([virtualenv.PYTHON, "-m", "crashdesk", "doctor"])
