"""``crashdesk group``: groups a file of events as the server would, to measure a grouping or to explain one."""

import argparse
import gzip
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from crashdesk.errors import UsageError
from crashdesk.server.grouping.fingerprint import NEWEST_VERSION, VERSIONS, Fingerprint, group

NAME = "group"
HELP = "Group the events of a file as the server would and write which event belongs to which group."
PROGRESS_EVERY = 1000


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--events", type=Path, required=True, metavar="F.jsonl[.gz]", help="an event, or {event: ...}, on each line"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="MAP.jsonl", help="gets event_id and group_id a line"
    )
    parser.add_argument("--version", type=int, choices=sorted(VERSIONS), default=NEWEST_VERSION, help="of grouping")
    parser.add_argument("--explain", action="store_true", help="also write what decided about each event")


def run(args: argparse.Namespace) -> int:
    """Group event by event in the order of the file; print how many groups came of how many events."""
    groups: set[str] = set()
    count = 0
    with _opened_for_writing(args.out) as out:
        for event in _events(args.events):
            found = group(event, args.version)
            out.write(json.dumps(_line(event, found, explained=args.explain)) + "\n")
            groups.add(found.key)
            count += 1
            if count % PROGRESS_EVERY == 0:
                print(f"{count} events, {len(groups)} groups", file=sys.stderr)
    print(f"{count} events in {len(groups)} groups, written to {args.out}")
    return 0


def _line(event: dict[str, Any], found: Fingerprint, *, explained: bool) -> dict[str, Any]:
    line: dict[str, Any] = {"event_id": event["event_id"], "group_id": found.key}
    if explained:
        line["parts"] = [str(part) for part in found.parts]
    return line


@contextmanager
def _opened_for_writing(path: Path) -> Iterator[IO[str]]:
    """Yield a file that becomes `path` once it is whole: a failure leaves nothing half-made, and what was there."""
    if path.exists() and not path.is_file():  # a pipe or a device cannot be replaced
        with _opened(path, path) as out:
            yield out
        return
    part = path.with_name(f"{path.name}.part")
    try:
        with _opened(part, path) as out:
            yield out
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _opened(file: Path, wanted: Path) -> IO[str]:
    try:
        return file.open("w", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{wanted} cannot be written: {error.strerror}. Name another file with --out.") from error


def _events(path: Path) -> Iterator[dict[str, Any]]:
    """Read the events of a file, packed with gzip or not; what is no event ends with its line's number."""
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield _event(line, f"{path}, line {number}")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "its content is damaged or of another form"
        raise UsageError(
            f"{path} cannot be read: {reason}. Name a file with one event a line with --events."
        ) from error


def _event(line: str, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise UsageError(f"{where} is not JSON. Each line holds one event.") from error
    event = row.get("event", row) if isinstance(row, dict) else None
    if not isinstance(event, dict) or not isinstance(event.get("event_id"), str):
        raise UsageError(f"{where} holds no event with an event_id. Each line holds one event.")
    return event
