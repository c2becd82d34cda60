"""``crashdesk send``: put a report into an outbox by hand or from a script; the call itself is the consent."""

import argparse
import getpass
import json
import mimetypes
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crashdesk import __version__, clock, settings
from crashdesk.errors import UsageError

if TYPE_CHECKING:
    from crashdesk.outbox.store import NewReport
    from crashdesk.protocol.dsn import Dsn

NAME = "send"
HELP = "Put a report into an outbox: a message, an exception, files. The agent sends it."
LEVELS = ("debug", "info", "warning", "error", "fatal")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dsn", required=True, help="where the report goes")
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder of the outbox")
    parser.add_argument("--product", default="", help="name of the product")
    parser.add_argument("--message", help="what happened, in words")
    parser.add_argument("--exception-json", metavar="FILE", help="an exception in Sentry's JSON form; - reads stdin")
    parser.add_argument("--attach", action="append", default=[], type=Path, metavar="FILE", help="a file to go with it")
    parser.add_argument("--level", choices=LEVELS, help="default: error for an exception, else info")
    parser.add_argument("--release", default="", help="version of the product")
    parser.add_argument("--environment", default="", help="the deployment it comes from, such as production or beta")
    parser.add_argument("--platform", default="python", help="language of the exception; default python")


def run(args: argparse.Namespace) -> int:
    """Build the report, keep it safe, then say so."""
    from crashdesk.outbox.location import default_directory
    from crashdesk.outbox.store import Outbox
    from crashdesk.protocol.dsn import Dsn

    dsn = Dsn.parse(args.dsn)
    report = _report(args, dsn)
    outbox = Outbox.open(Path(settings.value("data", flag=args.data) or default_directory(args.product)))
    try:
        outbox.put(report)
    finally:
        outbox.close()
    print(f"captured {report.event_id}", flush=True)
    return 0


def _report(args: argparse.Namespace, dsn: "Dsn") -> "NewReport":
    from crashdesk.outbox.store import NewReport, State
    from crashdesk.protocol import withdrawal
    from crashdesk.protocol.envelope import Envelope, Item
    from crashdesk.protocol.event import EventView

    secret = withdrawal.new_secret()
    event = _event(args, withdrawal.digest_of(secret))
    ours = event["contexts"]["crashdesk"]
    header = {"event_id": event["event_id"], "sdk": event["sdk"], "withdrawal_digest": ours["withdrawal_digest"]}
    items = [Item.from_json("event", event), *(_attachment(path) for path in args.attach)]
    return NewReport(
        event_id=event["event_id"],
        kind=ours["kind"],
        category="error",
        title=EventView(event).title(),
        likeness=ours["likeness"],
        envelope=Envelope(header, items).to_bytes(),
        dsn=str(dsn),
        state=State.READY,
        withdrawal_secret=secret,
        product=args.product,
        release=args.release,
        by_person=True,
    )


def _event(args: argparse.Namespace, withdrawal_digest: str) -> dict[str, Any]:
    """Build the event, scrubbed as one that a product captures."""
    from crashdesk.protocol.envelope import new_event_id
    from crashdesk.protocol.likeness import likeness_key
    from crashdesk.protocol.scrubbing import Scrubber

    exceptions = None if args.exception_json is None else _exceptions(args.exception_json)
    if exceptions is None and not args.message:
        raise UsageError("There is nothing to send: give --message or --exception-json.")
    said = {"message": args.message, "release": args.release, "environment": args.environment}
    found = {
        **{name: text for name, text in said.items() if text},
        **({"exception": {"values": exceptions}} if exceptions is not None else {}),
    }
    scrubber = Scrubber(str(Path.home()), _user_name(), socket.gethostname())
    event: dict[str, Any] = {
        "event_id": new_event_id(),
        "timestamp": clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "platform": args.platform,
        "level": args.level or ("info" if exceptions is None else "error"),
        "sdk": {"name": "crashdesk.cli", "version": __version__},
        **scrubber.value(found),
    }
    kind = "message" if exceptions is None else args.platform
    event["contexts"] = {"crashdesk": {"kind": kind, "hook": "call", "withdrawal_digest": withdrawal_digest}}
    if args.product:
        event["contexts"]["crashdesk"]["product"] = args.product
    event["contexts"]["crashdesk"]["likeness"] = likeness_key(event)
    return event


def _exceptions(source: str) -> list[dict[str, Any]]:
    """Read an exception value, a list of them (oldest cause first), or an object with "values"."""
    text = sys.stdin.read() if source == "-" else _read(Path(source)).decode("utf-8", "replace")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{source} is not JSON ({error}): give an exception in Sentry's form.") from error
    values = value.get("values", [value]) if isinstance(value, dict) else value
    if not isinstance(values, list) or not values or not all(_is_exception(entry) for entry in values):
        raise UsageError(
            f'{source} holds no exception: give {{"type": ..., "value": ...}}, a list, or {{"values": [...]}}.'
        )
    return values


def _is_exception(entry: Any) -> bool:
    return isinstance(entry, dict) and bool(entry.get("type") or entry.get("value"))


def _attachment(path: Path) -> Any:
    from crashdesk.protocol.envelope import Item

    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Item.attachment(path.name, _read(path), content_type=kind)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} could not be read ({error.strerror}): give the name of a readable file.") from error


def _user_name() -> str | None:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return None
