"""Reports as the SDK leaves them in an outbox for the agent's windows."""

from pathlib import Path
from typing import Any

from crashdesk.outbox.store import NewReport, Outbox, State
from crashdesk.protocol.envelope import Envelope, Item, new_event_id

DSN = "http://0123456789abcdef0123456789abcdef@127.0.0.1:9/1"


def event(kind: str = "python", **own: Any) -> dict[str, Any]:
    """Return an event as the SDK stores it; `own` goes into its own context."""
    return {
        "event_id": new_event_id(),
        "timestamp": 1_795_000_000.0,
        "level": "error",
        "platform": "python",
        "release": "fieldbook@2.4.0",
        "environment": "production",
        "exception": {"values": [_exception()]},
        "breadcrumbs": {"values": _trail()},
        "contexts": {
            "os": {"name": "Debian GNU/Linux", "version": "12"},
            "device": {"arch": "x86_64", "memory_size": 16_000_000_000},
            "culture": {"locale": "de_DE", "timezone": "Europe/Berlin"},
            "app": {"app_name": "Fieldbook", "app_version": "2.4.0", "app_start_time": "2026-11-25T09:00:00Z"},
            "runtime": {"name": "CPython", "version": "3.11.7"},
            "qt": {"version": "6.11.3", "style": "fusion"},
            "crashdesk": {"kind": kind, "product": "Fieldbook", "likeness": "1-00000000000000aa", **own},
        },
        "tags": {"plan": "free"},
        "sdk": {"name": "crashdesk.python", "version": "0.1.0"},
    }


def _exception() -> dict[str, Any]:
    frames = [
        {"filename": "app.py", "function": "main", "module": "fieldbook.app", "lineno": 41, "in_app": True},
        {
            "filename": "table.py",
            "function": "remove_row",
            "module": "fieldbook.table",
            "lineno": 88,
            "in_app": True,
            "context_line": "        entry = self._rows[index.row()]",
        },
    ]
    return {
        "type": "IndexError",
        "value": "list index out of range",
        "mechanism": {"type": "excepthook", "handled": False},
        "stacktrace": {"frames": frames},
    }


def _trail() -> list[dict[str, Any]]:
    return [
        {"timestamp": 1_794_999_990.0, "category": "ui.window", "message": "Window “Fieldbook” opened"},
        {
            "timestamp": 1_794_999_995.0,
            "category": "ui.type",
            "message": "Typed in “Filter”",
            "data": {"characters": 4},
        },
        {"timestamp": 1_794_999_999.0, "category": "ui.click", "message": "Clicked “Remove” in “Entries”"},
    ]


def envelope(payload: dict[str, Any] | None = None, *attachments: Item) -> Envelope:
    """Return the envelope of an event, with files."""
    payload = payload if payload is not None else event()
    return Envelope({"event_id": payload["event_id"]}, [Item.from_json("event", payload), *attachments])


def put(
    outbox: Outbox,
    payload: dict[str, Any] | None = None,
    *attachments: Item,
    likeness: str = "1-00000000000000aa",
    state: State = State.WAITING,
    dsn: str = DSN,
) -> int:
    """Put a report into the outbox as the SDK does; return its number."""
    payload = payload if payload is not None else event()
    return outbox.put(
        NewReport(
            event_id=payload["event_id"],
            kind=payload["contexts"]["crashdesk"]["kind"],
            category="error",
            title="IndexError: list index out of range",
            likeness=likeness,
            envelope=envelope(payload, *attachments).to_bytes(),
            dsn=dsn,
            state=state,
            product="Fieldbook",
            release="fieldbook@2.4.0",
        )
    )


def picture_file(path: Path, size: tuple[int, int] = (320, 200)) -> bytes:
    """Write a small picture with a secret in its corner and return its bytes."""
    from PySide6.QtGui import QColor, QImage, QPainter  # here, since only the window tests need Qt

    image = QImage(*size, QImage.Format.Format_RGB32)
    image.fill(QColor("#dfe3ea"))
    painter = QPainter(image)
    painter.fillRect(10, 10, 60, 30, QColor("#b3261e"))
    painter.end()
    image.save(str(path))
    return path.read_bytes()
