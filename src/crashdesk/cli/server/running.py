"""``server run``, with a flag for every setting of the server; ``server settings``; the parts that run starts."""

import argparse
from typing import Any
from urllib.parse import urlsplit

from crashdesk import logs, settings
from crashdesk.cli.server import shape
from crashdesk.cli.server.shape import Command
from crashdesk.settings import Setting

OF_SERVER = tuple(setting for setting in settings.SETTINGS if setting.is_of_server)


def add_to(commands: Any) -> None:
    for command in (
        Command(
            "run",
            "Run the server until Ctrl-C or SIGTERM.",
            _run_options,
            _run,
            "run --data ./desk --port 8300",
            "Each option can also stand in the environment or in DIR/server.toml: see crashdesk server settings.",
        ),
        Command(
            "settings",
            "Show every setting of the server: its value and where it comes from.",
            shape.json_option,
            _show_settings,
            "settings --data ./desk",
            "Order: flag of run, environment CRASHDESK_..., DIR/server.toml, default.",
        ),
        Command("part", None, _part_options, _part),
    ):
        shape.add(commands, command)


def _run_options(parser: argparse.ArgumentParser) -> None:
    for setting in OF_SERVER:
        default = "" if setting.default in (None, {}, "") else f"; default: {_written(setting.default)}"
        text = f"{setting.help} ({setting.unit}{default})".replace("%", "%%")
        action = "append" if setting.is_list else "store"
        parser.add_argument(setting.flag, dest=setting.name, metavar="X", help=text, action=action)


def _part_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name")
    parser.add_argument("--life", type=int, required=True)
    parser.add_argument("--ready", type=int, required=True)
    parser.add_argument("--listen", type=int, default=-1)
    parser.add_argument("--work", type=int, default=-1)
    parser.add_argument("--web-port", type=int, default=0)
    parser.add_argument("--public", action="store_true")


def _run(args: argparse.Namespace) -> int:
    from crashdesk.server.collector import limits
    from crashdesk.server.supervisor import main

    data = shape.data_of(args)
    for setting in OF_SERVER:
        text = getattr(args, setting.name)
        if text is not None:
            settings.use_flag(setting.name, ",".join(text) if setting.is_list else text)
    logs.configure()  # now that the file and the flags have spoken
    limits.override(settings.value("limits"))  # a mistake is said now, not by a part that falls and falls
    order = main.Order(data, settings.value("host"), settings.value("port"), settings.value("role"))
    return main.run(order, lambda text: print(text, flush=True))


def _part(args: argparse.Namespace) -> int:
    from crashdesk.server import parts
    from crashdesk.server.collector import limits

    data = shape.data_of(args)
    logs.configure()
    limits.override(settings.value("limits"))
    inherited = parts.Inherited(data, args.life, args.ready, args.listen, args.work, args.web_port, args.public)
    return parts.run(args.name, inherited)


def _show_settings(args: argparse.Namespace) -> int:
    shape.data_of(args)
    rows = [_row(setting) for setting in OF_SERVER]
    return shape.show_rows(rows, as_json=args.json, nothing="")


def _row(setting: Setting) -> dict[str, Any]:
    found = settings.find(setting.name)
    value = _masked(found.value) if setting.secret else found.value
    return {"setting": setting.name, "value": value if value is None else _written(value), "source": found.source}


def _masked(value: Any) -> str | None:
    """Return a secret setting without its secret: an address keeps its place, everything else only says that it is."""
    if not value:
        return None
    address = urlsplit(str(value))
    if not address.hostname:
        return "(set)"
    shown = str(value).split("?", 1)[0]  # behind it drivers take passwords too
    return shown.replace(f":{address.password}@", ":***@") if address.password else shown


def _written(value: Any) -> str:
    """Return a value as it would be written in a flag, the environment or the file."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return ",".join(value)
    if isinstance(value, dict):
        return " ".join(f"{name}={number:g}" for name, number in value.items())
    return str(value)
