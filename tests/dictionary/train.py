"""Makes a dictionary for bodies of events: ``python tests/dictionary/train.py FILE``, in the repository's environment.

It sees only bodies that this program invents (``program.py``) and those of the bugs of our sample product, as the
processor would store them, and of these only what `scrubbed` leaves: no value of a user, a breadcrumb, a variable, a
tag, a context or a message, and no words of anybody. The same seeds on the same Python give the same dictionary.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import zstandard

sys.path.insert(0, str(Path(__file__).parents[1]))

from crashdesk.outbox.store import Outbox
from crashdesk.protocol.envelope import Envelope
from crashdesk.server.processor.draft import EVENT, Arrival, Draft
from crashdesk.server.processor.pipeline import process
from support.fieldbook import perform

SEEDS = (1, 2, 3)
SIZE_BYTES = 64 * 1024
BUGS = ("filtered_row", "malformed_import", "miles_preference", "lost_export")
KEPT = ("exception", "modules", "sdk", "level", "platform", "contexts", "breadcrumbs", "transaction_info", "threads")
FRAME = [
    "filename",
    "abs_path",
    "function",
    "module",
    "lineno",
    "pre_context",
    "context_line",
    "post_context",
    "in_app",
]
PLACES = (  # of the standard library, of others, and of the program itself in usual installations
    ("/usr/lib/python3.12/", "/opt/program/lib/python3.12/site-packages/", "/opt/program/"),
    ("/usr/local/lib/python3.11/", "/app/.venv/lib/python3.11/site-packages/", "/app/"),
    ("C:\\Python311\\Lib\\", "C:\\Python311\\Lib\\site-packages\\", "C:\\Program Files\\program\\"),
)


def bodies(seeds: Iterable[int] = SEEDS) -> Iterator[dict[str, Any]]:
    """Yield bodies of invented events as the processor stores them."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    for number, event in enumerate([*_of_the_program(seeds), *_of_fieldbook()]):
        yield process(Draft(EVENT, f"{number:032x}", Arrival(1, at), event, at)).payload


def scrubbed(body: dict[str, Any], places: tuple[str, str, str] = PLACES[0]) -> dict[str, Any]:
    """Return what the dictionary may learn from a body: its form, its places in code, names of libraries.

    Files lie at `places`, as if the program had been installed there.
    """
    kept = {name: body[name] for name in KEPT if name in body}
    for part in ("exception", "threads"):
        kept[part] = {"values": [_raised(entry, places) for entry in (body.get(part) or {}).get("values", [])]}
    trail = (body.get("breadcrumbs") or {}).get("values", [])
    kept["breadcrumbs"] = {"values": [_emptied(crumb) for crumb in trail[-2:]]}
    kept["contexts"] = {name: _emptied(context) for name, context in (body.get("contexts") or {}).items()}
    return {name: value for name, value in kept.items() if value not in ({}, {"values": []})}


def samples(found: Iterable[dict[str, Any]]) -> list[bytes]:
    """Return scrubbed bodies as text."""
    return [orjson.dumps(scrubbed(body, PLACES[number % len(PLACES)])) for number, body in enumerate(found)]


def train(found: list[bytes]) -> bytes:
    """Return the dictionary of these texts."""
    return zstandard.train_dictionary(SIZE_BYTES, found, level=3, dict_id=1).as_bytes()


def _raised(entry: dict[str, Any], places: tuple[str, str, str]) -> dict[str, Any]:
    frames = (entry.get("stacktrace") or {}).get("frames", [])
    short = [_frame(frame, places) for frame in frames if frame.get("module") != "__main__"]
    type_ = {"type": entry["type"]} if str(entry.get("type", "")).isidentifier() else {}
    mechanism = {"type": "generic", "handled": True} if entry.get("mechanism") else None
    return {"mechanism": mechanism, "module": None, **type_, "value": "", "stacktrace": {"frames": short}}


def _frame(frame: dict[str, Any], places: tuple[str, str, str]) -> dict[str, Any]:
    """Return a frame without its variables, its file at one of `places`."""
    path = str(frame.get("abs_path") or "")
    standard, libraries, own = places
    if "/site-packages/" in path:
        path = libraries + path.rpartition("/site-packages/")[2]
    elif "/lib/python3" in path:
        path = standard + path.partition("/lib/python3")[2].partition("/")[2]
    else:
        path = own + str(frame.get("filename"))
    if "\\" in standard:
        path = path.replace("/", "\\")
    return {name: frame[name] for name in FRAME if name in frame} | {"abs_path": path, "vars": {}}


def _emptied(value: Any) -> Any:
    """Return the names of an object without their values."""
    if isinstance(value, dict):
        return {name: _emptied(entry) for name, entry in value.items() if name.isidentifier()}
    return [] if isinstance(value, list) else ""


def _of_the_program(seeds: Iterable[int]) -> Iterator[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as below:
        for seed in seeds:
            target = Path(below) / str(seed)
            script = Path(__file__).with_name("program.py")
            subprocess.run([sys.executable, str(script), str(seed), str(target)], check=True)
            yield from map(json.loads, target.read_text().splitlines())


def _of_fieldbook() -> Iterator[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as below:
        data = Path(below)
        dsn = "http://0123456789abcdef0123456789abcdef@127.0.0.1:1/1"
        extra = ("--agent", "off", "--dsn", dsn, "--crash-data", str(data / "crashes"))
        perform(data / "notes", *BUGS, "quit", extra=extra)
        outbox = Outbox.open(data / "crashes")
        for report in outbox.reports():
            envelope = Envelope.parse(outbox.get(report.id).envelope)
            yield from (json.loads(item.payload) for item in envelope.items if item.type == "event")
        outbox.close()


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(train(samples(bodies())))
